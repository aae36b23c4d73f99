// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/result_codec.hpp"

#include <algorithm>
#include <stdexcept>

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
  std::size_t place;
  const void* from;
  std::size_t bytes;
};

// Like ByteWriter, but puts the copying of arrays off, so that threads can share it: where there are threads,
// and enough to copy.
class Layout {
 public:
  Layout(Bytes& out, std::size_t bytes, int threads)
      : out_(out), threads_(bytes < worth_threads ? 1 : threads) {}

  template <class T>
  void array(std::span<const T> values) {
    const auto place = begin_array(values.size(), values.size_bytes());
    if (values.empty()) return;
    if (threads_ == 1)
      std::memcpy(out_.data() + place, values.data(), values.size_bytes());
    else
      copies_.push_back({place, values.data(), values.size_bytes()});
  }
  template <class T>
  void array(const RawVector<T>& values) {
    array(std::span<const T>(values));
  }
  // Where its values go.
  std::size_t begin_array(std::uint64_t count, std::size_t bytes) {
    const auto at = out_.size();
    const auto place = (at + sizeof count + 7) / 8 * 8;
    out_.resize(place + bytes);
    std::memcpy(out_.data() + at, &count, sizeof count);
    std::memset(out_.data() + at + sizeof count, 0, place - at - sizeof count);
    return place;
  }
  std::byte* at(std::size_t place) { return out_.data() + place; }

  void copy() const {
    parallel_blocks(copies_.size(), threads_, [&](std::size_t index) {
      const auto& copy = copies_[index];
      std::memcpy(out_.data() + copy.place, copy.from, copy.bytes);
    });
  }

 private:
  static constexpr std::size_t worth_threads = 1u << 20;

  Bytes& out_;
  int threads_;
  std::vector<Copy> copies_;
};

void put_labels(const std::vector<std::string>& labels, Layout& layout) {
  std::size_t characters = 0;
  const auto lengths = layout.begin_array(labels.size(), labels.size() * sizeof(std::uint32_t));
  for (std::size_t label = 0; label < labels.size(); ++label) {
    const auto length = static_cast<std::uint32_t>(labels[label].size());
    std::memcpy(layout.at(lengths) + label * sizeof length, &length, sizeof length);
    characters += length;
  }
  auto* place = layout.at(layout.begin_array(characters, characters));
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

std::size_t array_bytes(const Frame& frame) {
  auto bytes = frame.rows() * sizeof(std::uint32_t) + 64;
  for (const auto& column : frame.columns)
    bytes += column.f64.size() * 8 + column.i64.size() * 8 + column.codes.size() * 4 + column.u8.size() +
             column.fixed.size() + column.valid.size() + column.labels.size() * 16 + 64;
  return bytes;
}

}  // namespace

void encode_result(const Result& result, int threads, Bytes& out) {
  out.resize((out.size() + 7) / 8 * 8, std::byte{0});
  const auto bytes = array_bytes(result.frame);
  if (out.size() + bytes > out.capacity()) out.reserve(std::max(out.size() + bytes, 2 * out.capacity()));
  ByteWriter head(out);
  put_head(result, head);
  Layout layout(out, bytes, threads);
  layout.array(std::span<const std::uint32_t>(result.frame.row_index));
  for (const auto& column : result.frame.columns) put_column(column, layout);
  layout.copy();
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
