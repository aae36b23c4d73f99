// SPDX-License-Identifier: Apache-2.0
// What the tests of the journal share: deliveries that are made from their number, and the journal as a list.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/log_lines.hpp"
#include "base/temporary_folder.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

inline std::ostream& operator<<(std::ostream& out, const JournalBoundary& boundary) {
  return out << "message " << boundary.sequence << " of " << boundary.payloads << " payloads before "
             << boundary.behind.payload << ", " << boundary.rows << " rows";
}

namespace test {

inline JournalSettings small_journal(const fs::path& folder, std::uint16_t window = 20) {
  JournalSettings settings;
  settings.folder = folder;
  settings.max_bytes = 1 << 20;
  settings.segment_bytes = 4096;
  settings.in_flight_window = window;
  settings.lock_wait_s = 0;
  return settings;
}

inline std::string payload_text(std::uint64_t number) {
  return "{\"row\": " + std::to_string(number) + "}" + std::string(number % 97, ' ');
}

// A delivery that owns its bytes.
struct OwnDelivery {
  std::uint16_t packet_id = 1;
  std::string payload, topic = "wetter/station";
  std::uint8_t qos = 1;
  bool is_duplicate = false, is_retained = false;
  double arrival_unix_s = 1.7e9;
  operator Delivery() const {
    return {packet_id, qos, is_duplicate, is_retained, arrival_unix_s, topic, payload};
  }
  bool operator==(const OwnDelivery&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const OwnDelivery& delivery) {
    return out << delivery.packet_id << ' ' << int{delivery.qos} << delivery.is_duplicate
               << delivery.is_retained << ' ' << delivery.topic << ": " << delivery.payload;
  }
};

inline OwnDelivery own(const Delivery& delivery) {
  return {delivery.packet_id,    std::string(delivery.payload), std::string(delivery.topic), delivery.qos,
          delivery.is_duplicate, delivery.is_retained,          delivery.arrival_unix_s};
}

inline OwnDelivery delivery_of(std::uint64_t number) {
  return {static_cast<std::uint16_t>(number % 65535 + 1), payload_text(number)};
}

inline std::vector<OwnDelivery> payloads_of(const Journal& journal, JournalPosition from = {}) {
  std::vector<OwnDelivery> payloads;
  const auto reader = journal.read(from);
  JournalPayload payload;
  while (reader->next(payload)) payloads.push_back(own(payload.delivery));
  return payloads;
}

inline std::vector<JournalBoundary> boundaries_of(const Journal& journal, JournalPosition from = {}) {
  std::vector<JournalBoundary> boundaries;
  const auto reader = journal.read(from);
  JournalBoundary boundary;
  while (reader->next(boundary)) boundaries.push_back(boundary);
  return boundaries;
}

inline std::vector<OwnDelivery> deliveries_of(std::uint64_t first, std::uint64_t end) {
  std::vector<OwnDelivery> deliveries;
  for (auto number = first; number < end; ++number) deliveries.push_back(delivery_of(number));
  return deliveries;
}

inline void append_all(Journal& journal, std::uint64_t first, std::uint64_t end) {
  for (auto number = first; number < end; ++number)
    BOOST_REQUIRE(journal.append(delivery_of(number)) == Appended::kept);
}

inline std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".journal") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// All that counts against max_bytes.
inline std::uint64_t bytes_on_disk(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename() != "lock") bytes += entry.file_size();
  return bytes;
}

// The folder as a process that was killed now would leave it.
inline JournalSettings killed(const JournalSettings& settings, const fs::path& folder) {
  fs::remove_all(folder);
  fs::copy(settings.folder, folder);
  auto copy = settings;
  copy.folder = folder;
  return copy;
}

}  // namespace test
}  // namespace millrace
