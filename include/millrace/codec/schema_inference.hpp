// SPDX-License-Identifier: Apache-2.0
// Inference: a schema from a sample of rows. Numbers, whole or not: float64. true/false: boolean. Texts that
// are all ISO 8601 instants: time (unit s, or the finest fraction seen: ms, us, ns). Other texts: text,
// `codes`, or `fixed` where most values of at least 64 are distinct (width: twice the longest seen, at least
// 16). Mixed kinds: text only if all are texts; else the kind of the majority, with a warning. A column
// missing throughout: float64, with a warning. Columns in order of first appearance.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "millrace/codec/row_decoder.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

struct InferredSchema {
  Schema schema;
  std::vector<std::string> warnings;  // one line each: column, what was seen, what to declare
};

// Rows that cannot be parsed are left out. No rows, or none that parses: an empty schema.
InferredSchema infer_schema(const std::vector<std::string_view>& rows, const DecodeOptions& options);

}  // namespace millrace
