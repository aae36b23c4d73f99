// SPDX-License-Identifier: Apache-2.0
#include "millrace/sink/quarantine.hpp"

#include <fmt/format.h>

#include <charconv>

#include "codec/json_reader.hpp"
#include "codec/payload_base64.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

constexpr std::size_t read_bytes = 1 << 20;

// The leaves of one line. Views, until the next line is read.
class Fields : public JsonVisitor {
 public:
  Value& leaf(std::string_view name, ValueKind) override { return values_[std::string(name)]; }
  void clear() { values_.clear(); }
  const Value* find(const std::string& name, ValueKind kind) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.kind != kind ? nullptr : &found->second;
  }

 private:
  std::map<std::string, Value> values_;
};

class Reader : public QuarantineReader {
 public:
  Reader(const Path& path, QuarantineRange range) : end_(range.end), place_(range.begin), json_(false) {
    if (range.begin == range.end) return;
    file_ = File::open(path, File::Mode::read);
    if (file_.size() < range.end)
      throw Error(ExitCode::failed, fmt::format("{}: has {} bytes of the {} that were committed",
                                                path.string(), file_.size(), range.end));
    file_.seek(range.begin);
  }

  bool next(QuarantinedRow& row) override {
    if (place_ >= end_) return false;
    const auto line = next_line();
    fields_.clear();
    if (!json_.read(line, fields_).empty() || !take(row)) throw_damaged();
    place_ += line.size() + 1;
    row.end = place_;
    return true;
  }

 private:
  [[noreturn]] void throw_damaged() const {
    throw Error(ExitCode::failed,
                fmt::format("{}: damaged at byte {}: no line of a quarantined row stands there; restore it",
                            file_.path().string(), place_));
  }

  std::string_view next_line() {
    auto line_end = block_.find('\n', at_);
    while (line_end == std::string::npos) {
      const auto seen = block_.size() - at_;
      refill();
      line_end = block_.find('\n', at_ + seen);
    }
    const auto line = std::string_view(block_).substr(at_, line_end - at_);
    at_ = line_end + 1;
    return line;
  }

  void refill() {
    block_.erase(0, at_);
    at_ = 0;
    const auto left = end_ - place_ - block_.size();
    const auto before = block_.size();
    block_.resize(before + std::min<std::uint64_t>(read_bytes, left));
    const auto count = file_.read_some(block_.data() + before, block_.size() - before);
    block_.resize(before + count);
    if (count == 0) throw_damaged();
  }

  bool take(QuarantinedRow& row) {
    const auto* number = fields_.find("input_row", ValueKind::number);
    if (number == nullptr) return false;
    const auto digits = number->text;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), row.input_row);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return false;
    row.topic.clear();
    row.is_payload = take_text("topic", row.topic);
    return take_text("reason", row.reason) && take_text("source", row.source) &&
           take_bytes(row.is_payload ? "payload" : "row", row.bytes);
  }

  bool take_text(const std::string& name, std::string& text) const {
    const auto* value = fields_.find(name, ValueKind::text);
    if (value != nullptr) text = value->text;
    return value != nullptr;
  }

  bool take_bytes(const std::string& name, std::string& bytes) const {
    if (take_text(name, bytes)) return true;
    const auto* value = fields_.find(name + "_base64", ValueKind::text);
    return value != nullptr && read_base64(value->text, bytes).empty();
  }

  File file_;
  std::uint64_t end_, place_;  // the latter: of the next line
  std::string block_;
  std::size_t at_ = 0;  // the next line in it
  JsonReader json_;
  Fields fields_;
};

}  // namespace

bool goes_on_with_requeue(const OutputState& state, const std::string& project) {
  return !state.requeues.empty() && state.requeues.back().project == project &&
         state.requeued_bytes < state.requeues.back().end_bytes;
}

QuarantineRange range_to_requeue(const OutputState& state, const std::string& project) {
  const bool goes_on = goes_on_with_requeue(state, project);
  return {state.requeued_bytes, goes_on ? state.requeues.back().end_bytes : state.reject_bytes};
}

std::unique_ptr<QuarantineReader> read_quarantine(const std::string& output, QuarantineRange range) {
  return std::make_unique<Reader>(places_of(false, output).rejects, range);
}

std::string without_values(const std::string& reason) {
  return reason.substr(0, reason.find(", found"));
}

std::map<std::string, std::uint64_t> reasons_in_quarantine(const std::string& output, QuarantineRange range) {
  std::map<std::string, std::uint64_t> counts;
  QuarantinedRow row;
  for (const auto reader = read_quarantine(output, range); reader->next(row);)
    ++counts[without_values(row.reason)];
  return counts;
}

}  // namespace millrace
