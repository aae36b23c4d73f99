// SPDX-License-Identifier: Apache-2.0
#include "source/session_notes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "millrace/base/log.hpp"

namespace millrace {
namespace {

constexpr std::string_view first_line = "millrace session notes 1";

// "subscription 1 0 weather/#", without its first word.
std::optional<NotedSubscription> parse_subscription(std::string_view rest) {
  const auto is_qos = [&](std::size_t at) {
    return rest[at] >= '0' && rest[at] <= '2' && rest[at + 1] == ' ';
  };
  if (rest.size() < 5 || !is_qos(0) || !is_qos(2)) return std::nullopt;
  return NotedSubscription{{std::string(rest.substr(4)), rest[0] - '0'}, rest[2] - '0'};
}

// False if the line has no meaning.
bool take_line(SessionNotes& notes, std::string& broker, std::string_view line) {
  const auto blank = line.find(' ');
  const auto word = line.substr(0, blank);
  const auto rest = blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
  if (word == "client_id") {
    notes.client_id = rest;
  } else if (word == "last_broker") {
    notes.last_broker = rest;
  } else if (word == "broker") {
    broker = rest;
    notes.sessions[broker];
  } else if (word == "subscription" && !broker.empty()) {
    const auto noted = parse_subscription(rest);
    if (noted) notes.sessions[broker].push_back(*noted);
    return noted.has_value();
  } else {
    return false;
  }
  return true;
}

std::optional<SessionNotes> parse(std::string_view text) {
  SessionNotes notes;
  std::string broker;
  for (bool is_first = true; !text.empty(); is_first = false) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_first ? line != first_line : !take_line(notes, broker, line)) return std::nullopt;
  }
  return notes;
}

}  // namespace

SessionNotes SessionNotes::read(const Path& file, const std::string& client_id) {
  SessionNotes none;
  none.client_id = client_id;
  if (file.empty() || !std::filesystem::exists(file)) return none;
  const auto bytes = read_file(file);
  auto notes = parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!notes) {
    log_warning(fmt::format(
        "mqtt: {} is damaged and left aside; topics that this client was subscribed to before, and "
        "is no longer, may still be delivered",
        file.string()));
    return none;
  }
  if (notes->client_id == client_id) return *std::move(notes);
  log_warning(fmt::format(
      "mqtt: the client_id was {} before and is {} now: the broker keeps the session of the old one, "
      "and what arrives for it, until that expires",
      notes->client_id, client_id));
  return none;
}

void SessionNotes::write(const Path& file) const {
  if (file.empty()) return;
  auto text = fmt::format("{}\nclient_id {}\nlast_broker {}\n", first_line, client_id, last_broker);
  for (const auto& [broker, subscriptions] : sessions) {
    text += fmt::format("broker {}\n", broker);
    for (const auto& noted : subscriptions)
      text += fmt::format("subscription {} {} {}\n", noted.subscription.qos, noted.granted_qos,
                          noted.subscription.filter);
  }
  replace_file(file, text);
}

std::vector<std::string> SessionNotes::filters_beyond(const std::vector<mqtt::Subscription>& wanted) const {
  std::vector<std::string> beyond;
  for (const auto& [broker, subscriptions] : sessions)
    for (const auto& noted : subscriptions) {
      const auto& filter = noted.subscription.filter;
      const auto is_it = [&](const mqtt::Subscription& one) { return one.filter == filter; };
      if (std::none_of(wanted.begin(), wanted.end(), is_it) &&
          std::find(beyond.begin(), beyond.end(), filter) == beyond.end())
        beyond.push_back(filter);
    }
  return beyond;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace millrace
