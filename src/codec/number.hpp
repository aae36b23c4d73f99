// SPDX-License-Identifier: Apache-2.0
// Numbers in text: the one authority for what a number is and which double or int64 it stands for.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace {

enum class NumberError : std::uint8_t { none, not_a_number, not_whole, out_of_range };

bool is_json_number(std::string_view text);
// Beside JSON's form: a leading +, leading zeros, no digit before or behind the point.
bool is_csv_number(std::string_view text);

// Of a text that is one of the two. Correctly rounded; too small for double is zero; beyond its range:
// out_of_range.
NumberError parse_double(std::string_view number, double& value);
// 1.0 and 1e3 are whole; 1.5 is not_whole; beyond int64: out_of_range.
NumberError parse_whole(std::string_view number, std::int64_t& value);

}  // namespace millrace
