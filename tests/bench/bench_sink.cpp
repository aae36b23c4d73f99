// SPDX-License-Identifier: Apache-2.0
// How fast the hdf5 sink is, in nanoseconds a row of one time, 26 numbers and 6 code columns, against write()
// and fsync of the same bytes, and against HDF5's own filters.
//   bench_sink FOLDER [ROWS] [ROWS A MESSAGE]
#include <fmt/format.h>
#include <hdf5.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>

#include "millrace/base/clock.hpp"
#include "millrace/base/files.hpp"
#include "millrace/sink/output.hpp"

using namespace millrace;

namespace {

constexpr std::size_t numbers = 26, texts = 6, row_bytes = 8 + 8 * numbers + 4 * texts, chunk_rows = 32768;

Schema weather_schema() {
  Schema schema{{{.name = "dateTime", .type = Type::time, .unit = "s"}}};
  for (std::size_t column = 0; column < numbers; ++column)
    schema.columns.push_back({.name = fmt::format("n{}", column)});
  for (std::size_t column = 0; column < texts; ++column)
    schema.columns.push_back({.name = fmt::format("t{}", column), .type = Type::text});
  return schema;
}

double weather_value(std::size_t column, std::size_t row, std::mt19937_64& random) {
  const auto slow = std::sin(static_cast<double>(row + 97 * column) / 300);
  if (column % 4 == 2) return random() % 10 == 0 ? static_cast<double>(random() % 50) / 10 : 0;
  return std::round((15 + 10 * slow + static_cast<double>(random() % 5) / 10) * 10) / 10;
}

Frame weather_frame(std::size_t first, std::size_t rows) {
  std::mt19937_64 random(first);
  Frame frame(weather_schema());
  for (std::size_t index = 0; index < frame.columns.size(); ++index) {
    auto& column = frame.columns[index];
    if (column.info.type == Type::text) column.labels = {"", "N", "E", "S", "W"};
    for (auto row = first; row < first + rows; ++row) {
      if (index == 0) column.i64.push_back(static_cast<std::int64_t>(1'700'000'000 + 60 * row));
      if (column.info.type == Type::float64) column.f64.push_back(weather_value(index, row, random));
      if (column.info.type == Type::text)
        column.codes.push_back(static_cast<std::int32_t>(1 + (row / 50 + index) % 4));
    }
  }
  for (std::size_t row = 0; row < rows; ++row) frame.row_index.push_back(static_cast<std::uint32_t>(row));
  return frame;
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = system_clock().now_s();
  work();
  return system_clock().now_s() - begin;
}

// Handing in a copy of the frame is not the sink's work, so it is timed and left out.
double sink_seconds(const std::string& path, const char* compression, std::size_t rows,
                    const std::vector<Frame>& frames) {
  OutputSettings settings;
  settings.sink = "hdf5";
  settings.overwrite = true;
  for (const auto& part : sink_catalog())
    if (part.name == "hdf5")
      settings.options = Options(part.options, {{"path", path}, {"compression", std::string(compression)}});
  OutputHeader header;
  header.result_schema = weather_schema();
  const auto output = Output::open(settings);
  output->begin(header, {});
  double copying = 0;
  const auto whole = seconds_of([&] {
    for (std::uint64_t sequence = 0; sequence * frames[0].rows() < rows; ++sequence) {
      const auto& frame = frames[sequence % frames.size()];
      SinkMessage message;
      copying += seconds_of([&] { message.result.frame = frame; });
      message.result.sequence = sequence;
      message.result.rows_in = frame.rows();
      output->write(std::move(message));
    }
    output->commit(true);
  });
  return whole - copying;
}

double write_seconds(const std::string& path, std::size_t rows) {
  const std::string block(chunk_rows * 8, 'x');
  return seconds_of([&] {
    auto file = File::open(path, File::Mode::write_new);
    for (std::size_t bytes = 0; bytes < rows * row_bytes; bytes += block.size()) file.write_all(block);
    file.sync();
  });
}

// The same columns through H5Dwrite with shuffle and deflate 1.
double filter_seconds(const std::string& path, const Frame& frame) {
  return seconds_of([&] {
    const auto file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (const auto& column : frame.columns) {
      const hsize_t rows = frame.rows(), chunk = std::min<hsize_t>(rows, chunk_rows);
      const auto space = H5Screate_simple(1, &rows, nullptr), properties = H5Pcreate(H5P_DATASET_CREATE);
      H5Pset_chunk(properties, 1, &chunk);
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 1);
      const auto type =
          column.f64.empty() ? (column.i64.empty() ? H5T_STD_I32LE : H5T_STD_I64LE) : H5T_IEEE_F64LE;
      const void* values = column.f64.data();
      if (!column.i64.empty()) values = column.i64.data();
      if (!column.codes.empty()) values = column.codes.data();
      const auto set =
          H5Dcreate2(file, column.info.name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
      H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
      H5Dclose(set);
      H5Pclose(properties);
      H5Sclose(space);
    }
    H5Fclose(file);
  });
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = count > 1 ? arguments[1] : ".";
  const auto rows = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1'000'000;
  const auto per_message = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1000;
  const auto chunk = weather_frame(0, chunk_rows);
  std::vector<Frame> frames;
  while (frames.size() * per_message < std::min<std::size_t>(chunk_rows, 1000 * per_message))
    frames.push_back(weather_frame(frames.size() * per_message, per_message));
  const auto nanoseconds = [](double seconds, std::size_t over) {
    return seconds * 1e9 / static_cast<double>(over);
  };
  const auto written = nanoseconds(write_seconds(folder + "/bench_sink.bytes", rows), rows);
  const auto plain = nanoseconds(sink_seconds(folder + "/bench_sink_none", "none", rows, frames), rows);
  const auto packed =
      nanoseconds(sink_seconds(folder + "/bench_sink_deflate", "deflate-1", rows, frames), rows);
  const auto filtered = nanoseconds(filter_seconds(folder + "/bench_sink.h5", chunk), chunk_rows);
  std::printf("write and fsync of the bytes   %7.0f ns a row\n", written);
  std::printf("sink, uncompressed             %7.0f ns a row, %.2f times it (target: at most 2.2)\n", plain,
              plain / written);
  std::printf("HDF5's shuffle and deflate 1   %7.0f ns a row\n", filtered);
  std::printf("sink, deflate-1                %7.0f ns a row, %.1f times as fast (target: at least 3)\n",
              packed, filtered / packed);
}
