// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.hpp"

using namespace millrace;
using test::load_text;
using test::problems_of;
using test::with;

BOOST_AUTO_TEST_CASE(an_override_replaces_a_value) {
  const auto file = with(R"("buffering_factor": 10, "chain": ["fillna_zeros", "normalizer"])");
  BOOST_TEST(load_text(file, {"buffering_factor=20"}).buffering_factor == 20);
  BOOST_TEST(load_text(file, {"sink.hdf5.path=else/where"}).sink.options.text("path") == "else/where");
  BOOST_TEST(load_text(file, {"description=two words, a = b"}).description == "two words, a = b");
  BOOST_TEST(load_text(file, {R"(speed="60x")"}).speed == 60.0);
  BOOST_TEST(load_text(file, {"speed=60x"}).speed == 60.0);
}

BOOST_AUTO_TEST_CASE(an_override_reaches_into_the_chain) {
  const auto file = with(R"("chain": ["fillna_zeros", "normalizer"])");
  const auto project = load_text(file, {"chain[1].norm=l1", R"(chain[2]={"task": "drop_duplicates"})"});
  BOOST_TEST_REQUIRE(project.chain.size() == 3u);
  BOOST_TEST(project.chain[1].options.text("norm") == "l1");
  BOOST_TEST(project.chain[2].name == "drop_duplicates");
  BOOST_TEST(load_text(file, {R"(chain=["normalizer"])"}).chain.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_override_may_give_what_the_file_lacks) {
  const auto project = load_text("{}", {"source.synthetic.rows=5", "sink.null={}"});
  BOOST_TEST(project.source.options.integer("rows") == 5);
  BOOST_TEST(project.sink.name == "null");
}

BOOST_AUTO_TEST_CASE(the_last_of_several_overrides_counts) {
  BOOST_TEST(load_text(with(""), {"buffering_factor=2", "buffering_factor=3"}).buffering_factor == 3);
}

BOOST_AUTO_TEST_CASE(an_override_that_names_no_place_is_a_problem) {
  for (const std::string wrong : {"buffering_factor", "=5", "a..b=1", "chain[x]=1", "chain[=1", "chain[9]=1",
                                  "[0]=1", "description.x.y=1"}) {
    const auto problems = problems_of(with(R"("description": "d", "chain": [])"), {wrong});
    BOOST_TEST_REQUIRE(!problems.empty());
    BOOST_TEST(problems[0].starts_with("--set " + wrong + ": "));
  }
}

BOOST_AUTO_TEST_CASE(what_an_override_sets_is_checked_like_the_file) {
  BOOST_TEST(problems_of(with(""), {"buffering_factor=abc"}) ==
             std::vector<std::string>{
                 R"(buffering_factor: expected a whole number from 1 to 1000000000 (rows), found "abc")"});
  BOOST_TEST(problems_of(with(""), {"sink.hdf5.pth=x"}) ==
             std::vector<std::string>{"sink.hdf5.pth: unknown option; did you mean path?"});
}
