// SPDX-License-Identifier: Apache-2.0
// Writer: the thread of rank 0 that decodes results and hands them to the output, so that writing overlaps
// receiving.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "millrace/base/bounded_queue.hpp"
#include "millrace/run/buffer.hpp"
#include "millrace/sink/output.hpp"

namespace millrace {

// The results of a bundle, with what rank 0 kept of it.
struct WriteJob {
  Bytes results;
  Bundle bundle;  // without its blocks
  std::size_t bytes() const { return results.size() + bundle.bytes(); }
};

struct WriterSettings {
  Schema result_schema;
  std::vector<std::string> part_names;  // for the places of rejects
  double max_rejects = -1;              // as in the project
  bool is_input = true;                 // false: of rows that are put back
  // Called on the writer's thread when more is committed; may be empty.
  std::function<void(const SourcePosition&)> committed;
};

class Writer {
 public:
  Writer(Output& output, WriterSettings settings);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  bool try_push(WriteJob& job);
  // Of the jobs that were pushed and are not written yet.
  std::size_t held_bytes() const { return held_bytes_; }
  // What is written is to be committed soon, before it is due.
  void ask_for_commit() { is_commit_asked_for_ = true; }
  bool failed() const { return failed_; }
  // Writes what was pushed and ends the thread; then throws what went wrong, once. The output is
  // the caller's again afterwards.
  void finish();
  std::uint64_t rows_in() const { return rows_in_; }

 private:
  void work();
  void write(WriteJob job);
  void write(CutMessage& message);
  void tick();
  void report_commit();
  void check_rejects(bool at_end) const;
  void warn_of_unknown_keys(const std::vector<std::string>& names);
  void warn_of_refusing_columns() const;

  Output& output_;
  WriterSettings settings_;
  std::set<std::string> unknown_keys_;  // those named in the log
  // A sync to disk takes as long as many messages do; Dispatch bounds the bytes of those that wait.
  BoundedQueue<WriteJob> jobs_{256};
  std::atomic<std::uint64_t> rows_in_ = 0;
  std::atomic<std::size_t> held_bytes_ = 0;
  std::atomic<bool> failed_ = false, is_commit_asked_for_ = false;
  SinkMessage message_;  // whose memory is used again
  SourcePosition committed_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace millrace
