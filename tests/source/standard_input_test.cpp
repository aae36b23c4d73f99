// SPDX-License-Identifier: Apache-2.0
#include "source/contract.hpp"
#include "source/input_folder.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// Standard input is a file while this lives.
class Redirected {
 public:
  explicit Redirected(const std::string& path) : saved_(::dup(STDIN_FILENO)) {
    const auto file = File::open(path, File::Mode::read);
    ::dup2(file.descriptor(), STDIN_FILENO);
  }
  ~Redirected() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  int saved_;
};

std::string numbered_rows(int count) {
  std::string text;
  for (int row = 0; row < count; ++row) text += std::to_string(row) + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_sampled_from_standard_input_is_read_again) {
  const InputFolder folder;
  const Redirected input(folder.write("a", numbered_rows(500000)));
  const auto source = files("jsonl", {"-"});
  BOOST_TEST(source->sample(1000).size() == 1000u);
  BOOST_TEST(source->sample(200000).size() == 200000u);
  const auto rows = read_all(*source);
  BOOST_TEST_REQUIRE(rows.size() == 500000u);
  for (std::size_t row = 0; row < rows.size(); row += 1000)
    BOOST_TEST(rows[row].bytes == std::to_string(row));
}

BOOST_AUTO_TEST_CASE(standard_input_is_skipped_up_to_a_position) {
  const InputFolder folder;
  const auto path = folder.write("a", numbered_rows(300000));
  SourcePosition position;
  {
    const Redirected input(path);
    position = read_all(*files("jsonl", {"-"}))[249999].behind;
  }
  const Redirected input(path);
  const auto source = files("jsonl", {"-"});
  source->sample(10);
  source->resume(position);
  const auto rows = read_all(*source);
  BOOST_TEST(rows.size() == 50000u);
  BOOST_TEST(rows[0].bytes == "250000");
  BOOST_TEST(rows[0].line == 250001u);
}

BOOST_AUTO_TEST_CASE(the_header_of_csv_on_standard_input_is_read_once) {
  const InputFolder folder;
  const Redirected input(folder.write("a", "x,y\n1,2\n3,4\n"));
  const auto source = files("csv", {"-"});
  BOOST_TEST(source->decode_options().csv_columns.size() == 2u);
  BOOST_TEST(source->sample(1)[0] == "1,2");
  const auto rows = read_all(*source);
  BOOST_TEST(rows.size() == 2u);
  BOOST_TEST(rows[1].bytes == "3,4");
}
