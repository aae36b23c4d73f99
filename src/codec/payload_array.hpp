// SPDX-License-Identifier: Apache-2.0
// The elements of a JSON array, found by brackets, quotes and commas alone. What stands inside an element is
// not looked at but for its brackets, which must match.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// Every opening bracket of an element at once. The decoder's own limit, which costs one row only, is lower.
inline constexpr std::size_t most_open_brackets = 1024;

// White space as JSON has it.
std::string_view without_blanks(std::string_view text);

// `elements` becomes those of the array that `text` is, as they stand; refuses one of more than `most`. "" or
// why it is none; `elements` then do not count.
std::string frame_array(std::string_view text, std::size_t most, std::vector<std::string_view>& elements);

// The reason for a refusal.
std::string too_many_rows(std::size_t most);

}  // namespace millrace
