#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "server/probe/probe.h"

TEST_CASE("https checks: replaced certification authorities are read again") {
  std::string pattern = std::filesystem::temp_directory_path() / "authorities-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  const std::filesystem::path directory = pattern, file = directory / "authorities.pem", next = directory / "next.pem";
  std::ofstream(file) << "# none\n";
  REQUIRE(::setenv("SSL_CERT_FILE", file.c_str(), 1) == 0);
  server::TlsContexts contexts;
  const auto first = contexts.get();
  CHECK(contexts.get() == first);
  std::ofstream(next) << "# other ones\n";
  std::filesystem::rename(next, file);
  const auto second = contexts.get();
  CHECK(second != first);
  CHECK(contexts.get() == second);
  std::filesystem::remove(file);
  CHECK(contexts.get() == second);
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove_all(directory);
}
