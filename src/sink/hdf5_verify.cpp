// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/error.hpp"
#include "sink/file_checksum.hpp"
#include "sink/hdf5_segment.hpp"

namespace millrace {
namespace {

constexpr std::uint64_t verified_rows = 65536;

// What the messages' provenance adds up to.
struct Sums {
  std::uint64_t messages = 0, rows_in = 0, rows_out = 0, rows_rejected = 0, fits = 0;
};

class SegmentCheck {
 public:
  SegmentCheck(const TableLayout& layout, const ManifestState& state, std::vector<std::string>& lines)
      : layout_(layout), state_(state), lines_(lines) {}

  void check(const Path& folder, const SegmentRecord& segment);
  void check_totals();

 private:
  template <class... Args>
  void complain(fmt::format_string<Args...> format, Args&&... args) {
    lines_.push_back(name_ + ": " + fmt::format(format, std::forward<Args>(args)...));
  }
  bool check_file(const Path& path, const SegmentRecord& segment);
  void check_place(const SegmentRecord& segment);
  void check_contents(const SegmentReader& reader, const SegmentRecord& segment);
  void check_column(const Column& column, std::size_t index);
  void check_messages(const Frame& messages);
  void check_fits(const SegmentReader& reader, const SegmentRecord& segment);

  const TableLayout& layout_;
  const ManifestState& state_;
  std::vector<std::string>& lines_;
  std::string name_;
  Sums sums_;  // behind the segments seen so far
};

void SegmentCheck::check(const Path& folder, const SegmentRecord& segment) {
  name_ = "segments/" + segment_name(segment.number);
  check_place(segment);
  const auto before = sums_;
  try {
    if (check_file(folder / segment_name(segment.number), segment))
      check_contents(SegmentReader(folder, segment, layout_), segment);
  } catch (const Error& error) {
    complain("{}", error.what());
  }
  if (sums_.rows_out - before.rows_out != segment.rows && sums_.messages != before.messages)
    complain("its messages say {} rows, the manifest {}", sums_.rows_out - before.rows_out, segment.rows);
  sums_.messages = segment.first_sequence + segment.messages;
  sums_.rows_out = segment.first_row + segment.rows;
  sums_.fits = segment.first_fit + segment.fits;
}

bool SegmentCheck::check_file(const Path& path, const SegmentRecord& segment) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  if (missing)
    complain("is missing");
  else if (size != segment.bytes)
    complain("has {} bytes; committed were {}", size, segment.bytes);
  else if (const auto crc = crc64_of_file(path); crc != segment.crc64)
    complain("is damaged: checksum {:016x}; committed was {:016x}", crc, segment.crc64);
  else
    return true;
  return false;
}

void SegmentCheck::check_place(const SegmentRecord& segment) {
  if (segment.first_row != sums_.rows_out)
    complain("begins at row {}; the one before ends at {}", segment.first_row, sums_.rows_out);
  if (segment.first_sequence != sums_.messages)
    complain("begins at message {}; the one before ends at {}", segment.first_sequence, sums_.messages);
  if (segment.first_fit != sums_.fits)
    complain("begins at fit {}; the one before ends at {}", segment.first_fit, sums_.fits);
}

void SegmentCheck::check_contents(const SegmentReader& reader, const SegmentRecord& segment) {
  if (reader.rows().rows() != segment.rows || reader.messages().rows() != segment.messages)
    return complain("holds {} rows of {} messages; the manifest says {} of {}", reader.rows().rows(),
                    reader.messages().rows(), segment.rows, segment.messages);
  for (std::uint32_t column = 0; column < layout_.names.size(); ++column)
    if (reader.rows().has_validity_set(column) !=
        std::binary_search(segment.valid_columns.begin(), segment.valid_columns.end(), column))
      complain("{} is not as the manifest says", layout_.names[column].valid);
  for (std::uint64_t row = 0; row < segment.rows; row += verified_rows) {
    const auto frame = reader.rows().read(row, std::min(verified_rows, segment.rows - row));
    for (std::size_t column = 0; column < frame.columns.size(); ++column)
      check_column(frame.columns[column], column);
  }
  for (std::uint64_t row = 0; row < segment.messages; row += verified_rows)
    check_messages(reader.messages().read(row, std::min(verified_rows, segment.messages - row)));
  if (state_.keep_fits) check_fits(reader, segment);
}

void SegmentCheck::check_fits(const SegmentReader& reader, const SegmentRecord& segment) {
  if (!reader.fits() || reader.fits()->rows() != segment.fits)
    return complain("holds {} fits; the manifest says {}", reader.fits() ? reader.fits()->rows() : 0,
                    segment.fits);
  const auto names = static_cast<std::int32_t>(state_.fit_names.committed());
  for (std::uint64_t row = 0; row < segment.fits; row += verified_rows) {
    const auto fits = reader.fits()->read(row, std::min(verified_rows, segment.fits - row));
    const auto& codes = fits.columns[static_cast<std::size_t>(FitColumn::name)].codes;
    if (std::any_of(codes.begin(), codes.end(), [&](auto code) { return code < 1 || code >= names; }))
      return complain("a fit has none of the {} names", names - 1);
  }
}

void SegmentCheck::check_column(const Column& column, std::size_t index) {
  const auto& name = layout_.names[index].values;
  if (has_labels(column.info)) {
    const auto labels = static_cast<std::int32_t>(state_.labels.at(index).committed());
    const auto wrong = std::count_if(column.codes.begin(), column.codes.end(),
                                     [&](std::int32_t code) { return code < 0 || code >= labels; });
    if (wrong > 0) complain("{}: {} codes stand outside its {} labels", name, wrong, labels);
  }
  const auto neither =
      std::count_if(column.valid.begin(), column.valid.end(), [](auto valid) { return valid > 1; });
  if (neither > 0)
    complain("{}: {} values of {} are neither 0 nor 1", name, neither, layout_.names[index].valid);
}

void SegmentCheck::check_messages(const Frame& messages) {
  const auto value = [&](Provenance column, std::size_t message) {
    return static_cast<std::uint64_t>(messages.columns[static_cast<std::size_t>(column)].i64[message]);
  };
  for (std::size_t message = 0; message < messages.rows(); ++message) {
    if (value(Provenance::sequence, message) != sums_.messages ||
        value(Provenance::first_row, message) != sums_.rows_out)
      return complain("message {} at row {} stands where {} at row {} belongs",
                      value(Provenance::sequence, message), value(Provenance::first_row, message),
                      sums_.messages, sums_.rows_out);
    if (value(Provenance::requeue, message) > state_.output.requeues.size())
      return complain("message {} is of requeue {}; there were {}", sums_.messages,
                      value(Provenance::requeue, message), state_.output.requeues.size());
    ++sums_.messages;
    sums_.rows_in += value(Provenance::rows_in, message);
    sums_.rows_out += value(Provenance::rows_out, message);
    sums_.rows_rejected += value(Provenance::rows_rejected, message);
  }
}

void SegmentCheck::check_totals() {
  const auto& totals = state_.output.totals;
  name_ = "manifest";
  const auto compare = [&](const char* what, std::uint64_t found, std::uint64_t committed) {
    if (found != committed) complain("says {} {}; the segments hold {}", committed, what, found);
  };
  compare("messages", sums_.messages, totals.messages);
  compare("result rows", sums_.rows_out, totals.rows_out);
  compare("rows in", sums_.rows_in, totals.rows_in);
  compare("rejected rows", sums_.rows_rejected, totals.rows_rejected);
}

}  // namespace

std::vector<std::string> check_segments(const Path& folder, const TableLayout& layout,
                                        const ManifestState& state) {
  std::vector<std::string> lines;
  SegmentCheck check(layout, state, lines);
  for (const auto& segment : state.segments) check.check(folder, segment);
  if (lines.empty()) check.check_totals();
  return lines;
}

}  // namespace millrace
