#include <array>
#include <set>

#include "server/config/rules.h"
#include "server/config/values.h"

namespace server {
namespace {

using Error = ConfigError;
using boost::asio::ip::address;

bool is_of(Family family, const address& a) { return a.is_v6() == (family == Family::kIpv6); }

bool uses(const VirtualRouterDraft& draft, VrrpSource source) {
  return std::ranges::find(draft.options.sources, source) != draft.options.sources.end();
}

// Reports those of `keys` that are given but have no effect because of `why`.
void without_effect(const SectionSource& section, std::span<const std::string_view> keys, std::string_view why,
                    ConfigErrors& errors) {
  for (const std::string_view key : keys)
    if (section.has(key))
      errors.add(Error::kWithoutEffect, section.key_span(key),
                 std::string(key) + " has no effect: " + std::string(why));
}

void check_addresses(const VirtualRouterDraft& draft, ConfigErrors& errors) {
  const Family family = draft.options.family;
  const std::string_view word = family == Family::kIpv4 ? "IPv4" : "IPv6";
  for (std::size_t i = 0; i < draft.options.vips.size(); ++i)
    if (!is_of(family, draft.options.vips[i]))
      errors.add(Error::kWrongFamily, draft.vips[i],
                 "the virtual address must be an " + std::string(word) + " address");
  for (const RouterDraft& router : draft.routers)
    for (const address& a : router.options.addresses)
      if (!is_of(family, a))
        errors.add(Error::kWrongFamily, router.at, a.to_string() + " is not an " + std::string(word) + " address");
}

bool share_an_address(const RouterOptions& a, const RouterOptions& b) {
  return std::ranges::any_of(
      a.addresses, [&](const address& one) { return std::ranges::find(b.addresses, one) != b.addresses.end(); });
}

void check_routers(const VirtualRouterDraft& draft, ConfigErrors& errors) {
  for (std::size_t i = 0; i < draft.routers.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (draft.routers[i].options.name == draft.routers[j].options.name ||
          share_an_address(draft.routers[i].options, draft.routers[j].options))
        errors.add(Error::kNameTwice, draft.routers[i].at,
                   "router " + draft.routers[i].options.name + " has the same name or address as an earlier router");
}

void check_version(const VirtualRouterDraft& draft, ConfigErrors& errors) {
  const bool is_ipv6 = draft.options.family == Family::kIpv6;
  if (is_ipv6 && draft.options.version == VrrpVersion::kV2)
    errors.add(Error::kVersionAndFamily, draft.section.value_span("version"), "VRRP version 2 supports only IPv4");
  if (draft.section.has("v2-password") && (is_ipv6 || draft.options.version == VrrpVersion::kV3))
    errors.add(Error::kVersionAndFamily, draft.section.key_span("v2-password"), "only VRRP version 2 has a password");
}

void check_sources(const VirtualRouterDraft& draft, ConfigErrors& errors) {
  static constexpr std::array<std::string_view, 3> kFifoKeys{"fifo", "fifo-instance", "snapshot"};
  static constexpr std::array<std::string_view, 4> kPassiveKeys{"unicast", "ttl-min", "v2-password", "hmac-key"};
  static constexpr std::array<std::string_view, 1> kLocalKeys{"local-router"};
  const SectionSource& section = draft.section;
  const bool fifo = uses(draft, VrrpSource::kFifo), local = fifo || uses(draft, VrrpSource::kNetlink),
             passive = uses(draft, VrrpSource::kPassive);
  if (local && !section.has("local-router"))
    errors.add(Error::kLocalRouterMissing, section.value_span("sources"),
               "the sources netlink and fifo need local-router, the router that is this host");
  if (fifo && !section.has("fifo"))
    errors.add(Error::kMissingKey, section.value_span("sources"), "the source fifo needs the path of the FIFO",
               "add fifo = \"/run/keepalived/waymark.fifo\"");
  if (!fifo) without_effect(section, kFifoKeys, "sources does not contain fifo", errors);
  if (!local) without_effect(section, kLocalKeys, "sources contains neither netlink nor fifo", errors);
  if (!passive) without_effect(section, kPassiveKeys, "sources does not contain passive", errors);
  if (passive && draft.options.ttl_min < VirtualRouterOptions{}.ttl_min && !draft.options.unicast)
    errors.add(Error::kTtlMinWithoutUnicast, section.value_span("ttl-min"),
               "a multicast advertisement must have TTL 255", "to accept unicast advertisements, add unicast = true");
}

// The monitor types that have a key; one letter per type: icmp tcp http https dns stamp exec file.
struct TypeKey {
  std::string_view key, types;
};
constexpr std::string_view kTypeLetters = "itHSdsef";
constexpr TypeKey kTypeKeys[] = {
    {"port", "tHSds"}, {"path", "HS"},      {"host", "HS"},   {"expect", "HSd"}, {"match", "HS"},    {"verify", "S"},
    {"query", "d"},    {"query-type", "d"}, {"command", "e"}, {"file", "f"},     {"dscp", "itHSds"},
};
constexpr TypeKey kTypeNeeds[] = {{"port", "t"}, {"query", "d"}, {"command", "e"}, {"file", "f"}};

constexpr int kMaxOverlapping = 256;  // probes of one check without a reply
constexpr std::int64_t kLeastStatus = 100, kGreatestStatus = 599, kGreatestRcode = 23;

void check_monitor(const MonitorDraft& draft, ConfigErrors& errors) {
  const SectionSource& section = draft.section;
  const char type = kTypeLetters[draft.type];
  for (const TypeKey& row : kTypeKeys)
    if (section.has(row.key) && row.types.find(type) == std::string_view::npos)
      errors.add(Error::kWithoutEffect, section.key_span(row.key),
                 std::string(row.key) + " has no effect: this type of monitor does not use it");
  for (const TypeKey& row : kTypeNeeds)
    if (!section.has(row.key) && row.types.find(type) != std::string_view::npos)
      errors.add(Error::kMissingKey, section.value_span("type"), "this type of monitor needs " + std::string(row.key));
  const auto [low, high] =
      type == 'd' ? std::pair<std::int64_t, std::int64_t>(0, kGreatestRcode) : std::pair(kLeastStatus, kGreatestStatus);
  for (const std::uint16_t code : draft.options.expect)
    if (section.has("expect") && (code < low || code > high))
      errors.add(Error::kOutOfRange, section.value_span("expect"),
                 "a code must be from " + std::to_string(low) + " to " + std::to_string(high));
  const bool may_overlap = type == 'i' || type == 's';
  if (type != 'f' && draft.options.timeout > draft.options.interval * (may_overlap ? kMaxOverlapping : 1))
    errors.add(Error::kSlowProbe, section.value_span(section.has("timeout") ? "timeout" : "interval"),
               may_overlap ? "the timeout is longer than 256 intervals" : "the timeout is longer than the interval");
  if (draft.options.window < draft.options.interval)
    errors.add(Error::kSlowProbe, section.value_span(section.has("window") ? "window" : "interval"),
               "the window is shorter than the interval");
}

// A program or a file may work without an address.
bool needs_no_target(const MonitorDraft& monitor) {
  const char type = kTypeLetters[monitor.type];
  return type == 'e' || type == 'f';
}

void check_link(const LinkDraft& draft, const std::vector<MonitorDraft>& monitors, ConfigErrors& errors) {
  static constexpr std::array<std::string_view, 3> kProbeKeys{"reliability", "source", "device"};
  const SectionSource& section = draft.section;
  if (!section.has("monitor")) {
    without_effect(section, kProbeKeys, "the link has no monitor", errors);
    if (section.has("targets"))
      errors.add(Error::kTargetsAndMonitor, section.key_span("targets"), "the link has targets but no monitor");
    return;
  }
  const auto monitor =
      std::ranges::find_if(monitors, [&](const MonitorDraft& m) { return m.options.name == draft.monitor.text; });
  const bool alone = monitor != monitors.end() && needs_no_target(*monitor);
  if (draft.targets.empty() && !alone)
    errors.add(Error::kTargetsAndMonitor, section.key_span("monitor"), "the link has a monitor but no targets");
  const std::size_t count = draft.targets.empty() && alone ? 1 : draft.targets.size();
  if (draft.options.reliability > count && count > 0)
    errors.add(Error::kTooReliable, section.value_span("reliability"),
               "reliability is " + std::to_string(draft.options.reliability) + ", but there " +
                   (count == 1 ? "is 1 target" : "are " + std::to_string(count) + " targets"));
  for (std::size_t i = 0; i < draft.targets.size(); ++i)
    if (is_link_local(draft.targets[i]) && !section.has("device"))
      errors.add(Error::kBadAddress, draft.target_spans[i],
                 "the link-local address " + draft.targets[i].to_string() + " needs an interface",
                 "name it with the key `device`");
  for (std::size_t i = 0; i < draft.targets.size(); ++i)
    if (section.has("source") && draft.targets[i].is_v6() != draft.source.is_v6())
      errors.add(Error::kWrongFamily, draft.target_spans[i],
                 "the target and the source address are of different address families");
}

void check_bound(const SectionSource& section, std::string_view name, const std::optional<Bounds>& bounds,
                 ConfigErrors& errors) {
  const std::string bad = std::string(name) + ".bad", good = std::string(name) + ".good";
  if (!bounds) return;
  if (!section.has(bad) || !section.has(good))
    errors.add(Error::kNoBounds, section.key_span(section.has(bad) ? bad : good),
               std::string(name) + " needs both bad and good");
  else if (bounds->good > bounds->bad)
    errors.add(Error::kGoodWorseThanBad, section.value_span(good), good + " is larger than " + bad);
}

bool covers(const dns::Prefix& outer, const dns::Prefix& inner) {
  return outer.size == inner.size && outer.length <= inner.length &&
         dns::contains(outer, dns::Bytes(inner.address.data(), inner.size));
}

bool covers(const std::vector<dns::Prefix>& outer, const dns::Prefix& inner) {
  return outer.empty() || std::ranges::any_of(outer, [&](const dns::Prefix& prefix) { return covers(prefix, inner); });
}

}  // namespace

bool covers_all(const std::vector<dns::Prefix>& outer, const std::vector<dns::Prefix>& inner) {
  if (inner.empty()) return outer.empty();
  return std::ranges::all_of(inner, [&](const dns::Prefix& prefix) { return covers(outer, prefix); });
}

namespace {

// Reports the clients of `later` that it can never get because `earlier` matches first.
void check_pair(const ViewDraft& earlier, const ViewDraft& later, ConfigErrors& errors) {
  if (!covers_all(earlier.options.local, later.options.local)) return;
  if (later.options.clients.empty()) {
    if (earlier.options.clients.empty())
      errors.add(Error::kViewsOverlap, later.section.at,
                 "never used: the earlier view " + earlier.options.name + " has all clients of this view");
    return;
  }
  for (std::size_t i = 0; i < later.options.clients.size(); ++i)
    if (covers(earlier.options.clients, later.options.clients[i]))
      errors.add(Error::kViewsOverlap, later.clients[i],
                 dns::to_text(later.options.clients[i]) + " is already in the earlier view " + earlier.options.name,
                 "put the view with the smaller prefix first, or remove the prefix from one of them");
}

}  // namespace

void check_virtual_routers(const std::vector<VirtualRouterDraft>& drafts, ConfigErrors& errors) {
  static constexpr std::array<std::string_view, 1> kSplitKeys{"split-hold"};
  for (auto draft = drafts.begin(); draft != drafts.end(); ++draft) {
    if (draft->section.has_errors) continue;
    check_addresses(*draft, errors);
    check_routers(*draft, errors);
    check_version(*draft, errors);
    check_sources(*draft, errors);
    if (draft->options.on_split != OnSplit::kFreeze)
      without_effect(draft->section, kSplitKeys, "on-split is not \"freeze\"", errors);
    const auto same = [&](const VirtualRouterDraft& other) {
      return other.options.vrid == draft->options.vrid && other.options.family == draft->options.family &&
             other.options.interface == draft->options.interface;
    };
    if (draft->section.has("vrid") && std::any_of(drafts.begin(), draft, same))
      errors.add(Error::kVirtualRouterTwice, draft->section.value_span("vrid"),
                 "another section has the same VRID, family and interface");
  }
}

void check_monitors(const std::vector<MonitorDraft>& drafts, ConfigErrors& errors) {
  for (const MonitorDraft& draft : drafts)
    if (!draft.section.has_errors && draft.section.has("type")) check_monitor(draft, errors);
}

void check_links(const SteeringDraft& draft, ConfigErrors& errors) {
  for (const LinkDraft& link : draft.links)
    if (!link.section.has_errors) check_link(link, draft.monitors, errors);
}

namespace {

// Programs and files report what they measured themselves.
bool measures_by_packets(const MonitorOptions& monitor) {
  return monitor.kind != ProbeKind::kExec && monitor.kind != ProbeKind::kFile;
}

void check_measurement(const SlaDraft& draft, const MonitorOptions& monitor, ConfigErrors& errors) {
  if (!measures_by_packets(monitor)) return;
  const SlaOptions& sla = draft.options;
  const auto milliseconds = [](Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) + "ms";
  };
  if (sla.latency && std::chrono::duration<double>(monitor.timeout).count() <= sla.latency->bad)
    errors.add(Error::kBoundNotSeen, draft.section.value_span("latency.bad"),
               "latency.bad is never reached: monitor " + monitor.name + " counts a probe as lost after " +
                   milliseconds(monitor.timeout),
               "make the timeout of the monitor longer than latency.bad");
  const auto probes = monitor.window / std::max(monitor.interval, Duration{1});
  if (sla.loss && probes > 0 && 1 / static_cast<double>(probes) >= sla.loss->bad)
    errors.add(Error::kBoundNotSeen, draft.section.value_span("loss.bad"),
               "one lost probe violates loss.bad: the window of monitor " + monitor.name + " has " +
                   std::to_string(probes) + " probes",
               "make the window of the monitor longer than its interval divided by loss.bad");
}

}  // namespace

void check_sla_classes(const std::vector<SlaDraft>& drafts, ConfigErrors& errors) {
  for (const SlaDraft& draft : drafts) {
    if (draft.section.has_errors) continue;
    if (!draft.options.latency && !draft.options.jitter && !draft.options.loss)
      errors.add(Error::kNoBounds, draft.section.at, "SLA class " + draft.options.name + " has no bounds");
    check_bound(draft.section, "latency", draft.options.latency, errors);
    check_bound(draft.section, "jitter", draft.options.jitter, errors);
    check_bound(draft.section, "loss", draft.options.loss, errors);
  }
}

void check_measurements(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors) {
  std::set<std::pair<std::size_t, std::string>> seen;  // SLA class and monitor
  for (const RecordOptions& record : resolved.records) {
    for (const MemberOptions& member : record.members) {
      if (!record.sla || !member.link || resolved.links[*member.link].probes.empty()) continue;
      const MonitorOptions& monitor = resolved.links[*member.link].probes.front().monitor;
      if (draft.sla_classes[*record.sla].section.has_errors || !seen.emplace(*record.sla, monitor.name).second)
        continue;
      check_measurement(draft.sla_classes[*record.sla], monitor, errors);
    }
  }
}

void check_views(const std::vector<ViewDraft>& drafts, ConfigErrors& errors) {
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (i == dns::kMaxViews)
      errors.add(Error::kTooMany, drafts[i].section.at, "more than " + std::to_string(dns::kMaxViews) + " views");
    for (std::size_t j = 0; j < i && i < dns::kMaxViews; ++j)
      if (!drafts[i].section.has_errors && !drafts[j].section.has_errors) check_pair(drafts[j], drafts[i], errors);
  }
}

}  // namespace server
