// SPDX-License-Identifier: Apache-2.0
// What this client's sessions at its brokers are subscribed to, noted across runs: a broker does not tell, so
// that without it a changed list of topics would leave old subscriptions behind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "millrace/base/files.hpp"
#include "millrace/mqtt/connection.hpp"

namespace millrace {

struct NotedSubscription {
  mqtt::Subscription subscription;
  int granted_qos = 0;
  bool operator==(const NotedSubscription&) const = default;
};

// By lines: what the file is; "client_id ID"; "last_broker ADDRESS"; and for each session "broker ADDRESS",
// followed by "subscription QOS GRANTED-QOS FILTER" for each of its subscriptions.
struct SessionNotes {
  std::string client_id, last_broker;
  std::map<std::string, std::vector<NotedSubscription>> sessions;  // by broker

  // Those of another client, and a file that is not one, are left aside with a warning; no file: no notes.
  static SessionNotes read(const Path& file, const std::string& client_id);
  void write(const Path& file) const;
  // At any broker, and not in `wanted`.
  std::vector<std::string> filters_beyond(const std::vector<mqtt::Subscription>& wanted) const;
};

// With ", " between them.
std::string joined(const std::vector<std::string>& texts);

}  // namespace millrace
