// SPDX-License-Identifier: Apache-2.0
// A peer that accepts a client and hangs up on its first request.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "millrace/base/clock.hpp"
#include "millrace/mqtt/connection.hpp"
#include "mqtt/subscriber.hpp"
#include "mqtt/wait_for.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

class PeerThatHangsUp {
 public:
  explicit PeerThatHangsUp(std::string_view connack) : connack_(connack) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(listening_, 5) == 0);
    BOOST_REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url_ = "mqtt://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    serving_ = std::thread([this] { serve(); });
  }
  ~PeerThatHangsUp() {
    ::shutdown(listening_, SHUT_RDWR);
    serving_.join();
    ::close(listening_);
  }
  const std::string& url() const { return url_; }

 private:
  void serve() {
    while (true) {
      const int one = ::accept(listening_, nullptr, nullptr);
      if (one < 0) return;
      char packet[1024];
      if (::recv(one, packet, sizeof packet, 0) > 0 &&
          ::send(one, connack_.data(), connack_.size(), MSG_NOSIGNAL) > 0)
        static_cast<void>(::recv(one, packet, sizeof packet, 0));
      ::close(one);
    }
  }

  std::string_view connack_;
  int listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string url_;
  std::thread serving_;
};

double seconds_until_subscribe_gives_up(bool is_v5) {
  using namespace std::string_view_literals;
  const PeerThatHangsUp peer(is_v5 ? "\x20\x03\0\0\0"sv : "\x20\x02\0\0"sv);
  std::atomic<double> took_s = -1;
  mqtt::ConnectionEvents events;
  events.deliver = [](const Delivery&) {};
  events.set_up = [&](mqtt::Connection& connection, const mqtt::Grant&) -> std::optional<mqtt::SetUpFailure> {
    const auto begin_s = system_clock().now_s();
    const bool is_answered = connection.subscribe({{"weather", 1}}).has_value();
    took_s = is_answered ? 1e9 : system_clock().now_s() - begin_s;
    return mqtt::SetUpFailure{true, "hung up"};
  };
  const auto connection =
      mqtt::make_connection(connect_to(peer.url(), is_v5 ? "five" : "three", is_v5), std::move(events));
  connection->start();
  BOOST_TEST(wait_for([&] { return took_s >= 0; }));
  return took_s;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_connection_that_is_lost_answers_what_was_asked_for_on_it) {
  for (const bool is_v5 : {false, true}) {
    BOOST_TEST_INFO_SCOPE("v5: " << is_v5);
    const auto took_s = seconds_until_subscribe_gives_up(is_v5);
    BOOST_TEST(took_s >= 0);
    BOOST_TEST(took_s < 10);  // the time for an answer is 30 s
  }
}
