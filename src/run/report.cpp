// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "millrace/codec/row_encoder.hpp"

namespace millrace {
namespace {

double rate(const RunReport& report) {
  return report.wall_s > 0 ? static_cast<double>(report.rows_in_run) / report.wall_s : 0;
}

double megabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

std::uint64_t dropped(const Totals& totals) {
  std::uint64_t sum = 0;
  for (const auto& stage : totals.stages) sum += stage.rows_dropped;
  return sum;
}

std::string counts_json(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::string> members;
  for (const auto& [name, count] : counts) members.push_back(fmt::format("{}: {}", json_text(name), count));
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

std::string stages_json(const RunReport& report) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < report.stages.size() && i < report.totals.stages.size(); ++i)
    items.push_back(fmt::format(R"({{"name": {}, "seconds": {:.6f}, "rows_dropped": {}}})",
                                json_text(report.stages[i]), report.totals.stages[i].seconds,
                                report.totals.stages[i].rows_dropped));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string ranks_json(const RunReport& report) {
  std::vector<std::string> items;
  for (const auto& use : report.ranks)
    items.push_back(fmt::format(
        R"({{"rank": {}, "host": {}, "messages": {}, "busy_share": {:.4f}, "peak_memory_bytes": {}}})",
        use.rank, json_text(use.host), use.messages, use.busy_share, use.peak_bytes));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string intake_json(const std::optional<IntakeCounts>& intake) {
  if (!intake) return "null";
  return fmt::format(
      R"({{"payloads": {}, "redeliveries": {}, "reconnects": {}, "waiting_in_journal": {}, "receiving_s": {:.6f}}})",
      intake->payloads, intake->redeliveries, intake->reconnects, intake->waiting, intake->receiving_s);
}

void append_counts(const char* title, const std::map<std::string, std::uint64_t>& counts, std::string& out) {
  for (const auto& [name, count] : counts)
    fmt::format_to(std::back_inserter(out), "  {:<10}{:>12}  {}\n", title, count, name);
}

std::string put_back(const Totals& totals) {
  return totals.rows_requeued > 0 ? fmt::format(" ({} of them put back)", totals.rows_requeued) : "";
}

}  // namespace

std::string report_text(const RunReport& report) {
  const auto& totals = report.totals;
  std::string out;
  const auto line = std::back_inserter(out);
  fmt::format_to(line, "{}: {} rows in {:.2f} s, {:.0f} rows/s (start {:.2f} s, end {:.2f} s)\n",
                 report.outcome, report.rows_in_run, report.wall_s, rate(report), report.start_s,
                 report.end_s);
  fmt::format_to(line, "  rows in {}, out {}, dropped {}, quarantined {}{}, messages {}\n", totals.rows_in,
                 totals.rows_out, dropped(totals), totals.rows_rejected, put_back(totals), totals.messages);
  if (report.intake)
    fmt::format_to(line,
                   "  payloads  {:>12}  {} redelivered and known, {} reconnects, {} wait in the journal\n",
                   report.intake->payloads, report.intake->redeliveries, report.intake->reconnects,
                   report.intake->waiting);
  for (std::size_t i = 0; i < report.stages.size() && i < totals.stages.size(); ++i)
    fmt::format_to(
        line, "  stage     {:>12.3f} s  {}{}\n", totals.stages[i].seconds, report.stages[i],
        totals.stages[i].rows_dropped > 0 ? fmt::format(" (dropped {})", totals.stages[i].rows_dropped) : "");
  append_counts("rejected", totals.reject_reasons, out);
  append_counts("unknown", totals.unknown_key_names, out);
  for (const auto& use : report.ranks)
    fmt::format_to(line, "  rank {:<4} {:>6.1f} % busy  {:>6.0f} MB peak  {} messages, {}\n", use.rank,
                   100 * use.busy_share, megabytes(use.peak_bytes), use.messages, use.host);
  return out;
}

std::string report_json(const RunReport& report) {
  const auto& totals = report.totals;
  return fmt::format(
      "{{\"outcome\": {}, \"wall_s\": {:.6f}, \"start_s\": {:.6f}, \"end_s\": {:.6f}, \"rows_in_run\": {}, "
      "\"rows_per_s\": "
      "{:.1f},\n"
      " \"rows_in\": {}, \"rows_out\": {}, \"rows_dropped\": {}, \"rows_quarantined\": {}, "
      "\"rows_requeued\": {}, \"messages\": {},\n"
      " \"intake\": {},\n"
      " \"stages\": {},\n \"reject_reasons\": {},\n \"unknown_keys\": {}, \"unknown_key_names\": {},\n "
      "\"ranks\": {}}}\n",
      json_text(report.outcome), report.wall_s, report.start_s, report.end_s, report.rows_in_run,
      rate(report), totals.rows_in, totals.rows_out, dropped(totals), totals.rows_rejected,
      totals.rows_requeued, totals.messages, intake_json(report.intake), stages_json(report),
      counts_json(totals.reject_reasons), totals.unknown_keys, counts_json(totals.unknown_key_names),
      ranks_json(report));
}

}  // namespace millrace
