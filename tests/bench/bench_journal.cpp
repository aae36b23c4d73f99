// SPDX-License-Identifier: Apache-2.0
// What the journal costs: appends a second with each durability, against bare write() and fdatasync of the
// same bytes in the same run, in turns; and how fast it is read back.
//   bench_journal FOLDER [PAYLOADS] [BYTES A PAYLOAD] [PAYLOADS A GROUP]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/journal/journal.hpp"

using namespace millrace;

namespace {

constexpr int turns = 5;
constexpr std::size_t entry_bytes = 56;  // around topic and payload
const std::string topic = "wetter/station";

double seconds_of(const std::function<void()>& work) {
  const auto begin = system_clock().now_s();
  work();
  return system_clock().now_s() - begin;
}

struct Work {
  Path folder;
  std::size_t payloads, group;
  std::string payload;
};

std::unique_ptr<Journal> open_new(const Work& work, Durability durability) {
  JournalSettings settings;
  settings.folder = work.folder / "bench_journal";
  settings.durability = durability;
  std::filesystem::remove_all(settings.folder);
  return Journal::open(settings, {});
}

double append_seconds(const Work& work, Durability durability) {
  const auto journal = open_new(work, durability);
  std::vector<Delivery> group(work.group, Delivery{.qos = 1, .topic = topic, .payload = work.payload});
  std::uint16_t packet_id = 0;
  return seconds_of([&] {
    for (std::size_t number = 0; number < work.payloads; number += work.group) {
      for (auto& delivery : group) delivery.packet_id = ++packet_id;
      if (work.group == 1)
        journal->append(group[0]);
      else
        journal->append(group);
    }
  });
}

double write_seconds(const Work& work, Durability durability) {
  const std::string bytes((entry_bytes + topic.size() + work.payload.size()) * work.group, 'x');
  const auto path = work.folder / "bench_journal.bytes";
  auto file = File::open(path, File::Mode::write_new);
  return seconds_of([&] {
    for (std::size_t number = 0; number < work.payloads; number += work.group) {
      file.write_all(bytes);
      if (durability == Durability::power) file.sync();
    }
  });
}

double read_seconds(const Work& work) {
  const auto journal = open_new(work, Durability::process);
  for (std::size_t number = 0; number < work.payloads; ++number)
    journal->append(Delivery{.packet_id = 1, .qos = 1, .topic = topic, .payload = work.payload});
  const auto reader = journal->read({});
  JournalPayload payload;
  return seconds_of([&] {
    while (reader->next(payload)) continue;
  });
}

// The middle one of several turns, as payloads a second; bare writes take turns with the journal.
void compare(const char* name, const Work& work, Durability durability) {
  std::vector<double> bare, journal, ratio;
  for (int turn = 0; turn < turns; ++turn) {
    bare.push_back(static_cast<double>(work.payloads) / write_seconds(work, durability));
    journal.push_back(static_cast<double>(work.payloads) / append_seconds(work, durability));
    ratio.push_back(journal.back() / bare.back());
  }
  for (auto* values : {&bare, &journal, &ratio}) std::sort(values->begin(), values->end());
  std::printf("%-28s journal %9.0f/s, bare %9.0f/s, ratio %.2f (%.2f to %.2f)\n", name, journal[turns / 2],
              bare[turns / 2], ratio[turns / 2], ratio.front(), ratio.back());
}

}  // namespace

int main(int count, char** arguments) {
  const auto number = [&](int place, unsigned long long otherwise) {
    return count > place ? std::strtoull(arguments[place], nullptr, 10) : otherwise;
  };
  const auto payloads = number(2, 200'000), bytes = number(3, 660), group = number(4, 20);
  const Work single{count > 1 ? arguments[1] : ".", payloads, 1, std::string(bytes, '7')};
  auto grouped = single;
  grouped.group = group;
  auto few = single;
  few.payloads = payloads / 400;
  auto few_grouped = grouped;
  few_grouped.payloads = payloads / 400 * group;
  compare("process, one by one", single, Durability::process);
  compare("process, in groups", grouped, Durability::process);
  compare("power, one by one", few, Durability::power);
  compare("power, in groups", few_grouped, Durability::power);
  std::printf("%-28s %17.0f/s\n", "read back", static_cast<double>(payloads) / read_seconds(single));
  std::filesystem::remove_all(single.folder / "bench_journal");
  std::filesystem::remove(single.folder / "bench_journal.bytes");
}
