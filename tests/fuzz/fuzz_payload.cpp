// SPDX-License-Identifier: Apache-2.0
// Payloads: the array framer against the plainest reading; a gzip'ed payload against a plain one; what is
// read and written again must be read as before; base64 read must be the base64 of what it is read as; and a
// topic must make no wrong row right, and no right one wrong.
#include <algorithm>
#include <cstdlib>

#include "codec/payload_kit.hpp"
#include "millrace/codec/row_decoder.hpp"
#include "payload_array.hpp"
#include "payload_base64.hpp"

using namespace millrace;

namespace {

using Views = std::vector<std::string_view>;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const Views& views, const std::vector<std::string>& texts) {
  return std::equal(views.begin(), views.end(), texts.begin(), texts.end());
}

void check_array(std::string_view text) {
  Views elements;
  const bool taken = frame_array(text, text.size(), elements).empty();
  const auto plain = PlainArray(text).elements();
  require(taken == plain.has_value());
  if (!taken) return;
  require(same(elements, *plain));
  static const auto array = make_payload_reader({.form = PayloadForm::array});
  static const auto packed = make_payload_reader({.form = PayloadForm::packed});
  for (const auto form : {PayloadForm::array, PayloadForm::packed}) {
    const auto again = write_payload(form, elements);
    const auto& reader = form == PayloadForm::array ? array : packed;
    require(same(reader->read(again, "").rows, *plain));
  }
}

void check_base64(std::string_view text) {
  std::string bytes, again;
  if (read_base64(text, bytes).empty()) require(base64(bytes) == text);
  require(read_base64(base64(text), again).empty() && again == text);
}

// Two of a kind, since rows last only until the next payload is read.
struct Readers {
  explicit Readers(const PayloadOptions& given)
      : options(given), plain(make_payload_reader(given)), unpacked(make_payload_reader(given)) {}
  PayloadOptions options;
  std::unique_ptr<PayloadReader> plain, unpacked;
};

std::vector<Readers> all_readers() {
  std::vector<Readers> all;
  for (const auto form :
       {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::csv, PayloadForm::packed}) {
    all.emplace_back(PayloadOptions{.form = form});
    all.emplace_back(PayloadOptions{
        .form = form, .max_bytes = 200, .max_rows = 5, .max_row_bytes = 20, .topic_column = "topic"});
  }
  return all;
}

void check_read(std::string_view text, const std::string& gzip, const Readers& readers) {
  const auto& options = readers.options;
  const auto& read = readers.plain->read(text, "a/b");
  require(read.refusal.find('\n') == std::string::npos);
  require(read.refusal.empty() ? read.rows.size() <= options.max_rows
                               : read.refusal.starts_with("payload: "));
  for (const auto row : read.rows) require(row.size() <= options.max_row_bytes + 1);
  if (text.starts_with("\x1F\x8B")) return;
  // base64 is bounded by what it unpacks to, but itself only where it is unpacked from gzip.
  if (options.form == PayloadForm::packed && text.size() > options.max_bytes) return;
  const auto& again = readers.unpacked->read(gzip, "a/b");
  require(again.refusal == read.refusal && again.rows == read.rows);
}

bool is_good(const RowDecoder& decoder, std::string_view row) {
  MessageBuilder builder;
  builder.add_row(row);
  const auto block = builder.finish(0);
  Frame frame;
  return decoder.decode(MessageView(block), 1, frame).rejects.empty();
}

void check_topic(std::string_view text) {
  static const auto decoder = make_row_decoder(Schema{{{.name = "a", .type = Type::float64}}}, {});
  static const auto plain = make_payload_reader({.form = PayloadForm::lines});
  static const auto topic = make_payload_reader({.form = PayloadForm::lines, .topic_column = "\":{}"});
  const auto& a = plain->read(text, "");
  const auto& b = topic->read(text, ",\"a\":1}\\");
  require(a.rows.size() == b.rows.size());
  for (std::size_t row = 0; row < a.rows.size(); ++row)
    require(is_good(*decoder, a.rows[row]) == is_good(*decoder, b.rows[row]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_array(text);
  check_base64(text);
  if (size < 1000) check_topic(text);
  static const auto readers = all_readers();
  const auto gzip = gzip_of(text);
  for (const auto& pair : readers) check_read(text, gzip, pair);
  return 0;
}
