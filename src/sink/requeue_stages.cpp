// SPDX-License-Identifier: Apache-2.0
#include "sink/requeue_stages.hpp"

#include <algorithm>

namespace millrace {

std::vector<std::size_t> places_of_stages(const std::vector<std::string>& stages,
                                          std::vector<std::string>& all) {
  std::vector<std::size_t> places;
  for (const auto& stage : stages) {
    std::size_t place = 0;
    while (place < all.size() &&
           (all[place] != stage || std::find(places.begin(), places.end(), place) != places.end()))
      ++place;
    if (place == all.size()) all.push_back(stage);
    places.push_back(place);
  }
  return places;
}

void put_stages(const std::vector<std::size_t>& places, std::vector<StageCount>& stages) {
  std::vector<StageCount> put;
  for (std::size_t stage = 0; stage < std::min(stages.size(), places.size()); ++stage) {
    put.resize(std::max(put.size(), places[stage] + 1));
    put[places[stage]] = stages[stage];
  }
  stages = std::move(put);
}

}  // namespace millrace
