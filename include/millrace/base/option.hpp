// SPDX-License-Identifier: Apache-2.0
// Options as data: a part (task, source, sink, the project itself) publishes its options in a table of
// OptionSpec; the project file is checked against these tables, help texts and the JSON Schema are printed
// from them, and the part receives an Options in which every option has a value of the declared kind.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace {

enum class OptionKind { boolean, integer, number, text, texts, numbers };

// std::monostate: not given and without a default.
using OptionValue = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                                 std::vector<std::string>, std::vector<double>>;

struct OptionSpec {
  std::string name;
  OptionKind kind = OptionKind::text;
  OptionValue default_value = {};
  std::string unit = {};  // "" for none
  std::string help = {};
  bool required = false;
  double least =
      -std::numeric_limits<double>::infinity();  // bounds of integer and number (and each of numbers)
  double most = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  // legal texts; empty: any
  bool secret = false;  // a text that is taken from the environment or from a file only, and never shown
};

struct PartInfo {
  std::string name;
  std::string help;       // one line, then details
  std::string reference;  // the function of pandas or scikit-learn, or the standard; "" for none
  std::vector<OptionSpec> options;
};

class Options {
 public:
  Options() = default;
  // Fills what is not given with the defaults of `specs`. The values must already be of the right kinds.
  Options(const std::vector<OptionSpec>& specs, std::map<std::string, OptionValue> given);

  bool has(const std::string& name) const;  // given, or with a default
  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const std::vector<std::string>& texts(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;
  const std::map<std::string, OptionValue>& values() const { return values_; }

 private:
  const OptionValue& at(const std::string& name) const;
  std::map<std::string, OptionValue> values_;
};

// The known name with the smallest edit distance, or "" if none is near (more than a third of the letters
// wrong).
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

// Does `name` match `glob` (* any run, ? any one character)?
bool glob_matches(std::string_view glob, std::string_view name);

}  // namespace millrace
