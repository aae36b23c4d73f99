// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/option.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace millrace {

Options::Options(const std::vector<OptionSpec>& specs, std::map<std::string, OptionValue> given)
    : values_(std::move(given)) {
  for (const auto& spec : specs)
    if (!std::holds_alternative<std::monostate>(spec.default_value))
      values_.emplace(spec.name, spec.default_value);
}

bool Options::has(const std::string& name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !std::holds_alternative<std::monostate>(found->second);
}

const OptionValue& Options::at(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end())
    throw std::logic_error("option " + name + " is neither given nor has a default");
  return found->second;
}

bool Options::boolean(const std::string& name) const {
  return std::get<bool>(at(name));
}
std::int64_t Options::integer(const std::string& name) const {
  return std::get<std::int64_t>(at(name));
}
double Options::number(const std::string& name) const {
  const auto& value = at(name);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}
const std::string& Options::text(const std::string& name) const {
  return std::get<std::string>(at(name));
}
const std::vector<std::string>& Options::texts(const std::string& name) const {
  return std::get<std::vector<std::string>>(at(name));
}
const std::vector<double>& Options::numbers(const std::string& name) const {
  return std::get<std::vector<double>>(at(name));
}

namespace {

// Letters left out, added, replaced, or two neighbours swapped count one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  auto least = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (const auto& candidate : known) {
    const auto distance = edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

bool glob_matches(std::string_view glob, std::string_view name) {
  std::size_t g = 0, n = 0, star = std::string_view::npos, after_star = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      after_star = n;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
      ++g;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++after_star;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace millrace
