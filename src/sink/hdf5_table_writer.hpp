// SPDX-License-Identifier: Apache-2.0
// Writes frames into a group, one data set a column. Rows are collected until a chunk of every column is
// full; chunks are packed here and written past HDF5's own filters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "millrace/base/parallel_blocks.hpp"
#include "millrace/frame/frame.hpp"
#include "sink/hdf5_column.hpp"
#include "sink/hdf5_handle.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

struct ChunkSettings {
  std::size_t rows = 32768;
  int deflate_level = 1;  // 0: none
  int threads = 1;
};

class Hdf5TableWriter {
 public:
  Hdf5TableWriter(TableLayout layout, ChunkSettings settings);

  // `group` is in the file of `writes`; both must outlive finish(). The buffers are kept from one table to
  // the next.
  void start(hid_t group, FileWrites& writes);
  // `frame` has the layout's columns; codes are those of the output's label tables.
  void append(const Frame& frame);
  // The last chunk, dimension and attributes.
  void finish();

  std::uint64_t rows() const { return rows_flushed_ + filled_; }
  // Which have a validity data set; known after finish().
  const std::vector<std::uint32_t>& valid_columns() const { return valid_columns_; }
  std::uint64_t memory_bound() const;

 private:
  struct Stored {
    Hdf5Dataset id;
    std::string name;
    std::size_t element_bytes = 1;
    std::uint32_t width = 0;  // of fixed text
    bool is_shuffled = false, is_chunked = false, is_growing = false;
  };
  struct Buffer {
    Bytes values;
    RawVector<std::uint8_t> valid;  // of use if has_missing
    bool has_missing = false;       // in this chunk
    Stored values_set, valid_set;
  };
  struct Packing {
    Stored* target = nullptr;
    std::span<const std::byte> raw, packed;
    std::uint32_t filter_mask = 0;
  };
  struct Scratch {
    Bytes shuffled, deflated;
  };

  void append_column(const Column& column, Buffer& buffer, RowRange range);
  void append_validity(const Column& column, Buffer& buffer, RowRange range);
  void flush(bool is_last);
  void create_sets(bool is_only);
  void create(Stored& set, hid_t type, bool is_only, bool is_validity) const;
  Hdf5Properties properties_of(const Stored& set, std::size_t chunk_rows, bool is_validity) const;
  std::vector<Packing> packings(std::size_t chunk_rows);
  void pack(Packing& packing, Scratch& scratch) const;
  void write(const Packing& packing, std::size_t rows) const;
  void write(std::span<const Packing> packings, std::size_t rows) const;
  Dimension describe_dimension();

  TableLayout layout_;
  ChunkSettings settings_;
  std::vector<Buffer> buffers_;
  std::vector<Scratch> scratch_;  // one for each column that is packed at a time
  std::vector<std::uint32_t> valid_columns_;
  hid_t group_ = H5I_INVALID_HID;
  FileWrites* writes_ = nullptr;
  std::size_t filled_ = 0;
  std::uint64_t rows_flushed_ = 0;
};

}  // namespace millrace
