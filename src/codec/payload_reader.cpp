// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "payload_array.hpp"
#include "payload_base64.hpp"
#include "payload_inflate.hpp"

namespace millrace {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr auto empty = "the payload is empty";

std::string_view without_frills(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return without_blanks(text);
}

// Rows with the topic behind them, in a buffer of their own.
class TopicColumn {
 public:
  explicit TopicColumn(const PayloadOptions& options) : options_(options) {
    if (options.form == PayloadForm::csv) return;
    key_ = json_text(options.topic_column) + ':';
  }

  // "" or why not.
  std::string append_to(std::vector<std::string_view>& rows, std::string_view topic) {
    write(topic);
    std::size_t bytes = 0;
    for (const auto row : rows) bytes += row.size() + addition_.size() + 1;
    if (bytes > options_.max_bytes) return too_many_bytes(options_.max_bytes);
    buffer_.clear();
    buffer_.reserve(bytes);
    for (auto& row : rows)
      if (row.size() <= options_.max_row_bytes) row = with_topic(row);
    return "";
  }

 private:
  void write(std::string_view topic) {
    addition_ = options_.form == PayloadForm::csv ? csv_field(topic) : key_ + json_text(topic) + '}';
  }

  std::string csv_field(std::string_view topic) const {
    const auto is_special = [this](char c) {
      return c == options_.csv_delimiter || c == '"' || c == '\n' || c == '\r';
    };
    std::string field(1, options_.csv_delimiter);
    if (!topic.empty() && std::none_of(topic.begin(), topic.end(), is_special)) return field.append(topic);
    field += '"';
    for (const char c : topic) field.append(c == '"' ? 2 : 1, c);
    return field += '"';
  }

  std::string_view with_topic(std::string_view row) {
    const auto begin = buffer_.size();
    if (options_.form == PayloadForm::csv) {
      buffer_.append(row).append(addition_);
    } else {
      if (row.size() < 2 || row.front() != '{' || row.back() != '}') return row;
      const auto body = row.substr(0, row.size() - 1);
      const bool is_empty = without_blanks(body.substr(1)).empty();
      buffer_.append(body).append(is_empty ? "" : ",").append(addition_);
    }
    return std::string_view(buffer_).substr(begin);
  }

  const PayloadOptions& options_;
  std::string key_;       // of JSON
  std::string addition_;  // what comes behind a row, for this topic
  std::string buffer_;
};

class Reader final : public PayloadReader {
 public:
  explicit Reader(PayloadOptions options)
      : options_(std::move(options)), inflater_(options_.max_bytes), topic_column_(options_) {}

  const PayloadRows& read(std::string_view payload, std::string_view topic) override {
    result_.rows.clear();
    result_.refusal = take(payload);
    if (result_.refusal.empty() && !options_.topic_column.empty())
      result_.refusal = topic_column_.append_to(result_.rows, topic);
    if (!result_.refusal.empty()) {
      result_.refusal.insert(0, "payload: ");
      result_.rows.clear();
      return result_;
    }
    for (auto& row : result_.rows) row = row.substr(0, options_.max_row_bytes + 1);
    return result_;
  }

 private:
  std::string take(std::string_view payload) {
    if (!payload.starts_with(gzip_begin)) return frame(payload);
    const auto fault = inflater_.inflate(Wrapper::gzip, payload);
    return fault.empty() ? frame(inflater_.plain()) : fault;
  }

  std::string frame(std::string_view text) {
    if (options_.form == PayloadForm::packed) return frame_packed(without_frills(text));
    if (text.size() > options_.max_bytes) return too_many_bytes(options_.max_bytes);
    if (options_.form == PayloadForm::lines || options_.form == PayloadForm::csv) return frame_lines(text);
    text = without_frills(text);
    if (text.empty()) return empty;
    if (options_.form == PayloadForm::array) return frame_array(text, options_.max_rows, result_.rows);
    result_.rows.push_back(text);
    return "";
  }

  std::string frame_packed(std::string_view text) {
    if (text.empty()) return empty;
    if (auto fault = read_base64(text, packed_); !fault.empty()) return fault;
    if (auto fault = inflater_.inflate(Wrapper::zlib, packed_); !fault.empty()) return fault;
    const auto plain = without_frills(inflater_.plain());
    return plain.empty() ? empty : frame_array(plain, options_.max_rows, result_.rows);
  }

  std::string frame_lines(std::string_view text) {
    framed_.clear();
    const auto framer = make_row_framer(row_format(options_.form), options_.max_row_bytes, true);
    framer->frame(text, true, options_.max_rows + 1, framed_);
    if (framed_.size() > options_.max_rows) return too_many_rows(options_.max_rows);
    for (const auto& row : framed_) result_.rows.push_back(text.substr(row.begin, row.end - row.begin));
    return result_.rows.empty() ? empty : "";
  }

  PayloadOptions options_;
  Inflater inflater_;
  TopicColumn topic_column_;
  std::string packed_;  // without its base64
  std::vector<FramedRow> framed_;
  PayloadRows result_;
};

}  // namespace

std::unique_ptr<PayloadReader> make_payload_reader(const PayloadOptions& options) {
  return std::make_unique<Reader>(options);
}

}  // namespace millrace
