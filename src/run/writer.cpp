// SPDX-License-Identifier: Apache-2.0
#include "run/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/codec/result_codec.hpp"

namespace millrace {
namespace {

constexpr double tick_s = 0.2;
constexpr std::size_t most_named_keys = 100;
// A share of rejects means something only beyond a first few rows.
constexpr std::uint64_t least_rows_for_share = 1000;

std::string place_of(const CutMessage& message, std::uint32_t row,
                     const std::vector<std::string>& part_names) {
  const auto behind =
      std::upper_bound(message.origins.begin(), message.origins.end(), row,
                       [](std::uint32_t r, const Origin& origin) { return r < origin.first_row; });
  const auto& origin = *std::prev(behind);
  const auto name =
      origin.part < part_names.size() ? part_names[origin.part] : fmt::format("part {}", origin.part);
  return fmt::format("{}:{}", name, origin.line + (row - origin.first_row));
}

// Both ascend by row.
void put_refused_payloads(std::vector<RefusedPayload>& refused, SinkMessage& message) {
  auto& rejects = message.result.rejects;
  auto reject = rejects.begin();
  for (auto& payload : refused) {
    reject = std::find_if(reject, rejects.end(), [&](const Reject& r) { return r.row == payload.row; });
    if (reject == rejects.end())
      throw std::logic_error(fmt::format("row {} of a message was refused, and yet decoded", payload.row));
    reject->reason = std::move(payload.reason);
    reject->bytes = std::move(payload.bytes);
    auto& origin = message.reject_origins[static_cast<std::size_t>(reject - rejects.begin())];
    origin.is_payload = payload.is_payload;
    origin.topic = std::move(payload.topic);
  }
}

// What lets the values in that were refused for `reason`.
std::string way_in(const std::string& reason) {
  if (!reason.starts_with("decode:")) return "a task before it can fill or drop them";
  const std::string declare = "declare the column with a type that takes them";
  if (!reason.ends_with("expected a number")) return declare;
  return declare +
         ", or give the source \"non_finite\": \"missing\" for NaN and infinities, or \"missing_values\" for "
         "what stands for a missing one in CSV, such as NA";
}

}  // namespace

Writer::Writer(Output& output, WriterSettings settings)
    : output_(output), settings_(std::move(settings)), thread_([this] { work(); }) {}

Writer::~Writer() {
  jobs_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::work() {
  try {
    while (!jobs_.is_drained()) {
      if (auto job = jobs_.pop_for(tick_s)) {
        const auto bytes = job->bytes();
        write(std::move(*job));
        held_bytes_ -= bytes;
      } else {
        tick();
      }
    }
    if (settings_.is_input) warn_of_refusing_columns();
    check_rejects(true);
  } catch (...) {
    failure_ = std::current_exception();
    failed_ = true;
    jobs_.close();
  }
}

bool Writer::try_push(WriteJob& job) {
  const auto bytes = job.bytes();
  held_bytes_ += bytes;
  const bool is_pushed = jobs_.try_push(job);
  if (!is_pushed) held_bytes_ -= bytes;
  return is_pushed;
}

void Writer::tick() {
  if (is_commit_asked_for_.exchange(false)) output_.commit(false);
  output_.tick();
  report_commit();
}

void Writer::report_commit() {
  if (!settings_.committed) return;
  const auto position = output_.committed_position();
  if (position == committed_) return;
  committed_ = position;
  settings_.committed(position);
}

void Writer::write(WriteJob job) {
  std::span<const std::byte> results = job.results;
  for (auto& message : job.bundle.messages()) {
    results = decode_next_result(results, settings_.result_schema, message_.result);
    write(message);
    tick();  // what is due is committed as if each message had come alone
  }
  if (!results.empty()) throw std::out_of_range("damaged results: more than there were messages");
}

void Writer::write(CutMessage& message) {
  message_.behind = message.behind;
  message_.first_arrival_unix_s = message.first_arrival_unix_s;
  message_.last_arrival_unix_s = message.last_arrival_unix_s;
  message_.reject_origins.clear();
  for (const auto& reject : message_.result.rejects)
    message_.reject_origins.push_back({place_of(message, reject.row, settings_.part_names)});
  put_refused_payloads(message.refused, message_);
  message_.input_rows = std::move(message.input_rows);
  rows_in_ += message_.result.rows_in;
  warn_of_unknown_keys(message_.result.new_unknown_keys);
  output_.write(message_);
  check_rejects(false);
}

void Writer::check_rejects(bool at_end) const {
  const auto limit = settings_.max_rejects;
  if (limit < 0) return;
  const auto& totals = output_.totals();
  const auto rows_in = totals.rows_in - totals.rows_requeued, quarantined = totals.rows_quarantined();
  if (limit > 0 && limit < 1 && !at_end && rows_in < least_rows_for_share) return;
  const auto allowed = limit < 1 ? limit * static_cast<double>(rows_in) : limit;
  if (static_cast<double>(quarantined) <= allowed) return;
  throw Error(
      ExitCode::max_rejects,
      fmt::format(
          "{} of {} rows were quarantined, more than max_rejects {} allows; their reasons stand in the "
          "quarantine file",
          quarantined, rows_in, limit));
}

void Writer::warn_of_unknown_keys(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (unknown_keys_.size() >= most_named_keys || !unknown_keys_.insert(name).second) continue;
    log_warning(
        fmt::format("key {}: not in the schema, so its values are left out; declare it to keep them", name));
  }
}

void Writer::warn_of_refusing_columns() const {
  const auto& totals = output_.totals();
  for (const auto& [reason, count] : totals.reject_reasons) {
    if (reason.find("column ") == std::string::npos || count * 100 <= totals.rows_in) continue;
    log_warning(fmt::format("{} of {} rows were refused ({}); if these values are right, {}", count,
                            totals.rows_in, reason, way_in(reason)));
  }
}

void Writer::finish() {
  jobs_.close();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace millrace
