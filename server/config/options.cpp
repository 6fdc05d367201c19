#include "server/config/options.h"

#include <algorithm>

namespace server {
namespace {

bool same_endpoint(const ListenAddress& a, const ListenAddress& b) { return same_address(a, b) && a.port == b.port; }

struct Part {
  std::string_view name;
  bool (*same)(const Options& a, const Options& b);
};

constexpr Part kParts[] = {
    {"[server] listen",
     [](const Options& a, const Options& b) {
       return std::ranges::equal(a.listen.addresses, b.listen.addresses, same_endpoint);
     }},
    {"[server] workers", [](const Options& a, const Options& b) { return a.listen.workers == b.listen.workers; }},
    {"[server] spread", [](const Options& a, const Options& b) { return a.listen.spread == b.listen.spread; }},
    {"[server] send-together",
     [](const Options& a, const Options& b) { return a.listen.send_together == b.listen.send_together; }},
    {"[server] absent-addresses",
     [](const Options& a, const Options& b) { return a.listen.absent == b.listen.absent; }},
    {"[server] receive-buffer",
     [](const Options& a, const Options& b) { return a.listen.receive_buffer == b.listen.receive_buffer; }},
    {"[server] images", [](const Options& a, const Options& b) { return a.store.images == b.store.images; }},
    {"[server] user", [](const Options& a, const Options& b) { return a.privileges.user == b.privileges.user; }},
    {"[server] group", [](const Options& a, const Options& b) { return a.privileges.group == b.privileges.group; }},
    {"[server] udp-size",
     [](const Options& a, const Options& b) { return a.responder.udp_size_max == b.responder.udp_size_max; }},
    {"[server] version", [](const Options& a, const Options& b) { return a.responder.version == b.responder.version; }},
    {"[server] identity",
     [](const Options& a, const Options& b) { return a.responder.identity == b.responder.identity; }},
    {"[server] nsid", [](const Options& a, const Options& b) { return a.responder.nsid == b.responder.nsid; }},
    {"[server] strict-start", [](const Options& a, const Options& b) { return a.strict_start == b.strict_start; }},
    {"[server] state", [](const Options& a, const Options& b) { return a.state == b.state; }},
    {"[server] control", [](const Options& a, const Options& b) { return a.control == b.control; }},
    {"[tcp]", [](const Options& a, const Options& b) { return a.listen.tcp == b.listen.tcp; }},
    {"[log]",
     [](const Options& a, const Options& b) { return a.log.level == b.log.level && a.log.format == b.log.format; }},
};

}  // namespace

std::vector<std::string_view> needs_restart(const Options& running, const Options& read) {
  std::vector<std::string_view> names;
  for (const Part& part : kParts)
    if (!part.same(running, read)) names.push_back(part.name);
  return names;
}

}  // namespace server
