// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/result_codec.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "millrace/base/parallel_blocks.hpp"

// The form: a head (sequence, counts, stages, rejects, unknown keys, fits), then the row indices, then for
// every column its arrays, each a count and the values at a multiple of 8 bytes. Labels travel as their
// lengths and one run of characters.

namespace millrace {
namespace {

[[noreturn]] void refuse() {
  throw std::out_of_range("damaged result");
}

struct Copy {
  std::byte* to;
  const void* from;
  std::size_t bytes;
};

// Like ByteWriter, into memory that was made for all of it at once: with few rows a column, growing the
// buffer by each array took longer than the arrays (6 % of a run at 1 row a message). The copying of arrays
// is put off, so that threads can share it: where there are threads, and enough to copy.
class Layout {
 public:
  // Beyond its values an array takes its count and what aligns them.
  static constexpr std::size_t array_overhead = sizeof(std::uint64_t) + 7;

  Layout(std::byte* at, std::size_t bytes, int threads)
      : at_(at), threads_(bytes < worth_threads ? 1 : threads) {}

  template <class T>
  void array(std::span<const T> values) {
    auto* const place = begin_array(values.size(), values.size_bytes());
    if (values.empty()) return;
    if (threads_ == 1)
      std::memcpy(place, values.data(), values.size_bytes());
    else
      copies_.push_back({place, values.data(), values.size_bytes()});
  }
  template <class T>
  void array(const RawVector<T>& values) {
    array(std::span<const T>(values));
  }
  // Where its values go.
  std::byte* begin_array(std::uint64_t count, std::size_t bytes) {
    std::memcpy(at_, &count, sizeof count);
    at_ += sizeof count;
    while (reinterpret_cast<std::uintptr_t>(at_) % 8 != 0) *at_++ = std::byte{0};
    return std::exchange(at_, at_ + bytes);
  }
  const std::byte* end() const { return at_; }

  void copy() const {
    parallel_blocks(copies_.size(), threads_, [&](std::size_t index) {
      const auto& copy = copies_[index];
      std::memcpy(copy.to, copy.from, copy.bytes);
    });
  }

 private:
  static constexpr std::size_t worth_threads = 1u << 20;

  std::byte* at_;
  int threads_;
  std::vector<Copy> copies_;
};

std::size_t characters_of(const std::vector<std::string>& labels) {
  std::size_t characters = 0;
  for (const auto& label : labels) characters += label.size();
  return characters;
}

void put_labels(const std::vector<std::string>& labels, Layout& layout) {
  auto* lengths = layout.begin_array(labels.size(), labels.size() * sizeof(std::uint32_t));
  for (const auto& label : labels) {
    const auto length = static_cast<std::uint32_t>(label.size());
    std::memcpy(lengths, &length, sizeof length);
    lengths += sizeof length;
  }
  const auto characters = characters_of(labels);
  auto* place = layout.begin_array(characters, characters);
  for (const auto& label : labels) {
    std::memcpy(place, label.data(), label.size());
    place += label.size();
  }
}

void get_labels(ByteReader& reader, std::vector<std::string>& labels) {
  const auto lengths = reader.array<std::uint32_t>();
  const auto all = reader.array<char>();
  labels.resize(lengths.size());
  std::size_t at = 0;
  for (std::size_t label = 0; label < labels.size(); ++label) {
    if (lengths[label] > all.size() - at) refuse();
    labels[label].assign(all.data() + at, lengths[label]);
    at += lengths[label];
  }
}

void put_column(const Column& column, Layout& layout) {
  switch (column.info.type) {
    case Type::float64:
      layout.array(column.f64);
      return;
    case Type::int64:
    case Type::time:
      layout.array(column.i64);
      break;
    case Type::boolean:
      layout.array(column.u8);
      break;
    case Type::text:
      if (column.info.encoding == TextEncoding::codes) {
        layout.array(column.codes);
        return put_labels(column.labels, layout);
      }
      layout.array(column.fixed);
      break;
  }
  layout.array(column.valid);
}

template <class T>
void get_array(ByteReader& reader, RawVector<T>& values, std::size_t size) {
  const auto array = reader.array<T>();
  if (array.size() != size) refuse();
  values.assign(array.begin(), array.end());
}

void get_codes(ByteReader& reader, Column& column, std::size_t rows) {
  get_array(reader, column.codes, rows);
  get_labels(reader, column.labels);
  const auto labels = static_cast<std::int64_t>(column.labels.size());
  if (labels == 0) refuse();
  for (const auto code : column.codes)
    if (code < 0 || code >= labels) refuse();
}

void get_valid(ByteReader& reader, RawVector<std::uint8_t>& valid, std::size_t rows) {
  const auto array = reader.array<std::uint8_t>();
  if (!array.empty() && array.size() != rows) refuse();
  valid.assign(array.begin(), array.end());
}

void get_column(ByteReader& reader, Column& column, std::size_t rows) {
  switch (column.info.type) {
    case Type::float64:
      return get_array(reader, column.f64, rows);
    case Type::int64:
    case Type::time:
      get_array(reader, column.i64, rows);
      break;
    case Type::boolean:
      get_array(reader, column.u8, rows);
      break;
    case Type::text:
      if (column.info.encoding == TextEncoding::codes) return get_codes(reader, column, rows);
      get_array(reader, column.fixed, rows * column.info.width);
      break;
  }
  get_valid(reader, column.valid, rows);
}

void put_head(const Result& result, ByteWriter& head) {
  head.value(result.sequence);
  head.value(result.service_s);
  head.value(result.rows_in);
  head.value(result.unknown_keys);
  head.value(result.worker);
  head.value(static_cast<std::uint32_t>(result.stages.size()));
  for (const auto& stage : result.stages) {
    head.value(stage.seconds);
    head.value(stage.rows_dropped);
  }
  head.value(static_cast<std::uint32_t>(result.rejects.size()));
  for (const auto& reject : result.rejects) {
    head.value(reject.row);
    head.text(reject.reason);
    head.text(reject.bytes);
  }
  head.value(static_cast<std::uint32_t>(result.new_unknown_keys.size()));
  for (const auto& key : result.new_unknown_keys) head.text(key);
  head.value(static_cast<std::uint32_t>(result.fits.size()));
  for (const auto& fit : result.fits) {
    head.text(fit.name);
    head.array(std::span<const double>(fit.values));
  }
}

// A count of items that take at least `least` bytes each.
std::uint32_t get_count(ByteReader& reader, std::size_t least) {
  const auto count = reader.value<std::uint32_t>();
  if (count > reader.left() / least) refuse();
  return count;
}

ResultHead get_result_head(ByteReader& reader) {
  const auto sequence = reader.value<std::uint64_t>();
  return {sequence, reader.value<double>()};
}

void get_head(ByteReader& reader, Result& result) {
  const auto head = get_result_head(reader);
  result.sequence = head.sequence;
  result.service_s = head.service_s;
  result.rows_in = reader.value<std::uint64_t>();
  result.unknown_keys = reader.value<std::uint64_t>();
  result.worker = reader.value<std::int32_t>();
  result.stages.resize(get_count(reader, 16));
  for (auto& stage : result.stages) {
    stage.seconds = reader.value<double>();
    stage.rows_dropped = reader.value<std::uint64_t>();
  }
  result.rejects.resize(get_count(reader, 12));
  for (auto& reject : result.rejects) {
    reject.row = reader.value<std::uint32_t>();
    reject.reason = reader.text();
    reject.bytes = reader.text();
  }
  result.new_unknown_keys.resize(get_count(reader, 4));
  for (auto& key : result.new_unknown_keys) key = reader.text();
  result.fits.resize(get_count(reader, 12));
  for (auto& fit : result.fits) {
    fit.name = reader.text();
    const auto values = reader.array<double>();
    fit.values.assign(values.begin(), values.end());
  }
}

// At least what put_column() takes.
std::size_t most_bytes(const Column& column) {
  const auto values = column.f64.size() * 8 + column.i64.size() * 8 + column.codes.size() * 4 +
                      column.u8.size() + column.fixed.size() + column.valid.size();
  const auto labels = column.labels.size() * sizeof(std::uint32_t) + characters_of(column.labels);
  return values + labels + 3 * Layout::array_overhead;
}

std::size_t most_bytes(const Frame& frame) {
  auto bytes = frame.rows() * sizeof(std::uint32_t) + Layout::array_overhead;
  for (const auto& column : frame.columns) bytes += most_bytes(column);
  return bytes;
}

}  // namespace

void encode_result(const Result& result, int threads, Bytes& out) {
  out.resize((out.size() + 7) / 8 * 8, std::byte{0});
  ByteWriter head(out);
  put_head(result, head);
  const auto begin = out.size();
  const auto bytes = most_bytes(result.frame);
  if (begin + bytes > out.capacity()) out.reserve(std::max(begin + bytes, 2 * out.capacity()));
  out.resize(begin + bytes);
  Layout layout(out.data() + begin, bytes, threads);
  layout.array(std::span<const std::uint32_t>(result.frame.row_index));
  for (const auto& column : result.frame.columns) put_column(column, layout);
  layout.copy();
  out.resize(static_cast<std::size_t>(layout.end() - out.data()));
}

ResultHead decode_head(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  return get_result_head(reader);
}

std::span<const std::byte> decode_next_result(std::span<const std::byte> bytes, const Schema& schema,
                                              Result& result) {
  ByteReader reader(bytes);
  get_head(reader, result);
  auto& columns = result.frame.columns;
  if (columns.size() < schema.columns.size()) result.frame = Frame(schema);
  columns.resize(schema.columns.size());
  const auto rows = reader.array<std::uint32_t>();
  result.frame.row_index.assign(rows.begin(), rows.end());
  for (auto& column : columns) get_column(reader, column, rows.size());
  reader.take(std::min(reader.left(), (8 - (bytes.size() - reader.left()) % 8) % 8));
  return bytes.last(reader.left());
}

Result decode_result(std::span<const std::byte> bytes, const Schema& schema) {
  Result result;
  if (!decode_next_result(bytes, schema, result).empty()) refuse();
  return result;
}

}  // namespace millrace
