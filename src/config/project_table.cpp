// SPDX-License-Identifier: Apache-2.0
#include "config/project_table.hpp"

#include <algorithm>
#include <charconv>

namespace millrace {
namespace {

using Texts = std::vector<std::string>;

template <class Range, class Value>
bool holds(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 9 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

OptionSpec heartbeat_timeout() {
  return {.name = "heartbeat_timeout_s",
          .kind = OptionKind::number,
          .default_value = 30.0,
          .unit = "s",
          .help =
              "a rank that is not heard of for so long is lost and ends the run with code 6; it may "
              "compute longer. 0: never, else at least 1",
          .least = 0,
          .most = 1e6};
}

std::vector<OptionSpec> make_project_table() {
  return {
      {.name = "$schema", .help = "for editors: where `millrace schema` was written to; not read"},
      {.name = "description", .default_value = std::string(), .help = "what this project is"},
      {.name = "infer_rows",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{10000},
       .unit = "rows",
       .help = "how many of the first rows the schema is inferred from",
       .least = 1,
       .most = 1e7},
      {.name = "buffering_factor",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1000},
       .unit = "rows",
       .help = "rows a message: a message is what a worker preprocesses at a time",
       .least = 1,
       .most = 1e9},
      {.name = "buffer_bytes",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{64 << 20},
       .unit = "bytes",
       .help = "a message is cut before it holds more than this",
       .least = 1,
       .most = 2147483647},
      {.name = "buffer_timeout_s",
       .kind = OptionKind::number,
       .default_value = 1.0,
       .unit = "s",
       .help = "a message is cut this long after its first row, on the clock of a paced replay; 0: never",
       .least = 0,
       .most = 1e9},
      {.name = "arrival_rate",
       .kind = OptionKind::number,
       .default_value = 0.0,
       .unit = "rows/s",
       .help = "paces a replay; 0: as fast as possible",
       .least = 0,
       .most = 1e9},
      {.name = "speed",
       .help =
           "paces a replay by the rows' own time column: 1x is real time, 60x a minute a second, max as fast "
           "as possible"},
      {.name = "method",
       .default_value = std::string("multiprocessing"),
       .help = "single: one worker in this process; multiprocessing: workers on this host; task_queue: "
               "workers on any "
               "hosts",
       .choices = {"single", "multiprocessing", "task_queue"}},
      {.name = "granularity",
       .default_value = std::string("chain"),
       .help = "what the method task_queue dispatches: whole chains",
       .choices = {"chain"}},
      {.name = "worker_count",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{0},
       .help = "worker processes; 0: as many as there are ranks or cores",
       .least = 0,
       .most = 100000},
      {.name = "threads_per_worker",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1},
       .help = "OpenMP threads of each worker; each computes a message, or all share one where few wait",
       .least = 1,
       .most = 1024},
      heartbeat_timeout(),
      {.name = "max_rejects",
       .kind = OptionKind::number,
       .unit = "rows, or a share",
       .help = "the run ends with code 8 when more rows than this are refused: a number of rows, or a share "
               "of the "
               "rows if below 1; no limit if left out",
       .least = 0,
       .most = 1e15},
  };
}

std::vector<OptionSpec> make_column_table() {
  return {
      {.name = "name",
       .help = "the key in a JSON row (nested: wind.speed), or the name in a CSV header",
       .required = true},
      {.name = "type",
       .default_value = std::string("float64"),
       .help = "what its values are",
       .choices = {"float64", "int64", "bool", "text", "time"}},
      {.name = "unit",
       .default_value = std::string(),
       .help = "as CF writes it (degree_C, m s-1); of a time column s, ms, us or ns since 1970, default s"},
      {.name = "role",
       .default_value = std::string("value"),
       .help = "key: an identifier that tasks leave alone unless they are told its name",
       .choices = {"value", "key"}},
      {.name = "encoding",
       .default_value = std::string("codes"),
       .help = "of a text column: codes into a label table, or fixed-width texts",
       .choices = {"codes", "fixed"}},
      {.name = "width",
       .kind = OptionKind::integer,
       .unit = "bytes",
       .help = "of a text column with fixed encoding: the longest text",
       .least = 1,
       .most = 65535},
  };
}

}  // namespace

const std::vector<OptionSpec>& project_table() {
  static const auto table = make_project_table();
  return table;
}

const std::vector<OptionSpec>& column_table() {
  static const auto table = make_column_table();
  return table;
}

double speed_factor(std::string_view text) {
  if (text == "max") return 0;
  if (!text.ends_with('x')) return -1;
  text.remove_suffix(1);
  const auto point = text.find('.');
  if (!is_digits(text.substr(0, point))) return -1;
  if (point != text.npos && !is_digits(text.substr(point + 1))) return -1;
  double factor = 0;
  std::from_chars(text.data(), text.data() + text.size(), factor);
  return factor > 0 ? factor : -1;
}

const Texts& known_sources() {
  static const Texts names{"mqtt", "postgresql", "jsonl", "csv", "hdf5", "influxdb", "synthetic"};
  return names;
}

const Texts& known_sinks() {
  static const Texts names{"hdf5", "csv", "jsonl", "mqtt", "null"};
  return names;
}

const Texts& known_tasks() {
  static const Texts names{"abs",
                           "aggregated_sum",
                           "drop_duplicates",
                           "fillna_mean",
                           "fillna_median",
                           "fillna_zeros",
                           "handling_missing",
                           "max_abs_scaler",
                           "min_max_scaler",
                           "normalizer",
                           "quantile_transformer_normal",
                           "quantile_transformer_uniform",
                           "robust_scaler",
                           "standard_scaler"};
  return names;
}

bool is_known_field(std::string_view name) {
  static const Texts names{"status", "durability"};
  return holds(names, name);
}

bool is_known_value(std::string_view field, std::string_view text) {
  return (field == "granularity" && text == "task") || (field == "worker_count" && text == "auto");
}

}  // namespace millrace
