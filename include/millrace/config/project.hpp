// SPDX-License-Identifier: Apache-2.0
// Project: one configuration file, checked in full before anything starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "millrace/base/option.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

// A part chosen in the file: a task, the source, the sink.
struct PartChoice {
  std::string name;
  Options options;
  std::string json_path;  // "chain[1]"
  std::string text = {};  // its options as they take effect, normalised JSON, secrets left out
};

struct Project {
  std::string description;
  PartChoice source;
  std::optional<Schema> schema;  // empty: infer
  std::int64_t infer_rows = 10000;
  std::int64_t buffering_factor = 1000;
  std::int64_t buffer_bytes = 64 << 20;
  double buffer_timeout_s = 1.0;
  double arrival_rate = 0;  // rows/s; 0: as fast as possible
  double speed = 0;         // times real time, by the rows' own time column; 0: as fast as possible
  std::vector<PartChoice> chain;
  std::string method = "multiprocessing";  // single, multiprocessing, task_queue
  std::int64_t worker_count = 0;           // 0: as many as there are ranks or cores
  std::int64_t threads_per_worker = 1;
  double heartbeat_timeout_s = 30;  // 0: ranks are not watched
  PartChoice sink;
  double max_rejects = -1;  // rows if >= 1, share if < 1; negative: no limit
  std::string text;         // the file as it takes effect, normalised JSON, secrets left out
};

// The parts that this build has.
struct Catalogs {
  std::vector<PartInfo> sources, sinks, tasks;
};

struct Problem {
  std::string json_path;  // "chain[1].norm"
  std::string message;    // what was expected, what was found, what to do
};

// Loads `path` (JSON with comments), applies `overrides` ("a.b[1].c=VALUE"; VALUE as JSON, else as text),
// replaces
// ${ENV} in texts and {"file": path} in the options of source and sink, and checks everything that the file
// alone can tell. Throws Error (project_refused) with all problems at once, a line each: "FILE: JSON_PATH:
// message". A syntax error gives line and column. Paths in the file that are relative start at the working
// directory, wherever the file lies.
Project load_project(const std::string& path, const std::vector<std::string>& overrides,
                     const Catalogs& catalogs);

// The same from the file's text; `name` stands for its path in messages. Project::text gives the same project
// again, if what it takes from outside is still there.
Project parse_project(const std::string& text, const std::string& name,
                      const std::vector<std::string>& overrides, const Catalogs& catalogs);

// The JSON Schema (draft-07) of project files, made of the same tables that load_project checks with.
std::string project_json_schema(const Catalogs& catalogs);

// A schema as the project file declares it ({"columns": [...]}), and back. parse throws Error
// (project_refused).
std::string schema_to_json(const Schema& schema);
Schema parse_schema_json(const std::string& text);

}  // namespace millrace
