// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "config/project_file.hpp"

using namespace millrace;
using test::load_text;
using test::problems_of;
using test::TemporaryFile;

namespace {

struct Environment {
  Environment() {
    ::setenv("MILLRACE_TEST_HOME", "/data", 1);
    ::setenv("MILLRACE_TEST_SECRET", "hunter2", 1);
    ::unsetenv("MILLRACE_TEST_UNSET");
  }
};

std::string source(const std::string& options) {
  return R"({"sink": {"null": {}}, "source": {"jsonl": {)" + options + "}}}";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_GLOBAL_FIXTURE(Environment);

BOOST_AUTO_TEST_CASE(variables_are_replaced_anywhere_in_a_text) {
  const auto project =
      load_text(source(R"("path": ["${MILLRACE_TEST_HOME}/a-${MILLRACE_TEST_SECRET}.jsonl", "b"])"));
  BOOST_TEST(project.source.options.texts("path")[0] == "/data/a-hunter2.jsonl");
  BOOST_TEST(project.source.options.texts("path")[1] == "b");
}

BOOST_AUTO_TEST_CASE(a_doubled_dollar_stands_for_itself) {
  BOOST_TEST(load_text(source(R"("path": "$${X} $5 $$")")).source.options.texts("path")[0] == "${X} $5 $$");
}

BOOST_AUTO_TEST_CASE(an_unset_or_misspelt_variable_is_a_problem) {
  const auto unset = problems_of(source(R"("path": "x${MILLRACE_TEST_UNSET}")"));
  BOOST_TEST(unset == std::vector<std::string>{
                          "source.jsonl.path: ${MILLRACE_TEST_UNSET} is not set in the environment"});
  BOOST_TEST(problems_of(source(R"("path": "x${1A}")")).size() == 1u);
  BOOST_TEST(problems_of(source(R"("path": "x${MILLRACE_TEST_HOME")")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_secret_is_read_from_a_file) {
  const TemporaryFile secret("pass word\r\n");
  const auto project = load_text(source(R"("path": "a", "password": {"file": ")" + secret.path() + "\"}"));
  BOOST_TEST(project.source.options.text("password") == "pass word");
}

BOOST_AUTO_TEST_CASE(a_secret_file_that_is_missing_or_no_file_is_a_problem) {
  for (const std::string path : {"no/such/file", "/tmp", "/dev/zero"}) {
    const auto problems = problems_of(source(R"("path": "a", "password": {"file": ")" + path + "\"}"));
    BOOST_TEST_REQUIRE(problems.size() == 1u);
    BOOST_TEST(problems[0].starts_with("source.jsonl.password.file: " + path));
  }
}

BOOST_AUTO_TEST_CASE(the_normalised_text_refers_to_secrets_and_does_not_hold_them) {
  const TemporaryFile file("hunter3");
  const auto by_variable =
      load_text(source(R"("path": "${MILLRACE_TEST_HOME}", "password": "${MILLRACE_TEST_SECRET}")"));
  BOOST_TEST(by_variable.source.options.text("password") == "hunter2");
  BOOST_TEST(!holds(by_variable.text, "hunter2"));
  BOOST_TEST(holds(by_variable.text, R"("path":["${MILLRACE_TEST_HOME}"])"));
  const auto by_file = load_text(source(R"("path": "a", "password": {"file": ")" + file.path() + "\"}"));
  BOOST_TEST(!holds(by_file.text, "hunter3"));
  BOOST_TEST(load_text(by_file.text).source.options.text("password") == "hunter3");
}

BOOST_AUTO_TEST_CASE(a_secret_that_stands_in_the_project_is_refused_and_not_echoed) {
  for (const std::string value :
       {R"("hunter4")", R"("$${hunter4}")", R"("hunter4${MILLRACE_TEST_HOME}")",
        R"("${MILLRACE_TEST_HOME}hunter4")", R"(["hunter4"])", R"({"hunter4": 1})", "4"})
    BOOST_TEST(problems_of(source(R"("path": "a", "password": )" + value)) ==
               std::vector<std::string>{
                   "source.jsonl.password: expected ${NAME}, for a variable of the environment, "
                   "or {\"file\": PATH}, so that it is stored nowhere"});
}

BOOST_AUTO_TEST_CASE(a_refused_secret_is_not_echoed) {
  const auto problems = problems_of(source(R"("path": "a", "non_finite": "${MILLRACE_TEST_SECRET}")"));
  BOOST_TEST_REQUIRE(problems.size() == 1u);
  BOOST_TEST(!holds(problems[0], "hunter2"));
  BOOST_TEST(holds(problems[0], "MILLRACE_TEST_SECRET"));
}
