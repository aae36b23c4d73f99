// SPDX-License-Identifier: Apache-2.0
#include "mqtt/diagnosis.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace millrace::mqtt {
namespace {

constexpr int connect_timeout_ms = 5000, alert_timeout_ms = 1000;

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

// 0, or errno.
int connect_to(const addrinfo& address, Socket& socket) {
  socket = Socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.descriptor() < 0) return errno;
  if (::connect(socket.descriptor(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{socket.descriptor(), POLLOUT, 0};
  if (::poll(&waiting, 1, connect_timeout_ms) != 1) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

std::string host_of(const Broker& broker) {
  if (!broker.host.starts_with('[')) return broker.host;
  return broker.host.substr(1, broker.host.size() - 2);
}

// "", or why not.
std::string reach(const Broker& broker, Socket& socket) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code =
          ::getaddrinfo(host_of(broker).c_str(), std::to_string(broker.port).c_str(), &hints, &found))
    return ::gai_strerror(code);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  int error = EHOSTUNREACH;
  for (const auto* address = found; address != nullptr; address = address->ai_next)
    if ((error = connect_to(*address, socket)) == 0) return "";
  return std::strerror(error);
}

void let_block_at_most(const Socket& socket, int timeout_ms) {
  ::fcntl(socket.descriptor(), F_SETFL, ::fcntl(socket.descriptor(), F_GETFL) & ~O_NONBLOCK);
  const timeval limit{timeout_ms / 1000, timeout_ms % 1000 * 1000};
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string last_error() {
  const auto code = ERR_peek_last_error();
  const auto* reason = ERR_reason_error_string(code);
  return reason == nullptr ? fmt::format("TLS error {:x}", code) : reason;
}

Diagnosis wrong_file(const char* option, const std::string& path) {
  return {true, fmt::format("{} {}: {}", option, path, last_error())};
}

struct PassPhrase {
  const std::string& text;
  bool was_wanted = false;
};

int give_pass_phrase(char* buffer, int size, int /*is_for_writing*/, void* context) {
  auto& phrase = *static_cast<PassPhrase*>(context);
  phrase.was_wanted = true;
  return static_cast<int>(phrase.text.copy(buffer, static_cast<std::size_t>(size)));
}

Diagnosis load_key(SSL_CTX* context, const std::string& path, const std::string& key_password) {
  PassPhrase phrase{key_password};
  SSL_CTX_set_default_passwd_cb(context, give_pass_phrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &phrase);
  const bool is_good = SSL_CTX_use_PrivateKey_file(context, path.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (is_good) return {};
  const bool is_of_another = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
  if (!phrase.was_wanted || is_of_another) return wrong_file("key_file", path);
  return {true, fmt::format(
                    "key_file {} is encrypted: {}", path,
                    key_password.empty() ? "it needs a `key_password`" : "`key_password` does not open it")};
}

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
using Session = std::unique_ptr<SSL, void (*)(SSL*)>;

Diagnosis load_files(SSL_CTX* context, const ConnectSettings& settings) {
  SSL_CTX_set_default_verify_paths(context);
  if (!settings.ca_file.empty() &&
      SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) != 1)
    return wrong_file("ca_file", settings.ca_file);
  if (settings.certificate_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1)
    return wrong_file("certificate_file", settings.certificate_file);
  return load_key(context, settings.key_file.empty() ? settings.certificate_file : settings.key_file,
                  settings.key_password);
}

void expect_name(SSL* session, const std::string& host) {
  in6_addr number{};
  if (::inet_pton(AF_INET, host.c_str(), &number) == 1 || ::inet_pton(AF_INET6, host.c_str(), &number) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str());
    return;
  }
  SSL_set1_host(session, host.c_str());
  SSL_set_tlsext_host_name(session, host.c_str());
}

Diagnosis wrong_certificate(long verdict, const Broker& broker) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {true, fmt::format("the broker's certificate is not for the name {}; use a name that is in it",
                                broker.host)};
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {true, "the broker's certificate has expired; it must be renewed at the broker"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {true, "the broker's certificate is not valid yet; compare the clocks"};
    default:
      return {
          true,
          fmt::format(
              "the broker's certificate is not trusted: {}; `ca_file` must hold the authority that signed it",
              X509_verify_cert_error_string(verdict))};
  }
}

// What the broker has against this client, if it has said anything.
Diagnosis alert(const ConnectSettings& settings) {
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason < SSL_AD_REASON_OFFSET || reason >= SSL_AD_REASON_OFFSET + 256) return {};
  const bool has_certificate = !settings.certificate_file.empty();
  return {true,
          fmt::format("{} ({}); see `certificate_file` and `key_file`",
                      has_certificate ? "the broker does not accept this client's certificate"
                                      : "the broker may want a certificate of this client, which has none",
                      last_error())};
}

// A broker that wants a certificate says so after the handshake, at the first read (TLS 1.3).
Diagnosis first_read(SSL* session, const ConnectSettings& settings) {
  char byte = 0;
  if (SSL_read(session, &byte, 1) > 0 || ERR_peek_last_error() == 0) return {};
  return alert(settings);
}

Diagnosis shake_hands(const Socket& socket, const Broker& broker, const ConnectSettings& settings) {
  ERR_clear_error();
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (auto wrong = load_files(context.get(), settings); wrong.is_final) return wrong;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const Session session(SSL_new(context.get()), SSL_free);
  expect_name(session.get(), host_of(broker));
  let_block_at_most(socket, connect_timeout_ms);
  SSL_set_fd(session.get(), socket.descriptor());
  ERR_clear_error();
  if (SSL_connect(session.get()) == 1) {
    let_block_at_most(socket, alert_timeout_ms);
    return first_read(session.get(), settings);
  }
  const auto verdict = SSL_get_verify_result(session.get());
  if (verdict != X509_V_OK) return wrong_certificate(verdict, broker);
  if (auto said = alert(settings); said.is_final) return said;
  return {false, ERR_peek_last_error() == 0 ? "the broker does not answer in TLS" : "TLS: " + last_error()};
}

}  // namespace

Diagnosis diagnose(const Broker& broker, const ConnectSettings& settings) {
  Socket socket;
  if (auto why = reach(broker, socket); !why.empty()) return {false, std::move(why)};
  return broker.tls ? shake_hands(socket, broker, settings) : Diagnosis{};
}

}  // namespace millrace::mqtt
