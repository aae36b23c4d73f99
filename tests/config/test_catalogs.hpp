// SPDX-License-Identifier: Apache-2.0
// Parts for the tests of the loader: like those of the rooms, which config does not know.
#pragma once

#include "millrace/config/project.hpp"

namespace millrace::test {

using Texts = std::vector<std::string>;

inline OptionSpec path_option(OptionKind kind) {
  return {.name = "path", .kind = kind, .help = "a path", .required = true};
}

inline std::vector<PartInfo> sources() {
  const OptionSpec non_finite{.name = "non_finite",
                              .default_value = std::string("refuse"),
                              .help = "what NaN is",
                              .choices = {"refuse", "missing"}};
  const OptionSpec header{.name = "header",
                          .kind = OptionKind::boolean,
                          .default_value = true,
                          .help = "is there a header line?"};
  const OptionSpec columns{.name = "columns", .kind = OptionKind::texts, .help = "names of the fields"};
  const OptionSpec rows{.name = "rows",
                        .kind = OptionKind::integer,
                        .unit = "rows",
                        .help = "how many",
                        .required = true,
                        .least = 1};
  const OptionSpec missing{.name = "missing",
                           .kind = OptionKind::number,
                           .default_value = 0.004,
                           .help = "share of nulls",
                           .least = 0,
                           .most = 1};
  const OptionSpec password{.name = "password", .help = "a secret", .secret = true};
  return {{"csv", "lines of CSV", "RFC 4180", {path_option(OptionKind::texts), header, columns, non_finite}},
          {"jsonl", "lines of JSON", "", {path_option(OptionKind::texts), non_finite, password}},
          {"synthetic", "a weather station", "", {rows, missing}}};
}

inline std::vector<PartInfo> sinks() {
  const OptionSpec segment_rows{.name = "segment_rows",
                                .kind = OptionKind::integer,
                                .default_value = std::int64_t{1000000},
                                .unit = "rows",
                                .help = "rows a segment",
                                .least = 1,
                                .most = 1e12};
  const OptionSpec compression{.name = "compression",
                               .default_value = std::string("deflate-1"),
                               .help = "of the chunks",
                               .choices = {"none", "deflate-1", "deflate-6"}};
  return {{"hdf5", "HDF5 files", "", {path_option(OptionKind::text), segment_rows, compression}},
          {"jsonl", "lines of JSON", "", {path_option(OptionKind::text)}},
          {"null", "nothing", "", {}}};
}

inline std::vector<PartInfo> tasks() {
  const OptionSpec columns{.name = "columns", .kind = OptionKind::texts, .help = "names or globs"};
  const OptionSpec subset{.name = "subset", .kind = OptionKind::texts, .help = "names"};
  const OptionSpec norm{
      .name = "norm", .default_value = std::string("l2"), .help = "the norm", .choices = {"l1", "l2", "max"}};
  const OptionSpec levels{
      .name = "levels", .kind = OptionKind::numbers, .help = "numbers of a list", .least = 0, .most = 100};
  return {{"drop_duplicates", "drops rows", "pandas.DataFrame.drop_duplicates", {subset}},
          {"fillna_zeros", "fills", "pandas.DataFrame.fillna", {columns}},
          {"normalizer", "scales rows", "sklearn.preprocessing.Normalizer", {columns, norm, levels}}};
}

inline Catalogs catalogs() {
  return {sources(), sinks(), tasks()};
}

}  // namespace millrace::test
