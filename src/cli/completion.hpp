// SPDX-License-Identifier: Apache-2.0
// What may stand at the end of a command line that is being typed, read off the same CLI::App that parses it:
// subcommands, options, and values by the type that the help shows (a set, TASK, PROJECT, FILE).
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace millrace::cli {

enum class CompletionKind {
  words,  // complete ones
  list,   // of items with commas between them, which may go on
  files   // the shell looks for them
};

struct Candidate {
  std::string word, help;
};

struct Completion {
  CompletionKind kind = CompletionKind::words;
  std::vector<Candidate> candidates;  // that begin with what is typed
  std::string pattern = {};           // of the files
};

// `typed`: the words behind the program's name; the last one is not finished and may be empty. As bash splits
// them ("--format", "=", "j") or as zsh does ("--format=j").
Completion complete(const CLI::App& app, const std::vector<std::string>& typed);

}  // namespace millrace::cli
