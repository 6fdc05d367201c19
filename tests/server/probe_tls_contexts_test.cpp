#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "server/probe/probe.h"
#include "tests/support/temporary_directory.h"

TEST_CASE("https checks: replaced certification authorities are read again") {
  const ::dns::test::TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "authorities.pem", next = directory.path() / "next.pem";
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
}
