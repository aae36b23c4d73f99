// SPDX-License-Identifier: Apache-2.0
// Frames as text: JSON lines or CSV. Numbers in the shortest form that reads back to the same double; missing
// as null (JSON) or empty (CSV; an empty text is ""); time as ISO 8601 in UTC (Z) with the fraction that its
// unit has.
#pragma once

#include <string>

#include "millrace/codec/row_framer.hpp"
#include "millrace/frame/frame.hpp"

namespace millrace {

void append_header(const Schema& schema, RowFormat format,
                   std::string& out);  // CSV's header line; nothing for JSON
void append_rows(const Frame& frame, RowFormat format, std::string& out);
// One JSON string literal, quotes included.
void append_json_text(std::string_view text, std::string& out);
// The same without the quotes; pieces of a text give the whole.
void append_json_escaped(std::string_view text, std::string& out);
std::string json_text(std::string_view text);
std::string base64(std::string_view bytes);
bool is_utf8(std::string_view bytes);

}  // namespace millrace
