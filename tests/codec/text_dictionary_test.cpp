// SPDX-License-Identifier: Apache-2.0
#include "text_dictionary.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace millrace;

BOOST_AUTO_TEST_CASE(codes_are_given_in_order_of_first_appearance) {
  TextDictionary dictionary;
  BOOST_TEST(dictionary.code("b") == 1);
  BOOST_TEST(dictionary.code("") == 2);
  BOOST_TEST(dictionary.code("b") == 1);
  BOOST_TEST(dictionary.find("b") == 1);
  BOOST_TEST(dictionary.find("c") == 0);
  BOOST_TEST(dictionary.labels().size() == 3u);
  dictionary.clear();
  BOOST_TEST(dictionary.find("b") == 0);
}

BOOST_AUTO_TEST_CASE(a_dictionary_agrees_with_a_map_through_growth_and_undoing) {
  std::mt19937 random(2);
  TextDictionary dictionary;
  std::map<std::string, std::int32_t> expected;
  for (int round = 0; round < 20'000; ++round) {
    const auto text =
        std::string(random() % 24, static_cast<char>('a' + random() % 3)) + std::to_string(random() % 300);
    const auto size = static_cast<std::int32_t>(expected.size());
    const auto code = dictionary.code(text);
    const auto [place, added] = expected.try_emplace(text, size + 1);
    BOOST_TEST_REQUIRE(code == place->second);
    if (!added || random() % 2 == 0) continue;
    dictionary.drop_newest();
    expected.erase(place);
    BOOST_TEST_REQUIRE(dictionary.find(text) == 0);
  }
  for (const auto& [text, code] : expected) BOOST_TEST_REQUIRE(dictionary.find(text) == code);
}

// As a refused row does that gave a column several texts.
BOOST_AUTO_TEST_CASE(several_new_texts_can_be_taken_out_again_also_when_it_grew_between_them) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    TextDictionary dictionary;
    std::vector<std::string> kept;
    while (kept.size() < 300) {
      kept.push_back(std::to_string(kept.size()));
      dictionary.code(kept.back());
      const auto refused = random() % 4;
      for (std::size_t text = 0; text < refused; ++text)
        dictionary.code(std::to_string(round) + "." + std::to_string(text));
      for (std::size_t text = 0; text < refused; ++text) dictionary.drop_newest();
    }
    for (std::size_t text = 0; text < kept.size(); ++text)
      BOOST_TEST_REQUIRE(dictionary.find(kept[text]) == static_cast<std::int32_t>(text) + 1);
  }
}

BOOST_AUTO_TEST_CASE(texts_of_any_length_are_told_apart_whatever_stands_behind_them) {
  TextDictionary dictionary;
  const std::string bytes = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  for (std::size_t size = 0; size <= 40; ++size)
    BOOST_TEST(dictionary.code_readable(std::string_view(bytes).substr(0, size)) ==
               static_cast<std::int32_t>(size) + 1);
  for (std::size_t size = 0; size <= 40; ++size)
    BOOST_TEST(dictionary.code(std::string(size, 'a')) == static_cast<std::int32_t>(size) + 1);
  BOOST_TEST(dictionary.find(std::string("a\0", 2)) == 0);
}
