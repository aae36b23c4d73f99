// SPDX-License-Identifier: Apache-2.0
// Malformed payloads: refused whole with a reason, or framed into rows of which the decoder refuses the bad
// ones.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "codec/decoder_harness.hpp"
#include "codec/payload_kit.hpp"

using namespace millrace;

namespace {

using Texts = std::vector<std::string>;

std::string refusal(const std::string& payload, const PayloadOptions& options) {
  const auto reader = make_payload_reader(options);
  const auto& read = reader->read(payload, "topic");
  BOOST_TEST(read.rows.empty());
  return read.refusal;
}

// The plain text is refused for the same reason if it comes gzip'ed.
void check_refused(PayloadForm form, const std::string& payload, const std::string& reason) {
  BOOST_TEST(refusal(payload, {.form = form}) == "payload: " + reason, payload);
  BOOST_TEST(refusal(payload, {.form = form, .topic_column = "t"}) == "payload: " + reason, payload);
  BOOST_TEST(refusal(gzip_of(payload), {.form = form}) == "payload: " + reason, payload);
}

void check_array_refused(const std::string& array, const std::string& reason) {
  check_refused(PayloadForm::array, array, reason);
  check_refused(PayloadForm::packed, base64(zlib_of(array)), reason);
}

// What the decoder says of the rows of the payload, "" for a good one.
Texts decoder_says(PayloadForm form, const std::string& payload) {
  const auto reader = make_payload_reader({.form = form});
  const auto& read = reader->read(payload, "topic");
  BOOST_TEST(read.refusal == "", payload);
  const Texts rows(read.rows.begin(), read.rows.end());
  const auto result = decoded(Schema{{{.name = "a", .type = Type::float64}}}, rows,
                              {.format = row_format(form), .csv_columns = {"a"}});
  Texts says(rows.size());
  for (const auto& reject : result.outcome.rejects) says[reject.row] = reject.reason;
  return says;
}

void check_decoder_says(PayloadForm form, const std::string& payload, const Texts& says) {
  BOOST_TEST(decoder_says(form, payload) == says, boost::test_tools::per_element());
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

// The most memory that the process ever had, in bytes.
std::size_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::size_t kib = 0; word == "VmHWM:" && status >> kib) return kib << 10;
  return 0;
}

// `bytes` bytes of one kind, deflated without ever being there.
std::string bomb(std::size_t bytes, int window_bits) {
  const std::string piece(1u << 20, ' ');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(bytes / 500 + 1000, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (std::size_t done = 0; done < bytes; done += piece.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    deflate(&stream, done + piece.size() < bytes ? Z_NO_FLUSH : Z_FINISH);
  }
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_payload_without_a_row_is_refused_in_every_form) {
  for (const auto form :
       {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::csv, PayloadForm::packed})
    for (const std::string payload : {"", "\n", "\r\n\n", "\xEF\xBB\xBF"})
      check_refused(form, payload, "the payload is empty");
  for (const auto form : {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::packed})
    check_refused(form, " \t\n ", "the payload is empty");
  check_refused(PayloadForm::packed, base64(zlib_of("")), "the payload is empty");
  check_refused(PayloadForm::packed, base64(zlib_of(" \n")), "the payload is empty");
}

BOOST_AUTO_TEST_CASE(an_array_that_is_none_is_refused) {
  check_array_refused("{\"a\":1}", "the payload is not an array, found { at byte 0");
  check_array_refused("{\"a\":1}\n{\"a\":2}", "the payload is not an array, found { at byte 0");
  check_array_refused("\x01", "the payload is not an array, found 0x01 at byte 0");
  check_array_refused(std::string("\0[]", 3), "the payload is not an array, found 0x00 at byte 0");
  check_array_refused("]", "the payload is not an array, found ] at byte 0");
}

BOOST_AUTO_TEST_CASE(an_array_that_is_cut_anywhere_is_refused) {
  const std::string array = R"([{"a":1.5,"b":"x]\"\\"} , "text", [1, {}], true, {"c":[[]]}])";
  for (std::size_t size = 1; size < array.size(); ++size)
    check_array_refused(array.substr(0, size), "the array is not closed");
}

BOOST_AUTO_TEST_CASE(wrong_commas_refuse_the_array) {
  check_array_refused("[1,,2]", "a comma is too many in the array, found , at byte 3");
  check_array_refused("[,1]", "a comma is too many in the array, found , at byte 1");
  check_array_refused("[,]", "a comma is too many in the array, found , at byte 1");
  check_array_refused("[{},]", "a comma is too many in the array, found ] at byte 4");
  check_array_refused("[1 2]", "a comma is missing in the array, found 2 at byte 3");
  check_array_refused("[{}\n{}]", "a comma is missing in the array, found { at byte 4");
  check_array_refused("[\"a\"\"b\"]", "a comma is missing in the array, found \" at byte 4");
  check_array_refused("[{}:{}]", "a comma is missing in the array, found : at byte 3");
  check_array_refused("[{}\x02]", "a comma is missing in the array, found 0x02 at byte 3");
  check_array_refused("[12\"a\"]", "a comma is missing in the array, found \" at byte 3");
}

BOOST_AUTO_TEST_CASE(brackets_that_do_not_match_refuse_the_array) {
  for (const std::string array : {"[{]}]", "[{\"a\":[1}]", "[[}]", "[}]", "[{}, }"})
    check_array_refused(array, "brackets in the array do not match");
  check_array_refused("[{}}]", "a comma is missing in the array, found } at byte 3");
}

BOOST_AUTO_TEST_CASE(something_behind_the_array_refuses_it) {
  check_array_refused("[{}]]", "something stands behind the array, found ] at byte 4");
  check_array_refused("[{}] [{}]", "something stands behind the array, found [ at byte 5");
  check_array_refused("[]x", "something stands behind the array, found x at byte 2");
  check_array_refused(std::string("[]\0", 3), "something stands behind the array, found 0x00 at byte 2");
}

BOOST_AUTO_TEST_CASE(deep_nesting_costs_a_row_then_the_payload_but_never_the_stack) {
  const auto nested = [](std::size_t depth) { return repeated("[", depth) + repeated("]", depth); };
  check_decoder_says(PayloadForm::array, std::string("[{\"a\":1},{\"x\":") + nested(1000) + "},{}]",
                     {"", "decode: not valid JSON: nested too deeply", ""});
  check_decoder_says(PayloadForm::row, std::string("{\"x\":") + nested(1000) + "}",
                     {"decode: not valid JSON: nested too deeply"});
  BOOST_TEST(decoder_says(PayloadForm::array, std::string("[") + nested(1024) + "]").size() == 1u);
  check_array_refused(std::string("[") + nested(1025) + "]", "the array is nested too deeply");
  check_array_refused(nested(1'000'000), "the array is nested too deeply");
  check_array_refused(repeated("[", 1'000'000), "the array is nested too deeply");
  check_array_refused(std::string("[") + repeated("{\"a\":", 1'000'000), "the array is nested too deeply");
  BOOST_TEST(decoder_says(PayloadForm::row, repeated("[", 1'000'000)).at(0) != "");
}

BOOST_AUTO_TEST_CASE(base64_rubbish_is_refused) {
  const auto good = base64(zlib_of("[{\"a\":1}]"));
  const auto check = [](const std::string& payload, const std::string& reason) {
    check_refused(PayloadForm::packed, payload, reason);
  };
  BOOST_TEST_REQUIRE(good.ends_with("="));
  check(std::string("*") + good.substr(1),
        "the base64 text holds a byte that is none of base64, found 0x2a at byte 0");
  check(good.substr(0, 5) + "-" + good.substr(6),
        "the base64 text holds a byte that is none of base64, found 0x2d at byte 5");
  check("\xC3\xA4" + good, "the base64 text holds a byte that is none of base64, found 0xc3 at byte 0");
  check("AA=A", "the base64 text holds a byte that is none of base64, found 0x3d at byte 2");
  check("A===", "the base64 text holds a byte that is none of base64, found 0x3d at byte 1");
  check("[{\"a\":1}]", "the base64 text holds a byte that is none of base64, found 0x5b at byte 0");
  check(good.substr(0, 8) + "\n" + good.substr(8), "a line break stands inside the base64 text");
  check(good.substr(0, 8) + "\r\n" + good.substr(8), "a line break stands inside the base64 text");
  check(good.substr(0, good.size() - 1), "the base64 text is cut short or not padded");
  check("A", "the base64 text is cut short or not padded");
  check("=", "the base64 text is cut short or not padded");
  check("AB==", "the base64 text ends in bits that belong to no byte");
  check("AAB=", "the base64 text ends in bits that belong to no byte");
}

BOOST_AUTO_TEST_CASE(wrong_zlib_and_gzip_are_refused) {
  const std::string array =
      std::string("[{\"a\":1},") + repeated("{\"a\":12345,\"b\":\"text\"},", 50) + "{}]";
  const auto zlib = zlib_of(array), gzip = gzip_of(array);
  const auto packed_refusal = [](const std::string& bytes) {
    return refusal(base64(bytes), {.form = PayloadForm::packed});
  };
  const auto refused = [](const std::string& bytes) { return refusal(bytes, {.form = PayloadForm::array}); };
  for (std::size_t size = 1; size < zlib.size(); ++size)
    BOOST_TEST(packed_refusal(zlib.substr(0, size)) == "payload: the zlib data ends too early");
  for (std::size_t size = 2; size < gzip.size(); ++size)
    BOOST_TEST(refused(gzip.substr(0, size)) == "payload: the gzip data ends too early");
  for (std::size_t more = 1; more < 20; ++more)
    for (const char byte : {'x', '\0'}) {
      BOOST_TEST(packed_refusal(zlib + std::string(more, byte)) ==
                 "payload: something stands behind the zlib data");
      BOOST_TEST(refused(gzip + std::string(more, byte)) == "payload: something stands behind the gzip data");
    }
  BOOST_TEST(packed_refusal(zlib + zlib) == "payload: something stands behind the zlib data");
  BOOST_TEST(refused(gzip + gzip) ==
             std::string("payload: something stands behind the array, found [ at byte ") +
                 std::to_string(array.size()));
  for (const auto& bytes : {array, gzip, deflated(array, -15), std::string("\x78") + zlib,
                            std::string("\x88\x1c") + zlib.substr(2)})
    BOOST_TEST(packed_refusal(bytes) == "payload: the payload holds no zlib data");
  BOOST_TEST(packed_refusal(zlib.substr(0, 2) + std::string(20, '\xFF')) ==
             "payload: the zlib data is damaged");
  const auto asks_for_dictionary = std::string("\x78\xBB") + zlib.substr(2);
  BOOST_TEST(packed_refusal(asks_for_dictionary) == "payload: the zlib data asks for a dictionary");
  for (const auto from_end : {1u, 2u, 3u, 4u}) {
    auto wrong = zlib;
    wrong[wrong.size() - from_end] ^= 1;
    BOOST_TEST(packed_refusal(wrong) == "payload: the zlib data is damaged");
    wrong = gzip;
    wrong[wrong.size() - from_end - 4] ^= 1;
    BOOST_TEST(refused(wrong) == "payload: the gzip data is damaged");
  }
}

BOOST_AUTO_TEST_CASE(bombs_are_refused_as_soon_as_they_pass_the_bound) {
  constexpr std::size_t limit = 1u << 20, size = 256u << 20;
  const auto gzip = bomb(size, 31), zlib = base64(bomb(size, 15));
  BOOST_TEST(gzip.size() < limit);
  const auto reason = "payload: expected at most 1048576 bytes (max_payload_bytes), found more";
  const auto before = peak_memory();
  for (const auto form :
       {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::csv, PayloadForm::packed})
    BOOST_TEST(refusal(gzip, {.form = form, .max_bytes = limit}) == reason);
  BOOST_TEST(refusal(zlib, {.form = PayloadForm::packed, .max_bytes = limit}) == reason);
  BOOST_TEST(refusal(gzip_of(zlib), {.form = PayloadForm::packed, .max_bytes = limit}) == reason);
  BOOST_TEST(before > 0u);
  BOOST_TEST(peak_memory() - before < 32 * limit);
}

BOOST_AUTO_TEST_CASE(the_bounds_hold_to_the_byte_and_to_the_row) {
  const std::string lines = "1\n2\n3\n", array = "[1,2,3]";
  const auto bytes = [](const std::string& payload, PayloadForm form, std::size_t most) {
    return refusal(payload, {.form = form, .max_bytes = most});
  };
  const auto reason = [](std::size_t most) {
    return std::string("payload: expected at most ") + std::to_string(most) +
           " bytes (max_payload_bytes), found more";
  };
  for (const auto& given : {lines, gzip_of(lines)})
    BOOST_TEST(bytes(given, PayloadForm::lines, 5) == reason(5));
  for (const auto& given : {array, gzip_of(array)})
    BOOST_TEST(bytes(given, PayloadForm::array, 6) == reason(6));
  BOOST_TEST(bytes(base64(zlib_of(array)), PayloadForm::packed, 6) == reason(6));
  for (const auto& [form, given] :
       {std::pair(PayloadForm::lines, lines), std::pair(PayloadForm::lines, gzip_of(lines)),
        std::pair(PayloadForm::array, gzip_of(array)),
        std::pair(PayloadForm::packed, base64(zlib_of(array)))}) {
    const auto reader = make_payload_reader({.form = form, .max_bytes = 7, .max_rows = 3});
    BOOST_TEST(reader->read(given, "").rows.size() == 3u);
    BOOST_TEST(refusal(given, {.form = form, .max_rows = 2}) ==
               "payload: expected at most 2 rows in a payload, found more: publish fewer at a time");
  }
  BOOST_TEST(
      refusal("{}\n{}\n{}", {.form = PayloadForm::lines, .max_bytes = 50, .topic_column = "a column"}) ==
      reason(50));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_row_is_told_by_the_decoder_and_costs_that_row) {
  const std::string not_utf8 = "{\"a\":1,\"b\":\"\xFF\xFE\"}", invalid = "decode: not valid JSON: ";
  const auto row = [&](const std::string& payload, const std::string& says) {
    check_decoder_says(PayloadForm::row, payload, {invalid + says});
    check_decoder_says(PayloadForm::array, "[{}," + payload + ",{\"a\":1}]", {"", invalid + says, ""});
    check_decoder_says(PayloadForm::packed, base64(zlib_of("[{}," + payload + ",{\"a\":1}]")),
                       {"", invalid + says, ""});
  };
  row(not_utf8, "not valid UTF-8");
  row("[1]", "expected an object");
  row("null", "expected an object");
  row("{\"a\" 1}", "a comma, colon, bracket or key is missing or too many");
  row("{\"a\":1,}", "a comma, colon, bracket or key is missing or too many");
  row("{\"a\":NaN}", "a value is neither a text, a number, true, false nor null");
  row("{\"a\":\"\\x\"}", "a text has a wrong escape or a lone surrogate");
  row("{\"a\":\"\n\"}", "a control character stands in a text");
  check_decoder_says(PayloadForm::row, "{\"a\":1}{\"a\":2}",
                     {invalid + "something stands behind the object"});
  check_decoder_says(PayloadForm::row, "{\"a\":1", {invalid + "the row does not end with a closing bracket"});
  check_decoder_says(PayloadForm::lines, "{}\n{\"a\":\"x\n{}", {"", invalid + "a text is not closed", ""});
  check_decoder_says(PayloadForm::csv, "1\n1,2\n\xFF\n\"1\n2",
                     {"", "decode: expected 1 fields, found 2", "decode: not valid UTF-8",
                      "decode: not valid CSV: a quote is not closed"});
  // gzip in gzip is opened once.
  check_decoder_says(PayloadForm::row, gzip_of(gzip_of("{}")),
                     decoder_says(PayloadForm::row, std::string(" ") + gzip_of("{}")));
}
