// SPDX-License-Identifier: Apache-2.0
// What subcommands read that take rows without a project: standard input, and the options that say how.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace millrace::cli {

// All of standard input.
std::string read_standard_input();
// What .gz or .zst hold; other texts as they are. Throws Error (failed) if it is damaged or cut off.
std::string decompressed(std::string text);

// --delimiter, of CSV: one of , ; | and the word tab.
void add_delimiter(CLI::App& command, std::string& delimiter);
char delimiter_of(const std::string& delimiter);
// --missing-values, of CSV.
void add_missing_values(CLI::App& command, std::vector<std::string>& values);

// For an option that counts. CLI11 takes -1 for a huge number.
CLI::Validator counts();

}  // namespace millrace::cli
