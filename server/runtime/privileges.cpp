#include "server/runtime/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace server {
namespace {

using Outcome = dns::Result<void, std::string>;

std::optional<unsigned> number(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Outcome failed(std::string_view call) {
  return dns::Failure<std::string>(std::string(call) + ": " + std::strerror(errno));
}

// Groups first, because the new user may not change them.
Outcome become(const NewIdentity& who) {
  if (who.user && *who.user == ::geteuid() && (!who.group || *who.group == ::getegid())) return {};
  if (who.group) {
    if (::setgroups(0, nullptr) != 0) return failed("setgroups");
    if (::setresgid(*who.group, *who.group, *who.group) != 0) return failed("setresgid");
  }
  if (who.user) {
    if (::setresuid(*who.user, *who.user, *who.user) != 0) return failed("setresuid");
    if (*who.user != 0 && ::setuid(0) == 0) return dns::Failure<std::string>("root could be regained after setresuid");
  }
  return {};
}

Outcome drop_capabilities() {
  // Without CAP_SETPCAP the bounding set cannot be emptied. Then no_new_privs has the same effect.
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return failed("capset");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

}  // namespace

dns::Result<NewIdentity, std::string> find_identity(const PrivilegeOptions& options) {
  NewIdentity who;
  if (!options.user.empty()) {
    const auto id = number(options.user);
    const passwd* entry = id ? ::getpwuid(*id) : ::getpwnam(options.user.c_str());
    if (entry != nullptr) {
      who = {entry->pw_uid, entry->pw_gid};
    } else if (id) {
      who = {*id, *id};  // a container image has no user database
    } else {
      return dns::Failure<std::string>("there is no user '" + options.user + "'");
    }
  }
  if (!options.group.empty()) {
    const auto id = number(options.group);
    const group* entry = id ? nullptr : ::getgrnam(options.group.c_str());
    if (!id && entry == nullptr) return dns::Failure<std::string>("there is no group '" + options.group + "'");
    who.group = id ? *id : entry->gr_gid;
  }
  return who;
}

void raise_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> held{};
  if (::syscall(SYS_capget, &header, held.data()) != 0) return;
  for (__user_cap_data_struct& part : held) part.effective = part.permitted;
  ::syscall(SYS_capset, &header, held.data());  // if it fails, the bind fails and is reported
}

Outcome drop_privileges(const PrivilegeOptions& options) {
  const auto who = find_identity(options);
  if (!who) return dns::Failure<std::string>(who.error());
  if (const Outcome outcome = become(*who); !outcome) return outcome;
  return drop_capabilities();
}

}  // namespace server
