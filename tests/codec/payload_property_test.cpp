// SPDX-License-Identifier: Apache-2.0
// Random payloads: rows read are rows written; random and mutated arrays: the framer does what the plainest
// reading of the text does.
#include <boost/test/unit_test.hpp>
#include <random>

#include "codec/decoder_harness.hpp"
#include "codec/payload_kit.hpp"
#include "payload_array.hpp"

using namespace millrace;

namespace {

using Texts = std::vector<std::string>;

class RandomJson {
 public:
  explicit RandomJson(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  std::string text() {
    static const Texts parts{"a", "temperature", "\\\"", "\\\\", "{",        "}",       "[",
                             "]", ",",           ":",    " ",    "\xC3\xA4", "\\u00e4", "\\n"};
    std::string all = "\"";
    for (auto count = below(12); count > 0; --count) all += one_of(parts);
    return all + '"';
  }
  std::string blank() {
    return below(4) > 0 ? "" : one_of<std::string>({" ", "\t", "  ", lines ? " " : "\n", "   "});
  }
  std::string value(int depth) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0:
        return text();
      case 1:
        return std::to_string(below(100'000)) + ".25";
      case 2:
        return one_of<std::string>({"true", "false", "null", "-1e5"});
      case 3:
        return std::to_string(below(10));
      case 4:
        return list(depth - 1, '[');
      default:
        return list(depth - 1, '{');
    }
  }
  std::string list(int depth, char bracket) {
    std::string all(1, bracket);
    for (auto count = below(5); count > 0; --count) {
      all += blank();
      if (bracket == '{') all += text() + blank() + ":" + blank();
      all += value(depth) + blank() + (count > 1 ? "," : "");
    }
    return all + (bracket == '{' ? '}' : ']');
  }
  Texts objects(std::size_t count) {
    Texts all(count);
    for (auto& row : all) row = list(4, '{');
    return all;
  }

  bool lines = false;  // no line ends

 private:
  std::mt19937 random_;
};

std::string array_with_blanks(const Texts& rows, RandomJson& random) {
  std::string all = random.blank();
  for (std::size_t row = 0; row < rows.size(); ++row)
    all.append(row == 0 ? "[" : ",").append(random.blank()).append(rows[row]).append(random.blank());
  return all.append(rows.empty() ? "[ ]" : "]").append(random.blank());
}

void check_read(const Texts& rows, const std::string& payload, PayloadForm form) {
  const auto reader = make_payload_reader({.form = form});
  for (const auto& given : {payload, gzip_of(payload)}) {
    const auto& read = reader->read(given, "");
    BOOST_TEST_REQUIRE(read.refusal == "", payload);
    BOOST_TEST_REQUIRE((Texts(read.rows.begin(), read.rows.end()) == rows), payload);
  }
}

void check_as_plain(const std::string& text) {
  std::vector<std::string_view> elements;
  const auto fault = frame_array(text, 1'000'000, elements);
  const auto plain = PlainArray(text).elements();
  BOOST_TEST_REQUIRE(fault.empty() == plain.has_value(), text << "\n" << fault);
  if (plain) BOOST_TEST_REQUIRE((Texts(elements.begin(), elements.end()) == *plain), text);
}

std::string mutated(std::string text, RandomJson& random) {
  static const std::string letters = "[]{}\",:\\ \n1a\xFF";
  for (auto count = 1 + random.below(3); count > 0 && !text.empty(); --count) {
    const auto place = random.below(text.size());
    switch (random.below(4)) {
      case 0:
        text.erase(place, 1 + random.below(5));
        break;
      case 1:
        text.insert(place, 1, letters[random.below(letters.size())]);
        break;
      case 2:
        text[place] = letters[random.below(letters.size())];
        break;
      default:
        text.resize(place);
    }
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_read_are_rows_written_for_every_form_and_any_split) {
  RandomJson random(5);
  random.lines = true;
  for (int round = 0; round < 200; ++round) {
    const auto rows = random.objects(1 + random.below(30));
    for (const auto form : {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::packed})
      for (std::size_t begin = 0; begin < rows.size();) {
        const auto size = form == PayloadForm::row ? 1 : 1 + random.below(rows.size() - begin);
        const Texts part(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                         rows.begin() + static_cast<std::ptrdiff_t>(begin + size));
        check_read(part, write_payload(form, {part.begin(), part.end()}), form);
        begin += size;
      }
  }
}

BOOST_AUTO_TEST_CASE(csv_rows_read_are_rows_written) {
  RandomJson random(6);
  static const Texts fields{"1.5", "", "\"\"", "\"a\n\r\n,\"\"b\"", "text", " "};
  for (int round = 0; round < 300; ++round) {
    Texts rows(1 + random.below(20));
    for (auto& row : rows)
      for (int field = 0; field < 3; ++field) row += (field > 0 ? "," : "") + random.one_of(fields);
    check_read(rows, write_payload(PayloadForm::csv, {rows.begin(), rows.end()}), PayloadForm::csv);
  }
}

BOOST_AUTO_TEST_CASE(white_space_between_the_elements_changes_nothing) {
  RandomJson random(7);
  for (int round = 0; round < 300; ++round) {
    const auto rows = random.objects(random.below(10));
    check_read(rows, array_with_blanks(rows, random), PayloadForm::array);
    check_read(rows, base64(zlib_of(array_with_blanks(rows, random))), PayloadForm::packed);
  }
}

BOOST_AUTO_TEST_CASE(random_and_mutated_arrays_are_framed_as_by_the_plainest_reading) {
  RandomJson random(8);
  std::size_t refused = 0;
  constexpr std::size_t rounds = 30'000;
  for (std::size_t round = 0; round < rounds; ++round) {
    auto text = array_with_blanks(random.objects(random.below(6)), random);
    check_as_plain(text);
    text = mutated(std::move(text), random);
    check_as_plain(text);
    refused += PlainArray(text).elements() ? 0 : 1;
  }
  BOOST_TEST(refused > rounds / 10);  // both kinds were there
  BOOST_TEST(refused < rounds * 9 / 10);
}

BOOST_AUTO_TEST_CASE(short_texts_of_nothing_but_structure_are_framed_as_by_the_plainest_reading) {
  static const std::string letters = "[]{}\",\\ 1";
  for (std::size_t size = 1; size <= 6; ++size) {
    std::string text(size, letters[0]);
    for (std::size_t number = 0, all = 1; number < all; ++number) {
      if (number == 0)
        for (std::size_t letter = 1; letter < size; ++letter) all *= letters.size();
      auto rest = number;
      for (std::size_t letter = 1; letter < size; ++letter, rest /= letters.size())
        text[letter] = letters[rest % letters.size()];
      check_as_plain(text);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_topic_makes_no_wrong_row_right_and_no_right_row_wrong) {
  RandomJson random(9);
  const Schema schema{{{.name = "a", .type = Type::text}}};
  Texts rows, with_topic;
  const auto plain = make_payload_reader({.form = PayloadForm::row});
  const auto topic = make_payload_reader({.form = PayloadForm::row, .topic_column = "}\",{"});
  for (int round = 0; round < 5'000; ++round) {
    const auto row = mutated(random.list(3, '{'), random);
    if (plain->read(row, "").rows.empty()) continue;
    rows.emplace_back(plain->read(row, "").rows.at(0));
    with_topic.emplace_back(topic->read(row, "\",\"a\":1}\\").rows.at(0));
  }
  const auto a = decoded(schema, rows), b = decoded(schema, with_topic);
  BOOST_TEST(a.frame.row_index == b.frame.row_index, boost::test_tools::per_element());
  BOOST_TEST(a.frame.rows() > 100u);
  BOOST_TEST(a.outcome.rejects.size() > 100u);
}
