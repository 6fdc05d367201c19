#include <filesystem>

#include <doctest/doctest.h>

#include "server/journal/journal.h"
#include "tests/support/temporary_directory.h"

TEST_CASE("journal: a state directory that another program deletes or replaces is an error") {
  const ::dns::test::TemporaryDirectory temporary;
  const std::filesystem::path& directory = temporary.path();
  auto journal = server::Journal::open(server::open_disk(directory, "zones"));
  REQUIRE(journal);
  CHECK((*journal)->maintain().empty());
  const std::vector<std::string> lost{
      "another program deleted or replaced it; serials are not saved any more: restart the server"};
  std::filesystem::rename(directory / "zones", directory / "old");
  CHECK((*journal)->maintain() == lost);
  std::filesystem::create_directory(directory / "zones");
  CHECK((*journal)->maintain() == lost);
  std::filesystem::remove(directory / "zones");
  std::filesystem::rename(directory / "old", directory / "zones");
  CHECK((*journal)->maintain().empty());
}
