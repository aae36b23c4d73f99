// SPDX-License-Identifier: Apache-2.0
// Finds an output's manifest; the reader of csv, jsonl and mqtt outputs.
#include "sink/output_reader.hpp"

#include <fmt/format.h>

#include "millrace/base/error.hpp"
#include "sink/run_difference.hpp"

namespace millrace {
namespace {

class TextReader : public OutputReader {
 public:
  TextReader(OutputPlaces places, ManifestLog log) : places_(std::move(places)), log_(std::move(log)) {}

  const OutputState& state() const override { return log_.state.output; }
  std::string sink() const override { return log_.state.sink; }
  std::string path() const override { return places_.root.string(); }
  std::vector<std::string> requeue_differences(const OutputSettings& settings,
                                               const RequeueHeader& header) const override {
    return millrace::requeue_differences(log_.state, settings, header);
  }
  std::uint64_t segments() const override { return 0; }
  std::uint64_t bytes() const override { return log_.state.text_bytes; }
  Frame rows(std::uint64_t, std::uint64_t) override { refuse("--rows"); }
  std::string digest() override { refuse("--digest"); }
  std::vector<std::string> verify() override {
    std::vector<std::string> lines;
    check_length(places_.root, log_.state.text_bytes, lines);
    check_length(places_.rejects, log_.state.output.reject_bytes, lines);
    return lines;
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    throw Error(ExitCode::usage,
                fmt::format("{}: {} needs an output of the hdf5 sink; this one is of {}, {}",
                            places_.root.string(), what, log_.state.sink,
                            log_.state.sink == "mqtt" ? "whose rows are published and not kept"
                                                      : "a text file to be read as it stands"));
  }

  OutputPlaces places_;
  ManifestLog log_;
};

std::string folder_of_view(const std::string& path) {
  const Path view(path);
  return view.filename() == "results.h5" ? (view.has_parent_path() ? view.parent_path().string() : ".")
                                         : path;
}

}  // namespace

void check_length(const Path& path, std::uint64_t committed, std::vector<std::string>& lines) {
  if (committed == 0) return;
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  if (missing)
    lines.push_back(path.string() + ": is missing");
  else if (size < committed)
    lines.push_back(
        fmt::format("{}: has {} bytes of the {} that were committed", path.string(), size, committed));
}

std::unique_ptr<OutputReader> OutputReader::open(const std::string& path) {
  for (const bool is_folder : {true, false}) {
    const auto places = places_of(is_folder, is_folder ? folder_of_view(path) : path);
    if (!std::filesystem::exists(places.manifest)) continue;
    auto log = read_manifest(places.manifest);
    if (!log.state.is_begun())
      throw Error(ExitCode::failed, path + ": an output in which nothing was begun yet");
    if (is_folder) return make_hdf5_reader(places, std::move(log));
    return std::make_unique<TextReader>(places, std::move(log));
  }
  throw Error(ExitCode::failed, path + ": no output here (neither PATH/manifest nor PATH.manifest)");
}

}  // namespace millrace
