#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "server/observe/line_writer.h"
#include "server/observe/log.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

// A pipe whose reader reads only when it is told to.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return ends_[1]; }
  // Closes the end of the writer, which must not need it any more.
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  // Waits for text that ends with `end`.
  std::string read_until(std::string_view end) {
    std::string text;
    std::array<char, 65536> part{};
    while (!text.ends_with(end)) {
      const ssize_t got = ::read(ends_[0], part.data(), part.size());
      if (got <= 0) break;
      text.append(part.data(), static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

std::string told(std::uint64_t lines) { return fmt::format("{} lost\n", lines); }

}  // namespace

TEST_CASE("line writer: lines that waited for the start and later ones are written in order") {
  Pipe pipe;
  LineWriter writer(pipe.writer());
  writer.write("1\n2\n");
  REQUIRE(writer.start());
  writer.write("3\n");
  CHECK(pipe.read_until("3\n") == "1\n2\n3\n");
  CHECK(writer.lost() == 0);
}

TEST_CASE("line writer: where nothing reads, `write` returns, lines are lost and counted, and the next lines tell it") {
  Pipe pipe;
  LineWriter writer(pipe.writer());
  writer.set_lost_line(told);
  REQUIRE(writer.start());
  const std::string line(1023, 'x');
  std::uint64_t written = 0;
  while (writer.lost() < 100) {
    writer.write(line + "\n");
    ++written;
  }
  CHECK_FALSE(writer.flush(0ms));
  std::uint64_t lines = 0, lost = 0;  // read; told
  while (lines + lost < written) {
    std::istringstream text(pipe.read_until("\n"));
    for (std::string read; std::getline(text, read);) {
      if (read == line) ++lines;
      else lost += std::stoull(read);
    }
  }
  CHECK(lines + lost == written);
  CHECK(lost == writer.lost());
  writer.write("after\n");
  CHECK(pipe.read_until("after\n") == "after\n");
}

TEST_CASE("line writer: its end does not wait for a reader that has stalled") {
  Pipe pipe;
  {
    LineWriter writer(pipe.writer());
    REQUIRE(writer.start());
    writer.write(std::string(std::size_t{1} << 20, 'x') + "\n");
  }
  CHECK(pipe.read_until("\n").size() == (std::size_t{1} << 20) + 1);  // its thread still has them
}

TEST_CASE("log: a line is text or JSON, and tells lost lines in the same form") {
  Pipe pipe;
  const auto writer = std::make_shared<LineWriter>(pipe.writer());
  REQUIRE(writer->start());
  const Log log = make_log({.level = LogLevel::kInfo, .format = LogFormat::kJson}, writer);
  log->warn("\"a\" {}", 1);
  const std::string line = pipe.read_until("\n");
  CHECK(line.starts_with("{\"time\":\""));
  CHECK(line.ends_with("\"level\":\"warning\",\"message\":\"\\\"a\\\" 1\"}\n"));
  while (writer->lost() == 0) log->info("{}", std::string(4000, 'x'));
  std::string text;
  while (text.find(" of this log lost") == std::string::npos) text += pipe.read_until("\n");
  CHECK(text.find("\"level\":\"warning\",\"message\":\"1 line of this log lost") != std::string::npos);
}

TEST_CASE("log: no text forges a line, and valid UTF-8 passes in both forms") {
  const std::string_view message = "zone \"\xc3\xa9\n2026 error forged\x1b[31m \xff";
  Pipe pipe;
  const auto writer = std::make_shared<LineWriter>(pipe.writer());
  REQUIRE(writer->start());
  make_log({.level = LogLevel::kInfo, .format = LogFormat::kText}, writer)->info("{}", message);
  CHECK(pipe.read_until("\n").ends_with(" info zone \"\xc3\xa9\\0102026 error forged\\027[31m \\255\n"));
  make_log({.level = LogLevel::kInfo, .format = LogFormat::kJson}, writer)->info("{}", message);
  CHECK(pipe.read_until("\n").ends_with(
      "\"message\":\"zone \\\"\xc3\xa9\\u000a2026 error forged\\u001b[31m \\ufffd\"}\n"));
}
