// SPDX-License-Identifier: Apache-2.0
// The parts that a project file chooses: its source, its sink, the tasks of its chain.
#pragma once

#include <string>
#include <vector>

#include "config/document.hpp"

namespace millrace {

struct PartCheck {
  const Document& document;
  std::vector<Problem>& problems;
  const std::vector<PartInfo>& catalog;
  const std::vector<std::string>& known;  // to the design, built or not
  std::string noun;                       // source, sink, task
};

// {"jsonl": {"path": "x"}}: an object with one key. nullptr: the file has none.
PartChoice check_part(const Json* given, const std::string& path, const PartCheck& check);

// ["fillna_zeros", {"task": "normalizer", "norm": "l1"}]
std::vector<PartChoice> check_chain(const Json& value, const std::string& path, const PartCheck& check);

}  // namespace millrace
