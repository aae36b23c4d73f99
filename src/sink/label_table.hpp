// SPDX-License-Identifier: Apache-2.0
// The texts of one `codes` column of an output, in order of first appearance in the stream; code 0 stands for
// missing. Labels are added as rows come and become committed with the rows that need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millrace {

class LabelTable {
 public:
  LabelTable();
  LabelTable(LabelTable&&) = default;
  LabelTable& operator=(LabelTable&&) = default;

  // The code of `label`, which is added if it is new.
  std::int32_t code_of(std::string_view label);
  std::size_t size() const { return labels_.size(); }  // entry 0 included
  std::size_t committed() const { return committed_; }
  void set_committed(std::size_t count) { committed_ = count; }
  const std::string& label(std::size_t code) const { return labels_[code]; }
  std::vector<std::string> committed_labels() const;
  std::vector<std::string> new_labels() const;    // those not committed
  std::uint64_t bytes() const { return bytes_; }  // memory held, about

 private:
  std::deque<std::string> labels_;  // whose strings never move: the index points to them
  std::unordered_map<std::string_view, std::int32_t> code_of_label_;
  std::size_t committed_ = 1;
  std::uint64_t bytes_ = 0;
};

}  // namespace millrace
