// SPDX-License-Identifier: Apache-2.0
// results.h5: all committed rows as virtual data sets over the segments, with label tables and attributes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/files.hpp"
#include "sink/manifest_state.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

struct ViewSource {
  const ManifestState& state;
  std::uint64_t manifest_entries = 0;  // ever appended; the view says of which state it is
};

// One line for each thing in which FOLDER/results.h5 does not show the state's rows. Before the input's end
// it may be of an earlier commit, if all its segments are still there.
std::vector<std::string> check_view(const Path& folder, const TableLayout& layout, const ViewSource& source);

// Keeps FOLDER/results.h5.
class ResultsView {
 public:
  ResultsView(Path folder, TableLayout layout, const Clock& clock)
      : folder_(std::move(folder)), layout_(std::move(layout)), clock_(clock) {}

  // Writes the view anew, by rename, unless it is of this state already.
  void refresh(const ViewSource& source);
  // Not more often than costs a fiftieth of the time: with many segments a view takes longer to write than a
  // full-speed run takes from commit to commit.
  void refresh_if_cheap(const ViewSource& source);
  bool is_behind() const { return is_behind_; }

 private:
  Path folder_;
  TableLayout layout_;
  const Clock& clock_;
  double refreshed_s_ = 0, cost_s_ = 0;
  bool is_behind_ = false;
};

}  // namespace millrace
