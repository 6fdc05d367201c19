// A program as a probe: started without a shell, in its own process group, without any of our descriptors.
//
//     spawn --> wait for output and exit --> exit status 0: up; anything else: down, with the first line of its output;
//                                            a program that cannot be started: unknown
//     timeout or cancel() --> SIGKILL to the group, reaped when it is gone
//
// The child is awaited by its pidfd (Linux 5.3), so the process's other children are not affected.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "server/probe/measurements.h"
#include "server/probe/probe.h"
#include "server/runtime/descriptor.h"
#include "zone/base/bytes.h"

namespace server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

constexpr int kFirstForeignDescriptor = 3;
constexpr std::size_t kMaxInterpreterLine = 256;            // octets, as Linux reads
constexpr std::string_view kDefaultPath = "/bin:/usr/bin";  // of posix_spawnp without PATH

error_code system_error(int code) { return {code, boost::system::system_category()}; }

std::string with_address(std::string word, const std::string& address) {
  constexpr std::string_view kPlace = "{address}";
  for (std::size_t at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace, at + address.size()))
    word.replace(at, kPlace.size(), address);
  return word;
}

// The interpreter of a script ("#!/bin/sh") if it is missing: execve then fails as if the script was missing.
std::string missing_interpreter(const std::string& script) {
  const FileDescriptor file(::open(script.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::array<char, kMaxInterpreterLine> start{};
  const ssize_t size = file.get() < 0 ? 0 : ::read(file.get(), start.data(), start.size());
  std::string_view line(start.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  line = line.substr(0, line.find('\n'));
  if (!line.starts_with("#!")) return {};
  line.remove_prefix(std::min(line.find_first_not_of(" \t", 2), line.size()));
  std::string interpreter(line.substr(0, line.find_first_of(" \t\r")));
  struct stat status{};
  return ::stat(interpreter.c_str(), &status) == 0 ? std::string() : interpreter;
}

std::string cannot_run_text(const std::string& program, int error) {
  const std::string interpreter = error == ENOENT ? missing_interpreter(program) : std::string();
  if (!interpreter.empty()) return fmt::format("cannot run {}: its interpreter {} is missing", program, interpreter);
  return fmt::format("cannot run {}: {}", program, std::strerror(error));
}

// The child's start state: its own process group, no signal blocked or ignored, input from /dev/null, output to `out`.
class SpawnRequest {
 public:
  explicit SpawnRequest(int out) {
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, out, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstForeignDescriptor);
  }
  ~SpawnRequest() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnRequest(const SpawnRequest&) = delete;
  SpawnRequest& operator=(const SpawnRequest&) = delete;

  // Returns 0 or errno.
  int spawn(std::vector<std::string>& words, pid_t& child) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return ::posix_spawnp(&child, pointers.front(), &actions_, &attributes_, pointers.data(), environ);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

// Kills the whole group and reaps the leader when it is gone; the probe no longer waits for it.
void kill_and_reap(pid_t child, Descriptor process) {
  ::kill(-child, SIGKILL);
  auto kept = std::make_shared<Descriptor>(std::move(process));  // shared: std::function copies its handler
  kept->async_wait(Descriptor::wait_read, [kept, child](const error_code&) { ::waitpid(child, nullptr, WNOHANG); });
}

class ProgramProbe : public Probe {
 public:
  ProgramProbe(asio::io_context& context, const CheckOptions& check, OnResult on_result)
      : Probe(context, check, std::move(on_result)), output_(context), process_(context) {}

 private:
  void run() override {
    if (monitor().command.empty()) return finish_unknown("no command is configured");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error(errno));
    const FileDescriptor write_end(ends[1]);
    FileDescriptor read_end(ends[0]);
    if (const int refused = spawn(write_end.get())) return cannot_run(refused);
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0));
    if (process < 0) return fail_to_run(errno);
    process_.assign(process);
    output_.assign(read_end.release());
    output_.non_blocking(true);
    read_output();
    await_end();
  }

  int spawn(int out) {
    std::vector<std::string> words;
    for (const std::string& word : monitor().command) words.push_back(with_address(word, check().target.to_string()));
    return SpawnRequest(out).spawn(words, child_);
  }

  void cannot_run(int refused) {
    child_ = 0;
    finish_unknown(cannot_run_text(monitor().command.front(), refused));
  }

  // Without a pidfd the child can only be killed at once.
  void fail_to_run(int error) {
    ::kill(-child_, SIGKILL);
    ::waitpid(std::exchange(child_, 0), nullptr, 0);
    fail(system_error(error));
  }

  void close() override {
    error_code ignored;
    output_.close(ignored);
    if (child_ != 0) kill_and_reap(std::exchange(child_, 0), std::move(process_));
  }

  // Keeps the start of the output and reads the rest, so the program does not block.
  void take(std::size_t size) {
    const std::string_view piece = dns::as_text(dns::Bytes(buffer_).first(size));
    text_.append(piece.substr(0, kMaxMeasurementText - text_.size()));
  }

  void read_output() {
    output_.async_read_some(asio::buffer(buffer_),
                            [self = self<ProgramProbe>()](const error_code& error, std::size_t size) {
                              if (self->done() || error) return;
                              self->take(size);
                              self->read_output();
                            });
  }

  void await_end() {
    process_.async_wait(Descriptor::wait_read, [self = self<ProgramProbe>()](const error_code& error) {
      if (!self->done() && !error) self->ended();
    });
  }

  void ended() {
    ::kill(-child_, SIGKILL);  // processes it left behind; the leader is not reaped yet, so its number is still ours
    int status = 0;
    const pid_t child = std::exchange(child_, 0);
    if (::waitpid(child, &status, 0) != child)
      return finish_unknown(fmt::format("{}: its exit status was lost", monitor().command.front()));
    error_code error;
    while (text_.size() < kMaxMeasurementText) {  // its last output
      const std::size_t size = output_.read_some(asio::buffer(buffer_), error);
      if (error || size == 0) break;
      take(size);
    }
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    std::string detail = first_line(text_);
    const std::string fate = WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status))
                                               : fmt::format("killed by signal {}", WTERMSIG(status));
    if (!well) detail = detail.empty() ? fate : fmt::format("{}: {}", fate, detail);
    finish({.outcome = well ? Outcome::kOk : Outcome::kFailed,
            .measurements = parse_measurements(text_),
            .detail = std::move(detail)});
  }

  Descriptor output_, process_;
  pid_t child_ = 0;
  std::string text_;
  std::array<std::uint8_t, 4096> buffer_;
};

}  // namespace

std::shared_ptr<Probe> make_program(asio::io_context& context, const CheckOptions& check, OnResult on_result) {
  return std::make_shared<ProgramProbe>(context, check, std::move(on_result));
}

std::string program_fault(const MonitorOptions& monitor) {
  const std::string& program = monitor.command.front();
  const char* const path = std::getenv("PATH");
  std::string_view places = program.contains('/') ? "" : path == nullptr ? kDefaultPath : std::string_view(path);
  int error = ENOENT;
  for (;;) {
    const std::string_view place = places.substr(0, places.find(':'));
    const std::string file = place.empty() ? program : fmt::format("{}/{}", place, program);
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) error = program.contains('/') ? errno : error;
    else if (S_ISREG(status.st_mode) && (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0)
      return missing_interpreter(file).empty() ? std::string() : cannot_run_text(file, ENOENT);
    else error = EACCES;
    if (place.size() == places.size()) break;
    places.remove_prefix(place.size() + 1);
  }
  return cannot_run_text(program, error);
}

// A file as a probe: another program writes "up" or "down" and measurements into it.
//
// The file is read synchronously: it must be on a local disk.

namespace {

constexpr std::chrono::seconds kMaxAhead{1};  // the file's clock may be that of another machine

ProbeResult unknown_result(const std::string& why) {
  return {.outcome = Outcome::kUnknown, .measurements = {}, .detail = first_line(why)};
}

class FileProbe : public Probe {
 public:
  using Probe::Probe;

 private:
  void run() override { finish(read_state_file(monitor(), std::chrono::system_clock::now())); }
  void close() override {}
};

}  // namespace

ProbeResult read_state_file(const MonitorOptions& monitor, std::chrono::system_clock::time_point now) {
  const FileDescriptor file(::open(monitor.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return unknown_result(fmt::format("{}: {}", monitor.file, std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return unknown_result(fmt::format("{} is not a regular file", monitor.file));
  const auto written = std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  const Duration age = now.time_since_epoch() - written;
  const std::string date = fmt::format("{:%FT%TZ}", fmt::gmtime(status.st_mtim.tv_sec));
  if (age > monitor.timeout)
    return unknown_result(fmt::format("last written at {}, more than {:g} s ago", date,
                                      static_cast<double>(monitor.timeout.count()) / 1e9));
  if (age < -kMaxAhead) return unknown_result(fmt::format("written in the future, at {}", date));
  std::array<std::uint8_t, kMaxMeasurementText> buffer;
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return unknown_result(fmt::format("{}: {}", monitor.file, std::strerror(errno)));
  const std::string_view text = dns::as_text(dns::Bytes(buffer).first(static_cast<std::size_t>(size)));
  const auto verdict = parse_verdict(text);
  if (!verdict) return unknown_result(fmt::format("contains neither `up` nor `down`: `{}`", first_line(text)));
  return {.outcome = *verdict, .measurements = parse_measurements(text), .detail = first_line(text)};
}

std::shared_ptr<Probe> make_file(boost::asio::io_context& context, const CheckOptions& check, OnResult on_result) {
  return std::make_shared<FileProbe>(context, check, std::move(on_result));
}

}  // namespace server
