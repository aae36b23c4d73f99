// SPDX-License-Identifier: Apache-2.0
// A project on generated rows and a folder of its own that goes with the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "millrace/run/feeder.hpp"
#include "millrace/run/worker.hpp"

namespace millrace::test {

struct TestFolder {
  std::filesystem::path path;
  explicit TestFolder(const std::string& name)
      : path(std::filesystem::temp_directory_path() /
             ("millrace_" + name + "_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path); }
};

inline PartChoice source_choice(const std::string& name, std::map<std::string, OptionValue> given) {
  return {name, Options(find_source(name)->part.options, std::move(given)), "source." + name};
}

inline PartChoice sink_choice(const std::string& name, std::map<std::string, OptionValue> given) {
  for (const auto& part : sink_catalog())
    if (part.name == name) return {name, Options(part.options, std::move(given)), "sink." + name};
  return {};
}

inline PartChoice task_choice(const std::string& name, std::map<std::string, OptionValue> given = {}) {
  return {name, Options(find_task(name)->part.options, std::move(given)), "chain"};
}

inline Project weather_project(const std::filesystem::path& output, std::int64_t rows) {
  Project project;
  project.source = source_choice("synthetic", {{"rows", rows}});
  project.sink = sink_choice("hdf5", {{"path", output.string()}});
  project.buffering_factor = 100;
  project.chain = {task_choice("fillna_zeros"), task_choice("drop_duplicates"),
                   task_choice("quantile_transformer_normal"), task_choice("standard_scaler")};
  return project;
}

// Runs on rank 0 of `workers` + 1 loopback ranks.
inline RunOutcome run_loopback(const Project& project, int workers, const RunSettings& settings = {}) {
  return run_in_one_process(prepare_run(project), settings, workers);
}

}  // namespace millrace::test
