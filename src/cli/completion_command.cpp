// SPDX-License-Identifier: Apache-2.0
// The scripts know nothing of Millrace: at every key they ask the program that is being called, by a hidden
// subcommand, so that they are never behind it.
#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/completion.hpp"

namespace millrace::cli {
namespace {

constexpr auto hidden_name = "__complete";

constexpr auto bash_script = R"(# bash completion of millrace
_millrace() {
  local current=${COMP_WORDS[COMP_CWORD]} kind pattern word _
  [[ $current == "=" ]] && current=
  COMPREPLY=()
  {
    read -r kind pattern
    while IFS=$'\t' read -r word _; do COMPREPLY+=("$word"); done
  } < <("$1" __complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $kind in
    list) compopt -o nospace 2>/dev/null ;;
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <({ compgen -d -- "$current"; compgen -f -X "!$pattern" -- "$current"; } | sort -u)
      ;;
  esac
}
complete -F _millrace millrace
)";

constexpr auto zsh_script = R"(#compdef millrace
# zsh completion of millrace
_millrace() {
  local kind line
  local -a lines described suffix
  lines=("${(@f)$("$words[1]" __complete zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  kind=$lines[1]
  for line in "${(@)lines[2,-1]}"; do
    described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  case $kind in
    files*)
      compset -P '--*='
      _files -g "${kind#files }"
      ;;
    list) _describe millrace described -S '' ;;
    *) _describe millrace described ;;
  esac
}
if [[ $funcstack[1] == _millrace ]]; then _millrace "$@"; else compdef _millrace millrace; fi
)";

// The kind, then a candidate a line, its help behind a tab.
void print(const Completion& completion) {
  switch (completion.kind) {
    case CompletionKind::words:
      std::printf("words\n");
      break;
    case CompletionKind::list:
      std::printf("list\n");
      break;
    case CompletionKind::files:
      std::printf("files %s\n", completion.pattern.c_str());
  }
  for (const auto& [word, help] : completion.candidates) std::printf("%s\t%s\n", word.c_str(), help.c_str());
}

void add_hidden(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand(hidden_name)->group("");
  command->prefix_command();  // from the shell's name on, nothing is parsed
  command->callback([command, &app, &line] {
    auto words = command->remaining();
    if (!words.empty()) words.erase(words.begin());
    print(complete(app, words));
    line.code = ExitCode::done;
  });
}

}  // namespace

void add_completion(CLI::App& app, CommandLine& line) {
  add_hidden(app, line);
  auto* command = app.add_subcommand("completion", "print a script that completes command lines of millrace");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  command->footer(
      "\nThe script asks the program that is being typed, so it need not be written again for a new "
      "version.\n"
      "\nExamples:\n  eval \"$(millrace completion bash)\"     # in ~/.bashrc\n"
      "  eval \"$(millrace completion zsh)\"      # in ~/.zshrc, behind compinit\n");
  command->callback([shell, &line] {
    std::printf("%s", *shell == "bash" ? bash_script : zsh_script);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
