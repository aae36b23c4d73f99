// SPDX-License-Identifier: Apache-2.0
#include "config/option_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "config/project_table.hpp"

namespace millrace {
namespace {

constexpr double most_exact = 9007199254740992.0;  // 2^53

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string bound_text(const OptionSpec& spec) {
  const bool least = std::isfinite(spec.least), most = std::isfinite(spec.most);
  if (least && most) return fmt::format(" from {:.15g} to {:.15g}", spec.least, spec.most);
  if (least) return fmt::format(" of at least {:.15g}", spec.least);
  if (most) return fmt::format(" of at most {:.15g}", spec.most);
  return "";
}

std::string one_of(const std::vector<std::string>& choices) {
  std::vector<std::string> quoted;
  for (const auto& choice : choices) quoted.push_back(Json(choice).dump());
  return fmt::format("{}{}", choices.size() > 1 ? "one of " : "", joined(quoted, ", "));
}

std::optional<std::int64_t> whole(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return std::nullopt;
  const auto number = value.get<double>();
  if (std::floor(number) != number || std::fabs(number) > most_exact) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

bool is_within(const OptionSpec& spec, double number) {
  return number >= spec.least && number <= spec.most;
}

bool is_legal_text(const OptionSpec& spec, const std::string& text) {
  if (!spec.choices.empty()) return holds(spec.choices, text);
  return !text.empty() || (spec.kind == OptionKind::text && !spec.required);
}

// One value, or one item of a list; std::monostate if it is not what `spec` wants.
OptionValue single_value(const OptionSpec& spec, const Json& value) {
  switch (spec.kind) {
    case OptionKind::boolean:
      if (value.is_boolean()) return value.get<bool>();
      break;
    case OptionKind::integer:
      if (const auto number = whole(value); number && is_within(spec, static_cast<double>(*number)))
        return *number;
      break;
    case OptionKind::number:
    case OptionKind::numbers:
      if (value.is_number() && is_within(spec, value.get<double>())) return value.get<double>();
      break;
    case OptionKind::text:
    case OptionKind::texts:
      if (value.is_string() && is_legal_text(spec, value.get_ref<const std::string&>()))
        return value.get<std::string>();
      break;
  }
  return {};
}

// {"file": ...}, or one ${NAME} and nothing beside it.
bool is_reference(const Json& written) {
  if (!written.is_string()) return written.is_object();
  const auto& text = written.get_ref<const std::string&>();
  return text.starts_with("${") && text.find('}') + 1 == text.size();
}

class ValueCheck {
 public:
  ValueCheck(const OptionSpec& spec, const OptionCheck& check) : spec_(spec), check_(check) {}

  OptionValue value(const Json& value, const std::string& path) const {
    if (spec_.secret && !is_all_from_outside(path)) {
      check_.problems.push_back({path, expectation(spec_) + ", so that it is stored nowhere"});
      return {};
    }
    if (spec_.kind == OptionKind::texts) return list<std::string>(value, path);
    if (spec_.kind == OptionKind::numbers) return list<double>(value, path);
    return single(value, path);
  }

 private:
  bool is_all_from_outside(const std::string& path) const {
    const auto written = check_.document.outside.find(path);
    return written != check_.document.outside.end() && is_reference(written->second);
  }

  OptionValue single(const Json& value, const std::string& path) const {
    auto good = single_value(spec_, value);
    if (std::holds_alternative<std::monostate>(good)) refuse(value, path);
    return good;
  }

  template <class T>
  OptionValue list(const Json& value, const std::string& path) const {
    const bool is_list = value.is_array() && !value.empty();
    std::vector<T> items;
    for (std::size_t index = 0; index < (is_list ? value.size() : 1); ++index) {
      const auto good = single(is_list ? value[index] : value, is_list ? item_path(path, index) : path);
      if (const auto* item = std::get_if<T>(&good)) items.push_back(*item);
    }
    if (items.empty()) return {};
    return items;
  }

  void refuse(const Json& value, const std::string& path) const {
    const bool is_text = value.is_string();
    if (is_text && is_known_value(spec_.name, value.get_ref<const std::string&>())) {
      check_.problems.push_back(
          {path, fmt::format("{} is not built yet; {}", shown(value), expectation(spec_))});
      return;
    }
    auto message = fmt::format("{}, found {}", expectation(spec_), shown(check_.document, path, value));
    const auto near = is_text ? nearest_name(value.get_ref<const std::string&>(), spec_.choices) : "";
    if (!near.empty() && !check_.document.outside.contains(path)) message += "; did you mean " + near + "?";
    check_.problems.push_back({path, message});
  }

  const OptionSpec& spec_;
  const OptionCheck& check_;
};

std::vector<std::string> names_of(const OptionCheck& check) {
  std::vector<std::string> names;
  for (const auto& spec : check.specs) names.push_back(spec.name);
  names.insert(names.end(), check.others.begin(), check.others.end());
  return names;
}

void refuse_unknown(const Json& object, const std::string& path, const OptionCheck& check) {
  const auto names = names_of(check);
  for (const auto& [key, value] : object.items()) {
    if (holds(names, key)) continue;
    const auto message = is_known_field(key) ? "not built yet" : "unknown option" + hint(key, names);
    check.problems.push_back({child_path(path, key), message});
  }
}

}  // namespace

std::string hint(const std::string& name, const std::vector<std::string>& known) {
  const auto near = nearest_name(name, known);
  if (!near.empty()) return "; did you mean " + near + "?";
  if (known.empty()) return "; there are none here";
  return fmt::format("; known: {}", joined(known, ", "));
}

std::string expectation(const OptionSpec& spec) {
  if (spec.name == "speed") return std::string("expected ") + speed_expected;
  if (spec.secret) return "expected ${NAME}, for a variable of the environment, or {\"file\": PATH}";
  const bool is_list = spec.kind == OptionKind::texts || spec.kind == OptionKind::numbers;
  std::string what;
  if (!spec.choices.empty())
    what = one_of(spec.choices);
  else if (spec.kind == OptionKind::boolean)
    what = "true or false";
  else if (spec.kind == OptionKind::integer)
    what = "a whole number";
  else if (spec.kind == OptionKind::number || spec.kind == OptionKind::numbers)
    what = "a number";
  else
    what = is_list || spec.required ? "a text that is not empty" : "a text";
  const auto unit = spec.unit.empty() ? "" : fmt::format(" ({})", spec.unit);
  return fmt::format("expected {}{}{}{}", what, bound_text(spec), is_list ? ", or a list of such" : "", unit);
}

std::map<std::string, OptionValue> check_options(const Json& object, const std::string& path,
                                                 const OptionCheck& check) {
  std::map<std::string, OptionValue> values;
  refuse_unknown(object, path, check);
  for (const auto& spec : check.specs) {
    const auto place = child_path(path, spec.name);
    if (const auto found = object.find(spec.name); found == object.end()) {
      if (spec.required) check.problems.push_back({place, expectation(spec) + ", found nothing"});
    } else {
      auto value = ValueCheck(spec, check).value(*found, place);
      if (!std::holds_alternative<std::monostate>(value)) values.emplace(spec.name, std::move(value));
    }
  }
  return values;
}

}  // namespace millrace
