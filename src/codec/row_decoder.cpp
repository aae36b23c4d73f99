// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/row_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "block_columns.hpp"
#include "millrace/base/parallel_blocks.hpp"
#include "row_parser.hpp"

// A message is decoded in blocks of rows, each into its own part of the columns and with its own
// dictionaries. Then the dictionaries are merged in the order of the blocks, and the gaps that refused rows
// left are closed. So labels are in order of first appearance by row, and the frame is the same for any
// number of blocks.

namespace millrace {
namespace {

constexpr std::string_view limit_begin = "decode: expected at most ",
                           limit_end = " bytes (max_row_bytes), found more";

// A thread needs this many rows to be worth its start; and blocks of more than this many are cut, so that
// threads of unequal speed end together. Few large blocks are better than many small ones, since each has its
// own dictionaries.
constexpr std::size_t least_rows = 128, most_rows = 4'096;
constexpr std::size_t most_rounds = 16;

std::size_t block_count(std::size_t rows, int threads) {
  if (threads <= 1 || rows < 2 * least_rows) return 1;
  const auto busy = std::min(static_cast<std::size_t>(threads), rows / least_rows);
  const auto rounds = (rows + busy * most_rows - 1) / (busy * most_rows);
  return busy * std::min(rounds, most_rounds);
}

// The message comes from another process and lies in no cache of this core, whose own prefetching stops at
// every page.
constexpr std::size_t rows_ahead = 2, line_bytes = 64, most_prefetched_bytes = 4096;

void prefetch(std::string_view bytes) {
  bytes = bytes.substr(0, most_prefetched_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += line_bytes) __builtin_prefetch(bytes.data() + at);
}

// Decodes blocks one after the other; what the parser has learned stays.
class RowBlock {
 public:
  RowBlock(const Schema& schema, const DecodeOptions& options, JsonPaths paths)
      : columns_(schema, options.non_finite_is_missing),
        parser_(options.format == RowFormat::csv ? make_csv_row_parser(schema, options)
                                                 : make_json_row_parser(schema, options, paths)),
        max_row_bytes_(options.max_row_bytes) {}

  void decode(const MessageView& message, RowRange range, Frame& frame) {
    first_ = range.begin;
    good_ = 0;
    rejects_.clear();
    parser_->unknown.clear();
    columns_.attach(frame, range.begin);
    const auto* readable_end = message.bytes().data() + message.bytes().size();
    for (auto row = range.begin; row < range.end; ++row) {
      if (row + rows_ahead < range.end) prefetch(message.row(row + rows_ahead));
      const auto bytes = message.row(row);
      if (parse(bytes, readable_end))
        frame.row_index[first_ + good_++] = static_cast<std::uint32_t>(row);
      else
        rejects_.push_back({static_cast<std::uint32_t>(row), reason_, std::string(bytes)});
    }
  }

  std::size_t first() const { return first_; }
  std::size_t good() const { return good_; }
  BlockColumns& columns() { return columns_; }
  std::vector<Reject>& rejects() { return rejects_; }
  const UnknownKeys& unknown() const { return parser_->unknown; }

 private:
  bool parse(std::string_view bytes, const char* readable_end) {
    if (bytes.size() > max_row_bytes_) {
      reason_ = fmt::format("{}{}{}", limit_begin, max_row_bytes_, limit_end);
      return false;
    }
    if (static_cast<std::size_t>(readable_end - bytes.data()) < bytes.size() + row_padding)
      bytes = padded(bytes);
    return parser_->parse(bytes, columns_, good_, reason_);
  }

  std::string_view padded(std::string_view bytes) {
    padded_.resize(bytes.size() + row_padding);
    std::copy(bytes.begin(), bytes.end(), padded_.begin());
    std::fill(padded_.begin() + static_cast<std::ptrdiff_t>(bytes.size()), padded_.end(), '\0');
    return {padded_.data(), bytes.size()};
  }

  BlockColumns columns_;
  std::unique_ptr<RowParser> parser_;
  std::size_t max_row_bytes_;
  std::size_t first_ = 0, good_ = 0;
  std::vector<Reject> rejects_;
  std::string reason_;
  RawVector<char> padded_;
};

template <class T>
void move_rows(RawVector<T>& values, RowRange from, std::size_t to, std::size_t width = 1) {
  if (values.empty()) return;
  std::memmove(values.data() + to * width, values.data() + from.begin * width,
               (from.end - from.begin) * width * sizeof(T));
}

bool fits(const Frame& frame, const Schema& schema) {
  return std::equal(frame.columns.begin(), frame.columns.end(), schema.columns.begin(), schema.columns.end(),
                    [](const Column& column, const ColumnInfo& info) { return column.info == info; });
}

bool has_validity(const ColumnInfo& info) {
  return info.type != Type::float64 && (info.type != Type::text || info.encoding == TextEncoding::fixed);
}

class Decoder final : public RowDecoder {
 public:
  Decoder(Schema schema, DecodeOptions options, JsonPaths paths)
      : schema_(std::move(schema)), options_(std::move(options)), paths_(paths) {}

  DecodeOutcome decode(const MessageView& message, int threads, Frame& frame) const override {
    const auto rows = message.rows();
    const auto blocks = block_count(rows, threads);
    const auto size = (rows + blocks - 1) / blocks;
    auto block = take_blocks(blocks);
    prepare(frame, rows);
    parallel_blocks(blocks, threads, [&](std::size_t index) {
      const auto range = block_of_rows(index, size, rows);
      block[index]->decode(message, {std::min(range.begin, rows), range.end}, frame);
    });
    auto outcome = merge(block, blocks, frame);
    give_back(std::move(block));
    return outcome;
  }

 private:
  using Blocks = std::vector<std::unique_ptr<RowBlock>>;

  Blocks take_blocks(std::size_t count) const {
    Blocks blocks;
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        blocks = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    while (blocks.size() < count) blocks.push_back(std::make_unique<RowBlock>(schema_, options_, paths_));
    return blocks;
  }

  void give_back(Blocks blocks) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(blocks));
  }

  void prepare(Frame& frame, std::size_t rows) const {
    if (!fits(frame, schema_)) frame = Frame(schema_);
    frame.row_index.resize(rows);
    for (auto& column : frame.columns) {
      column.resize(rows);
      if (has_validity(column.info)) column.valid.resize(rows);
    }
  }

  static DecodeOutcome merge(const Blocks& blocks, std::size_t count, Frame& frame) {
    DecodeOutcome outcome;
    UnknownKeys unknown;
    std::size_t rows = 0;
    for (std::size_t index = 0; index < count; ++index) {
      auto& block = *blocks[index];
      close_gap(frame, {block.first(), block.first() + block.good()}, rows);
      if (index > 0) merge_labels(blocks[0]->columns(), block.columns(), frame, {rows, rows + block.good()});
      rows += block.good();
      unknown.add(block.unknown());
      std::move(block.rejects().begin(), block.rejects().end(), std::back_inserter(outcome.rejects));
    }
    finish(frame, rows, blocks[0]->columns());
    outcome.unknown_keys = unknown.count;
    outcome.new_unknown_keys = std::move(unknown.names);
    return outcome;
  }

  static void close_gap(Frame& frame, RowRange from, std::size_t to) {
    if (from.begin == to || from.begin == from.end) return;
    for (auto& column : frame.columns) {
      move_rows(column.f64, from, to);
      move_rows(column.i64, from, to);
      move_rows(column.u8, from, to);
      move_rows(column.codes, from, to);
      move_rows(column.fixed, from, to, column.info.width);
      move_rows(column.valid, from, to);
    }
    std::memmove(frame.row_index.data() + to, frame.row_index.data() + from.begin,
                 (from.end - from.begin) * sizeof(frame.row_index[0]));
  }

  static void merge_labels(BlockColumns& all, BlockColumns& block, Frame& frame, RowRange rows) {
    std::vector<std::int32_t> code_of;
    for (std::size_t column = 0; column < all.size(); ++column) {
      if (all[column].store != Store::codes) continue;
      const auto& labels = block.dictionary(column).labels();
      code_of.assign(1, 0);
      bool same = true;
      for (std::size_t code = 1; code < labels.size(); ++code) {
        code_of.push_back(all.dictionary(column).code(labels[code]));
        same = same && code_of[code] == static_cast<std::int32_t>(code);
      }
      if (same) continue;
      auto* codes = frame.columns[column].codes.data();
      for (auto row = rows.begin; row < rows.end; ++row)
        codes[row] = code_of[static_cast<std::size_t>(codes[row])];
    }
  }

  static void finish(Frame& frame, std::size_t rows, BlockColumns& columns) {
    const bool has_gaps = rows != frame.row_index.size();
    frame.row_index.resize(rows);
    for (std::size_t index = 0; index < frame.columns.size(); ++index) {
      auto& column = frame.columns[index];
      if (has_gaps) column.resize(rows);
      if (std::find(column.valid.begin(), column.valid.end(), 0) == column.valid.end()) column.valid.clear();
      if (columns[index].store == Store::codes) column.labels.swap(columns.dictionary(index).labels());
    }
  }

  Schema schema_;
  DecodeOptions options_;
  JsonPaths paths_;
  mutable std::mutex mutex_;
  mutable std::vector<Blocks> idle_;  // block decoders that no call uses now
};

}  // namespace

std::unique_ptr<RowDecoder> make_row_decoder(const Schema& schema, const DecodeOptions& options,
                                             JsonPaths paths) {
  return std::make_unique<Decoder>(schema, options, paths);
}

bool is_beyond_limit(std::string_view reason) {
  return reason.starts_with(limit_begin) && reason.ends_with(limit_end);
}

std::unique_ptr<RowDecoder> make_row_decoder(const Schema& schema, const DecodeOptions& options) {
  return make_row_decoder(schema, options, JsonPaths::fast_and_general);
}

}  // namespace millrace
