// SPDX-License-Identifier: Apache-2.0
// kill -9 of a process that writes a journal, aimed at every step that changes the disk, and at random.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <random>
#include <thread>

#include "journal/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr std::uint16_t window = 30;
constexpr std::uint64_t message_payloads = 10;

// What the process that died had told: what it acknowledged, and what its sink had committed.
struct Told {
  std::uint64_t acknowledged = 0, committed = 0;
};

struct Aim {
  std::string step;
  int time = 0;  // at the how-manieth such step
};

std::uint64_t payload_bytes(std::uint64_t number) {
  return number % 11 == 10 ? 40'000 : number % 300;
}

// Equal payloads, so that only the rule keeps the honest ones apart from redeliveries.
OwnDelivery equal_delivery(std::uint64_t number) {
  auto delivery = delivery_of(number);
  delivery.payload = std::string(payload_bytes(number), 'x');
  return delivery;
}

JournalSettings settings_for(const fs::path& folder, Durability durability) {
  auto settings = small_journal(folder, window);
  settings.durability = durability;
  settings.segment_bytes = 60'000;
  settings.tail_bytes = 8'000;  // so that appends flush a part of it, too
  settings.lock_wait_s = 5;
  return settings;
}

// Goes on behind what `told` says, telling every acknowledgement and commit, until it is killed.
[[noreturn]] void write_until_killed(JournalSettings settings, Told told, int pipe, const Aim& aim) {
  int times = 0;
  settings.on_step = [&](std::string_view step) {
    if (step == aim.step && ++times == aim.time) ::raise(SIGKILL);
  };
  const auto journal = Journal::open(settings, {told.committed});
  // What the broker sends again: as much as it can have in flight, with the one that was being appended.
  const auto old = told.acknowledged + 1;
  auto number = old < window ? 0 : old - window;
  auto boundaries = boundaries_of(*journal, {told.committed});
  auto bounded = boundaries.empty() ? told.committed : boundaries.back().behind.payload;
  const auto reader = journal->read({told.committed});
  JournalPayload payload;
  for (;; ++number) {
    auto delivery = equal_delivery(number);
    delivery.is_duplicate = number < old;
    if (journal->append(delivery) == Appended::full) std::abort();
    told.acknowledged = std::max(told.acknowledged, number + 1);
    while (number % 5 == 0 && reader->next(payload)) continue;
    if (journal->end().payload >= bounded + message_payloads) {
      bounded += message_payloads;
      journal->append(JournalBoundary{bounded / message_payloads - 1, {bounded}, message_payloads, 1});
      if (bounded / message_payloads % 7 == 0) {
        told.committed = bounded;
        if (::write(pipe, &told, sizeof told) != sizeof told) std::abort();
        journal->trim({bounded});
      }
    }
    if (::write(pipe, &told, sizeof told) != sizeof told) std::abort();
  }
}

Told write_and_die(const JournalSettings& settings, Told told, const Aim& aim, int after_us = 0) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(settings, told, ends[1], aim);
  }
  ::close(ends[1]);
  const auto random_death = after_us > 0;
  std::thread killer([&] {
    if (!random_death) return;
    ::usleep(static_cast<unsigned>(after_us));
    ::kill(child, SIGKILL);
  });
  Told next;
  while (::read(ends[0], &next, sizeof next) == sizeof next) told = next;
  killer.join();
  ::close(ends[0]);
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_REQUIRE(WIFSIGNALED(status));
  BOOST_REQUIRE(WTERMSIG(status) == SIGKILL);
  return told;
}

// Each payload that was acknowledged is there once, in order, and at most the one that was being appended.
void check(const JournalSettings& settings, const Told& told) {
  const auto journal = Journal::open(settings, {told.committed});
  for (const auto& finding : journal->findings())
    BOOST_TEST((finding.kind == JournalFinding::Kind::torn_tail), finding.text);
  const auto end = journal->end().payload;
  BOOST_TEST(end >= told.acknowledged);
  BOOST_TEST(end <= told.acknowledged + 1);
  const auto payloads = payloads_of(*journal, {told.committed});
  BOOST_REQUIRE(payloads.size() == end - told.committed);
  for (std::uint64_t index = 0; index < payloads.size(); ++index) {
    BOOST_REQUIRE(payloads[index].packet_id == equal_delivery(told.committed + index).packet_id);
    BOOST_REQUIRE(payloads[index].payload.size() == payload_bytes(told.committed + index));
  }
  auto behind = told.committed;
  for (const auto& boundary : boundaries_of(*journal, {told.committed})) {
    behind += message_payloads;
    BOOST_REQUIRE(boundary.behind.payload == behind);
    BOOST_REQUIRE(boundary.sequence == behind / message_payloads - 1);
  }
  BOOST_TEST(behind + message_payloads >= told.acknowledged);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_process_killed_at_any_step_loses_and_repeats_nothing) {
  const LogLines log;
  const std::vector<std::string> steps{"append",          "written",       "synced", "segment",
                                       "segment written", "segment begun", "trim",   "trimmed",
                                       "flush",           "flush written", "flushed"};
  std::size_t deaths = 0;
  for (const auto durability : {Durability::process, Durability::power}) {
    const TemporaryFolder folder;
    const auto settings = settings_for(folder / "journal", durability);
    Told told;
    for (const auto& step : steps) {
      if (durability == Durability::process ? step == "synced" : step.starts_with("flush")) continue;
      for (const int time : {1, 2, 3, 8}) {
        BOOST_TEST_INFO_SCOPE(step << " " << time);
        told = write_and_die(settings, told, {step, time});
        check(settings, told);
        ++deaths;
      }
    }
    BOOST_TEST(told.committed > 200u);
  }
  BOOST_TEST_MESSAGE(deaths << " deaths");
}

BOOST_AUTO_TEST_CASE(a_process_killed_at_random_loses_and_repeats_nothing) {
  const LogLines log;
  std::mt19937 random(5);
  const TemporaryFolder folder;
  const auto settings = settings_for(folder / "journal", Durability::process);
  Told told;
  for (int death = 0; death < 60; ++death) {
    told = write_and_die(settings, told, {}, 2000 + static_cast<int>(random() % 20'000));
    check(settings, told);
  }
  BOOST_TEST_MESSAGE(told.acknowledged << " payloads, " << log.lines.size() << " torn tails");
  BOOST_TEST(told.committed > 0u);
}
