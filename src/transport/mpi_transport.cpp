// SPDX-License-Identifier: Apache-2.0
// The only file that knows MPI. Open MPI 4.1 without fault tolerance: a lost rank ends the job.
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <list>
#include <stdexcept>
#include <thread>

#include "millrace/transport/transport.hpp"
#include "transport/backoff.hpp"
#include "transport/launcher.hpp"

namespace millrace {
namespace {

constexpr unsigned abort_patience_s = 5;
// A smaller packet leaves in a few pieces, also where the kernel does not copy it at once.
constexpr std::size_t large_bytes = 1u << 20;
volatile std::sig_atomic_t abort_code = 0;

std::string processor_name() {
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  MPI_Get_processor_name(name.data(), &length);
  return {name.data(), static_cast<std::size_t>(length)};
}

// The bytes stay with their request until it is complete.
struct PendingSend {
  MPI_Request request = MPI_REQUEST_NULL;
  Bytes bytes;
};

struct PendingReceive {
  MPI_Request request = MPI_REQUEST_NULL;
  Packet packet;
};

class MpiTransport : public Transport {
 public:
  MpiTransport(int* argc, char*** argv) {
    int granted = 0;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &granted);
    if (granted < MPI_THREAD_FUNNELED) throw std::runtime_error("MPI grants no MPI_THREAD_FUNNELED");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    host_ = processor_name();
  }
  MpiTransport(const MpiTransport&) = delete;
  MpiTransport& operator=(const MpiTransport&) = delete;
  ~MpiTransport() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  const std::string& host() const override { return host_; }
  bool is_one_process() const override { return false; }

  void send(int to, Tag tag, Bytes bytes) override {
    auto& pending = pending_.emplace_back();
    pending.bytes = std::move(bytes);
    MPI_Isend(pending.bytes.data(), static_cast<int>(pending.bytes.size()), MPI_BYTE, to,
              static_cast<int>(tag), MPI_COMM_WORLD, &pending.request);
  }

  std::optional<Packet> receive() override {
    drop_completed();
    begin_receive();
    for (auto arriving = arriving_.begin(); arriving != arriving_.end(); ++arriving) {
      if (!is_first_of_its_sender(arriving)) continue;
      int done = 0;
      MPI_Test(&arriving->request, &done, MPI_STATUS_IGNORE);
      if (!done) continue;
      std::optional<Packet> packet(std::move(arriving->packet));
      arriving_.erase(arriving);
      return packet;
    }
    return std::nullopt;
  }

  // The pieces of a large packet move only while MPI is called, so there is no sleep between them.
  void idle() override {
    if (arriving_.empty())
      backoff_.idle();
    else
      std::this_thread::yield();
  }
  bool is_moving() const override {
    return !arriving_.empty() || std::any_of(pending_.begin(), pending_.end(), [](const auto& pending) {
      return pending.bytes.size() >= large_bytes;
    });
  }
  void wake() override { backoff_.wake(); }

  void flush() override {
    for (auto& pending : pending_) MPI_Wait(&pending.request, MPI_STATUS_IGNORE);
    pending_.clear();
  }

  // MPI_Abort waits to be killed, for ever if the link to mpirun is cut.
  void abort(int exit_code) override {
    see_that_launcher_goes();
    abort_code = exit_code;
    std::signal(SIGALRM, [](int /*signal*/) { ::_exit(abort_code); });
    ::alarm(abort_patience_s);
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::_Exit(exit_code);
  }

 private:
  void begin_receive() {
    int arrived = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &arrived, &message, &status);
    if (!arrived) return;
    backoff_.reset();
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    auto& packet = arriving_.emplace_back().packet;
    packet = {status.MPI_SOURCE, static_cast<Tag>(status.MPI_TAG), Bytes(static_cast<std::size_t>(size))};
    MPI_Imrecv(packet.bytes.data(), size, MPI_BYTE, &message, &arriving_.back().request);
  }

  bool is_first_of_its_sender(std::list<PendingReceive>::const_iterator place) const {
    return std::none_of(arriving_.begin(), place,
                        [&](const auto& earlier) { return earlier.packet.from == place->packet.from; });
  }

  void drop_completed() {
    for (auto pending = pending_.begin(); pending != pending_.end();) {
      int done = 0;
      MPI_Test(&pending->request, &done, MPI_STATUS_IGNORE);
      pending = done ? pending_.erase(pending) : std::next(pending);
    }
  }

  int rank_ = 0, size_ = 1;
  std::string host_;
  std::list<PendingSend> pending_;
  std::list<PendingReceive> arriving_;  // in the order in which they were sent
  Backoff backoff_;
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(int* argc, char*** argv) {
  return std::make_unique<MpiTransport>(argc, argv);
}

std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  return whole.substr(0, whole.find(','));
}

}  // namespace millrace
