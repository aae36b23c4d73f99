// SPDX-License-Identifier: Apache-2.0
// The csv and jsonl sinks: one growing file.
#include "millrace/codec/row_encoder.hpp"
#include "sink/growing_file.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

class TextSink : public Sink {
 public:
  TextSink(Path path, RowFormat format) : file_(std::move(path)), format_(format) {}

  void recover(Manifest& manifest) override { file_.recover(manifest.state().text_bytes); }
  void remove_all() override { file_.remove(); }
  void check(const Schema&, bool) const override {}
  void begin(Manifest& manifest) override {
    if (manifest.state().text_bytes == 0)
      append_header(manifest.state().output.header.result_schema, format_, file_.pending());
  }
  void write(SinkMessage& message, std::uint64_t, std::uint64_t) override {
    append_rows(message.result.frame, format_, file_.pending());
    file_.flush_if_large();
  }
  void seal(CommitEntry& entry) override { entry.text_bytes = file_.seal(); }
  void committed() override {}
  std::uint64_t memory_bound() const override { return GrowingFile::memory_bound; }

 private:
  GrowingFile file_;
  RowFormat format_;
};

}  // namespace

std::uint64_t text_memory_bound(const Options&, const Schema&) {
  return GrowingFile::memory_bound;
}

std::unique_ptr<Sink> make_csv_sink(const OutputSettings&, const OutputPlaces& places) {
  return std::make_unique<TextSink>(places.root, RowFormat::csv);
}

std::unique_ptr<Sink> make_jsonl_sink(const OutputSettings&, const OutputPlaces& places) {
  return std::make_unique<TextSink>(places.root, RowFormat::jsonl);
}

}  // namespace millrace
