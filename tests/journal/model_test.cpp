// SPDX-License-Identifier: Apache-2.0
// Random work on a journal against a list in memory that follows the rules word by word.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "journal/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

class Model {
 public:
  explicit Model(std::uint16_t window) : window_(window) {}

  Appended append(const OwnDelivery& delivery) {
    if (is_redelivery(delivery)) return Appended::redelivery;
    payloads.push_back(delivery);
    if (delivery.qos > 0) session_.push_back(delivery);
    return Appended::kept;
  }
  void begin_session() { session_.clear(); }
  std::uint64_t bounded() const { return boundaries.empty() ? 0 : boundaries.back().behind.payload; }

  std::vector<OwnDelivery> payloads;
  std::vector<JournalBoundary> boundaries;
  std::uint64_t committed = 0;

 private:
  bool is_redelivery(const OwnDelivery& delivery) const {
    if (!delivery.is_duplicate || delivery.qos == 0) return false;
    const auto length = std::min<std::size_t>(window_, session_.size());
    for (auto last = session_.rbegin(); last != session_.rbegin() + static_cast<std::ptrdiff_t>(length);
         ++last)
      if (last->packet_id == delivery.packet_id) return last->payload == delivery.payload;
    return false;
  }

  std::size_t window_;
  std::vector<OwnDelivery> session_;
};

class Trial {
 public:
  Trial(const fs::path& folder, unsigned seed)
      : random_(seed),
        settings_(small_journal(folder, static_cast<std::uint16_t>(random_() % 12))),
        model_(settings_.in_flight_window) {
    settings_.segment_bytes = 300 + random_() % 3000;
    settings_.max_bytes = 20'000 + random_() % 40'000;
    open();
  }

  void work() {
    switch (random_() % 20) {
      case 0:
        return open();
      case 1:
        model_.begin_session();
        return journal_->begin_session();
      case 2:
        return commit();
      case 3:
      case 4:
        return append_boundary();
      case 5:
        return append_group();
      default:
        return append_one();
    }
  }

  void compare() const {
    const auto from = static_cast<std::ptrdiff_t>(model_.committed);
    const std::vector payloads(model_.payloads.begin() + from, model_.payloads.end());
    BOOST_REQUIRE((payloads_of(*journal_, {model_.committed}) == payloads));
    std::vector<JournalBoundary> boundaries;
    for (const auto& boundary : model_.boundaries)
      if (boundary.behind.payload > model_.committed) boundaries.push_back(boundary);
    BOOST_REQUIRE((boundaries_of(*journal_, {model_.committed}) == boundaries));
    BOOST_REQUIRE(journal_->end().payload == model_.payloads.size());
    BOOST_REQUIRE(journal_->begin().payload <= model_.committed);
    BOOST_REQUIRE(journal_->bytes() <= settings_.max_bytes);
    BOOST_REQUIRE(journal_->findings().empty());
  }
  std::size_t payloads() const { return model_.payloads.size(); }

 private:
  void open() {
    journal_.reset();
    journal_ = Journal::open(settings_, {model_.committed});
  }
  OwnDelivery random_delivery() {
    OwnDelivery delivery;
    delivery.packet_id = static_cast<std::uint16_t>(1 + random_() % 6);
    delivery.payload = std::string(random_() % 30 == 0 ? random_() % 3000 : random_() % 3, 'x');
    delivery.qos = static_cast<std::uint8_t>(random_() % 3);
    delivery.is_duplicate = random_() % 2 == 0;
    delivery.is_retained = random_() % 5 == 0;
    return delivery;
  }
  void append_one() {
    const auto delivery = random_delivery();
    const auto outcome = journal_->append(delivery);
    if (outcome == Appended::full) return make_room();
    BOOST_REQUIRE((outcome == model_.append(delivery)));
  }
  void append_group() {
    std::vector<OwnDelivery> group(random_() % 6);
    std::generate(group.begin(), group.end(), [this] { return random_delivery(); });
    const auto outcome = journal_->append(std::vector<Delivery>(group.begin(), group.end()));
    BOOST_REQUIRE(outcome.size() == group.size());
    if (!group.empty() && outcome[0] == Appended::full) return make_room();
    for (std::size_t index = 0; index < group.size(); ++index)
      BOOST_REQUIRE((outcome[index] == model_.append(group[index])));
  }
  void append_boundary() {
    const auto most = model_.payloads.size() - model_.bounded();
    if (most == 0) return;
    const auto payloads = 1 + random_() % most;
    const JournalBoundary boundary{
        model_.boundaries.size(), {model_.bounded() + payloads}, payloads, random_() % 9};
    model_.boundaries.push_back(boundary);
    journal_->append(boundary);
  }
  void commit() {
    if (model_.boundaries.empty()) return;
    const auto behind = model_.boundaries[random_() % model_.boundaries.size()].behind.payload;
    model_.committed = std::max(model_.committed, behind);
    journal_->trim({model_.committed});
  }
  void make_room() {
    const auto behind = model_.payloads.size();
    if (behind > model_.bounded()) {
      model_.boundaries.push_back({model_.boundaries.size(), {behind}, behind - model_.bounded(), 0});
      journal_->append(model_.boundaries.back());
    }
    model_.committed = behind;
    journal_->trim({behind});
    BOOST_REQUIRE(journal_->is_below_low_mark());
  }

  std::mt19937 random_;
  JournalSettings settings_;
  Model model_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(random_work_gives_what_the_rules_say) {
  std::size_t payloads = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    BOOST_TEST_INFO_SCOPE("seed " << seed);
    const TemporaryFolder folder;
    Trial trial(folder.path(), seed);
    for (int turn = 0; turn < 600; ++turn) {
      trial.work();
      if (turn % 10 == 0) trial.compare();
    }
    payloads += trial.payloads();
  }
  BOOST_TEST(payloads > 10'000u);
}
