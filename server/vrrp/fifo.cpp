#include "server/vrrp/fifo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <nlohmann/json.hpp>

#include "server/runtime/descriptor.h"

namespace server {
namespace {

constexpr std::size_t kLineMax = 1024;
constexpr std::size_t kSnapshotMax = 4 << 20;
constexpr std::size_t kPipeMax = 1 << 20;  // of backlog that is skipped; a pipe holds no more
constexpr std::time_t kSnapshotAge = 10;   // seconds
constexpr std::chrono::seconds kFifoRetryDelay{1};

struct RoleWord {
  std::string_view word;
  FifoRole role;
};
constexpr RoleWord kRoles[] = {{"MASTER", FifoRole::kMaster},
                               {"BACKUP", FifoRole::kBackup},
                               {"FAULT", FifoRole::kFault},
                               {"STOP", FifoRole::kStop},
                               {"DELETED", FifoRole::kStop}};

// The numbers in vrrp_json.c: init, backup, master, fault.
constexpr FifoRole kSnapshotRoles[] = {FifoRole::kUnknown, FifoRole::kBackup, FifoRole::kMaster, FifoRole::kFault};

// The text of a file if it is recent enough and not too long.
std::string read_recent(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  if (std::time(nullptr) - status.st_mtime > kSnapshotAge || static_cast<std::size_t>(status.st_size) > kSnapshotMax)
    return {};
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return text;
}

}  // namespace

std::optional<FifoLine> parse_fifo_line(std::string_view line) {
  constexpr std::string_view kBefore = "INSTANCE \"";
  if (!line.starts_with(kBefore)) return std::nullopt;
  line.remove_prefix(kBefore.size());
  const std::size_t quote = line.find('"');
  if (quote == std::string_view::npos || quote == 0) return std::nullopt;
  FifoLine found{std::string(line.substr(0, quote)), FifoRole::kUnknown};
  line.remove_prefix(quote + 1);
  if (!line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  const std::string_view state = line.substr(0, line.find(' '));
  for (const RoleWord& row : kRoles)
    if (row.word == state) found.role = row.role;
  if (found.role == FifoRole::kUnknown) return std::nullopt;
  return found;
}

FifoRole parse_snapshot(std::string_view json, std::string_view instance) {
  using Json = nlohmann::json;
  const Json all = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!all.is_array()) return FifoRole::kUnknown;
  for (const Json& one : all) {
    if (!one.is_object() || !one.contains("data") || !one["data"].is_object()) continue;
    const Json& data = one["data"];
    if (!data.contains("iname") || !data["iname"].is_string() ||
        data["iname"].get_ref<const std::string&>() != instance)
      continue;
    if (!data.contains("state") || !data["state"].is_number_unsigned()) return FifoRole::kUnknown;
    const auto state = data["state"].get<std::uint64_t>();
    return state < std::size(kSnapshotRoles) ? kSnapshotRoles[state] : FifoRole::kUnknown;
  }
  return FifoRole::kUnknown;
}

FifoSource::FifoSource(boost::asio::io_context& context, const VirtualRouterOptions& options, Callbacks callbacks)
    : path_(options.fifo),
      instance_(options.fifo_instance),
      snapshot_(options.snapshot),
      pipe_(context),
      retry_(context),
      callbacks_(std::move(callbacks)) {}

void FifoSource::start() { open(); }

// Opens the pipe for reading and writing if permitted, as keepalived does: the pipe then never reports end of file,
// whichever processes open and close it.
void FifoSource::open() {
  int pipe = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (pipe < 0 && errno == EACCES) pipe = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const bool was_empty = std::exchange(empty_, pipe < 0 && errno == ENOENT);
  if (pipe < 0) return try_later(path_ + ": " + std::strerror(errno));
  struct stat status{};
  if (::fstat(pipe, &status) != 0 || !S_ISFIFO(status.st_mode)) {
    ::close(pipe);
    return try_later(path_ + ": not a FIFO");
  }
  if (!was_empty) discard_backlog(pipe);
  partial_.clear();
  pipe_.assign(pipe);
  if (std::exchange(faulty_, false)) callbacks_.recovered();
  if (!snapshot_.empty())
    if (const FifoRole role = parse_snapshot(read_recent(snapshot_), instance_); role != FifoRole::kUnknown)
      callbacks_.role(role);
  wait();
}

void FifoSource::discard_backlog(int pipe) {
  std::array<char, 4096> old;
  for (std::size_t passed = 0; passed < kPipeMax;) {
    const ssize_t size = ::read(pipe, old.data(), old.size());
    if (size <= 0) return;
    passed += static_cast<std::size_t>(size);
  }
}

void FifoSource::wait() {
  pipe_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                   [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                     if (error || alive.expired()) return;
                     drain();
                     if (pipe_.is_open()) wait();
                   });
}

void FifoSource::drain() {
  std::array<char, 64 * 1024> octets;
  const ssize_t size = ::read(pipe_.native_handle(), octets.data(), octets.size());
  if (size > 0) return take({octets.data(), static_cast<std::size_t>(size)});
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  empty_ = size == 0;
  boost::system::error_code ignored;
  pipe_.close(ignored);
  try_later(path_ + ": " + (size < 0 ? std::strerror(errno) : "no process writes to it"));
}

void FifoSource::take(std::string_view octets) {
  while (!octets.empty()) {
    const std::size_t end = octets.find('\n');
    partial_ += octets.substr(0, end);
    if (partial_.size() > kLineMax) partial_.resize(kLineMax + 1);  // longer than any valid line; rejected when it ends
    if (end == std::string_view::npos) return;
    octets.remove_prefix(end + 1);
    const auto line = partial_.size() > kLineMax ? std::nullopt : parse_fifo_line(partial_);
    partial_.clear();
    if (line && line->instance == instance_) callbacks_.role(line->role);
  }
}

void FifoSource::try_later(const std::string& fault) {
  if (!std::exchange(faulty_, true)) callbacks_.fault(fault);
  retry_.expires_after(kFifoRetryDelay);
  retry_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) open();
  });
}

}  // namespace server
