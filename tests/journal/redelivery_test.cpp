// SPDX-License-Identifier: Apache-2.0
// Which deliveries are taken for ones that came before, and that no other is.
#include <boost/test/unit_test.hpp>

#include "journal/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

OwnDelivery delivery(std::uint16_t packet_id, std::string payload, bool is_duplicate = false) {
  return {.packet_id = packet_id, .payload = std::move(payload), .is_duplicate = is_duplicate};
}

// What happens to the journal meanwhile.
const std::vector<std::string> events{"nothing", "restart", "trim"};

class Station : public TemporaryFolder {
 public:
  explicit Station(std::uint16_t window = 3) : settings(small_journal(path(), window)) {
    journal = Journal::open(settings, {});
  }
  void open_large(std::uint16_t window) {
    journal.reset();
    settings.max_bytes = 1 << 30;
    settings.segment_bytes = 8 << 20;
    settings.in_flight_window = window;
    journal = Journal::open(settings, {});
  }
  bool keeps(const OwnDelivery& delivery) const { return journal->append(delivery) == Appended::kept; }
  void go_through(const std::string& event) {
    if (event == "nothing") return;
    if (event == "trim") {
      OwnDelivery large = delivery(0, std::string(settings.max_bytes / 2, 'x'));
      large.qos = 0;
      BOOST_REQUIRE(keeps(large));
      journal->trim(journal->end());
      BOOST_REQUIRE(payloads_of(*journal).empty());
    }
    const auto end = journal->end();
    journal.reset();
    journal = Journal::open(settings, end);
  }

  JournalSettings settings;
  std::unique_ptr<Journal> journal;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_redelivery_is_recognised_once_and_again) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station;
    BOOST_TEST(station.keeps(delivery(1, "a")));
    BOOST_TEST(station.keeps(delivery(2, "b")));
    station.go_through(event);
    const auto before = station.journal->end();
    for (int time = 0; time < 3; ++time) {
      BOOST_TEST(!station.keeps(delivery(1, "a", true)));
      BOOST_TEST(!station.keeps(delivery(2, "b", true)));
    }
    BOOST_TEST((station.journal->end() == before));
  }
}

BOOST_AUTO_TEST_CASE(equal_payloads_that_are_sent_again_behind_a_whole_cycle_of_packet_ids_are_kept) {
  TemporaryFolder folder;
  JournalSettings settings;
  settings.folder = folder.path();
  const auto journal = Journal::open(settings, {});
  const auto append = [&](int number, bool is_duplicate) {
    return journal->append(delivery(static_cast<std::uint16_t>(1 + number % 65535), "same", is_duplicate));
  };
  constexpr int received = 65800, on_their_way = 200;
  for (int number = 0; number < received; ++number) BOOST_REQUIRE(append(number, false) == Appended::kept);
  journal->resume_session();
  BOOST_TEST((append(received - 1, true) == Appended::redelivery));
  for (int number = received; number < received + on_their_way; ++number)
    BOOST_REQUIRE(append(number, true) == Appended::kept);
  journal->resume_session();
  for (int number = received + on_their_way; number < received + 2 * on_their_way; ++number)
    BOOST_REQUIRE(append(number, true) == Appended::kept);
}

// As mosquitto 2.0.11 sends them: all that waits is in flight, with packet ids that come round meanwhile.
BOOST_AUTO_TEST_CASE(more_redeliveries_than_packet_ids_are_recognised_in_their_order) {
  for (const std::string event : {"nothing", "restart"}) {
    BOOST_TEST_INFO_SCOPE(event);
    constexpr std::uint64_t received = 200'000, acknowledged = 40'000, sent = 210'000;
    Station station;
    station.open_large(65534);
    const auto append = [&](std::uint64_t row, bool is_duplicate) {
      auto one = delivery_of(row);
      one.is_duplicate = is_duplicate;
      return station.keeps(one);
    };
    for (std::uint64_t row = 0; row < received; ++row) BOOST_REQUIRE(append(row, false));
    if (event == "restart") {
      station.journal.reset();
      station.journal = Journal::open(station.settings, {});
    }
    for (const auto from : {acknowledged, acknowledged + 10'000}) {
      station.journal->resume_session();
      for (auto row = from; row < received; ++row) BOOST_REQUIRE(!append(row, true));
    }
    for (auto row = received; row < sent; ++row) BOOST_REQUIRE(append(row, true));
    BOOST_TEST(station.journal->end().payload == sent);
  }
}

BOOST_AUTO_TEST_CASE(what_came_before_the_window_is_a_redelivery_only_where_a_connection_begins) {
  Station station(2);
  for (std::uint16_t id = 1; id <= 5; ++id) BOOST_TEST(station.keeps(delivery(id, std::to_string(id))));
  BOOST_TEST(station.keeps(delivery(1, "1", true)));
  station.journal->resume_session();
  BOOST_TEST(!station.keeps(delivery(2, "2", true)));
  BOOST_TEST(!station.keeps(delivery(3, "3", true)));
  BOOST_TEST(station.keeps(delivery(2, "2", true)));  // that has come again already
  BOOST_TEST(station.keeps(delivery(3, "3", true)));
}

BOOST_AUTO_TEST_CASE(an_event_that_recurs_once_is_kept_where_packet_ids_are_used_again_at_once) {
  for (const int ids : {1, 2, 5}) {
    Station station(2);
    const auto id_of = [ids](int number) { return static_cast<std::uint16_t>(1 + number % ids); };
    BOOST_TEST(station.keeps(delivery(1, "open")));
    for (int number = 1; number <= 5 * ids; ++number)
      BOOST_TEST(station.keeps(delivery(id_of(number), std::to_string(number))));
    station.journal->resume_session();
    BOOST_TEST(station.keeps(delivery(1, "open", true)));
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_recurs_once_is_kept_behind_a_whole_cycle_of_packet_ids) {
  for (const std::string event : {"nothing", "restart"}) {
    Station station;
    station.open_large(65534);
    const auto append = [&](std::uint64_t row, const std::string& payload, bool is_duplicate) {
      return station.keeps(delivery(delivery_of(row).packet_id, payload, is_duplicate));
    };
    for (std::uint64_t row = 0; row < 65535; ++row)
      BOOST_REQUIRE(append(row, row == 0 ? "open" : payload_text(row), false));
    if (event == "restart") {
      station.journal.reset();
      station.journal = Journal::open(station.settings, {});
    }
    station.journal->resume_session();
    BOOST_TEST(append(65535, "open", true));
  }
}

BOOST_AUTO_TEST_CASE(a_payload_that_recurs_does_not_hide_the_redeliveries_behind_it) {
  Station station(2);
  for (std::uint16_t id = 1; id <= 9; ++id)
    BOOST_TEST(station.keeps(delivery(id, id == 2 || id == 5 ? "open" : std::to_string(id))));
  for (int time = 0; time < 2; ++time) {
    station.journal->resume_session();
    BOOST_TEST(station.keeps(delivery(2, "open", true)) == (time == 0));
    BOOST_TEST(!station.keeps(delivery(3, "3", true)));
    BOOST_TEST(!station.keeps(delivery(4, "4", true)));
    BOOST_TEST(!station.keeps(delivery(5, "open", true)));
    BOOST_TEST(!station.keeps(delivery(6, "6", true)));
  }
}

BOOST_AUTO_TEST_CASE(what_came_before_the_window_is_no_redelivery_if_its_payload_recurs) {
  Station station(2);
  for (std::uint16_t id = 1; id <= 5; ++id)
    BOOST_TEST(station.keeps(delivery(id, id == 1 ? "shut" : "open")));
  BOOST_TEST(station.keeps(delivery(9, "shut")));
  station.journal->resume_session();
  BOOST_TEST(station.keeps(delivery(1, "shut", true)));
}

BOOST_AUTO_TEST_CASE(an_old_payload_within_the_window_counts_as_before_where_a_connection_begins) {
  Station station(5);
  for (const char* payload : {"shut", "open"}) BOOST_TEST(station.keeps(delivery(1, payload)));
  station.journal->resume_session();
  BOOST_TEST(station.keeps(delivery(1, "shut", true)));
}

BOOST_AUTO_TEST_CASE(what_differs_in_flag_packet_id_or_payload_is_kept) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station;
    BOOST_TEST(station.keeps(delivery(1, "a")));
    station.go_through(event);
    BOOST_TEST(station.keeps(delivery(2, "a", true)));
    BOOST_TEST(station.keeps(delivery(1, "b", true)));
    BOOST_TEST(station.keeps(delivery(1, "b")));
    BOOST_TEST(station.keeps(delivery(3, "")));
    BOOST_TEST(station.keeps(delivery(3, std::string(1, '\0'), true)));
  }
}

BOOST_AUTO_TEST_CASE(only_the_last_delivery_with_a_packet_id_counts) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station;
    BOOST_TEST(station.keeps(delivery(1, "a")));
    BOOST_TEST(station.keeps(delivery(1, "b")));
    station.go_through(event);
    BOOST_TEST(station.keeps(delivery(1, "a", true)));
    BOOST_TEST(!station.keeps(delivery(1, "a", true)));
  }
}

BOOST_AUTO_TEST_CASE(the_window_is_as_long_as_it_was_set) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station(3);
    for (std::uint16_t id = 1; id <= 4; ++id) BOOST_TEST(station.keeps(delivery(id, "a")));
    station.go_through(event);
    BOOST_TEST(!station.keeps(delivery(2, "a", true)));
    BOOST_TEST(!station.keeps(delivery(4, "a", true)));
    BOOST_TEST(station.keeps(delivery(1, "a", true)));
    BOOST_TEST(station.keeps(delivery(2, "a", true)));
  }
}

BOOST_AUTO_TEST_CASE(an_age_in_the_window_counts_deliveries_of_an_id_that_came_again) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station(3);
    BOOST_TEST(station.keeps(delivery(1, "a")));
    for (const char* payload : {"a", "b"}) BOOST_TEST(station.keeps(delivery(2, payload)));
    station.go_through(event);
    BOOST_TEST(!station.keeps(delivery(1, "a", true)));
    BOOST_TEST(station.keeps(delivery(3, "a")));
    BOOST_TEST(station.keeps(delivery(1, "a", true)));
  }
}

BOOST_AUTO_TEST_CASE(a_new_session_knows_nothing_of_the_old_one) {
  for (const auto& event : events) {
    BOOST_TEST_INFO_SCOPE(event);
    Station station;
    BOOST_TEST(station.keeps(delivery(1, "a")));
    station.journal->begin_session();
    station.go_through(event);
    BOOST_TEST(station.keeps(delivery(1, "a", true)));
    station.go_through(event);
    BOOST_TEST(!station.keeps(delivery(1, "a", true)));
  }
}

BOOST_AUTO_TEST_CASE(deliveries_of_qos_0_neither_count_nor_are_taken_for_redeliveries) {
  Station station(2);
  auto unnumbered = delivery(0, "a", true);
  unnumbered.qos = 0;
  BOOST_TEST(station.keeps(delivery(0, "a")));
  for (int time = 0; time < 5; ++time) BOOST_TEST(station.keeps(unnumbered));
  BOOST_TEST(!station.keeps(delivery(0, "a", true)));
}

BOOST_AUTO_TEST_CASE(a_window_of_none_recognises_nothing) {
  Station station(0);
  BOOST_TEST(station.keeps(delivery(1, "a")));
  BOOST_TEST(station.keeps(delivery(1, "a", true)));
}

BOOST_AUTO_TEST_CASE(a_delivery_is_recognised_within_the_group_it_came_in) {
  const Station station;
  const std::vector<OwnDelivery> own{delivery(1, "a"), delivery(1, "a", true), delivery(1, "b", true)};
  const std::vector<Delivery> group(own.begin(), own.end());
  const std::vector expected{Appended::kept, Appended::redelivery, Appended::kept};
  BOOST_TEST((station.journal->append(group) == expected));
  BOOST_TEST(payloads_of(*station.journal).size() == 2u);
}

BOOST_AUTO_TEST_CASE(equal_payloads_are_all_kept_through_crashes_of_the_connection) {
  constexpr std::uint64_t rows = 100'000;
  constexpr std::uint64_t window = 50;
  Station station;
  station.open_large(window);
  const auto id_of = [](std::uint64_t row) { return static_cast<std::uint16_t>(row % 65535 + 1); };
  for (std::uint64_t row = 0; row < rows; ++row) {
    BOOST_REQUIRE(station.keeps(delivery(id_of(row), "{}")));
    if (row % 9973 != 9972) continue;
    // The connection went with the last acknowledgements, and before `lost` deliveries arrived.
    const auto lost = row % 7;
    for (auto again = row + 1 + lost - window; again <= row + lost; ++again)
      BOOST_REQUIRE(station.keeps(delivery(id_of(again), "{}", true)) == (again > row));
    row += lost;
    if (row % 2 == 0) station.go_through("restart");
  }
  BOOST_TEST(station.journal->end().payload == rows);
}
