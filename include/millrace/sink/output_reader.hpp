// SPDX-License-Identifier: Apache-2.0
// Reading an output of the hdf5 sink: inspect, verify, digest. Needs no lock; sees what was last committed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "millrace/frame/frame.hpp"
#include "millrace/sink/output.hpp"

namespace millrace {

struct MessageProvenance {
  std::uint64_t sequence = 0, rows_in = 0, rows_out = 0, rows_rejected = 0, first_row = 0;
};

class OutputReader {
 public:
  // `path` as in the project file. Throws Error (failed) if there is no output, or its manifest cannot be
  // read.
  static std::unique_ptr<OutputReader> open(const std::string& path);
  virtual ~OutputReader() = default;

  virtual const OutputState& state() const = 0;
  virtual std::string sink() const = 0;  // hdf5, csv, jsonl, mqtt
  virtual std::string path() const = 0;  // as in the project file
  // One line for each thing that Output::begin_requeue() would refuse.
  virtual std::vector<std::string> requeue_differences(const OutputSettings& settings,
                                                       const RequeueHeader& header) const = 0;
  virtual std::uint64_t segments() const = 0;
  virtual std::uint64_t bytes() const = 0;
  // Rows [first, first + most) of the result; hdf5 only.
  virtual Frame rows(std::uint64_t first, std::uint64_t most) = 0;
  // One line for each thing that is wrong; empty: every segment is there with its size, hash, rows and
  // sequence range, the manifest's checksums hold, results.h5 shows just the committed rows, the quarantine
  // file has its committed length.
  virtual std::vector<std::string> verify() = 0;
  // SHA-256 over schema, rows in order (little-endian numbers, decoded text, validity) and message
  // boundaries; without times, layout or segment cuts. hdf5 only.
  virtual std::string digest() = 0;
};

}  // namespace millrace
