// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"
#include "sink/hdf5_column.hpp"
#include "sink/hdf5_handle.hpp"
#include "sink/hdf5_segment.hpp"

namespace millrace {
namespace {

constexpr auto view_name = "results.h5";
constexpr auto position_name = "source_position";
constexpr auto entries_name = "manifest_entries";
constexpr double times_rarer_than_costly = 50;
constexpr auto provenance_group = "/provenance", fits_group = "/fits";

// Where a segment's rows of one data set come to stand in the view.
struct Piece {
  std::string file;
  std::string dataset;  // in that file
  std::uint64_t first, count;
  bool operator==(const Piece&) const = default;
};

struct ViewedSet {
  std::string name;
  std::uint64_t rows;
  std::uint32_t width;  // of fixed text
  std::vector<Piece> pieces;
};

// The tables of an output: its rows, the messages that they came in, and what these were fitted to.
struct ViewedTable {
  const TableLayout& layout;
  std::string group;  // "", /provenance or /fits
  std::uint64_t SegmentRecord::*first;
  std::uint64_t SegmentRecord::*count;
};

ViewedTable rows_table(const TableLayout& layout) {
  return {layout, "", &SegmentRecord::first_row, &SegmentRecord::rows};
}
ViewedTable messages_table() {
  return {provenance_layout(), provenance_group, &SegmentRecord::first_sequence, &SegmentRecord::messages};
}

ViewedTable fits_table() {
  return {fits_layout(), fits_group, &SegmentRecord::first_fit, &SegmentRecord::fits};
}
const std::string& fit_labels_name() {
  return fits_layout().names[static_cast<std::size_t>(FitColumn::name)].labels;
}

std::uint64_t rows_of(const ViewedTable& table, const std::vector<SegmentRecord>& segments) {
  return segments.empty() ? 0 : segments.back().*table.first + segments.back().*table.count;
}

bool has_valid_set(const ViewedTable& table, const SegmentRecord& segment, std::uint32_t column) {
  return table.group.empty() &&
         std::binary_search(segment.valid_columns.begin(), segment.valid_columns.end(), column);
}

Piece piece_of(const ViewedTable& table, const SegmentRecord& segment, const std::string& dataset) {
  return {"segments/" + segment_name(segment.number), table.group + "/" + dataset, segment.*table.first,
          segment.*table.count};
}

ViewedSet values_set(const ViewedTable& table, const std::vector<SegmentRecord>& segments,
                     std::uint32_t column) {
  ViewedSet set{table.layout.names[column].values,
                rows_of(table, segments),
                text_width(table.layout.schema.columns[column]),
                {}};
  for (const auto& segment : segments)
    if (segment.*table.count > 0) set.pieces.push_back(piece_of(table, segment, set.name));
  return set;
}

// Empty pieces: no segment has missing values in this column.
ViewedSet valid_set(const ViewedTable& table, const std::vector<SegmentRecord>& segments,
                    std::uint32_t column) {
  ViewedSet set{table.layout.names[column].valid, rows_of(table, segments), 0, {}};
  for (const auto& segment : segments)
    if (segment.*table.count > 0 && has_valid_set(table, segment, column))
      set.pieces.push_back(piece_of(table, segment, set.name));
  return set;
}

void set_fill_value(hid_t properties, hid_t type, bool is_validity) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr std::uint8_t there = 1;
  if (is_validity)
    check_hdf5(H5Pset_fill_value(properties, H5T_NATIVE_UINT8, &there), "fill value");
  else if (H5Tget_class(type) == H5T_FLOAT)
    check_hdf5(H5Pset_fill_value(properties, H5T_NATIVE_DOUBLE, &nan), "fill value");
}

Hdf5Dataset create_viewed(hid_t group, const ViewedSet& set, hid_t type, bool is_validity) {
  Hdf5Properties properties(H5Pcreate(H5P_DATASET_CREATE), set.name);
  set_fill_value(properties, type, is_validity);
  const auto space = make_space(set.rows, set.rows, set.width);
  for (const auto& piece : set.pieces) {
    select_rows(space, piece.first, piece.count, set.width);
    const auto source = make_space(piece.count, piece.count, set.width);
    check_hdf5(H5Pset_virtual(properties, space, piece.file.c_str(), piece.dataset.c_str(), source),
               set.name);
  }
  check_hdf5(H5Sselect_all(space), set.name);
  return {H5Dcreate2(group, set.name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT), set.name};
}

void write_table(hid_t group, const ViewedTable& table, const std::vector<SegmentRecord>& segments) {
  const auto& layout = table.layout;
  Dimension dimension(layout.dimension);
  if (!layout.dimension_column) dimension.make_scale(group, rows_of(table, segments));
  for (std::uint32_t column = 0; column < layout.names.size(); ++column) {
    const auto& info = layout.schema.columns[column];
    const auto dataset = create_viewed(group, values_set(table, segments, column), file_type(info), false);
    describe_column(dataset, info);
    if (layout.dimension_column == column) dimension.use_as_scale(dataset);
    dimension.add_column(layout, column);
    const auto valid = valid_set(table, segments, column);
    if (valid.pieces.empty()) continue;
    describe_validity(create_viewed(group, valid, H5T_STD_U8LE, true), info.name);
    dimension.add(valid.name);
  }
  dimension.attach(group);
}

void write_root_attributes(hid_t file, const ViewSource& source) {
  static const std::set<std::string> ours{"Conventions", position_name, entries_name};
  write_attribute(file, "Conventions", std::string("CF-1.8"));
  for (const auto& [name, text] : source.state.output.header.attributes)
    if (!name.empty() && !ours.contains(name)) write_attribute(file, name.c_str(), text);
  const auto& requeues = source.state.output.requeues;
  for (std::size_t index = 0; index < requeues.size(); ++index)
    write_attribute(file, fmt::format("requeue_{}", index + 1).c_str(), requeues[index].project);
  const auto& position = source.state.output.position;
  write_attribute(file, position_name,
                  fmt::format("part {}, byte {}, line {}, row {}", position.part, position.byte,
                              position.line, position.row));
  write_attribute(file, entries_name, static_cast<std::int64_t>(source.manifest_entries));
}

Hdf5Group write_grouped_table(hid_t file, const ViewedTable& table,
                              const std::vector<SegmentRecord>& segments) {
  Hdf5Properties properties(H5Pcreate(H5P_GROUP_CREATE), "group");
  check_hdf5(H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "group");
  Hdf5Group group(H5Gcreate2(file, table.group.c_str(), H5P_DEFAULT, properties, H5P_DEFAULT), table.group);
  write_table(group, table, segments);
  return group;
}

void write_all(const Hdf5OutFile& file, const TableLayout& layout, const ViewSource& source) {
  const auto& state = source.state;
  write_table(file.id(), rows_table(layout), state.segments);
  for (std::size_t column = 0; column < state.labels.size(); ++column)
    if (has_labels(layout.schema.columns[column]))
      write_labels(file.id(), layout.names[column].labels, state.labels[column].committed_labels());
  write_grouped_table(file.id(), messages_table(), state.segments);
  if (state.keep_fits)
    write_labels(write_grouped_table(file.id(), fits_table(), state.segments), fit_labels_name(),
                 state.fit_names.committed_labels());
  write_root_attributes(file.id(), source);
}

std::string virtual_name(ssize_t (*get)(hid_t, size_t, char*, size_t), hid_t properties, std::size_t index) {
  const auto size = get(properties, index, nullptr, 0);
  if (size < 0) throw_hdf5("virtual mapping");
  std::string name(static_cast<std::size_t>(size), '\0');
  get(properties, index, name.data(), name.size() + 1);
  return name;
}

Piece found_piece(hid_t properties, std::size_t index) {
  Piece piece{virtual_name(H5Pget_virtual_filename, properties, index),
              virtual_name(H5Pget_virtual_dsetname, properties, index), 0, 0};
  const Hdf5Space space(H5Pget_virtual_vspace(properties, index), "virtual mapping");
  hsize_t first[2] = {0, 0}, last[2] = {0, 0};
  check_hdf5(H5Sget_select_bounds(space, first, last), "virtual mapping");
  piece.first = first[0];
  piece.count = last[0] - first[0] + 1;
  return piece;
}

ViewedSet found_set(hid_t group, const std::string& name) {
  const Hdf5Dataset dataset(H5Dopen2(group, name.c_str(), H5P_DEFAULT), name);
  const Hdf5Space space(H5Dget_space(dataset), name);
  hsize_t extent[2] = {0, 0};
  check_hdf5(H5Sget_simple_extent_dims(space, extent, nullptr), name);
  ViewedSet set{name, extent[0], static_cast<std::uint32_t>(extent[1]), {}};
  const Hdf5Properties properties(H5Dget_create_plist(dataset), name);
  if (H5Pget_layout(properties) != H5D_VIRTUAL) return set;
  std::size_t count = 0;
  check_hdf5(H5Pget_virtual_count(properties, &count), name);
  for (std::size_t index = 0; index < count; ++index) set.pieces.push_back(found_piece(properties, index));
  return set;
}

void check_set(hid_t group, const ViewedSet& expected, std::vector<std::string>& lines) {
  const auto found = found_set(group, expected.name);
  if (found.rows != expected.rows || found.width != expected.width)
    lines.push_back(
        fmt::format("{}: {} shows {} rows of {}", view_name, expected.name, found.rows, expected.rows));
  else if (found.pieces != expected.pieces)
    lines.push_back(
        fmt::format("{}: {} is not made of the segments that the manifest lists", view_name, expected.name));
}

void check_table(hid_t group, const ViewedTable& table, const std::vector<SegmentRecord>& segments,
                 std::vector<std::string>& lines) {
  for (std::uint32_t column = 0; column < table.layout.names.size(); ++column) {
    check_set(group, values_set(table, segments, column), lines);
    const auto valid = valid_set(table, segments, column);
    if (!valid.pieces.empty()) check_set(group, valid, lines);
  }
}

void check_labels(hid_t file, const std::string& name, const LabelTable& table,
                  std::vector<std::string>& lines) {
  const Hdf5Dataset dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), name);
  const Hdf5Space space(H5Dget_space(dataset), name);
  const Hdf5Type type(H5Dget_type(dataset), name);
  std::vector<char*> texts(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  check_hdf5(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), name);
  bool is_equal = texts.size() == table.committed();
  for (std::size_t code = 0; is_equal && code < texts.size(); ++code)
    is_equal = texts[code] == nullptr ? table.label(code).empty()
                                      : table.label(code).c_str() == std::string_view(texts[code]);
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data());
  if (!is_equal)
    lines.push_back(fmt::format("{}: {} is not the manifest's table of labels", view_name, name));
}

// 0 if there is no view, or none that can be read.
std::uint64_t entries_of_view(const Path& folder) {
  try {
    const auto file = open_hdf5(folder / view_name);
    const Hdf5Attribute attribute(H5Aopen(file, entries_name, H5P_DEFAULT), entries_name);
    std::int64_t entries = 0;
    check_hdf5(H5Aread(attribute, H5T_NATIVE_INT64, &entries), entries_name);
    return static_cast<std::uint64_t>(entries);
  } catch (const Error&) {
    return 0;
  }
}

void check_older_view(const Path& folder, hid_t file, const TableLayout& layout,
                      std::vector<std::string>& lines) {
  for (const auto& piece : found_set(file, layout.names.front().values).pieces)
    if (!std::filesystem::exists(folder / piece.file))
      lines.push_back(fmt::format("{}: shows {}, which is gone", view_name, piece.file));
}

void check_current_view(hid_t file, const TableLayout& layout, const ManifestState& state,
                        std::vector<std::string>& lines) {
  check_table(file, rows_table(layout), state.segments, lines);
  for (std::size_t column = 0; column < state.labels.size(); ++column)
    if (has_labels(layout.schema.columns[column]))
      check_labels(file, layout.names[column].labels, state.labels[column], lines);
  const Hdf5Group messages(H5Gopen2(file, provenance_group, H5P_DEFAULT), provenance_group);
  check_table(messages, messages_table(), state.segments, lines);
  if (!state.keep_fits) return;
  const Hdf5Group fits(H5Gopen2(file, fits_group, H5P_DEFAULT), fits_group);
  check_table(fits, fits_table(), state.segments, lines);
  check_labels(fits, fit_labels_name(), state.fit_names, lines);
}

void write_view(const Path& folder, const TableLayout& layout, const ViewSource& source) {
  const Path path = folder / view_name;
  const Path part = path.string() + ".part";
  Hdf5OutFile file(part);
  try {
    write_all(file, layout, source);
  } catch (const Error&) {
    file.check();
    throw;
  }
  file.finish();
  reach_step("view rename");
  rename_durably(part, path);
}

}  // namespace

std::vector<std::string> check_view(const Path& folder, const TableLayout& layout, const ViewSource& source) {
  std::vector<std::string> lines;
  try {
    const auto entries = entries_of_view(folder);
    const auto file = open_hdf5(folder / view_name);
    if (entries == source.manifest_entries || source.state.output.finished)
      check_current_view(file, layout, source.state, lines);
    else
      check_older_view(folder, file, layout, lines);
  } catch (const Error& error) {
    lines.push_back(fmt::format("{}: {}", view_name, error.what()));
  }
  return lines;
}

void ResultsView::refresh(const ViewSource& source) {
  is_behind_ = false;
  if (entries_of_view(folder_) == source.manifest_entries) return;
  const auto begin = clock_.now_s();
  write_view(folder_, layout_, source);
  refreshed_s_ = clock_.now_s();
  cost_s_ = refreshed_s_ - begin;
}

void ResultsView::refresh_if_cheap(const ViewSource& source) {
  is_behind_ = true;
  if (clock_.now_s() - refreshed_s_ >= times_rarer_than_costly * cost_s_) refresh(source);
}

}  // namespace millrace
