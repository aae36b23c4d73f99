// SPDX-License-Identifier: Apache-2.0
#include "source/row_options.hpp"

namespace millrace {

OptionSpec non_finite_option() {
  return {
      .name = "non_finite",
      .default_value = std::string("refuse"),
      .help =
          "NaN, Infinity and numbers beyond the range of a double: refuse the row, or take them as missing",
      .choices = {"refuse", "missing"}};
}

OptionSpec max_row_bytes_option() {
  return {.name = "max_row_bytes",
          .kind = OptionKind::integer,
          .default_value = std::int64_t{16} << 20,
          .unit = "bytes",
          .help = "a longer row is quarantined",
          .least = 1,
          .most = 1 << 30};
}

OptionSpec missing_values_option() {
  return {.name = "missing_values",
          .kind = OptionKind::texts,
          .help =
              "texts that stand for a missing value where they are a whole field without quotes, such as "
              "NA or -999 (csv)"};
}

}  // namespace millrace
