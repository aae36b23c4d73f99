// SPDX-License-Identifier: Apache-2.0
// Instants: ISO 8601 texts to and from whole units since 1970-01-01T00:00:00Z, in the proleptic Gregorian
// calendar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

enum class InstantError { none, not_an_instant, too_fine, out_of_range };

// 2024-05-01, 2024-05-01T12:00[:00[.fraction]][Z|+hh:mm|-hh:mm], blank or t for T, z for Z; no zone means
// UTC. too_fine: a fraction that is not a whole number of units. `ticks` per second: a power of ten up to
// 1e9.
InstantError parse_instant(std::string_view text, std::int64_t ticks, std::int64_t& value);

// The digits that the fraction needs (trailing zeros not counted), at most 9; -1 if the text is no instant.
int fraction_digits(std::string_view text);

// 2024-05-01T12:00:00Z, with 3, 6 or 9 digits of fraction for ms, us, ns. Beyond the years 0 to 9999: false.
bool append_instant(std::int64_t value, std::int64_t ticks, std::string& out);

}  // namespace millrace
