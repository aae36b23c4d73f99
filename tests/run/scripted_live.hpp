// SPDX-License-Identifier: Apache-2.0
// A live source whose deliveries a test makes, and what a feeder would read of them.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"
#include "millrace/run/buffer.hpp"
#include "run/journalled_source.hpp"

namespace millrace::test {

using Texts = std::vector<std::string>;
constexpr double long_ago_s = -1e9;

inline std::string row_text(int number) {
  return "{\"n\":" + std::to_string(number) + "}";
}

class ScriptedLive : public LiveSource {
 public:
  explicit ScriptedLive(PayloadOptions payload) : payload_(std::move(payload)) {}
  PayloadOptions payload_options() const override { return payload_; }
  DecodeOptions decode_options() const override { return {}; }
  void start(LiveEvents events, const Path& /*session_file*/) override {
    events_ = std::move(events);
    state = LiveState::receiving;
  }
  void pause() override { state = LiveState::paused; }
  void resume() override { state = LiveState::receiving; }
  void stop() override { state = LiveState::paused; }
  LiveStatus status() const override {
    LiveStatus status;
    status.state = state;
    status.last_delivery_s = last_delivery_s;
    status.refusal = "the password is wrong";
    return status;
  }

  void deliver(const std::string& payload, std::uint16_t packet_id = 0, bool is_duplicate = false) {
    last_delivery_s = system_clock().now_s();
    const auto id = packet_id == 0 ? ++packet_id_ : packet_id;
    events_.keep({id, 1, is_duplicate, false, system_clock().unix_s(), "wetter", payload});
  }

  std::atomic<LiveState> state = LiveState::connecting;
  std::atomic<double> last_delivery_s = 0;

 private:
  PayloadOptions payload_;
  LiveEvents events_;
  std::uint16_t packet_id_ = 0;
};

// One life of a run: the source, and the live one inside it.
struct Life {
  ScriptedLive* live;
  std::unique_ptr<JournalledSource> source;

  explicit Life(const JournalSettings& settings, PayloadForm form = PayloadForm::row,
                std::size_t most_bytes = PayloadOptions{}.max_bytes) {
    auto scripted = std::make_unique<ScriptedLive>(PayloadOptions{.form = form, .max_bytes = most_bytes});
    live = scripted.get();
    source = std::make_unique<JournalledSource>(std::move(scripted), settings);
  }

  // All rows that are there, through `buffer`, as the feeder does it.
  std::vector<CutMessage> messages(Buffer& buffer) {
    std::vector<CutMessage> cut;
    std::vector<SourceRow> rows;
    const auto take = [&](std::optional<CutMessage> message) {
      if (!message) return;
      source->cut(*message);
      cut.push_back(std::move(*message));
    };
    for (source->read(1, rows); !rows.empty(); source->read(1, rows))
      for (const auto& row : rows) {
        take(buffer.cut_before(row));
        take(buffer.add(row, 0));
      }
    return cut;
  }
};

inline JournalSettings journal_in(const TemporaryFolder& folder) {
  JournalSettings settings;
  settings.folder = folder / "journal";
  settings.max_bytes = 1 << 20;
  settings.in_flight_window = 20;
  settings.lock_wait_s = 0;
  return settings;
}

inline std::vector<std::string> texts_of(const std::vector<CutMessage>& messages) {
  std::vector<std::string> texts;
  for (const auto& message : messages) {
    const MessageView view(message.block);
    std::string text;
    for (std::size_t row = 0; row < view.rows(); ++row) text += std::string(view.row(row)) + "|";
    texts.push_back(text);
  }
  return texts;
}

}  // namespace millrace::test
