#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "server/runtime/atomic_file.h"
#include "tests/support/temporary_directory.h"

using server::AtomicFile;
using server::replace_file;

namespace {

struct Directory {
  std::string file() const { return (path / "state").string(); }
  std::size_t size() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
  std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  mode_t mode() const {
    struct stat status;
    return ::stat(file().c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

  ::dns::test::TemporaryDirectory temporary;
  const std::filesystem::path& path = temporary.path();
};

}  // namespace

TEST_CASE("atomic file: creates a file with the given mode, replaces it, and leaves no other file") {
  const Directory directory;
  REQUIRE(replace_file(directory.file(), "one", {.mode = 0600}));
  CHECK(directory.content() == "one");
  CHECK(directory.mode() == 0600);
  REQUIRE(replace_file(directory.file(), "two", {.mode = 0600}));
  CHECK(directory.content() == "two");
  CHECK(directory.size() == 1);
}

TEST_CASE("atomic file: without a mode the new file keeps the mode of the old file, which must exist") {
  const Directory directory;
  CHECK_FALSE(replace_file(directory.file(), "one", {}));
  CHECK(directory.size() == 0);
  REQUIRE(replace_file(directory.file(), "one", {.mode = 0600}));
  REQUIRE(::chmod(directory.file().c_str(), 0644) == 0);
  REQUIRE(replace_file(directory.file(), "two", {}));
  CHECK(directory.content() == "two");
  CHECK(directory.mode() == 0644);
}

TEST_CASE("atomic file: without a commit the old file stays and the temporary file is removed") {
  const Directory directory;
  REQUIRE(replace_file(directory.file(), "one", {.mode = 0600}));
  {
    auto file = AtomicFile::create(directory.file(), {.mode = 0600});
    REQUIRE(file);
    REQUIRE(file->write_at(0, dns::as_bytes("two")));
    CHECK(directory.size() == 2);
  }
  CHECK(directory.content() == "one");
  CHECK(directory.size() == 1);
}

TEST_CASE("atomic file: removes a leftover link with the temporary name and does not write through it") {
  const Directory directory;
  const std::filesystem::path link_target = directory.path / "victim", temporary = directory.file() + ".new";
  std::ofstream(link_target) << "victim";
  std::filesystem::create_symlink(link_target, temporary);
  REQUIRE(replace_file(directory.file(), "one", {.mode = 0600}));
  CHECK(directory.content() == "one");
  CHECK(std::filesystem::file_size(link_target) == 6);
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(temporary)));
}

TEST_CASE("atomic file: returns the system's error text") {
  const Directory directory;
  const auto replaced = replace_file((directory.path / "missing" / "state").string(), "one", {.mode = 0600});
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error() == "No such file or directory");
}
