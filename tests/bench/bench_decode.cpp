// SPDX-License-Identifier: Apache-2.0
// How fast rows are framed and decoded, against simdjson On-Demand that looks the keys up in schema order and
// fills the same columns. One line a case: nanoseconds a row, and how many times the yardstick that is.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "codec/sample_rows.hpp"
#include "millrace/base/clock.hpp"
#include "millrace/codec/row_framer.hpp"
#include "row_parser.hpp"

using namespace millrace;

namespace {

constexpr std::size_t all_rows = 20'000;

struct Case {
  std::vector<Bytes> blocks;
  std::vector<MessageView> messages;
};

Case case_of(const std::vector<std::string>& rows, std::size_t rows_a_message) {
  Case result;
  for (std::size_t begin = 0; begin < rows.size(); begin += rows_a_message) {
    const auto end = std::min(rows.size(), begin + rows_a_message);
    result.blocks.push_back(message_of({rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                        rows.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  for (const auto& block : result.blocks) result.messages.emplace_back(block);
  return result;
}

// The best of several passes, in nanoseconds a row.
template <class Work>
double ns_a_row(Work work) {
  double best = 1e18;
  for (int pass = 0; pass < 15; ++pass) {
    const auto start = system_clock().now_s();
    work();
    best = std::min(best, (system_clock().now_s() - start) * 1e9 / all_rows);
  }
  return best;
}

class OnDemandDecoder {
 public:
  explicit OnDemandDecoder(Schema schema) : schema_(std::move(schema)), codes_(schema_.columns.size()) {}

  void decode(const MessageView& message, Frame& frame) {
    if (frame.columns.empty()) frame = Frame(schema_);
    for (auto& column : frame.columns) column.resize(message.rows());
    for (auto& codes : codes_) codes.clear();
    const auto* readable_end = message.bytes().data() + message.bytes().size();
    for (std::size_t row = 0; row < message.rows(); ++row) {
      auto bytes = message.row(row);
      if (bytes.data() + bytes.size() + simdjson::SIMDJSON_PADDING > readable_end) {
        padded_.assign(bytes);
        padded_.resize(bytes.size() + simdjson::SIMDJSON_PADDING);
        bytes = std::string_view(padded_).substr(0, bytes.size());
      }
      decode_row(bytes, row, frame);
    }
  }

 private:
  void decode_row(std::string_view bytes, std::size_t row, Frame& frame) {
    auto document = parser_.iterate(bytes.data(), bytes.size(), bytes.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::object object = document.get_object();
    for (std::size_t index = 0; index < schema_.columns.size(); ++index) {
      auto& column = frame.columns[index];
      auto value = object.find_field_unordered(schema_.columns[index].name);
      if (column.info.type == Type::float64) {
        if (value.get_double().get(column.f64[row])) column.f64[row] = 0;
      } else if (column.info.type == Type::time) {
        if (value.get_int64().get(column.i64[row])) column.i64[row] = 0;
      } else {
        std::string_view text;
        column.codes[row] = value.get_string().get(text) ? 0 : code(index, text);
      }
    }
  }

  std::int32_t code(std::size_t column, std::string_view text) {
    return codes_[column]
        .try_emplace(std::string(text), static_cast<std::int32_t>(codes_[column].size()) + 1)
        .first->second;
  }

  Schema schema_;
  simdjson::ondemand::parser parser_;
  std::vector<std::unordered_map<std::string, std::int32_t>> codes_;
  std::string padded_;
};

double time_decoder(const std::vector<std::string>& rows, std::size_t rows_a_message, int threads,
                    const DecodeOptions& options = {}, JsonPaths paths = JsonPaths::fast_and_general) {
  const auto sample = case_of(rows, rows_a_message);
  const auto decoder = make_row_decoder(sample_schema(), options, paths);
  Frame frame;
  std::size_t rejects = 0;
  const auto time = ns_a_row([&] {
    for (const auto& message : sample.messages)
      rejects += decoder->decode(message, threads, frame).rejects.size();
  });
  if (rejects > 0) std::printf("%zu rejects!\n", rejects);
  return time;
}

double time_on_demand(const std::vector<std::string>& rows, std::size_t rows_a_message) {
  const auto sample = case_of(rows, rows_a_message);
  OnDemandDecoder decoder(sample_schema());
  Frame frame;
  return ns_a_row([&] {
    for (const auto& message : sample.messages) decoder.decode(message, frame);
  });
}

void time_framer(const std::vector<std::string>& rows, RowFormat format) {
  std::string text;
  for (const auto& row : rows) text += row + "\n";
  std::vector<FramedRow> framed;
  const auto time = ns_a_row([&] {
    framed.clear();
    make_row_framer(format, 1u << 24, true)->frame(text, true, rows.size(), framed);
  });
  std::printf("frame %-6s %34.1f ns/row %6.2f GB/s\n", format == RowFormat::csv ? "csv" : "jsonl", time,
              static_cast<double>(text.size()) / time / all_rows);
}

void print(const char* name, std::size_t rows_a_message, double time, double yardstick) {
  std::printf("%-28s %6zu rows %8.1f ns/row %6.2f Mrow/s %5.2f times On-Demand\n", name, rows_a_message, time,
              1e3 / time, yardstick / time);
}

}  // namespace

int main() {
  const auto rows = sample_rows(all_rows, 1);
  SampleOptions blanks;
  blanks.colon = ": ";
  blanks.comma = ", ";
  const auto spaced = sample_rows(all_rows, 1, blanks);
  SampleOptions varying;
  varying.shortest = true;
  const auto shortest = sample_rows(all_rows, 1, varying);
  auto shuffled = rows;
  for (std::size_t row = 0; row < shuffled.size(); row += 2) {  // every second row ends with its first key
    auto& text = shuffled[row];
    const auto comma = text.find(',');
    const auto first = text.substr(1, comma - 1);
    text.erase(1, comma).insert(text.size() - 1, "," + first);
  }
  SampleOptions csv;
  csv.format = RowFormat::csv;
  const auto csv_rows = sample_rows(all_rows, 1, csv);
  DecodeOptions csv_options;
  csv_options.format = RowFormat::csv;
  csv_options.csv_columns = sample_schema().names();

  time_framer(rows, RowFormat::jsonl);
  time_framer(csv_rows, RowFormat::csv);
  for (const std::size_t size : {1u, 100u, 1'000u, 10'000u}) {
    const auto yardstick = time_on_demand(rows, size);
    print("On-Demand", size, yardstick, yardstick);
    print("decode", size, time_decoder(rows, size, 1), yardstick);
    if (size >= 1'000) print("decode, 2 threads", size, time_decoder(rows, size, 2), yardstick);
    if (size != 1'000) continue;
    print("decode, blanks", size, time_decoder(spaced, size, 1), yardstick);
    print("decode, lengths vary", size, time_decoder(shortest, size, 1), yardstick);
    print("decode, half in other order", size, time_decoder(shuffled, size, 1), yardstick);
    print("decode, general way only", size, time_decoder(rows, size, 1, {}, JsonPaths::general_only),
          yardstick);
    print("decode csv", size, time_decoder(csv_rows, size, 1, csv_options), yardstick);
  }
}
