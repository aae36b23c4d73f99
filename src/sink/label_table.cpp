// SPDX-License-Identifier: Apache-2.0
#include "sink/label_table.hpp"

namespace millrace {
namespace {

constexpr std::uint64_t bytes_per_label = sizeof(std::string) + 48;

}  // namespace

LabelTable::LabelTable() {
  labels_.emplace_back();
}

std::int32_t LabelTable::code_of(std::string_view label) {
  const auto found = code_of_label_.find(label);
  if (found != code_of_label_.end()) return found->second;
  const auto code = static_cast<std::int32_t>(labels_.size());
  code_of_label_.emplace(labels_.emplace_back(label), code);
  bytes_ += bytes_per_label + label.size();
  return code;
}

std::vector<std::string> LabelTable::committed_labels() const {
  return {labels_.begin(), labels_.begin() + static_cast<std::ptrdiff_t>(committed_)};
}

std::vector<std::string> LabelTable::new_labels() const {
  return {labels_.begin() + static_cast<std::ptrdiff_t>(committed_), labels_.end()};
}

}  // namespace millrace
