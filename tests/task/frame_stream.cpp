// SPDX-License-Identifier: Apache-2.0
#include "task/frame_stream.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>

#include "millrace/base/error.hpp"

namespace millrace::test {
namespace {

template <class T>
void read_values(ByteReader& in, RawVector<T>& values, std::size_t rows) {
  values.resize(rows);
  if (rows > 0) std::memcpy(values.data(), in.take(rows * sizeof(T)), rows * sizeof(T));
}

void read_text_values(ByteReader& in, Column& column, std::size_t rows) {
  std::map<std::string, std::int32_t> known;
  column.labels.emplace_back();
  for (std::size_t row = 0; row < rows; ++row) {
    const auto valid = in.value<std::uint8_t>();
    const std::string text(in.text());
    if (valid == 0) {
      column.codes.push_back(0);
      continue;
    }
    const auto [place, is_new] = known.emplace(text, static_cast<std::int32_t>(column.labels.size()));
    if (is_new) column.labels.push_back(text);
    column.codes.push_back(place->second);
  }
}

Column read_column(ByteReader& in, std::size_t rows) {
  ColumnInfo info;
  info.name = in.text();
  info.type = static_cast<Type>(in.value<std::uint8_t>());
  info.role = static_cast<Role>(in.value<std::uint8_t>());
  Column column(info);
  switch (info.type) {
    case Type::float64:
      read_values(in, column.f64, rows);
      return column;
    case Type::text:
      read_text_values(in, column, rows);
      return column;
    case Type::boolean:
      read_values(in, column.u8, rows);
      break;
    default:
      read_values(in, column.i64, rows);
  }
  read_values(in, column.valid, rows);
  if (std::count(column.valid.begin(), column.valid.end(), 1) == static_cast<std::ptrdiff_t>(rows))
    column.valid.clear();
  return column;
}

void write_values(const Column& column, std::size_t rows, ByteWriter& out) {
  if (column.info.type == Type::float64) return out.raw(column.f64.data(), rows * sizeof(double));
  if (column.info.type == Type::boolean) out.raw(column.u8.data(), rows);
  if (column.info.type == Type::int64 || column.info.type == Type::time)
    out.raw(column.i64.data(), rows * sizeof(std::int64_t));
  for (std::size_t row = 0; row < rows; ++row) {
    out.value(static_cast<std::uint8_t>(column.is_missing(row) ? 0 : 1));
    if (column.info.type == Type::text) out.text(column.text(row));
  }
}

template <class Value, class Convert>
std::vector<Value> split(const std::string& text, Convert convert) {
  std::vector<Value> values;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) values.push_back(convert(item));
  return values;
}

OptionValue parse_value(const OptionSpec& spec, const std::string& text) {
  const auto number = [](const std::string& item) { return std::stod(item); };
  switch (spec.kind) {
    case OptionKind::boolean:
      return text == "true";
    case OptionKind::integer:
      return static_cast<std::int64_t>(std::stoll(text));
    case OptionKind::number:
      return number(text);
    case OptionKind::text:
      return text;
    case OptionKind::texts:
      return split<std::string>(text, [](const std::string& item) { return item; });
    case OptionKind::numbers:
      return split<double>(text, number);
  }
  return {};
}

}  // namespace

Frame read_frame(ByteReader& in) {
  Frame frame;
  const auto rows = in.value<std::uint32_t>();
  const auto columns = in.value<std::uint32_t>();
  for (std::uint32_t column = 0; column < columns; ++column) frame.columns.push_back(read_column(in, rows));
  frame.row_index.resize(rows);
  std::iota(frame.row_index.begin(), frame.row_index.end(), 0u);
  return frame;
}

void write_frame(const Frame& frame, ByteWriter& out) {
  out.value(static_cast<std::uint32_t>(frame.rows()));
  out.value(static_cast<std::uint32_t>(frame.columns.size()));
  for (const auto& column : frame.columns) {
    out.text(column.info.name);
    out.value(column.info.type);
    out.value(column.info.role);
    write_values(column, frame.rows(), out);
  }
}

Options options_of(const std::string& task, std::map<std::string, OptionValue> given) {
  const auto* info = find_task(task);
  return info == nullptr ? Options() : Options(info->part.options, std::move(given));
}

std::vector<ChainStep> parse_chain(const std::string& text) {
  std::vector<ChainStep> steps;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string task, word;
    words >> task;
    std::map<std::string, OptionValue> given;
    const auto* info = find_task(task);
    while (info != nullptr && words >> word) {
      const auto key = word.substr(0, word.find('='));
      for (const auto& spec : info->part.options)
        if (spec.name == key) given[key] = parse_value(spec, word.substr(key.size() + 1));
      if (!given.contains(key)) throw Error(ExitCode::project_refused, task + " has no option " + key);
    }
    steps.push_back({task, options_of(task, std::move(given))});
  }
  return steps;
}

}  // namespace millrace::test
