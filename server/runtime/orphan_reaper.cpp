#include "server/runtime/orphan_reaper.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "server/runtime/descriptor.h"

namespace server {
namespace {

constexpr std::chrono::seconds kReapInterval{1};

std::optional<pid_t> parse_pid(std::string_view text) {
  pid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ProcessState> read_process_state(std::string_view pid) {
  const std::string path = "/proc/" + std::string(pid) + "/stat";
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 512> text;
  const ssize_t size = file.get() < 0 ? -1 : ::read(file.get(), text.data(), text.size());
  return size < 0 ? std::nullopt : parse_process_state({text.data(), static_cast<std::size_t>(size)});
}

// Calls visit(pid, state) for each dead child of this process.
template <class Visit>
void each_dead_child(const Visit& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), ::closedir);
  if (processes == nullptr) return;
  while (const dirent* const entry = ::readdir(processes.get())) {
    const std::string_view name = entry->d_name;
    const auto pid = parse_pid(name);
    const auto state = pid ? read_process_state(name) : std::nullopt;
    if (state && state->state == 'Z' && state->parent == ::getpid()) visit(*pid, *state);
  }
}

}  // namespace

// "17 (a name) Z 1 17 1 ...": the name may contain spaces and parentheses.
std::optional<ProcessState> parse_process_state(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 1);
  std::array<std::string_view, 4> fields;
  for (std::string_view& field : fields) {
    if (!stat.starts_with(' ')) return std::nullopt;
    stat.remove_prefix(1);
    field = stat.substr(0, stat.find(' '));
    stat.remove_prefix(field.size());
  }
  const auto parent = parse_pid(fields[1]), group = parse_pid(fields[2]), session = parse_pid(fields[3]);
  if (fields[0].size() != 1 || !parent || !group || !session) return std::nullopt;
  return ProcessState{.parent = *parent, .group = *group, .session = *session, .state = fields[0].front()};
}

bool OrphanReaper::gets_orphans() {
  int subreaper = 0;
  return ::getpid() == 1 || (::prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper != 0);
}

void OrphanReaper::start() {
  if (gets_orphans()) reap_later();
}

void OrphanReaper::reap_later() {
  timer_.expires_after(kReapInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    reap(Instant::clock::now());
    reap_later();
  });
}

int OrphanReaper::reap(Instant now) {
  int reaped = 0;
  std::map<pid_t, Instant> unclear;
  const pid_t session = ::getsid(0);
  each_dead_child([&](pid_t pid, const ProcessState& state) {
    if (state.group == pid && state.session == session) {
      const auto known = unclear_.find(pid);
      const Instant since = known == unclear_.end() ? now : known->second;
      unclear.emplace(pid, since);
      if (now - since < kPatience) return;
    }
    if (::waitpid(pid, nullptr, WNOHANG) == pid) ++reaped;
  });
  unclear_ = std::move(unclear);
  return reaped;
}

}  // namespace server
