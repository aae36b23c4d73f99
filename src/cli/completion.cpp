// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <set>

#include "millrace/task/task.hpp"

namespace millrace::cli {
namespace {

bool is_option(const std::string& word) {
  return word.starts_with("-");
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void add(Completion& to, const std::string& typed, const Candidate& candidate) {
  if (candidate.word.starts_with(typed)) to.candidates.push_back(candidate);
}

// "--format", "=", "j" becomes "--format", "j".
std::vector<std::string> without_equal_signs(const std::vector<std::string>& words) {
  std::vector<std::string> kept;
  for (std::size_t place = 0; place < words.size(); ++place) {
    const bool joins = words[place] == "=" && place > 0 && is_option(words[place - 1]);
    if (!joins)
      kept.push_back(words[place]);
    else if (place + 1 == words.size())
      kept.emplace_back();
  }
  return kept;
}

// "TEXT:{jsonl,csv}": what stands in the braces.
std::vector<std::string> set_of(const std::string& type) {
  const auto begin = type.find('{'), end = type.rfind('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

void add_tasks(Completion& to, const std::string& typed, const std::string& before) {
  for (const auto& task : task_catalog())
    add(to, typed, {before + task.part.name, first_line(task.part.help)});
}

Completion values_of(const CLI::Option& option, const std::string& typed) {
  const auto type = option.get_type_name();
  if (type == "PROJECT") return {CompletionKind::files, {}, "*.json"};
  if (type == "FILE") return {CompletionKind::files, {}, "*"};
  Completion completion;
  if (type == "TASK") add_tasks(completion, typed, "");
  if (type == "TASK[,TASK...]") {
    completion.kind = CompletionKind::list;
    add_tasks(completion, typed, typed.substr(0, typed.rfind(',') + 1));
  }
  for (const auto& value : set_of(type)) add(completion, typed, {value, ""});
  return completion;
}

// Goes over the words of one subcommand and knows what the last one may be.
class Completer {
 public:
  explicit Completer(const CLI::App& command) : command_(command) {}

  void pass(const std::string& word) {
    if (open_ != nullptr) {
      open_ = nullptr;
    } else if (is_option(word)) {
      const auto name = word.substr(0, word.find('='));
      const auto* option = command_.get_option_no_throw(name);
      given_.insert(option);
      if (option != nullptr && takes_value(*option) && name == word) open_ = option;
    } else {
      ++positionals_;
    }
  }

  Completion at(const std::string& typed) const {
    if (open_ != nullptr) return values_of(*open_, typed);
    if (!is_option(typed)) return positional(typed);
    const auto equal = typed.find('=');
    return equal == std::string::npos ? options(typed) : joined_value(typed, equal);
  }

 private:
  static bool takes_value(const CLI::Option& option) { return option.get_expected_max() > 0; }

  Completion options(const std::string& typed) const {
    Completion completion;
    for (const auto* option : command_.get_options()) {
      if (given_.contains(option) && option->get_multi_option_policy() != CLI::MultiOptionPolicy::TakeAll)
        continue;
      for (const auto& name : option->get_lnames())
        add(completion, typed, {"--" + name, first_line(option->get_description())});
    }
    return completion;
  }

  Completion joined_value(const std::string& typed, std::size_t equal) const {
    const auto* option = command_.get_option_no_throw(typed.substr(0, equal));
    if (option == nullptr || !takes_value(*option)) return {};
    auto completion = values_of(*option, typed.substr(equal + 1));
    for (auto& candidate : completion.candidates) candidate.word.insert(0, typed, 0, equal + 1);
    return completion;
  }

  Completion positional(const std::string& typed) const {
    auto place = positionals_;
    for (const auto* option :
         command_.get_options([](const CLI::Option* one) { return one->get_positional(); }))
      if (place-- == 0) return values_of(*option, typed);
    return {};
  }

  const CLI::App& command_;
  std::set<const CLI::Option*> given_;
  const CLI::Option* open_ = nullptr;  // waits for its value
  std::size_t positionals_ = 0;
};

Completion subcommands(const CLI::App& app, const std::string& typed) {
  if (is_option(typed)) return Completer(app).at(typed);
  Completion completion;
  for (const auto* command :
       app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    add(completion, typed, {command->get_name(), first_line(command->get_description())});
  return completion;
}

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& typed) {
  const auto words = without_equal_signs(typed);
  if (words.empty()) return {};
  if (words.size() == 1) return subcommands(app, words[0]);
  const auto named = [&](const CLI::App* one) { return one->get_name() == words[0]; };
  const auto commands = app.get_subcommands(named);
  if (commands.empty()) return {};
  Completer completer(*commands.front());
  for (std::size_t word = 1; word + 1 < words.size(); ++word) completer.pass(words[word]);
  return completer.at(words.back());
}

}  // namespace millrace::cli
