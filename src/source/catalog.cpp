// SPDX-License-Identifier: Apache-2.0
// The sources of this build: one line each.
#include "millrace/source/source.hpp"
#include "source/file_source.hpp"
#include "source/mqtt_source.hpp"
#include "source/synthetic_source.hpp"

namespace millrace {

const std::vector<SourceInfo>& source_catalog() {
  static const std::vector<SourceInfo> catalog{
      csv_source(),
      jsonl_source(),
      mqtt_source(),
      synthetic_source(),
  };
  return catalog;
}

const SourceInfo* find_source(std::string_view name) {
  for (const auto& source : source_catalog())
    if (source.part.name == name) return &source;
  return nullptr;
}

}  // namespace millrace
