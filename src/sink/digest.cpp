// SPDX-License-Identifier: Apache-2.0
#include "sink/digest.hpp"

#include <array>
#include <bit>
#include <cmath>

#include "sink/table_layout.hpp"

namespace millrace {
namespace {

constexpr std::uint64_t missing_number = 0x7ff8000000000000;  // the quiet NaN, whatever its bits were
constexpr std::uint32_t missing_text = 0xffffffff;            // in place of a length
constexpr std::array boundaries{Provenance::sequence, Provenance::rows_in, Provenance::rows_out,
                                Provenance::rows_rejected, Provenance::first_row};

void put_numbers(const Column& column, Bytes& out) {
  ByteWriter writer(out);
  for (const auto number : column.f64)
    writer.value(std::isnan(number) ? missing_number : std::bit_cast<std::uint64_t>(number));
}

template <class T>
void put_values(const Column& column, const RawVector<T>& values, Bytes& out) {
  ByteWriter writer(out);
  for (std::size_t row = 0; row < values.size(); ++row)
    writer.value(column.is_missing(row) ? T{0} : values[row]);
  for (std::size_t row = 0; row < values.size(); ++row)
    writer.value(static_cast<std::uint8_t>(column.is_missing(row) ? 0 : 1));
}

void put_texts(const Column& column, std::size_t rows, Bytes& out) {
  ByteWriter writer(out);
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.is_missing(row))
      writer.value(missing_text);
    else
      writer.text(column.text(row));
  }
}

}  // namespace

ResultDigest::ResultDigest(const Schema& stored) {
  ByteWriter writer(buffer_);
  writer.text("millrace digest 1");
  writer.value(static_cast<std::uint32_t>(stored.columns.size()));
  for (const auto& info : stored.columns) {
    writer.text(info.name);
    writer.text(name_of(info.type));
    writer.text(info.unit);
    writer.text(info.role == Role::key ? "key" : "value");
  }
  hash_.add(buffer_);
}

void ResultDigest::add_rows(const Frame& frame) {
  for (const auto& column : frame.columns) {
    buffer_.clear();
    add_column(column, frame.rows());
    hash_.add(buffer_);
  }
}

void ResultDigest::add_column(const Column& column, std::size_t rows) {
  switch (column.info.type) {
    case Type::float64:
      return put_numbers(column, buffer_);
    case Type::int64:
    case Type::time:
      return put_values(column, column.i64, buffer_);
    case Type::boolean:
      return put_values(column, column.u8, buffer_);
    case Type::text:
      return put_texts(column, rows, buffer_);
  }
}

void ResultDigest::add_messages(const Frame& messages) {
  buffer_.clear();
  ByteWriter writer(buffer_);
  for (std::size_t message = 0; message < messages.rows(); ++message)
    for (const auto column : boundaries)
      writer.value(messages.columns[static_cast<std::size_t>(column)].i64[message]);
  hash_.add(buffer_);
}

}  // namespace millrace
