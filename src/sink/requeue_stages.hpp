// SPDX-License-Identifier: Apache-2.0
// A requeue may go through another chain: its stages are counted with those of the same name, and behind
// them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "millrace/frame/result.hpp"

namespace millrace {

// Where each of `stages` stands in `all`, to which those that are not there are added. Of a name that stands
// several times, the first goes to the first.
std::vector<std::size_t> places_of_stages(const std::vector<std::string>& stages,
                                          std::vector<std::string>& all);
void put_stages(const std::vector<std::size_t>& places, std::vector<StageCount>& stages);

}  // namespace millrace
