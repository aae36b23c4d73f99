// SPDX-License-Identifier: Apache-2.0
// A mosquitto of one's own, on a free port of the loopback, that keeps what it has to through any restart.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/temporary_folder.hpp"

namespace millrace::test {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline std::uint16_t free_port() {
  const int one = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(one, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(one, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(one);
  return ntohs(address.sin_port);
}

// PEM files; certificates.sh says which.
class Certificates {
 public:
  Certificates() {
    const std::string script = MILLRACE_SOURCE_DIR "/tests/mqtt/certificates.sh ";
    if (std::system(("bash " + script + folder_.path().string()).c_str()) != 0)
      throw std::runtime_error("openssl");
  }
  std::string operator()(const std::string& file) const { return (folder_ / file).string(); }

 private:
  TemporaryFolder folder_;
};

class PrivateBroker {
 public:
  // `listener`: lines of mosquitto.conf that follow those of its listener.
  explicit PrivateBroker(std::vector<std::string> listener = {"allow_anonymous true"}, bool tls = false)
      : listener_(std::move(listener)), tls_(tls) {}
  ~PrivateBroker() { kill(); }
  PrivateBroker(const PrivateBroker&) = delete;
  PrivateBroker& operator=(const PrivateBroker&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& host = "localhost") const {
    return (tls_ ? "mqtts://" : "mqtt://") + host + ":" + std::to_string(port_);
  }
  fs::path folder() const { return folder_.path(); }
  // Lines before the listener; from the next start() on.
  void configure(const std::string& line) { config_ += line + "\n"; }

  // Returns when it listens. Again after stop() or kill(): the same port and state.
  void start() {
    write_config();
    process_ = ::fork();
    if (process_ == 0) become_mosquitto();
    for (int tries = 0; tries < 2000; ++tries) {
      if (is_listening()) return;
      if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("mosquitto does not start:\n" + log());
  }
  void stop() { end(SIGTERM); }  // it saves its state
  void kill() { end(SIGKILL); }
  // It keeps its connections and says nothing, as behind a cut link.
  void hang() { ::kill(process_, SIGSTOP); }
  void go_on() { ::kill(process_, SIGCONT); }

  std::string log() const {
    std::ostringstream text;
    text << std::ifstream(folder_ / "mosquitto.log").rdbuf();
    return text.str();
  }

 private:
  void write_config() const {
    std::ofstream out(folder_ / "mosquitto.conf");
    out << "max_queued_messages 0\nmax_inflight_messages 0\npersistence true\nautosave_interval 1\nuser "
           "root\n"
        << "persistence_location " << folder_.path().string() << "/\n"
        << config_ << "listener " << port_ << " 127.0.0.1\n";
    for (const auto& line : listener_) out << line << "\n";
  }

  [[noreturn]] void become_mosquitto() const {
    const int out = ::open((folder_ / "mosquitto.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(out, 1);
    ::dup2(out, 2);
    const auto config = (folder_ / "mosquitto.conf").string();
    ::execlp("mosquitto", "mosquitto", "-v", "-c", config.c_str(), nullptr);
    ::execl("/usr/sbin/mosquitto", "mosquitto", "-v", "-c", config.c_str(), nullptr);
    ::_exit(127);
  }

  bool is_listening() const {
    const int one = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = loopback(port_);
    const bool listens = ::connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(one);
    return listens;
  }

  void end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  std::vector<std::string> listener_;
  std::string config_;
  bool tls_;
  pid_t process_ = -1;
};

}  // namespace millrace::test
