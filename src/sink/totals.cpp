// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "millrace/sink/quarantine.hpp"
#include "sink/manifest_state.hpp"

namespace millrace {
namespace {

// Input may bring ever new names; the report and the manifest must not grow with them.
constexpr std::size_t most_names = 1000;
constexpr auto other_names = "(others)";

void count(std::map<std::string, std::uint64_t>& counts, const std::string& name, std::uint64_t by) {
  const auto found = counts.find(name);
  if (found != counts.end())
    found->second += by;
  else
    counts[counts.size() < most_names ? name : other_names] += by;
}

void add_stages(const std::vector<StageCount>& added, std::vector<StageCount>& stages) {
  stages.resize(std::max(stages.size(), added.size()));
  for (std::size_t stage = 0; stage < added.size(); ++stage) {
    stages[stage].seconds += added[stage].seconds;
    stages[stage].rows_dropped += added[stage].rows_dropped;
  }
}

}  // namespace

void add_totals(const Totals& added, Totals& totals) {
  totals.messages += added.messages;
  totals.rows_in += added.rows_in;
  totals.rows_out += added.rows_out;
  totals.rows_rejected += added.rows_rejected;
  totals.unknown_keys += added.unknown_keys;
  totals.rows_requeued += added.rows_requeued;
  add_stages(added.stages, totals.stages);
  for (const auto& [reason, rows] : added.reject_reasons) count(totals.reject_reasons, reason, rows);
  for (const auto& [name, times] : added.unknown_key_names) count(totals.unknown_key_names, name, times);
}

void count_message(const SinkMessage& message, Totals& totals) {
  const auto& result = message.result;
  ++totals.messages;
  totals.rows_in += result.rows_in;
  totals.rows_out += result.frame.rows();
  totals.rows_rejected += result.rejects.size();
  totals.unknown_keys += result.unknown_keys;
  add_stages(result.stages, totals.stages);
  for (const auto& reject : result.rejects) count(totals.reject_reasons, without_values(reject.reason), 1);
  for (const auto& name : result.new_unknown_keys) count(totals.unknown_key_names, name, 1);
}

}  // namespace millrace
