// SPDX-License-Identifier: Apache-2.0
// Peers that accept a client and hang up: on its first request, or amid its publications.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/mqtt/connection.hpp"
#include "millrace/mqtt/publisher.hpp"
#include "mqtt/subscriber.hpp"
#include "mqtt/wait_for.hpp"

using namespace millrace;
using namespace millrace::test;
using namespace std::string_view_literals;

namespace {

// Takes one connection after another.
class Peer {
 public:
  using Serve = std::function<void(int socket)>;

  explicit Peer(Serve serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(listening_, 5) == 0);
    BOOST_REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url_ = "mqtt://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    serving_ = std::thread([this] { take_connections(); });
  }
  ~Peer() {
    ::shutdown(listening_, SHUT_RDWR);
    serving_.join();
    ::close(listening_);
  }
  const std::string& url() const { return url_; }

 private:
  void take_connections() {
    while (true) {
      const int one = ::accept(listening_, nullptr, nullptr);
      if (one < 0) return;
      serve_(one);
      ::close(one);
    }
  }

  Serve serve_;
  int listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string url_;
  std::thread serving_;
};

// False where the client had nothing to say.
bool accept_client(int socket, std::string_view connack) {
  char packet[1024];
  return ::recv(socket, packet, sizeof packet, 0) > 0 &&
         ::send(socket, connack.data(), connack.size(), MSG_NOSIGNAL) > 0;
}

// False: the client ended before so many came.
bool read_bytes(int socket, std::size_t bytes) {
  std::vector<char> buffer(bytes);
  return ::recv(socket, buffer.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes);
}

// What is on its way is thrown away, and the next write of the client fails.
void reset_at_close(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

double seconds_until_subscribe_gives_up(bool is_v5) {
  const Peer peer([&](int socket) {
    if (accept_client(socket, is_v5 ? "\x20\x03\0\0\0"sv : "\x20\x02\0\0"sv)) read_bytes(socket, 1);
  });
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

// The error with which a publisher ends that loses so many connections amid its publications, and is then
// refused.
std::string end_of_publisher(bool is_v5, int losses) {
  const Peer peer([&](int socket) {
    if (losses <= 0) {
      accept_client(socket, is_v5 ? "\x20\x03\0\x87\0"sv : "\x20\x02\0\x05"sv);
      return;
    }
    accept_client(socket, is_v5 ? "\x20\x03\0\0\0"sv : "\x20\x02\0\0"sv);
    if (!read_bytes(socket, 2000)) return;
    --losses;
    reset_at_close(socket);
  });
  mqtt::PublisherSettings settings;
  settings.connect = connect_to(peer.url(), "publisher", is_v5);
  const auto publisher = mqtt::make_publisher(settings);
  try {
    const std::string payload(200, 'x');
    for (int i = 0; i < 1000000; ++i) publisher->publish("weather", payload, 1);
    publisher->flush();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
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

BOOST_AUTO_TEST_CASE(a_publisher_outlives_connections_that_are_lost_amid_its_publications) {
  for (const bool is_v5 : {false, true}) {
    const auto end = end_of_publisher(is_v5, 3);
    BOOST_TEST_INFO_SCOPE("v5: " << is_v5 << ", ended with: " << end);
    BOOST_TEST(end.find("ot authorized") != std::string::npos);
  }
}
