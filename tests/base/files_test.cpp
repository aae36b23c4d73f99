// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/files.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "millrace/base/error.hpp"

using namespace millrace;

namespace {

struct Folder {
  Path path = std::filesystem::temp_directory_path() / ("millrace_files_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string text_of(const Path& path) {
  const auto bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_replaced_file_holds_the_new_text_and_leaves_no_part, Folder) {
  replace_file(path / "a", "one");
  replace_file(path / "a", "two");
  BOOST_TEST(text_of(path / "a") == "two");
  BOOST_TEST(!std::filesystem::exists(path / "a.part"));
}

BOOST_FIXTURE_TEST_CASE(folders_are_created_with_those_above_them_and_may_be_there_already, Folder) {
  for (int twice = 0; twice < 2; ++twice) create_folders_durably(path / "a" / "b" / "c/");
  create_folders(path / "d" / "e");
  BOOST_TEST(std::filesystem::is_directory(path / "a" / "b" / "c"));
  BOOST_TEST(std::filesystem::is_directory(path / "d" / "e"));
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_cannot_be_created_is_an_error_that_names_it, Folder) {
  replace_file(path / "a", "a file");
  const auto names_it = [](const Error& error) {
    return std::string(error.what()).find("/a/b") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(create_folders_durably(path / "a" / "b"), Error, names_it);
  BOOST_CHECK_EXCEPTION(create_folders(path / "a" / "b"), Error, names_it);
}

BOOST_FIXTURE_TEST_CASE(a_bare_name_lies_in_the_current_folder, Folder) {
  BOOST_TEST(folder_of("name") == Path("."));
  BOOST_TEST(folder_of(path / "name") == path);
}

BOOST_FIXTURE_TEST_CASE(appending_goes_to_the_end_and_truncating_cuts, Folder) {
  auto file = File::open(path / "log", File::Mode::append);
  file.write_all("first ");
  file.write_all("second");
  BOOST_TEST(file.size() == 12u);
  file.truncate(5);
  file.write_all("!");
  BOOST_TEST(text_of(path / "log") == "first!");
}

BOOST_FIXTURE_TEST_CASE(a_lock_is_held_once_and_free_again_when_its_holder_goes, Folder) {
  {
    const auto held = FileLock::take(path / "lock", 0);
    BOOST_TEST(held.has_value());
    BOOST_TEST(!FileLock::take(path / "lock", 0.1).has_value());
    BOOST_TEST(FileLock::holder(path / "lock") == std::to_string(::getpid()));
  }
  BOOST_TEST(FileLock::take(path / "lock", 0).has_value());
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named_in_the_error) {
  try {
    File::open("/nowhere/at/all", File::Mode::read);
    BOOST_ERROR("no error");
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find("/nowhere/at/all: No such file") != std::string::npos);
    BOOST_CHECK(error.code() == ExitCode::failed);
  }
}

BOOST_AUTO_TEST_CASE(a_full_device_gives_the_no_space_code) {
  auto file = File::open("/dev/full", File::Mode::append);
  try {
    file.write_all("x");
    BOOST_ERROR("no error");
  } catch (const Error& error) {
    BOOST_CHECK(error.code() == ExitCode::no_space);
  }
}
