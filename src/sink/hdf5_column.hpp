// SPDX-License-Identifier: Apache-2.0
// What every HDF5 file of an output has in common: types, CF attributes, dimension scales.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sink/hdf5_handle.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

// As the values lie in memory too: files are little-endian, as the machines are.
Hdf5Type file_type(const ColumnInfo& info);
// long_name, units and what else xarray needs to decode it.
void describe_column(hid_t dataset, const ColumnInfo& info);
void describe_validity(hid_t dataset, const std::string& column);

// A dimension and the data sets along it. attach(), last, writes what HDF5's dimension scale specification
// and netCDF-4 ask for, all at once (the high-level library's way takes quadratic time).
class Dimension {
 public:
  explicit Dimension(std::string name) : name_(std::move(name)) {}
  // A scale without values, `rows` long, in `group`.
  void make_scale(hid_t group, hsize_t rows);
  // `dataset` (name() in its group) is the scale itself.
  void use_as_scale(hid_t dataset);
  void add(const std::string& dataset_name) { members_.push_back({dataset_name, ""}); }
  // Unless the column is the scale itself. The bytes of fixed text get a scale of their own.
  void add_column(const TableLayout& layout, std::size_t column);
  void attach(hid_t group) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  struct Member {
    std::string name, bytes;
  };
  std::vector<Member> members_;
};

// A table of labels, entry 0 included, as a data set of variable-length texts that is its own dimension
// scale.
void write_labels(hid_t group, const std::string& name, const std::vector<std::string>& labels);

}  // namespace millrace
