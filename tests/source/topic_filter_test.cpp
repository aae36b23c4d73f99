// SPDX-License-Identifier: Apache-2.0
#include "source/topic_filter.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

namespace millrace {
namespace {

struct Pair {
  std::string_view one, other;
};

bool overlap_both_ways(const Pair& pair) {
  const bool there = filters_overlap(pair.one, pair.other), back = filters_overlap(pair.other, pair.one);
  BOOST_TEST(there == back);
  return there;
}

BOOST_AUTO_TEST_CASE(filters_overlap_if_some_topic_is_matched_by_both) {
  constexpr std::array<Pair, 10> pairs{{{"a", "a"},
                                        {"a/#", "a/b"},
                                        {"a/#", "a"},
                                        {"#", "a/b/c"},
                                        {"+/b", "a/+"},
                                        {"a/+/c", "a/b/#"},
                                        {"a/+", "a/"},
                                        {"$share/g/a/#", "a/b"},
                                        {"$SYS/#", "$SYS/broker"},
                                        {"+/+", "a/#"}}};
  for (const auto& pair : pairs) BOOST_TEST(overlap_both_ways(pair), pair.one << " and " << pair.other);
}

BOOST_AUTO_TEST_CASE(filters_without_a_topic_in_common_do_not_overlap) {
  constexpr std::array<Pair, 8> pairs{{{"a", "b"},
                                       {"a", "a/b"},
                                       {"a/+", "a"},
                                       {"a/+", "a/b/c"},
                                       {"a/+/c", "a/b/d"},
                                       {"#", "$SYS/broker"},
                                       {"+/broker", "$SYS/broker"},
                                       {"a", "A"}}};
  for (const auto& pair : pairs) BOOST_TEST(!overlap_both_ways(pair), pair.one << " and " << pair.other);
}

}  // namespace
}  // namespace millrace
