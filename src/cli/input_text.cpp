// SPDX-License-Identifier: Apache-2.0
#include "cli/input_text.hpp"

#include <unistd.h>

#include <cerrno>

#include "millrace/base/error.hpp"
#include "millrace/codec/decompressor.hpp"

namespace millrace::cli {
namespace {

constexpr std::size_t block_bytes = 1 << 20;

}  // namespace

std::string read_standard_input() {
  std::string text;
  for (;;) {
    const auto old = text.size();
    text.resize(old + block_bytes);
    const auto count = ::read(STDIN_FILENO, text.data() + old, block_bytes);
    if (count < 0 && errno != EINTR) throw_errno("standard input", errno);
    text.resize(old + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return text;
  }
}

std::string decompressed(std::string text) {
  auto in = std::as_bytes(std::span(text));
  const auto compression = compression_of(in.first(std::min<std::size_t>(in.size(), 4)));
  if (compression == Compression::none) return text;
  const auto decompressor = make_decompressor(compression);
  std::string out;
  for (std::size_t produced = block_bytes; !in.empty() || produced == block_bytes;) {
    const auto old = out.size();
    out.resize(old + block_bytes);
    const auto done = decompressor->step(in, std::as_writable_bytes(std::span(out)).subspan(old));
    in = in.subspan(done.consumed);
    produced = done.produced;
    out.resize(old + produced);
    if (done.consumed == 0 && produced == 0) break;
  }
  if (!decompressor->at_end())
    throw Error(ExitCode::failed, "standard input: the compressed rows are cut off");
  return out;
}

void add_delimiter(CLI::App& command, std::string& delimiter) {
  command.add_option("--delimiter", delimiter, "between the fields of CSV; default ,")
      ->check(CLI::IsMember({",", ";", "|", "tab"}));
}

void add_missing_values(CLI::App& command, std::vector<std::string>& values) {
  command
      .add_option("--missing-values", values,
                  "fields without quotes that stand for a missing value in CSV, as empty ones do: "
                  "--missing-values NA,-999")
      ->delimiter(',')
      ->type_name("TEXT[,TEXT...]");
}

char delimiter_of(const std::string& delimiter) {
  return delimiter == "tab" ? '\t' : delimiter.front();
}

CLI::Validator counts() {
  const auto check = [](const std::string& text) {
    return text.starts_with("-") ? "expected a whole number from 0, found " + text : std::string();
  };
  return {check, "", "counts"};
}

}  // namespace millrace::cli
