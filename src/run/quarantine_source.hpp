// SPDX-License-Identifier: Apache-2.0
// The quarantined rows of an output as a source. A refused row is handed out as it stands; a refused payload
// is taken apart once more, and its rows stay in one message. A row of which only the first bytes are kept is
// refused again, for the same reason. Positions count in the quarantine file (Output::begin_requeue()); every
// row keeps the place and the index that it had in the input.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/codec/payload.hpp"
#include "millrace/sink/quarantine.hpp"
#include "millrace/source/source.hpp"

namespace millrace {

struct QuarantineSettings {
  std::string output;  // path, as in the project
  DecodeOptions decode = {};
  std::optional<PayloadOptions> payload = {};  // of a live source
};

class QuarantineSource : public Source {
 public:
  explicit QuarantineSource(QuarantineSettings settings);

  // Before everything but decode_options(). `rows_before`: how many were ever put back.
  void open(QuarantineRange range, std::uint64_t rows_before);

  DecodeOptions decode_options() const override { return settings_.decode; }
  std::vector<std::string> sample(std::size_t) override { return {}; }
  // Rows up to about a megabyte, or one payload.
  void read(std::size_t most, std::vector<SourceRow>& rows) override;
  bool finished() const override { return is_at_end_; }
  void resume(const SourcePosition&) override {}
  // The names in front of the rows' places.
  std::vector<InputPart> parts() const override { return parts_; }
  std::uint64_t total_bytes() const override { return 0; }
  std::uint64_t most_held_bytes() const;

 private:
  void find_parts(QuarantineRange range);
  void take(std::size_t most);
  void hand_out(const QuarantinedRow& row, std::vector<SourceRow>& rows);
  void hand_out_payload(const QuarantinedRow& payload, SourceRow row, std::vector<SourceRow>& rows);

  QuarantineSettings settings_;
  std::unique_ptr<PayloadReader> payloads_;
  std::unique_ptr<QuarantineReader> reader_;
  std::map<std::string, std::uint64_t> part_of_name_;
  std::vector<InputPart> parts_;
  std::vector<QuarantinedRow> taken_;
  std::optional<QuarantinedRow> next_;
  std::uint64_t rows_put_back_ = 0;
  bool is_at_end_ = false;
};

}  // namespace millrace
