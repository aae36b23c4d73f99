// SPDX-License-Identifier: Apache-2.0
#include "millrace/config/project.hpp"

#include <fmt/format.h>

#include "config/contradictions.hpp"
#include "config/declared_schema.hpp"
#include "config/document.hpp"
#include "config/option_check.hpp"
#include "config/part_check.hpp"
#include "config/project_table.hpp"
#include "config/project_text.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"

namespace millrace {
namespace {

std::string text_of_file(const std::string& path) {
  try {
    const auto bytes = read_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  } catch (const Error& error) {
    throw Error(ExitCode::project_refused, fmt::format("{}: a project file is expected here", error.what()));
  }
}

struct NamedText {
  const std::string& text;
  const std::string& path;
};

Document read_document(const NamedText& file, const std::vector<std::string>& overrides,
                       std::vector<Problem>& problems) {
  const auto& [text, path] = file;
  Document document;
  try {
    document.root = parse_json(text, problems);
  } catch (const Error& error) {
    throw Error(ExitCode::project_refused, path + ": " + error.what());
  }
  for (const auto& assignment : overrides) apply_override(document.root, assignment, problems);
  take_outside_values(document, problems);
  return document;
}

void set_own_fields(const Options& options, Project& project) {
  project.description = options.text("description");
  project.infer_rows = options.integer("infer_rows");
  project.buffering_factor = options.integer("buffering_factor");
  project.buffer_bytes = options.integer("buffer_bytes");
  project.buffer_timeout_s = options.number("buffer_timeout_s");
  project.arrival_rate = options.number("arrival_rate");
  project.method = options.text("method");
  project.worker_count = options.integer("worker_count");
  project.threads_per_worker = options.integer("threads_per_worker");
  project.heartbeat_timeout_s = options.number("heartbeat_timeout_s");
  if (options.has("max_rejects")) project.max_rejects = options.number("max_rejects");
}

class ProjectCheck {
 public:
  ProjectCheck(const Document& document, const Catalogs& catalogs, std::vector<Problem>& problems)
      : document_(document), catalogs_(catalogs), problems_(problems) {}

  Project project() {
    Project project;
    const auto& root = document_.root;
    if (!root.is_object()) {
      problems_.push_back(
          {"", fmt::format("expected an object with source and sink, found {}", shown(root))});
      return project;
    }
    own_fields(project);
    project.source = part("source", catalogs_.sources, known_sources());
    project.sink = part("sink", catalogs_.sinks, known_sinks());
    if (root.contains("schema")) schema(project);
    if (root.contains("chain"))
      project.chain =
          check_chain(root["chain"], "chain", {document_, problems_, catalogs_.tasks, known_tasks(), "task"});
    find_contradictions(project, root, problems_);
    return project;
  }

 private:
  void own_fields(Project& project) {
    const Options options(
        project_table(),
        check_options(document_.root, "",
                      {document_, problems_, project_table(), {"source", "schema", "chain", "sink"}}));
    set_own_fields(options, project);
    if (options.has("speed")) project.speed = speed(options.text("speed"));
  }

  double speed(const std::string& text) {
    const auto factor = speed_factor(text);
    if (factor < 0)
      problems_.push_back({"speed", fmt::format("expected {}, found {}", speed_expected,
                                                shown(document_, "speed", Json(text)))});
    return std::max(factor, 0.0);
  }

  PartChoice part(const std::string& field, const std::vector<PartInfo>& catalog,
                  const std::vector<std::string>& known) {
    const auto found = document_.root.find(field);
    return check_part(found == document_.root.end() ? nullptr : &*found, field,
                      {document_, problems_, catalog, known, field});
  }

  void schema(Project& project) {
    const auto& value = document_.root["schema"];
    if (value != "infer") project.schema = check_schema(document_, value, "schema", problems_);
  }

  const Document& document_;
  const Catalogs& catalogs_;
  std::vector<Problem>& problems_;
};

void set_texts(const Document& document, Project& project) {
  project.text = project_text(project, document);
  for (auto* part : {&project.source, &project.sink}) part->text = options_text(*part, document);
  for (auto& step : project.chain) step.text = options_text(step, document);
}

[[noreturn]] void refuse(const std::string& path, const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const auto& [place, message] : problems)
    lines.push_back(fmt::format("{}: {}{}{}", path, place, place.empty() ? "" : ": ", message));
  throw Error(ExitCode::project_refused, joined(lines, "\n"));
}

}  // namespace

Project load_project(const std::string& path, const std::vector<std::string>& overrides,
                     const Catalogs& catalogs) {
  return parse_project(text_of_file(path), path, overrides, catalogs);
}

Project parse_project(const std::string& text, const std::string& name,
                      const std::vector<std::string>& overrides, const Catalogs& catalogs) {
  std::vector<Problem> problems;
  const auto document = read_document({text, name}, overrides, problems);
  auto project = ProjectCheck(document, catalogs, problems).project();
  if (!problems.empty()) refuse(name, problems);
  set_texts(document, project);
  return project;
}

}  // namespace millrace
