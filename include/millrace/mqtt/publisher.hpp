// SPDX-License-Identifier: Apache-2.0
// Publisher: sends publications in order, a bounded number of them unacknowledged at a time. At least once:
// what is not acknowledged when a connection is lost is sent again on the next.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {

struct PublisherSettings {
  ConnectSettings connect;
  // Sent and not acknowledged: so many publications, and so many bytes of payload, or one that is larger.
  std::uint32_t in_flight = 100;
  std::size_t in_flight_bytes = 16u << 20;
};

// Used by one thread. Every call waits through lost connections, and throws Error (failed) when the
// broker refuses or the connection is given up.
class Publisher {
 public:
  virtual ~Publisher() = default;  // does not wait for acknowledgements
  virtual void connect() = 0;      // waits for the connection; it is made without this, too
  virtual void check() = 0;        // waits for nothing
  // Returns when it is on its way. Waits while too many are unacknowledged.
  virtual void publish(std::string_view topic, std::string_view payload, int qos) = 0;
  virtual void flush() = 0;                        // waits until all are acknowledged
  virtual std::uint64_t acknowledged() const = 0;  // publications; at QoS 0 those that were sent
};

std::unique_ptr<Publisher> make_publisher(const PublisherSettings& settings);

}  // namespace millrace::mqtt
