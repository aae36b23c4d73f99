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
    if (delivery.qos > 0) {
      session_.push_back({payloads.size(), delivery});
      note_order(session_.size() - 1, delivery.is_duplicate);
    }
    payloads.push_back(delivery);
    return Appended::kept;
  }
  void begin_session() {
    session_.clear();
    may_be_old_ = false;
    expected_ = ascent_ = last_id_ = 0;
  }
  void resume_session() {
    may_be_old_ = true;
    expected_ = 0;
  }
  // Of what came before payload `first` a journal that is opened again knows what its window held then.
  void reopen(std::uint64_t first) {
    const auto behind = std::find_if(session_.begin(), session_.end(),
                                     [&](const Past& past) { return past.number >= first; });
    for (auto past = session_.begin(); past != behind; ++past)
      past->is_known = past->is_known && static_cast<std::size_t>(behind - past) <= window_ &&
                       std::none_of(past + 1, behind, [&](const Past& later) {
                         return later.delivery.packet_id == past->delivery.packet_id;
                       });
    may_be_old_ = false;
    expected_ = ascent_ = last_id_ = 0;
    for (std::size_t at = 0; at < session_.size(); ++at)
      if (session_[at].is_known)
        note_order(at, session_[at].number >= first && session_[at].delivery.is_duplicate);
  }
  const OwnDelivery* delivery_of_session(std::size_t at) const {
    return at < session_.size() ? &session_[at].delivery : nullptr;
  }
  std::size_t session_size() const { return session_.size(); }
  std::uint64_t bounded() const { return boundaries.empty() ? 0 : boundaries.back().behind.payload; }

  std::vector<OwnDelivery> payloads;
  std::vector<JournalBoundary> boundaries;
  std::uint64_t committed = 0;
  std::size_t old_ones = 0;

 private:
  struct Past {
    std::uint64_t number;
    OwnDelivery delivery;
    bool is_known = true;
    bool is(const OwnDelivery& other) const {
      return is_known && delivery.packet_id == other.packet_id && delivery.payload == other.payload;
    }
  };

  bool is_redelivery(const OwnDelivery& delivery) {
    if (delivery.qos == 0 || window_ == 0) return false;
    if (!delivery.is_duplicate) {
      may_be_old_ = false;
      expected_ = 0;
      return false;
    }
    if (expected_ > 0 && expected_ < session_.size() && session_[expected_].is(delivery)) {
      ++expected_;
      return true;
    }
    return is_in_window(delivery) || (may_be_old_ && is_old(delivery));
  }
  static std::size_t steps(std::size_t from, std::size_t to) { return (to + 65535 - from) % 65535; }
  // Since when packet ids go upwards; a duplicate that does not says nothing.
  void note_order(std::size_t at, bool is_duplicate) {
    const std::size_t id = session_[at].delivery.packet_id, up = steps(last_id_, id);
    const bool ascends = last_id_ != 0 && up > 0 && up < 32768;
    if (!ascends && is_duplicate) return;
    if (!ascends) ascent_ = at;
    last_id_ = id;
  }
  bool is_in_window(const OwnDelivery& delivery) const {
    const auto length = std::min<std::size_t>(window_, session_.size());
    for (auto last = session_.rbegin(); last != session_.rbegin() + static_cast<std::ptrdiff_t>(length);
         ++last)
      if (last->is_known && last->delivery.packet_id == delivery.packet_id)
        return last->delivery.payload == delivery.payload;
    return false;
  }
  bool is_old(const OwnDelivery& delivery) {
    const auto is_equal = [&](const Past& past) {
      return past.is_known && past.delivery.payload == delivery.payload;
    };
    if (steps(last_id_, delivery.packet_id) == 1) return false;
    if (std::count_if(session_.begin(), session_.end(), is_equal) != 1) return false;
    const auto found = std::find_if(session_.begin(), session_.end(), is_equal);
    const auto at = static_cast<std::size_t>(found - session_.begin());
    const auto begin = std::max(expected_, ascent_);
    if (!found->is(delivery) || at < begin || session_.size() - at <= window_) return false;
    expected_ = at + 1;
    ++old_ones;
    return true;
  }

  std::size_t window_;
  std::vector<Past> session_;
  bool may_be_old_ = false;
  std::size_t ascent_ = 0, last_id_ = 0;
  std::size_t expected_ = 0;  // in session_, behind an old one that came again
};

class Trial {
 public:
  Trial(const fs::path& folder, unsigned seed)
      : random_(seed),
        folder_(folder),
        settings_(small_journal(folder / "first", static_cast<std::uint16_t>(random_() % 12))),
        model_(settings_.in_flight_window) {
    settings_.segment_bytes = 300 + random_() % 3000;
    settings_.max_bytes = 20'000 + random_() % 40'000;
    settings_.tail_bytes = random_() % 4 == 0 ? 0 : 300 + random_() % 3000;
    open();
  }

  void work() {
    switch (random_() % 20) {
      case 0:
        return open();
      case 1:
        model_.begin_session();
        return journal_->begin_session();
      case 6:
      case 7:
        return resend();
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
  std::size_t old_ones() const { return model_.old_ones; }
  std::size_t payloads() const { return model_.payloads.size(); }

 private:
  void open() {
    const auto first = journal_ ? journal_->begin().payload : 0;
    if (journal_ && random_() % 2 == 0) settings_ = killed(settings_, folder_ / std::to_string(lives_++));
    journal_.reset();
    journal_ = Journal::open(settings_, {model_.committed});
    model_.reopen(first);
  }
  // What a broker does over a new connection.
  void resend() {
    model_.resume_session();
    journal_->resume_session();
    if (model_.session_size() == 0) return;
    auto at = random_() % model_.session_size();
    for (auto left = random_() % 20; left > 0; --left, at += random_() % 8 == 0 ? 2 : 1) {
      const auto* sent = model_.delivery_of_session(at);
      if (!sent) break;
      auto again = *sent;
      again.is_duplicate = true;
      if (append_this(again) == Appended::full) break;
    }
  }
  OwnDelivery random_delivery() {
    OwnDelivery delivery;
    delivery.packet_id = static_cast<std::uint16_t>(1 + random_() % 6);
    if (counts_up_ && random_() % 200 != 0) {
      next_id_ = static_cast<std::uint16_t>(next_id_ % 65535 + 1);
      delivery.packet_id = next_id_;
    }
    delivery.payload = std::string(random_() % 30 == 0 ? random_() % 3000 : random_() % 3, 'x');
    if (random_() % 2 == 0) delivery.payload += std::to_string(random_() % 5000);
    delivery.qos = static_cast<std::uint8_t>(random_() % 3);
    delivery.is_duplicate = random_() % 2 == 0;
    delivery.is_retained = random_() % 5 == 0;
    return delivery;
  }
  void append_one() { append_this(random_delivery()); }
  Appended append_this(const OwnDelivery& delivery) {
    const auto outcome = journal_->append(delivery);
    if (outcome == Appended::full)
      make_room();
    else
      BOOST_REQUIRE((outcome == model_.append(delivery)));
    return outcome;
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
  bool counts_up_ = random_() % 2 == 0;  // as mosquitto's packet ids do
  std::uint16_t next_id_ = 65000;
  fs::path folder_;
  int lives_ = 0;
  JournalSettings settings_;
  Model model_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(random_work_gives_what_the_rules_say) {
  std::size_t payloads = 0, old_ones = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    BOOST_TEST_INFO_SCOPE("seed " << seed);
    const TemporaryFolder folder;
    Trial trial(folder.path(), seed);
    for (int turn = 0; turn < 600; ++turn) {
      trial.work();
      if (turn % 10 == 0) trial.compare();
    }
    payloads += trial.payloads();
    old_ones += trial.old_ones();
  }
  BOOST_TEST(payloads > 10'000u);
  BOOST_TEST(old_ones > 100u);
}
