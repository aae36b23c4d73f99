// SPDX-License-Identifier: Apache-2.0
// The sink proper, beneath Output: where the result rows lie. Output owns the manifest and calls a sink in
// this order: recover, check, begin, then write any number of times, seal, (the entry is appended),
// committed, and so on. A sink that threw is not called again.
#pragma once

#include <cstdint>
#include <memory>

#include "millrace/base/files.hpp"
#include "millrace/sink/output.hpp"
#include "sink/manifest.hpp"

namespace millrace {

class Sink {
 public:
  virtual ~Sink() = default;
  // Makes the files what the manifest says: removes what was not committed. Throws Error (failed) if
  // committed bytes are missing.
  virtual void recover(Manifest& manifest) = 0;
  // Removes every file of this sink, and nothing else.
  virtual void remove_all() = 0;
  // Throws Error (project_refused) on a result that this sink cannot hold.
  virtual void check(const Schema& results, bool source_row) const = 0;
  virtual void begin(Manifest& manifest) = 0;
  // `first_row`: how many rows of the input came before the message; `first_result_row`: index of its first
  // result row.
  virtual void write(SinkMessage& message, std::uint64_t first_row, std::uint64_t first_result_row) = 0;
  // What was written since the last seal becomes durable; fills in the sink's part of `entry`.
  virtual void seal(CommitEntry& entry) = 0;
  // Once the entry is in the manifest: views and merges.
  virtual void committed() = 0;
  // Now and then, while nothing else is to do.
  virtual void tick() {}
  virtual std::uint64_t memory_bound() const = 0;
};

// Index in the input of row `row` of a message, before which `first_row` rows of the input came.
inline std::uint64_t input_row(const SinkMessage& message, std::uint64_t first_row, std::uint32_t row) {
  return message.input_rows.empty() ? first_row + row : message.input_rows.at(row);
}

// When Output commits by itself.
struct CommitPolicy {
  std::uint64_t rows = 0;
  double seconds = 0;
};

// The files of an output.
struct OutputPlaces {
  Path root;  // the hdf5 sink's folder; the file of csv and jsonl
  bool is_folder = false;
  Path manifest, lock, rejects, report;
};
OutputPlaces places_of(bool is_folder, const std::string& path);

struct SinkPart {
  PartInfo info;
  bool is_folder = false;
  std::unique_ptr<Sink> (*make)(const OutputSettings& settings, const OutputPlaces& places) = nullptr;
  CommitPolicy (*policy)(const Options& options) = nullptr;
  // Sink::memory_bound() of a new output. Throws as Sink::check() does.
  std::uint64_t (*memory_bound)(const Options& options, const Schema& results) = nullptr;
  // Throws Error (project_refused) on values that cannot be right together. Touches nothing.
  void (*check_options)(const Options& options) = nullptr;
};
// Throws Error (project_refused) on an unknown name.
const SinkPart& sink_part(const std::string& name);

std::unique_ptr<Sink> make_hdf5_sink(const OutputSettings& settings, const OutputPlaces& places);
std::unique_ptr<Sink> make_csv_sink(const OutputSettings& settings, const OutputPlaces& places);
std::unique_ptr<Sink> make_jsonl_sink(const OutputSettings& settings, const OutputPlaces& places);
std::unique_ptr<Sink> make_mqtt_sink(const OutputSettings& settings, const OutputPlaces& places);
std::vector<OptionSpec> mqtt_sink_options();
void check_mqtt_sink_options(const Options& options);
std::uint64_t hdf5_memory_bound(const Options& options, const Schema& results);
std::uint64_t text_memory_bound(const Options& options, const Schema& results);
std::uint64_t mqtt_memory_bound(const Options& options, const Schema& results);
std::unique_ptr<Output> make_null_output();

}  // namespace millrace
