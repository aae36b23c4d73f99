// SPDX-License-Identifier: Apache-2.0
// Walks over the rows of several input files, one after the other. Rows are views into its block.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/codec/row_framer.hpp"
#include "millrace/source/source.hpp"
#include "source/part_stream.hpp"

namespace millrace {

struct CursorSettings {
  std::vector<std::string> names;
  RowFormat format = RowFormat::jsonl;
  std::size_t max_row_bytes = 16u << 20;
  bool header = false;  // CSV: the first row of each file names its columns
  std::shared_ptr<StandardInput> standard_input = std::make_shared<StandardInput>();
};

class RowCursor {
 public:
  explicit RowCursor(const CursorSettings& settings);
  // As Source::read.
  void read(std::size_t most, std::vector<SourceRow>& rows);
  bool finished() const { return part_ >= settings_.names.size(); }
  void go_to(const SourcePosition& position);

 private:
  void open_part(std::uint64_t byte);
  void next_part();
  void refill();
  void advance(std::size_t bytes);
  std::size_t frame(std::size_t most);
  void hand_out(std::vector<SourceRow>& rows);
  bool is_cut_off(const FramedRow& row) const;
  void hold_cut_off_row(std::vector<SourceRow>& rows);
  void skip_line();
  std::string_view unread() const { return {block_.data() + begin_, end_ - begin_}; }

  CursorSettings settings_;
  std::uint64_t part_ = 0, byte_ = 0, line_ = 0, row_ = 0;  // of the place where unread() begins
  std::unique_ptr<PartStream> stream_;
  std::unique_ptr<RowFramer> framer_;
  RawVector<char> block_;
  std::size_t begin_ = 0, end_ = 0;
  bool part_ended_ = false, header_due_ = false;
  std::vector<FramedRow> framed_;
  std::string cut_off_row_;
};

// The first row of one file; empty if it has none.
std::optional<std::string> first_row(const CursorSettings& settings, const std::string& name);

}  // namespace millrace
