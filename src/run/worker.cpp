// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/worker.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "millrace/base/bounded_queue.hpp"
#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/base/priority.hpp"
#include "run/heartbeat.hpp"
#include "run/message_threads.hpp"

namespace millrace {
namespace {

Bytes bytes_of(std::string_view text) {
  Bytes bytes;
  ByteWriter(bytes).raw(text.data(), text.size());
  return bytes;
}

// The first touch of its pages would double the time of the first message.
void touch_heap() {
  constexpr std::size_t touched_bytes = 2 << 20;
  const Bytes touched(touched_bytes, std::byte{1});
  asm volatile("" : : "r"(touched.data()) : "memory");
}

class Worker {
 public:
  explicit Worker(Transport& transport) : transport_(transport) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { finish_computing(); }

  // A lost rank 0 ends this process without waiting for the message in work: nobody takes its result.
  void serve() {
    try {
      serve_until_stopped();
    } catch (const Error& lost) {
      log_error(lost.what());
      transport_.abort(static_cast<int>(lost.code()));
    }
    finish_computing();
    say_goodbye();
  }

 private:
  void serve_until_stopped() {
    while (!stopped_) {
      bool busy = false;
      if (auto packet = transport_.receive()) {
        take(std::move(*packet));
        busy = true;
      }
      busy |= send_finished();
      if (!busy) wait();
    }
  }

  // Rank 0 begins its output meanwhile, and the first message must not find this rank in a long sleep.
  void wait() {
    if (has_message_ || system_clock().now_s() > expecting_until_s_)
      transport_.idle();
    else
      std::this_thread::sleep_for(shortest_wait);
  }

  void take(Packet packet) {
    switch (packet.tag) {
      case Tag::set_up:
        take_set_up(packet.bytes);
        break;
      case Tag::message:
        messages_.push(std::move(packet.bytes));
        has_message_ = true;
        break;
      case Tag::stop:
        stopped_ = true;
        break;
      default:
        break;
    }
  }

  void take_set_up(const Bytes& bytes) {
    auto set_up = decode_set_up(bytes);
    transport_.watch(set_up.heartbeat_timeout_s);
    expecting_until_s_ = system_clock().now_s() + longest_begin_s;
    // On this thread: if a dead file system holds it up, its heartbeat stops.
    if (ExtentReader(set_up.parts).finds_all()) transport_.send(0, Tag::reads_input, {});
    if (set_up.intake_host == transport_.host()) give_way();  // and the computing threads
    start_computing(std::move(set_up));
  }

  void start_computing(SetUp set_up) {
    computing_ = std::thread([this, set_up = std::move(set_up)] {
      try {
        compute(set_up);
      } catch (const std::exception& failure) {
        messages_.abandon();
        finish({0, Tag::failed,
                bytes_of(
                    fmt::format("rank {} on {}: {}", transport_.rank(), transport_.host(), failure.what()))});
      }
    });
  }

  void compute(const SetUp& set_up) {
    MessageThreads threads(set_up, transport_.rank(), messages_, [this](Bytes result) {
      finish({0, Tag::result, std::move(result)});
    });
    touch_heap();
    try {
      threads.run();
    } catch (...) {
      count(threads);
      throw;
    }
    count(threads);
  }

  void count(const MessageThreads& threads) {
    report_.busy_s = threads.busy_s();
    report_.messages = threads.messages();
  }

  void finish(Packet packet) {
    finished_.push(std::move(packet));
    transport_.wake();
  }

  bool send_finished() {
    bool any = false;
    while (auto packet = finished_.try_pop()) {
      transport_.send(packet->from, packet->tag, std::move(packet->bytes));
      any = true;
    }
    return any;
  }

  // After a stop in the middle of a run, what is queued is not computed: nobody takes it any more.
  void finish_computing() {
    messages_.abandon();
    if (computing_.joinable()) computing_.join();
  }

  void say_goodbye() {
    report_.rank = transport_.rank();
    report_.host = transport_.host();
    report_.peak_bytes = peak_resident_bytes();
    transport_.send(0, Tag::stopped, encode(report_));
    transport_.flush();
  }

  // Rank 0's credits bound what is in either queue; these capacities are never reached (by 1,024 threads).
  static constexpr std::size_t queue_capacity = 4096;
  static constexpr std::chrono::microseconds shortest_wait{20};
  static constexpr double longest_begin_s = 0.2;

  HeartbeatTransport transport_;
  BoundedQueue<Bytes> messages_{queue_capacity};
  BoundedQueue<Packet> finished_{queue_capacity};
  std::thread computing_;
  WorkerReport report_;
  double expecting_until_s_ = 0;
  bool stopped_ = false, has_message_ = false;
};

}  // namespace

void run_worker(Transport& transport) {
  Worker(transport).serve();
}

}  // namespace millrace
