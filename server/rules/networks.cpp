#include "server/rules/networks.h"

#include <array>

namespace server {
namespace {

using Fault = ConfigFault;
using boost::asio::ip::address;

bool is_of(Family family, const address& a) { return a.is_v6() == (family == Family::kIpv6); }

bool uses(const VirtualRouterDraft& draft, VrrpSource source) {
  return std::ranges::find(draft.options.sources, source) != draft.options.sources.end();
}

// Those of `keys` that are given, because `why`.
void without_effect(const Written& written, std::span<const std::string_view> keys, std::string_view why, Faults& faults) {
  for (const std::string_view key : keys)
    if (written.has(key)) faults.tell(Fault::kWithoutEffect, written.mark_key(key), std::string(key) + " has no effect: " + std::string(why));
}

void check_addresses(const VirtualRouterDraft& draft, Faults& faults) {
  const Family family = draft.options.family;
  const std::string_view word = family == Family::kIpv4 ? "IPv4" : "IPv6";
  for (std::size_t i = 0; i < draft.options.vips.size(); ++i)
    if (!is_of(family, draft.options.vips[i]))
      faults.tell(Fault::kWrongFamily, draft.vips[i], "a virtual address of another family than " + std::string(word));
  for (const RouterDraft& router : draft.routers)
    for (const address& a : router.options.addresses)
      if (!is_of(family, a)) faults.tell(Fault::kWrongFamily, router.at, a.to_string() + " is of another family than " + std::string(word));
}

bool share_an_address(const RouterOptions& a, const RouterOptions& b) {
  return std::ranges::any_of(a.addresses, [&](const address& one) { return std::ranges::find(b.addresses, one) != b.addresses.end(); });
}

void check_routers(const VirtualRouterDraft& draft, Faults& faults) {
  for (std::size_t i = 0; i < draft.routers.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (draft.routers[i].options.name == draft.routers[j].options.name || share_an_address(draft.routers[i].options, draft.routers[j].options))
        faults.tell(Fault::kNameTwice, draft.routers[i].at, draft.routers[i].options.name + " has the name or an address of an earlier router");
}

void check_version(const VirtualRouterDraft& draft, Faults& faults) {
  const bool is_ipv6 = draft.options.family == Family::kIpv6;
  if (is_ipv6 && draft.options.version == VrrpVersion::kV2)
    faults.tell(Fault::kVersionAndFamily, draft.written.mark("version"), "VRRP version 2 is for IPv4 alone");
  if (draft.written.has("v2-password") && (is_ipv6 || draft.options.version == VrrpVersion::kV3))
    faults.tell(Fault::kVersionAndFamily, draft.written.mark_key("v2-password"), "only version 2 has a password");
}

void check_sources(const VirtualRouterDraft& draft, Faults& faults) {
  static constexpr std::array<std::string_view, 3> kFifoKeys{"fifo", "fifo-instance", "snapshot"};
  static constexpr std::array<std::string_view, 4> kPassiveKeys{"unicast", "ttl-min", "v2-password", "hmac-key"};
  static constexpr std::array<std::string_view, 1> kLocalKeys{"local-router"};
  const Written& written = draft.written;
  const bool fifo = uses(draft, VrrpSource::kFifo), local = fifo || uses(draft, VrrpSource::kNetlink), passive = uses(draft, VrrpSource::kPassive);
  if (local && !written.has("local-router"))
    faults.tell(Fault::kLocalRouterMissing, written.mark("sources"), "the sources netlink and fifo need local-router: which of the routers this host is");
  if (fifo && !written.has("fifo")) faults.tell(Fault::kMissingKey, written.mark("sources"), "the source fifo needs its path: fifo");
  if (!fifo) without_effect(written, kFifoKeys, "fifo is not one of the sources", faults);
  if (!local) without_effect(written, kLocalKeys, "neither netlink nor fifo is one of the sources", faults);
  if (!passive) without_effect(written, kPassiveKeys, "passive is not one of the sources", faults);
  if (passive && draft.options.ttl_min < VirtualRouterOptions{}.ttl_min && !draft.options.unicast)
    faults.tell(Fault::kTtlOfMulticast, written.mark("ttl-min"), "an advertisement to the group has TTL 255, or came through a router", "unicast = true");
}

// Which types of monitor have a key; a letter each: icmp tcp http https dns stamp exec file.
struct TypeKey { std::string_view key, types; };
constexpr std::string_view kTypeLetters = "itHSdsef";
constexpr TypeKey kTypeKeys[] = {
    {"port", "tHSds"}, {"path", "HS"}, {"host", "HS"}, {"expect", "HSd"}, {"match", "HS"}, {"verify", "S"},
    {"query", "d"}, {"query-type", "d"}, {"command", "e"}, {"file", "f"}, {"dscp", "itHSds"},
};
constexpr TypeKey kTypeNeeds[] = {{"port", "t"}, {"command", "e"}, {"file", "f"}};

constexpr std::int64_t kLeastStatus = 100, kGreatestStatus = 599, kGreatestRcode = 23;

void check_monitor(const MonitorDraft& draft, Faults& faults) {
  const Written& written = draft.written;
  const char type = kTypeLetters[draft.type];
  for (const TypeKey& row : kTypeKeys)
    if (written.has(row.key) && row.types.find(type) == std::string_view::npos)
      faults.tell(Fault::kWithoutEffect, written.mark_key(row.key), std::string(row.key) + " has no effect: this type of monitor has no such key");
  for (const TypeKey& row : kTypeNeeds)
    if (!written.has(row.key) && row.types.find(type) != std::string_view::npos)
      faults.tell(Fault::kMissingKey, written.mark("type"), "this type of monitor needs " + std::string(row.key));
  const auto [low, high] = type == 'd' ? std::pair<std::int64_t, std::int64_t>(0, kGreatestRcode) : std::pair(kLeastStatus, kGreatestStatus);
  for (const std::uint16_t code : draft.options.expect)
    if (written.has("expect") && (code < low || code > high))
      faults.tell(Fault::kOutOfRange, written.mark("expect"), "a code is from " + std::to_string(low) + " to " + std::to_string(high));
  if (type != 'f' && draft.options.timeout > draft.options.interval)
    faults.tell(Fault::kSlowProbe, written.mark(written.has("timeout") ? "timeout" : "interval"), "the timeout is longer than the interval");
  if (draft.options.window < draft.options.interval)
    faults.tell(Fault::kSlowProbe, written.mark(written.has("window") ? "window" : "interval"), "the window is shorter than the interval");
}

// Where nothing is asked of an address: a program or a file.
bool needs_no_target(const MonitorDraft& monitor) {
  const char type = kTypeLetters[monitor.type];
  return type == 'e' || type == 'f';
}

void check_link(const LinkDraft& draft, const std::vector<MonitorDraft>& monitors, Faults& faults) {
  static constexpr std::array<std::string_view, 3> kProbeKeys{"reliability", "source", "device"};
  const Written& written = draft.written;
  if (!written.has("monitor")) {
    without_effect(written, kProbeKeys, "the link has no monitor", faults);
    if (written.has("targets")) faults.tell(Fault::kTargetsAndMonitor, written.mark_key("targets"), "the link has targets and no monitor");
    return;
  }
  const auto monitor = std::ranges::find_if(monitors, [&](const MonitorDraft& m) { return m.options.name == draft.monitor.text; });
  const bool alone = monitor != monitors.end() && needs_no_target(*monitor);
  if (draft.targets.empty() && !alone) faults.tell(Fault::kTargetsAndMonitor, written.mark_key("monitor"), "the link has a monitor and no targets");
  const std::size_t count = draft.targets.empty() && alone ? 1 : draft.targets.size();
  if (draft.options.reliability > count && count > 0)
    faults.tell(Fault::kTooReliable, written.mark("reliability"),
                "reliability is " + std::to_string(draft.options.reliability) + ", and there " + (count == 1 ? "is 1 target" : "are " + std::to_string(count) + " targets"));
  for (std::size_t i = 0; i < draft.targets.size(); ++i)
    if (written.has("source") && draft.targets[i].is_v6() != draft.source.is_v6())
      faults.tell(Fault::kWrongFamily, draft.target_marks[i], "a target of another family than the source address");
}

void check_bound(const Written& written, std::string_view name, const std::optional<Bounds>& bounds, Faults& faults) {
  const std::string bad = std::string(name) + ".bad", good = std::string(name) + ".good";
  if (!bounds) return;
  if (!written.has(bad) || !written.has(good))
    faults.tell(Fault::kNoBounds, written.mark_key(written.has(bad) ? bad : good), std::string(name) + " needs both bad and good");
  else if (bounds->good > bounds->bad)
    faults.tell(Fault::kGoodWorseThanBad, written.mark(good), good + " is worse than " + bad);
}

bool covers(const dns::Prefix& outer, const dns::Prefix& inner) {
  return outer.size == inner.size && outer.length <= inner.length && dns::contains(outer, dns::Bytes(inner.address.data(), inner.size));
}

bool covers(const std::vector<dns::Prefix>& outer, const dns::Prefix& inner) {
  return outer.empty() || std::ranges::any_of(outer, [&](const dns::Prefix& prefix) { return covers(prefix, inner); });
}

// An empty list is everything.
bool covers_all(const std::vector<dns::Prefix>& outer, const std::vector<dns::Prefix>& inner) {
  if (inner.empty()) return outer.empty();
  return std::ranges::all_of(inner, [&](const dns::Prefix& prefix) { return covers(outer, prefix); });
}

// `later` behind `earlier`: which of its clients it can never have.
void check_pair(const ViewDraft& earlier, const ViewDraft& later, Faults& faults) {
  if (!covers_all(earlier.options.local, later.options.local)) return;
  if (later.options.clients.empty()) {
    if (earlier.options.clients.empty())
      faults.tell(Fault::kViewsOverlap, later.written.at, "view " + earlier.options.name + " comes first and has all of its clients");
    return;
  }
  for (std::size_t i = 0; i < later.options.clients.size(); ++i)
    if (covers(earlier.options.clients, later.options.clients[i]))
      faults.tell(Fault::kViewsOverlap, later.clients[i], dns::to_text(later.options.clients[i]) + " is in view " + earlier.options.name + " already, which comes first",
                  "put the view with the smaller prefix first, or take it out of one of them");
}

}  // namespace

void check_virtual_routers(const std::vector<VirtualRouterDraft>& drafts, Faults& faults) {
  static constexpr std::array<std::string_view, 1> kSplitKeys{"split-hold"};
  for (auto draft = drafts.begin(); draft != drafts.end(); ++draft) {
    if (draft->written.faulty) continue;
    check_addresses(*draft, faults);
    check_routers(*draft, faults);
    check_version(*draft, faults);
    check_sources(*draft, faults);
    if (draft->options.on_split != OnSplit::kFreeze) without_effect(draft->written, kSplitKeys, "on-split is not \"freeze\"", faults);
    const auto same = [&](const VirtualRouterDraft& other) {
      return other.options.vrid == draft->options.vrid && other.options.family == draft->options.family && other.options.interface == draft->options.interface;
    };
    if (draft->written.has("vrid") && std::any_of(drafts.begin(), draft, same))
      faults.tell(Fault::kVirtualRouterTwice, draft->written.mark("vrid"), "this VRID, family and interface are watched already");
  }
}

void check_monitors(const std::vector<MonitorDraft>& drafts, Faults& faults) {
  for (const MonitorDraft& draft : drafts)
    if (!draft.written.faulty && draft.written.has("type")) check_monitor(draft, faults);
}

void check_links(const SteeringDraft& draft, Faults& faults) {
  for (const LinkDraft& link : draft.links)
    if (!link.written.faulty) check_link(link, draft.monitors, faults);
}

void check_sla_classes(const std::vector<SlaDraft>& drafts, Faults& faults) {
  for (const SlaDraft& draft : drafts) {
    if (draft.written.faulty) continue;
    if (!draft.options.latency && !draft.options.jitter && !draft.options.loss)
      faults.tell(Fault::kNoBounds, draft.written.at, "the SLA class " + draft.options.name + " has no bounds");
    check_bound(draft.written, "latency", draft.options.latency, faults);
    check_bound(draft.written, "jitter", draft.options.jitter, faults);
    check_bound(draft.written, "loss", draft.options.loss, faults);
  }
}

void check_views(const std::vector<ViewDraft>& drafts, Faults& faults) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (i == dns::kMaxViews) faults.tell(Fault::kTooMany, drafts[i].written.at, "there are more than " + std::to_string(dns::kMaxViews) + " views");
    for (std::size_t j = 0; j < i && i < dns::kMaxViews; ++j)
      if (!drafts[i].written.faulty && !drafts[j].written.faulty) check_pair(drafts[j], drafts[i], faults);
  }
}

}  // namespace server
