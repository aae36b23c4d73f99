// SPDX-License-Identifier: Apache-2.0
#include "config/project_file.hpp"

using namespace millrace;

namespace {

Schema every_kind() {
  Schema schema;
  schema.columns = {{"dateTime", Type::time, "ms"},
                    {"outTemp", Type::float64, "degree_C"},
                    {"station \"7\"", Type::int64, "", Role::key},
                    {"ok", Type::boolean},
                    {"windDir", Type::text},
                    {"note", Type::text, "", Role::value, TextEncoding::fixed, 24}};
  return schema;
}

std::string refusal_of(const std::string& text) {
  try {
    parse_schema_json(text);
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ExitCode::project_refused));
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_schema_survives_its_text) {
  BOOST_TEST((parse_schema_json(schema_to_json(every_kind())) == every_kind()));
}

BOOST_AUTO_TEST_CASE(a_declaration_is_written_a_column_a_line) {
  Schema schema;
  schema.columns = {{"t", Type::time, "s"}, {"a", Type::float64}};
  BOOST_TEST(schema_to_json(schema) ==
             "{ \"columns\": [\n  { \"name\": \"t\", \"type\": \"time\", \"unit\": \"s\" },\n"
             "  { \"name\": \"a\", \"type\": \"float64\" }\n] }");
}

BOOST_AUTO_TEST_CASE(columns_are_numbers_and_times_are_seconds_unless_said) {
  const auto schema = parse_schema_json(R"({"columns": [{"name": "a"}, {"name": "t", "type": "time"}]})");
  BOOST_TEST((schema.columns[0].type == Type::float64));
  BOOST_TEST(schema.columns[1].unit == "s");
}

BOOST_AUTO_TEST_CASE(a_declaration_stands_in_a_project_file_as_it_was_printed) {
  const auto project = test::load_text(test::with("\"schema\": " + schema_to_json(every_kind())));
  BOOST_TEST_REQUIRE(project.schema.has_value());
  BOOST_TEST((*project.schema == every_kind()));
}

BOOST_AUTO_TEST_CASE(a_damaged_declaration_is_refused_with_its_place) {
  BOOST_TEST(refusal_of("{").starts_with("line 1"));
  BOOST_TEST(refusal_of("[]") == R"(schema: expected "infer" or {"columns": [...]}, found an empty list)");
  BOOST_TEST(refusal_of(R"({"columns": [{"name": "a", "typ": "text"}]})") ==
             "schema.columns[0].typ: unknown option; did you mean type?");
}
