// SPDX-License-Identifier: Apache-2.0
// Source: where rows come from. Lives on rank 0; called from one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/files.hpp"
#include "millrace/base/option.hpp"
#include "millrace/codec/row_decoder.hpp"
#include "millrace/frame/message.hpp"

namespace millrace {

// May a message end behind a row? must_not: its payload goes on. must: there, whatever the limits say.
enum class Cut : std::uint8_t { may, must_not, must };

// Rows read together; views into the source's buffer, valid until the next read().
struct SourceRow {
  std::string_view bytes;
  SourcePosition behind;     // where to go on after this row
  std::uint64_t part, line;  // where it came from
  // Where it begins in the file that is the part, if `bytes` stand there as they are.
  std::optional<std::uint64_t> at = {};
  bool too_long = false;
  // When a paced replay lets it arrive, or when it came to a live source, since the beginning; 0 where
  // neither is the case.
  double scheduled_s = 0;
  double arrival_unix_s = 0;      // 0: when it was read
  Cut cut = Cut::may;             // behind this row
  bool begins_message = false;    // a message ends before this row
  std::size_t payload_bytes = 0;  // the first row of a payload of many: the bytes of all its rows
  // If not empty: why `bytes` are no row. They are a whole payload of this topic, or what is kept of a row.
  std::string_view refusal = {};
  bool is_payload = false;
  std::string_view topic = {};
  std::optional<std::uint64_t> input_row = {};  // of a row that is put back: its index in the input
};

// An input as it was when the run began: stored in the output, compared on restart.
struct InputPart {
  std::string name;         // path, or a description
  std::uint64_t bytes = 0;  // size
  std::string hash;         // of its first and last 64 KiB
  FileStamp stamp = {};     // of a file; not recorded
  bool operator==(const InputPart& other) const {
    return name == other.name && bytes == other.bytes && hash == other.hash;
  }
};
// Of a file as it is now; of "-" only the name. Error: it cannot be read.
InputPart input_part(const std::string& name);

class Source {
 public:
  virtual ~Source() = default;
  // How its rows are to be decoded (CSV: with the names from the header line).
  virtual DecodeOptions decode_options() const = 0;
  // The first `most` rows, without consuming them. Before the first read() only.
  virtual std::vector<std::string> sample(std::size_t most) = 0;
  // Appends up to `most` rows to `rows`, cleared first. An empty list: nothing now (finished() tells whether
  // ever).
  virtual void read(std::size_t most, std::vector<SourceRow>& rows) = 0;
  virtual bool finished() const = 0;
  // Goes on behind `position`, from a run over the same parts. Before the first read() only.
  virtual void resume(const SourcePosition& position) = 0;
  virtual std::vector<InputPart> parts() const = 0;
  // Rows or bytes in all, for progress: 0 if unknown.
  virtual std::uint64_t total_bytes() const = 0;
  // The schedule's clock of a paced source: where read() gave nothing, every row scheduled before this was
  // handed out.
  virtual double scheduled_now_s() const { return 0; }
};

class LiveSource;

// Replayed from the beginning or a position, or live.
struct SourceInfo {
  PartInfo part;
  std::function<std::unique_ptr<Source>(const Options&)>
      make;  // throws Error (project_refused): no such file ...
  std::function<std::unique_ptr<LiveSource>(const Options&)> make_live = {};  // one of the two
};

const std::vector<SourceInfo>& source_catalog();
const SourceInfo* find_source(std::string_view name);

}  // namespace millrace
