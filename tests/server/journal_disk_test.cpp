#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "server/journal/journals.h"

TEST_CASE("journals: a state directory that another program deletes or replaces is an error") {
  std::string pattern = std::filesystem::temp_directory_path() / "state-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  const std::filesystem::path directory = pattern;
  auto journals = server::Journals::open(server::open_disk(directory, "zones"));
  REQUIRE(journals);
  CHECK((*journals)->maintain().empty());
  const std::vector<std::string> lost{
      "another program deleted or replaced it; serials are not saved any more: restart the server"};
  std::filesystem::rename(directory / "zones", directory / "old");
  CHECK((*journals)->maintain() == lost);
  std::filesystem::create_directory(directory / "zones");
  CHECK((*journals)->maintain() == lost);
  std::filesystem::remove(directory / "zones");
  std::filesystem::rename(directory / "old", directory / "zones");
  CHECK((*journals)->maintain().empty());
  std::filesystem::remove_all(directory);
}
