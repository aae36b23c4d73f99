// SPDX-License-Identifier: Apache-2.0
#include "source/topic_filter.hpp"

namespace millrace {
namespace {

constexpr std::string_view shared = "$share/";

std::string_view without_group(std::string_view filter) {
  if (!filter.starts_with(shared)) return filter;
  filter.remove_prefix(shared.size());
  return filter.substr(filter.find('/') + 1);
}

// Takes the first level off; false if there is none left.
bool take_level(std::string_view& filter, bool& is_at_end, std::string_view& level) {
  if (is_at_end) return false;
  const auto end = filter.find('/');
  is_at_end = end == std::string_view::npos;
  level = filter.substr(0, end);
  filter.remove_prefix(is_at_end ? filter.size() : end + 1);
  return true;
}

bool is_wild(std::string_view level) {
  return level == "+" || level == "#";
}

}  // namespace

bool filters_overlap(std::string_view one, std::string_view other) {
  one = without_group(one), other = without_group(other);
  // Topics of the broker's own begin with $, and no wildcard stands for that.
  if (one.starts_with('$') != other.starts_with('$') &&
      (is_wild(one.substr(0, 1)) || is_wild(other.substr(0, 1))))
    return false;
  bool one_ends = false, other_ends = false;
  std::string_view left, right;
  for (;;) {
    const bool has_left = take_level(one, one_ends, left), has_right = take_level(other, other_ends, right);
    if (!has_left || !has_right) return has_left == has_right || (has_left ? left == "#" : right == "#");
    if (left == "#" || right == "#") return true;
    if (left != right && left != "+" && right != "+") return false;
  }
}

}  // namespace millrace
