// SPDX-License-Identifier: Apache-2.0
// payload_probe read FORM: a payload on stdin, its rows as a JSON array of texts, or why it is refused, on
// stdout. payload_probe write FORM: such an array's rows, a line each, on stdin; the payload on stdout.
#include <algorithm>
#include <iostream>
#include <iterator>

#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"

using namespace millrace;

namespace {

void print_rows(const PayloadRows& read) {
  if (!read.refusal.empty()) {
    std::cout << json_text(read.refusal) << '\n';
    return;
  }
  std::cout << '[';
  for (std::size_t row = 0; row < read.rows.size(); ++row)
    std::cout << (row > 0 ? "," : "") << json_text(read.rows[row]);
  std::cout << "]\n";
}

void print_payload(PayloadForm form, std::string_view lines) {
  std::vector<std::string_view> rows;
  while (!lines.empty()) {
    rows.push_back(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(rows.back().size() + 1);
  }
  std::cout << write_payload(form, rows);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto* name = std::find(payload_form_names.begin(), payload_form_names.end(), arguments[2]);
  const auto form = static_cast<PayloadForm>(name - payload_form_names.begin());
  const std::string in{std::istreambuf_iterator<char>(std::cin), {}};
  if (std::string_view(arguments[1]) == "write")
    print_payload(form, in);
  else
    print_rows(make_payload_reader({.form = form})->read(in, ""));
}
