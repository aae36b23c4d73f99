// SPDX-License-Identifier: Apache-2.0
// The project files and data that come with Millrace, against the parts as they are built.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "millrace/base/files.hpp"
#include "millrace/config/project.hpp"
#include "millrace/sink/output.hpp"
#include "millrace/source/source.hpp"
#include "millrace/source/weather_station.hpp"
#include "millrace/task/task.hpp"

using namespace millrace;

namespace {

const std::filesystem::path root = MILLRACE_SOURCE_DIR;

Catalogs built_parts() {
  Catalogs catalogs;
  for (const auto& source : source_catalog()) catalogs.sources.push_back(source.part);
  for (const auto& task : task_catalog()) catalogs.tasks.push_back(task.part);
  catalogs.sinks = sink_catalog();
  return catalogs;
}

Project load(const std::string& name) {
  return load_project((root / "configs" / name).string(), {}, built_parts());
}

Project load_normalised(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() / ("millrace_" + std::to_string(::getpid()) + ".json");
  replace_file(path, text);
  const auto project = load_project(path.string(), {}, built_parts());
  std::filesystem::remove(path);
  return project;
}

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_shipped_project_loads_and_means_the_same_when_normalised) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "configs")) {
    if (entry.path().extension() != ".json") continue;
    const auto project = load(entry.path().filename().string());
    BOOST_TEST(!project.description.empty());
    const auto again = load_normalised(project.text);
    BOOST_TEST(again.text == project.text);
    BOOST_TEST((again.schema == project.schema));
    ++count;
  }
  BOOST_TEST(count >= 3u);
}

BOOST_AUTO_TEST_CASE(the_declared_weather_schema_is_that_of_the_generator) {
  BOOST_TEST((load("weather.json").schema == WeatherStation(WeatherSettings{}).schema()));
}

BOOST_AUTO_TEST_CASE(the_weather_project_runs_the_chain_of_the_paper) {
  const auto project = load("weather.json");
  BOOST_TEST_REQUIRE(project.chain.size() == 3u);
  BOOST_TEST(project.chain[0].name == "fillna_zeros");
  BOOST_TEST(project.chain[1].name == "normalizer");
  BOOST_TEST(project.chain[2].name == "drop_duplicates");
  BOOST_TEST(project.buffering_factor == 1000);
  BOOST_TEST(project.worker_count == 2);
}

BOOST_AUTO_TEST_CASE(the_weather_sample_is_what_the_generator_writes) {
  WeatherStation station({.rows = 1000, .seed = 1, .start_s = 1585699200, .interval_s = 600});
  std::string expected;
  for (std::uint64_t row = 0; row < 1000; ++row) station.append_row(row, expected);
  BOOST_TEST((text_of(root / "data" / "weather_sample.jsonl") == expected));
}

BOOST_AUTO_TEST_CASE(the_parts_names_are_known_to_the_loader_in_its_schema) {
  const auto schema = project_json_schema(built_parts());
  for (const std::string name : {"\"jsonl\"", "\"synthetic\"", "\"hdf5\"", "\"drop_duplicates\""})
    BOOST_TEST(schema.find(name) != std::string::npos);
}
