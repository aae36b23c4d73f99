// SPDX-License-Identifier: Apache-2.0
#include "source/synthetic_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/instant.hpp"
#include "millrace/base/error.hpp"
#include "millrace/source/weather_station.hpp"

namespace millrace {
namespace {

class SyntheticSource : public Source {
 public:
  explicit SyntheticSource(const WeatherSettings& settings) : settings_(settings), station_(settings) {}

  DecodeOptions decode_options() const override { return {}; }

  std::vector<std::string> sample(std::size_t most) override {
    std::vector<std::string> rows;
    for (std::uint64_t row = 0; row < std::min<std::uint64_t>(most, settings_.rows); ++row) {
      auto& text = rows.emplace_back();
      station_.append_row(row, text);
      text.pop_back();
    }
    return rows;
  }

  void read(std::size_t most, std::vector<SourceRow>& rows) override {
    rows.clear();
    block_.clear();
    ends_.clear();
    const auto first = row_;
    while (ends_.size() < most && row_ < settings_.rows) {
      const auto before = block_.size();
      station_.append_row(row_++, block_);
      byte_ += block_.size() - before;
      ends_.push_back(block_.size());
      bytes_.push_back(byte_);
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const auto number = first + i + 1;
      rows.push_back({.bytes = std::string_view(block_).substr(begin, ends_[i] - 1 - begin),
                      .behind = {0, bytes_[i], number, number},
                      .part = 0,
                      .line = number});
      begin = ends_[i];
    }
    bytes_.clear();
  }

  bool finished() const override { return row_ >= settings_.rows; }
  void resume(const SourcePosition& position) override {
    row_ = position.row;
    byte_ = position.byte;
  }
  std::vector<InputPart> parts() const override {
    return {{fmt::format("synthetic rows, seed {}", settings_.seed), 0, ""}};
  }
  std::uint64_t total_bytes() const override { return 0; }

 private:
  WeatherSettings settings_;
  WeatherStation station_;
  std::uint64_t row_ = 0, byte_ = 0;
  std::string block_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint64_t> bytes_;
};

OptionSpec share(const char* name, double value, const char* help) {
  return {
      .name = name, .kind = OptionKind::number, .default_value = value, .help = help, .least = 0, .most = 1};
}

std::vector<OptionSpec> options() {
  return {
      {.name = "rows", .kind = OptionKind::integer, .help = "how many rows", .required = true, .least = 0},
      {.name = "seed",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1},
       .help = "another seed, other weather",
       .least = 0},
      {.name = "start",
       .kind = OptionKind::text,
       .default_value = std::string("2020-01-01T00:00:00Z"),
       .help = "time of the first row, ISO 8601"},
      {.name = "interval",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{60},
       .unit = "s",
       .help = "between two rows",
       .least = 1},
      share("missing", 0.004, "share of values that are null"),
      share("absent", 0.002, "share of values whose key is left out"),
      share("duplicates", 0.01, "share of rows that repeat the row before"),
      {.name = "columns",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{33},
       .help = "how many columns: 33 is the station, more adds sensors",
       .least = 1,
       .most = 100000}};
}

std::unique_ptr<Source> make(const Options& given) {
  WeatherSettings settings;
  settings.rows = static_cast<std::uint64_t>(given.integer("rows"));
  settings.seed = static_cast<std::uint64_t>(given.integer("seed"));
  if (parse_instant(given.text("start"), 1, settings.start_s) != InstantError::none)
    throw Error(ExitCode::project_refused,
                fmt::format("source.synthetic.start: expected an ISO 8601 time such as "
                            "2024-05-01, found \"{}\"",
                            given.text("start")));
  settings.interval_s = given.integer("interval");
  settings.missing = given.number("missing");
  settings.absent = given.number("absent");
  settings.duplicates = given.number("duplicates");
  settings.columns = static_cast<std::uint32_t>(given.integer("columns"));
  return std::make_unique<SyntheticSource>(settings);
}

}  // namespace

SourceInfo synthetic_source() {
  return {{"synthetic", "Rows of the generated weather station, as millrace generate writes them.", "",
           options()},
          make};
}

}  // namespace millrace
