#include "server/vrrp/fifo.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <nlohmann/json.hpp>

namespace server {
namespace {

constexpr std::size_t kLineMax = 1024, kReadMax = std::size_t{64} << 10;
constexpr std::size_t kSnapshotMax = 4 << 20;
constexpr std::size_t kPipeMax = 1 << 20;  // of backlog that is skipped; a pipe holds no more
constexpr std::time_t kSnapshotAge = 10;   // seconds
constexpr std::size_t kInstancesMax = 1024;
// From a change in the directory until the FIFO is checked: keepalived sets the owner after it has made the FIFO.
constexpr std::chrono::milliseconds kChangeDelay{10};
constexpr int kNamesTurns =
    16;  // reads of changes in the directory at once: other programs may write there all the time

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

// The text of a file if it was written within kSnapshotAge and not before `earliest`, and is not too long.
std::string read_recent(const std::string& path, std::time_t earliest) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const std::time_t age = std::time(nullptr) - status.st_mtime;
  if (age > kSnapshotAge || age < -kSnapshotAge || status.st_mtime < earliest ||
      static_cast<std::size_t>(status.st_size) > kSnapshotMax)
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

void FifoReader::subscribe(std::vector<Subscriber> subscribers) {
  subscribers_ = std::move(subscribers);
  for (const Subscriber& each : subscribers_)
    if (const auto known = heard_.find(each.instance);
        known != heard_.end() && known->second.role != FifoRole::kUnknown)
      each.on_role(known->second.role);
  if (pipe_.get() >= 0) read_snapshots();
}

void FifoReader::check() {
  const PathState state = pipe_.get() < 0 ? PathState::kSame : path_state();
  if (state != PathState::kSame) leave_old_pipe(state);
  if (pipe_.get() < 0) open();
  if (pipe_.get() >= 0) read_snapshots();
  if (state != PathState::kSame) tell_unknown();
}

// A path that cannot be looked up for another reason says nothing about the open FIFO.
FifoReader::PathState FifoReader::path_state() const {
  struct stat at_path{};
  if (::stat(path_.c_str(), &at_path) != 0) return errno == ENOENT ? PathState::kRemoved : PathState::kSame;
  return at_path.st_dev == device_ && at_path.st_ino == inode_ ? PathState::kSame : PathState::kReplaced;
}

// The last lines of the old FIFO are still news: keepalived writes STOP before it deletes the FIFO.
void FifoReader::leave_old_pipe(PathState now) {
  for (auto& [instance, heard] : heard_)
    if (now == PathState::kReplaced || heard.role != FifoRole::kStop) heard.role = FifoRole::kUnknown;
  for (std::size_t turn = 0; turn < kPipeMax / kReadMax && read_once() > 0; ++turn) {
  }
  pipe_ = FileDescriptor();
  partial_.clear();
  empty_ = true;
  if (now != PathState::kReplaced) return;
  replaced_ = !all_known();
  fault(path_ + ": another FIFO has replaced it; the new one is read from its first line");
}

bool FifoReader::all_known() {
  return std::ranges::none_of(
      subscribers_, [this](const Subscriber& each) { return heard_[each.instance].role == FifoRole::kUnknown; });
}

// Opens the pipe for reading and writing if permitted, as keepalived does: the pipe then never reports end of file,
// whichever processes open and close it.
void FifoReader::open() {
  FileDescriptor pipe(::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (pipe.get() < 0 && errno == EACCES)
    pipe = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const bool recent = std::exchange(empty_, pipe.get() < 0 && (errno == ENOENT || empty_));
  if (pipe.get() < 0) return fault(path_ + ": " + std::strerror(errno));
  struct stat status{};
  if (::fstat(pipe.get(), &status) != 0 || !S_ISFIFO(status.st_mode)) return fault(path_ + ": not a FIFO");
  pipe_ = std::move(pipe);
  ++opened_;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  partial_.clear();
  if (recent) read();
  else discard_backlog();
  if (!replaced_ && pipe_.get() >= 0) recovered();
}

void FifoReader::discard_backlog() {
  std::array<char, 4096> old;
  for (std::size_t passed = 0; passed < kPipeMax;) {
    const ssize_t size = ::read(pipe_.get(), old.data(), old.size());
    if (size <= 0) return;
    passed += static_cast<std::size_t>(size);
  }
}

// A snapshot may be written after the FIFO was opened, so it is looked for until the first line.
void FifoReader::read_snapshots() {
  for (const Subscriber& each : subscribers_) {
    const Heard& before = heard_[each.instance];
    if (each.snapshot.empty() || before.role != FifoRole::kUnknown) continue;
    const FifoRole role = parse_snapshot(read_recent(each.snapshot, before.at), each.instance);
    if (role != FifoRole::kUnknown) heard(each.instance, role);
  }
}

void FifoReader::tell_unknown() {
  for (const Subscriber& each : subscribers_)
    if (heard_[each.instance].role == FifoRole::kUnknown) each.on_role(FifoRole::kUnknown);
}

void FifoReader::read() {
  const ssize_t size = read_once();
  if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) return;
  empty_ = size == 0;
  const std::string why = size < 0 ? std::strerror(errno) : "no process writes to it";
  pipe_ = FileDescriptor();
  fault(path_ + ": " + why);
}

ssize_t FifoReader::read_once() {
  std::array<char, kReadMax> octets;
  const ssize_t size = ::read(pipe_.get(), octets.data(), octets.size());
  if (size > 0) take({octets.data(), static_cast<std::size_t>(size)});
  return size;
}

void FifoReader::take(std::string_view octets) {
  while (!octets.empty()) {
    const std::size_t end = octets.find('\n');
    partial_ += octets.substr(0, end);
    if (partial_.size() > kLineMax) partial_.resize(kLineMax + 1);  // longer than any valid line; rejected when it ends
    if (end == std::string_view::npos) return;
    octets.remove_prefix(end + 1);
    const auto line = partial_.size() > kLineMax ? std::nullopt : parse_fifo_line(partial_);
    partial_.clear();
    if (line) heard(line->instance, line->role);
  }
}

void FifoReader::heard(const std::string& instance, FifoRole role) {
  if (heard_.size() >= kInstancesMax && !heard_.contains(instance)) return;
  heard_[instance] = {role, std::time(nullptr)};
  for (const Subscriber& each : subscribers_)
    if (each.instance == instance) each.on_role(role);
  if (!replaced_ || !all_known()) return;
  replaced_ = false;
  recovered();
}

void FifoReader::fault(const std::string& words) {
  if (std::exchange(fault_, words) != words) callbacks_.fault(words);
}

void FifoReader::recovered() {
  if (!std::exchange(fault_, {}).empty()) callbacks_.recovered();
}

void FifoSource::start() {
  if (!std::exchange(started_, true)) check();
}

void FifoSource::restart() {
  alive_ = std::make_shared<const int>();
  boost::system::error_code ignored;
  watch_.close(ignored);
  names_.close(ignored);
  started_ = true;
  check();
}

void FifoSource::check() {
  check_within(FifoReader::kCheckInterval);  // first: the next check comes, whatever this one meets
  follow_directory();
  reader_.check();
  follow_descriptor();
}

void FifoSource::check_within(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) check();
  });
}

// A directory that is missing, or that cannot be watched, is tried again with each check.
void FifoSource::follow_directory() {
  if (names_.is_open()) return;
  FileDescriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const std::size_t slash = path_.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  if (watch.get() < 0 ||
      ::inotify_add_watch(watch.get(), directory.c_str(), IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR) < 0)
    return;
  names_.assign(watch.release());
  wait_for_names();
}

void FifoSource::wait_for_names() {
  names_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                      if (error || alive.expired() || !names_.is_open()) return;
                      const bool check_soon = read_names();
                      if (names_.is_open()) wait_for_names();
                      if (check_soon && timer_.expiry() > boost::asio::steady_timer::clock_type::now() + kChangeDelay)
                        check_within(kChangeDelay);
                    });
}

// True if the FIFO may be another one now.
bool FifoSource::read_names() {
  alignas(inotify_event) std::array<char, 4096> octets;
  const std::string_view name = std::string_view(path_).substr(path_.rfind('/') + 1);  // npos + 1 is 0
  bool found = false;
  for (int turn = 0; turn < kNamesTurns; ++turn) {
    const ssize_t size = ::read(names_.native_handle(), octets.data(), octets.size());
    if (size <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, &octets[at], sizeof event);
      const char* const named = &octets[at + sizeof event];
      found = found || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name == named);
      if ((event.mask & IN_IGNORED) != 0) {  // the directory is gone
        names_.close();
        return true;
      }
      at += sizeof event + event.len;
    }
  }
  return found;
}

// Watches the reader's present descriptor. With a duplicate, the order in which both are closed does not matter.
void FifoSource::follow_descriptor() {
  const bool open = reader_.descriptor() >= 0;
  if (open && watched_ == reader_.opened() && watch_.is_open()) return;
  boost::system::error_code ignored;
  watch_.close(ignored);
  if (!open) return;
  const int duplicate = ::fcntl(reader_.descriptor(), F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return;  // no descriptor is left; the next check tries again
  watched_ = reader_.opened();
  watch_.assign(duplicate);
  wait();
}

void FifoSource::wait() {
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, watched = watched_, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                      if (error || alive.expired() || watched != watched_ || reader_.descriptor() < 0) return;
                      reader_.read();
                      follow_descriptor();
                      if (watch_.is_open() && watched == watched_) wait();
                    });
}

}  // namespace server
