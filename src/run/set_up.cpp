// SPDX-License-Identifier: Apache-2.0
#include "run/set_up.hpp"

#include <sys/resource.h>

#include <stdexcept>

namespace millrace {
namespace {

void put(ByteWriter& out, const std::vector<std::string>& texts) {
  out.value(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) out.text(text);
}

std::vector<std::string> get_texts(ByteReader& in) {
  std::vector<std::string> texts(in.value<std::uint32_t>());
  for (auto& text : texts) text = in.text();
  return texts;
}

void put(ByteWriter& out, const Schema& schema) {
  out.value(static_cast<std::uint32_t>(schema.columns.size()));
  for (const auto& column : schema.columns) {
    out.text(column.name);
    out.value(column.type);
    out.text(column.unit);
    out.value(column.role);
    out.value(column.encoding);
    out.value(column.width);
  }
}

Schema get_schema(ByteReader& in) {
  Schema schema;
  schema.columns.resize(in.value<std::uint32_t>());
  for (auto& column : schema.columns) {
    column.name = in.text();
    column.type = in.value<Type>();
    column.unit = in.text();
    column.role = in.value<Role>();
    column.encoding = in.value<TextEncoding>();
    column.width = in.value<std::uint32_t>();
  }
  return schema;
}

struct PutOption {
  ByteWriter& out;
  void operator()(std::monostate) const {}
  void operator()(bool value) const { out.value(value); }
  void operator()(std::int64_t value) const { out.value(value); }
  void operator()(double value) const { out.value(value); }
  void operator()(const std::string& value) const { out.text(value); }
  void operator()(const std::vector<std::string>& value) const { put(out, value); }
  void operator()(const std::vector<double>& value) const {
    out.value(static_cast<std::uint32_t>(value.size()));
    for (const auto number : value) out.value(number);
  }
};

OptionValue get_option(ByteReader& in) {
  switch (in.value<std::uint8_t>()) {
    case 0:
      return std::monostate{};
    case 1:
      return in.value<bool>();
    case 2:
      return in.value<std::int64_t>();
    case 3:
      return in.value<double>();
    case 4:
      return std::string(in.text());
    case 5:
      return get_texts(in);
    case 6: {
      std::vector<double> numbers(in.value<std::uint32_t>());
      for (auto& number : numbers) number = in.value<double>();
      return numbers;
    }
  }
  throw std::out_of_range("damaged set-up: unknown kind of option");
}

void put(ByteWriter& out, const ChainStep& step) {
  out.text(step.task);
  out.value(static_cast<std::uint32_t>(step.options.values().size()));
  for (const auto& [name, value] : step.options.values()) {
    out.text(name);
    out.value(static_cast<std::uint8_t>(value.index()));
    std::visit(PutOption{out}, value);
  }
}

ChainStep get_step(ByteReader& in) {
  ChainStep step{std::string(in.text()), {}};
  std::map<std::string, OptionValue> values;
  for (auto count = in.value<std::uint32_t>(); count > 0; --count) {
    std::string name(in.text());
    values[std::move(name)] = get_option(in);
  }
  step.options = Options({}, std::move(values));
  return step;
}

void put(ByteWriter& out, const InputPart& part) {
  out.text(part.name);
  out.value(part.stamp);
}

InputPart get_part(ByteReader& in) {
  InputPart part;
  part.name = in.text();
  part.stamp = in.value<FileStamp>();
  return part;
}

// Ranks that are one process are lost together.
double heartbeat_timeout_s(const Transport& transport, const Project& project) {
  return transport.is_one_process() ? 0 : project.heartbeat_timeout_s;
}

// The files that messages may have extents of.
std::vector<InputPart> parts_for_workers(const PreparedRun& prepared) {
  if (prepared.live != nullptr || prepared.requeue != nullptr) return {};
  return prepared.source->parts();
}

}  // namespace

SetUp set_up_of(const PreparedRun& prepared, const Transport& transport) {
  const auto& sink = prepared.project.sink.options;
  return {prepared.input,
          prepared.source->decode_options(),
          prepared.steps,
          static_cast<std::int32_t>(prepared.project.threads_per_worker),
          sink.has("keep_fits") && sink.boolean("keep_fits"),
          prepared.live != nullptr ? transport.host() : "",
          heartbeat_timeout_s(transport, prepared.project),
          parts_for_workers(prepared)};
}

Bytes encode(const SetUp& set_up) {
  Bytes bytes;
  ByteWriter out(bytes);
  put(out, set_up.input);
  out.value(set_up.decode.format);
  put(out, set_up.decode.csv_columns);
  out.value(set_up.decode.csv_delimiter);
  out.value(set_up.decode.non_finite_is_missing);
  out.value(static_cast<std::uint64_t>(set_up.decode.max_row_bytes));
  put(out, set_up.decode.csv_missing);
  out.value(static_cast<std::uint32_t>(set_up.chain.size()));
  for (const auto& step : set_up.chain) put(out, step);
  out.value(set_up.threads);
  out.value(set_up.keep_fits);
  out.text(set_up.intake_host);
  out.value(set_up.heartbeat_timeout_s);
  out.value(static_cast<std::uint64_t>(set_up.parts.size()));
  for (const auto& part : set_up.parts) put(out, part);
  return bytes;
}

SetUp decode_set_up(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  SetUp set_up;
  set_up.input = get_schema(in);
  set_up.decode.format = in.value<RowFormat>();
  set_up.decode.csv_columns = get_texts(in);
  set_up.decode.csv_delimiter = in.value<char>();
  set_up.decode.non_finite_is_missing = in.value<bool>();
  set_up.decode.max_row_bytes = in.value<std::uint64_t>();
  set_up.decode.csv_missing = get_texts(in);
  for (auto count = in.value<std::uint32_t>(); count > 0; --count) set_up.chain.push_back(get_step(in));
  set_up.threads = in.value<std::int32_t>();
  set_up.keep_fits = in.value<bool>();
  set_up.intake_host = in.text();
  set_up.heartbeat_timeout_s = in.value<double>();
  for (auto count = in.value<std::uint64_t>(); count > 0; --count) set_up.parts.push_back(get_part(in));
  return set_up;
}

Bytes encode(const WorkerReport& report) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.value(report.rank);
  out.text(report.host);
  out.value(report.messages);
  out.value(report.busy_s);
  out.value(report.peak_bytes);
  return bytes;
}

WorkerReport decode_worker_report(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  WorkerReport report;
  report.rank = in.value<std::int32_t>();
  report.host = in.text();
  report.messages = in.value<std::uint64_t>();
  report.busy_s = in.value<double>();
  report.peak_bytes = in.value<std::uint64_t>();
  return report;
}

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace millrace
