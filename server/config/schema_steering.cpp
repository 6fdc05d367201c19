// The rows of the failover sections: [vrrp.NAME], [monitor.NAME], [link.NAME], [sla.NAME], [view.NAME], [[record]] and
// its members.
#include <array>

#include "server/config/schema.h"

namespace server {
namespace {

using enum ValueKind;

constexpr std::array<std::string_view, 2> kFamilies{"ipv4", "ipv6"};
constexpr std::array<std::string_view, 3> kSources{"passive", "netlink", "fifo"};
constexpr std::array<std::string_view, 3> kVersions{"any", "2", "3"};
constexpr std::array<std::string_view, 3> kOnSplits{"freeze", "prefer-priority", "none"};
constexpr std::array<std::string_view, 8> kMonitorTypeWords{"icmp", "tcp",   "http", "https",
                                                            "dns",  "stamp", "exec", "file"};
constexpr std::array<std::string_view, 7> kLinkClasses{"mpls",     "ip-vpn", "sd-wan", "internet-vpn",
                                                       "internet", "lte",    "atm"};
constexpr std::array<std::string_view, 2> kFamilyTypes{"A", "AAAA"};
constexpr std::array<std::string_view, 6> kPolicies{"failover",        "weighted",     "all",
                                                    "lowest-cost-sla", "best-quality", "static"};
constexpr std::array<std::string_view, 3> kPrefers{"order", "quality", "cost"};
constexpr std::array<std::string_view, 2> kPicks{"one", "all"};
constexpr std::array<std::string_view, 2> kStickies{"client", "none"};
constexpr std::array<std::string_view, 2> kTransfers{"all", "best"};
constexpr std::array<std::string_view, 3> kIfNones{"best-effort", "last-resort", "nodata"};
constexpr std::array<std::string_view, 4> kAllDowns{"last-good", "all", "nodata", "default"};

constexpr std::int64_t kMaxVrid = 255, kMaxTtlOctet = 255, kMaxPort = 65'535, kMaxWeight = 1'000'000,
                       kMaxCost = 1'000'000'000;
constexpr std::int64_t kMaxAdverts = 100, kMaxTransitions = 1'000, kMaxStreak = 1'000, kMaxMemberCount = 255;
constexpr std::int64_t kMinIntervalMs = 50, kMinProbeTimeoutMs = 10, kMinuteMs = 60'000, kOneHourMs = 60 * kMinuteMs,
                       kDayMs = 24 * kOneHourMs;
constexpr std::int64_t kMaxTtlMs = kDayMs;
constexpr std::int64_t kMaxInterfaceName = 15;  // octets: IFNAMSIZ without the final NUL
constexpr std::int64_t kMaxV2Password = 8;      // octets (RFC 2338 5.3.6)
constexpr std::int64_t kMaxHmacKey = 64;        // octets
constexpr std::int64_t kMaxUrlPath = 2'048, kMaxHost = 255, kMaxMatch = 1'024, kMaxInstance = 255, kMaxArgument = 4'096;
constexpr std::int64_t kMaxCode = 999;  // of HTTP; an rcode is smaller

Bounds& bounds(std::optional<Bounds>& of) { return of ? *of : of.emplace(); }

constexpr auto kVrrpKeys = std::to_array<KeyRow<VirtualRouterDraft>>({
    {{"vrid", kNumber, 1, kMaxVrid, {}, kRequired, "Virtual router identifier."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.vrid = static_cast<std::uint8_t>(v.number); }},
    {{"family", kWord, 0, 0, kFamilies, "ipv4",
      "Address family. The same VRID in the other family is another virtual router."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.family = static_cast<Family>(v.number); }},
    {{"interface",
      kText,
      1,
      kMaxInterfaceName,
      {},
      kRequired,
      "Network interface that is connected to the routers' link."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.interface = std::move(v.text); }},
    {{"sources", kWords, 0, 0, kSources, "passive",
      "How to detect the active router. passive: advertisements on the link (needs CAP_NET_RAW). netlink: the virtual "
      "addresses on this host. fifo: keepalived's notify FIFO. Sources can be combined."},
     [](VirtualRouterDraft& d, ConfigValue v) {
       d.options.sources.clear();
       for (const std::int64_t source : v.numbers) d.options.sources.push_back(static_cast<VrrpSource>(source));
     }},
    {{"version", kWord, 0, 0, kVersions, "any", "VRRP version of the advertisements to accept."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.version = static_cast<VrrpVersion>(v.number); }},
    {{"vips", kAddresses, 0, 0, {}, kRequired, "Virtual addresses. Advertisements with other addresses are rejected."},
     [](VirtualRouterDraft& d, ConfigValue v) {
       d.options.vips = std::move(v.addresses);
       d.vips = std::move(v.spans);
     }},
    {{"routers",
      kRouters,
      0,
      0,
      {},
      kRequired,
      "Routers that can be active: their names, with the addresses from which they send advertisements (link-local "
      "addresses for IPv6), or a list of these addresses. Advertisements from other addresses are rejected."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.routers = std::move(v.routers); }},
    {{"local-router",
      kReference,
      0,
      0,
      {},
      "none",
      "The router in `routers` that is this host. Required for the sources netlink and fifo."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.local_router = v.reference(); }},
    {{"fifo",
      kPath,
      0,
      0,
      {},
      "none",
      "Path of keepalived's notify FIFO. Required for the source fifo. Virtual routers may share it. A reload of "
      "keepalived replaces it: the state is then unknown until the next line, so set "
      "fifo_write_vrrp_states_on_reload in keepalived."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.fifo = std::move(v.text); }},
    {{"fifo-instance",
      kText,
      1,
      kMaxInstance,
      {},
      "the section's name",
      "Name of the instance in keepalived (vrrp_instance NAME)."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.fifo_instance = std::move(v.text); }},
    {{"snapshot",
      kPath,
      0,
      0,
      {},
      "none",
      "Path of keepalived's JSON file. It gives the state before the first event of the FIFO."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.snapshot = std::move(v.text); }},
    {{"unicast",
      kFlag,
      0,
      0,
      {},
      "false",
      "Whether the routers send advertisements to an address of this host instead of the multicast group."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.unicast = v.number != 0; }},
    {{"ttl-min",
      kNumber,
      1,
      kMaxTtlOctet,
      {},
      "255",
      "Minimum TTL or hop limit of an advertisement. A value below 255 requires unicast = true."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.ttl_min = static_cast<std::uint8_t>(v.number); }},
    {{"v2-password", kText, 0, kMaxV2Password, {}, "any", "Simple text password of VRRP version 2 (RFC 2338)."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.v2_password = std::move(v.text); }},
    {{"hmac-key",
      kHex,
      0,
      kMaxHmacKey,
      {},
      "none",
      "Key of keepalived's auth_hmac, in hexadecimal. Without a key, the HMAC is not verified."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.hmac_key = std::move(v.octets); }},
    {{"down-timer-adverts",
      kNumber,
      1,
      kMaxAdverts,
      {},
      "3",
      "Number of missed advertisements after which a backup takes over. Use the same value as on the routers."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.down_timer_adverts = v.count(); }},
    {{"on-split", kWord, 0, 0, kOnSplits, "freeze",
      "What to do while several routers claim to be active. freeze: keep the last active router for split-hold, then "
      "use the priority. prefer-priority: use the router with the highest priority. none: no router is active."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.on_split = static_cast<OnSplit>(v.number); }},
    {{"split-hold", kDuration, 0, kDayMs, {}, "10s", "How long on-split = \"freeze\" keeps the last active router."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.split_hold = v.duration(); }},
    {{"flap.transitions",
      kNumber,
      2,
      kMaxTransitions,
      {},
      "4",
      "Number of changes within `flap.within` after which the virtual router counts as flapping. While it flaps, the "
      "last stable router is used. If that router fails, its successor is used."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_transitions = v.count(); }},
    {{"flap.within", kDuration, 1'000, kDayMs, {}, "60s", "Time in which flap.transitions changes are counted."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_within = v.duration(); }},
    {{"flap.stable", kDuration, 1'000, kDayMs, {}, "120s", "Time without a change after which flapping ends."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_stable = v.duration(); }},
});

constexpr auto kMonitorKeys = std::to_array<KeyRow<MonitorDraft>>({
    {{"type", kWord, 0, 0, kMonitorTypeWords, kRequired,
      "Type of probe. icmp: echo request. tcp: connection. http, https: GET request. dns: query. stamp: STAMP packet "
      "(RFC 8762). exec: program. file: file that another program writes."},
     [](MonitorDraft& d, ConfigValue v) { d.type = v.size(); }},
    {{"port", kNumber, 1, kMaxPort, {}, "http 80, https 443, dns 53, stamp 862; tcp: required", "Port of the service."},
     [](MonitorDraft& d, ConfigValue v) { d.options.port = static_cast<std::uint16_t>(v.number); }},
    {{"path", kUrlPath, 1, kMaxUrlPath, {}, "/", "Path of the request (http, https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.path = std::move(v.text); }},
    {{"host",
      kUrlHost,
      1,
      kMaxHost,
      {},
      "the target's address",
      "Host header, TLS server name and the name to verify in the certificate (http, https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.host = std::move(v.url_host); }},
    {{"expect",
      kNumbers,
      0,
      kMaxCode,
      {},
      "200; dns: 0",
      "Status codes (http, https) or response codes (dns) that count as success."},
     [](MonitorDraft& d, ConfigValue v) {
       for (const std::int64_t code : v.numbers) d.options.expect.push_back(static_cast<std::uint16_t>(code));
     }},
    {{"match",
      kText,
      1,
      kMaxMatch,
      {},
      "none",
      "Text that the first 256 KiB of the body must contain (http, https). The header may have up to 32 KiB."},
     [](MonitorDraft& d, ConfigValue v) { d.options.match = std::move(v.text); }},
    {{"verify",
      kFlag,
      0,
      0,
      {},
      "true",
      "Whether to verify the certificate chain and the name in the certificate (https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.verify = v.number != 0; }},
    {{"query", kDomain, 0, 0, {}, "dns: required", "Name to query (dns): a name that the server answers."},
     [](MonitorDraft& d, ConfigValue v) { d.options.query_name = v.name; }},
    {{"query-type", kType, 0, 0, {}, "SOA", "Type to query (dns)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.query_type = v.type; }},
    {{"command",
      kCommand,
      0,
      kMaxArgument,
      {},
      "exec: required",
      "Program and its arguments (exec). A program with a '/' is relative to the configuration file; others are "
      "searched in PATH. {address} is replaced by the target's address. Exit code 0 means up."},
     [](MonitorDraft& d, ConfigValue v) { d.options.command = std::move(v.texts); }},
    {{"file", kPath, 0, 0, {}, "file: required", "File that contains the state, the word \"up\" or \"down\" (file)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.file = std::move(v.text); }},
    {{"interval", kDuration, kMinIntervalMs, kDayMs, {}, "5s", "Time from one probe to the next."},
     [](MonitorDraft& d, ConfigValue v) { d.options.interval = v.duration(); }},
    {{"timeout",
      kDuration,
      kMinProbeTimeoutMs,
      kDayMs,
      {},
      "2s",
      "Time after which a probe has failed. At most the interval; for icmp and stamp, whose probes may overlap, at "
      "most "
      "256 intervals. To measure a latency bound, it must be longer than latency.bad. For type file: maximum age of "
      "the "
      "file, without a limit."},
     [](MonitorDraft& d, ConfigValue v) { d.options.timeout = v.duration(); }},
    {{"fall", kNumber, 1, kMaxStreak, {}, "3", "Consecutive failures after which the state changes to down."},
     [](MonitorDraft& d, ConfigValue v) { d.options.fall = v.count(); }},
    {{"rise", kNumber, 1, kMaxStreak, {}, "3", "Consecutive successes after which the state changes to up."},
     [](MonitorDraft& d, ConfigValue v) { d.options.rise = v.count(); }},
    {{"window", kDuration, 1'000, kDayMs, {}, "30s", "Period over which latency, jitter and loss are measured."},
     [](MonitorDraft& d, ConfigValue v) { d.options.window = v.duration(); }},
    {{"dscp",
      kDscp,
      0,
      0,
      {},
      "0",
      "DSCP of the probe packets: a name such as \"ef\", \"af41\" or \"cs6\", or a number."},
     [](MonitorDraft& d, ConfigValue v) { d.options.dscp = static_cast<std::uint8_t>(v.number); }},
});

constexpr auto kLinkKeys = std::to_array<KeyRow<LinkDraft>>({
    {{"class", kWord, 0, 0, kLinkClasses, "internet",
      "Type of link. The values are ordered by trust and quality, the best first."},
     [](LinkDraft& d, ConfigValue v) { d.options.link_class = static_cast<LinkClass>(v.number); }},
    {{"cost", kNumber, 0, kMaxCost, {}, "0", "Cost of the link. Policies that compare costs use the lowest one first."},
     [](LinkDraft& d, ConfigValue v) { d.options.cost = static_cast<std::uint32_t>(v.number); }},
    {{"quality",
      kNumber,
      0,
      kMaxCost,
      {},
      "0",
      "Quality rank of the link, 1 is the best. Used by prefer = \"quality\", and by best-quality if measurements are "
      "equal. 0: the rank of the link's class."},
     [](LinkDraft& d, ConfigValue v) { d.options.quality = static_cast<std::uint32_t>(v.number); }},
    {{"last-resort",
      kFlag,
      0,
      0,
      {},
      "false",
      "Whether to use this link only if all other members are down. Degraded members are used before it."},
     [](LinkDraft& d, ConfigValue v) { d.options.last_resort = v.number != 0; }},
    {{"deprecated",
      kDate,
      0,
      0,
      {},
      "never",
      "Date on which the link goes out of use. `waymark check` reports a warning until this date, and an error after "
      "it."},
     [](LinkDraft& d, ConfigValue v) { d.options.deprecated = v.date; }},
    {{"monitor",
      kReference,
      0,
      0,
      {},
      "none",
      "Health check of the targets. A link without a monitor is always up, unless an administrator overrides it."},
     [](LinkDraft& d, ConfigValue v) { d.monitor = v.reference(); }},
    {{"targets",
      kAddresses,
      0,
      0,
      {},
      "none",
      "Addresses to probe through the link. Use several hosts that do not fail together."},
     [](LinkDraft& d, ConfigValue v) {
       d.targets = std::move(v.addresses);
       d.target_spans = std::move(v.spans);
     }},
    {{"reliability", kNumber, 1, kMaxMemberCount, {}, "1", "Number of targets that must be up for the link to be up."},
     [](LinkDraft& d, ConfigValue v) { d.options.reliability = v.count(); }},
    {{"source", kAddress, 0, 0, {}, "the kernel's choice", "Source address of the probes."},
     [](LinkDraft& d, ConfigValue v) { d.source = v.addresses.front(); }},
    {{"device", kText, 1, kMaxInterfaceName, {}, "any", "Interface that the probes are bound to."},
     [](LinkDraft& d, ConfigValue v) { d.device = std::move(v.text); }},
});

constexpr auto kSlaKeys = std::to_array<KeyRow<SlaDraft>>({
    {{"latency.bad", kDuration, 1, kOneHourMs, {}, "no bound", "Round-trip time at which the bound is violated."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.latency).bad = v.seconds(); }},
    {{"latency.good", kDuration, 0, kOneHourMs, {}, "no bound", "Round-trip time at which the bound is met again."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.latency).good = v.seconds(); }},
    {{"jitter.bad",
      kDuration,
      1,
      kOneHourMs,
      {},
      "no bound",
      "Jitter at which the bound is violated. Jitter is the difference between consecutive round-trip times."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.jitter).bad = v.seconds(); }},
    {{"jitter.good", kDuration, 0, kOneHourMs, {}, "no bound", "Jitter at which the bound is met again."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.jitter).good = v.seconds(); }},
    {{"loss.bad",
      kPercent,
      0,
      0,
      {},
      "no bound",
      "Share of lost probes in the monitor's window at which the bound is violated. Results that are missing in the "
      "window after a start count as received."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.loss).bad = v.share; }},
    {{"loss.good", kPercent, 0, 0, {}, "no bound", "Share of lost probes at which the bound is met again."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.loss).good = v.share; }},
    {{"windows.bad",
      kNumber,
      1,
      kMaxStreak,
      {},
      "3",
      "Whole seconds for which a bound must be violated before the link counts as degraded."},
     [](SlaDraft& d, ConfigValue v) { d.options.bad_windows = v.count(); }},
    {{"windows.good",
      kNumber,
      1,
      kMaxStreak,
      {},
      "5",
      "Whole seconds for which all bounds must be met before the link counts as good again."},
     [](SlaDraft& d, ConfigValue v) { d.options.good_windows = v.count(); }},
});

constexpr auto kViewKeys = std::to_array<KeyRow<ViewDraft>>({
    {{"clients", kPrefixes, 0, 0, {}, "all", "Source addresses of the queries: addresses and prefixes of clients."},
     [](ViewDraft& d, ConfigValue v) {
       d.options.clients = std::move(v.prefixes);
       d.clients = std::move(v.spans);
     }},
    {{"listen", kPrefixes, 0, 0, {}, "all", "Destination addresses of the queries: addresses of this server."},
     [](ViewDraft& d, ConfigValue v) {
       d.options.local = std::move(v.prefixes);
       d.local = std::move(v.spans);
     }},
});

constexpr auto kRecordKeys = std::to_array<KeyRow<RecordDraft>>({
    {{"name", kDomain, 0, 0, {}, kRequired, "Name of the record."},
     [](RecordDraft& d, ConfigValue v) { d.options.owner = v.name; }},
    {{"type", kWord, 0, 0, kFamilyTypes, kRequired,
      "Type of the record. The A and AAAA records of one name are separate managed records."},
     [](RecordDraft& d, ConfigValue v) { d.options.type = v.number == 0 ? dns::Type::A : dns::Type::AAAA; }},
    {{"view",
      kReference,
      0,
      0,
      {},
      "none",
      "View to which the record applies. Without a view, it applies to all clients for which no view has this name. If "
      "all records of a name have a view, other clients get no address."},
     [](RecordDraft& d, ConfigValue v) { d.view = v.reference(); }},
    {{"policy", kWord, 0, 0, kPolicies, "failover", "How members are chosen; see POLICIES."},
     [](RecordDraft& d, ConfigValue v) { d.options.policy = static_cast<Policy>(v.number); }},
    {{"prefer", kWord, 0, 0, kPrefers, "order",
      "Order in which failover tries the members. order: as written. quality: by the quality of their links. cost: by "
      "the cost of their links."},
     [](RecordDraft& d, ConfigValue v) { d.options.prefer = static_cast<Prefer>(v.number); }},
    {{"pick", kWord, 0, 0, kPicks, "one",
      "What weighted returns. one: one member for each client, by weight. all: all usable members."},
     [](RecordDraft& d, ConfigValue v) { d.options.pick = static_cast<Pick>(v.number); }},
    {{"sticky", kWord, 0, 0, kStickies, "client",
      "Whether weighted returns the same member to the same client. client: always the same member for a client prefix "
      "(/24 or /48). none: a new choice for each query."},
     [](RecordDraft& d, ConfigValue v) { d.options.sticky = v.number == 0; }},
    {{"transfer-as", kWord, 0, 0, kTransfers, "all",
      "Records for other servers (zone transfer), which cannot choose by client. all: all members that clients get. "
      "best: only the member with the highest weight."},
     [](RecordDraft& d, ConfigValue v) { d.options.transfer_as = static_cast<TransferAs>(v.number); }},
    {{"min-class", kWords, 0, 0, kLinkClasses, "all",
      "Classes of links that may be used. Members on other links are never returned, even if all members are down."},
     [](RecordDraft& d, ConfigValue v) {
       for (const std::int64_t word : v.numbers) d.options.allowed_classes.push_back(static_cast<LinkClass>(word));
     }},
    {{"sla",
      kReference,
      0,
      0,
      {},
      "none",
      "SLA class. A link that violates it counts as degraded for this record. Required by policy = "
      "\"lowest-cost-sla\"."},
     [](RecordDraft& d, ConfigValue v) { d.sla = v.reference(); }},
    {{"if-none", kWord, 0, 0, kIfNones, "best-effort",
      "What to return if no member meets the SLA. best-effort: the member with the smallest violation. last-resort: "
      "the member with the last-resort link. nodata: no address."},
     [](RecordDraft& d, ConfigValue v) { d.options.if_none = static_cast<IfNone>(v.number); }},
    {{"all-down", kWord, 0, 0, kAllDowns, "last-good",
      "What to return if no member is usable. last-good: the answer before the failure for all-down-hold, then all "
      "members. all: all members. nodata: no address. default: the records of the zone file."},
     [](RecordDraft& d, ConfigValue v) { d.options.all_down = static_cast<AllDown>(v.number); }},
    {{"all-down-hold",
      kDuration,
      0,
      kDayMs,
      {},
      "10m",
      "How long all-down = \"last-good\" returns the answer before the failure."},
     [](RecordDraft& d, ConfigValue v) { d.options.all_down_hold = v.duration(); }},
    {{"min-up",
      kNumber,
      1,
      kMaxMemberCount,
      {},
      "1",
      "Minimum number of usable members. If fewer are usable, the record is handled as if all were down; "
      "all-down = \"last-good\" then returns only the usable ones."},
     [](RecordDraft& d, ConfigValue v) { d.options.min_up = v.count(); }},
    {{"ttl.max", kSeconds, 1'000, kMaxTtlMs, {}, "30s", "TTL while no change is expected."},
     [](RecordDraft& d, ConfigValue v) { d.options.ttl_max = static_cast<std::uint32_t>(v.number / 1'000); }},
    {{"ttl.min",
      kSeconds,
      1'000,
      kMaxTtlMs,
      {},
      "5s, or ttl.max where that is less",
      "Minimum TTL, used while a change is expected."},
     [](RecordDraft& d, ConfigValue v) { d.options.ttl_min = static_cast<std::uint32_t>(v.number / 1'000); }},
    {{"hold-down",
      kDuration,
      0,
      kDayMs,
      {},
      "0s",
      "Minimum time that a chosen member stays chosen, unless it goes down."},
     [](RecordDraft& d, ConfigValue v) { d.options.hold_down = v.duration(); }},
    {{"failback-delay",
      kDuration,
      0,
      kDayMs,
      {},
      "60s",
      "How long a preferred member must be usable before it is chosen again. A changed configuration of the record, "
      "such as migrate.percent, takes effect at once."},
     [](RecordDraft& d, ConfigValue v) { d.options.failback_delay = v.duration(); }},
    {{"dampen.transitions",
      kNumber,
      1,
      kMaxTransitions,
      {},
      "6",
      "Number of changes within `dampen.within` after which the record is damped: it does not change to a better "
      "member "
      "any more. It still leaves a member that goes down, and returns ttl.min."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_transitions = v.count(); }},
    {{"dampen.within", kDuration, 1'000, kDayMs, {}, "10m", "Time in which dampen.transitions changes are counted."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_within = v.duration(); }},
    {{"dampen.hold", kDuration, 1'000, kDayMs, {}, "5m", "Time without a change after which the damping ends."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_hold = v.duration(); }},
    {{"migrate.from", kReference, 0, 0, {}, "none", "Member that clients are moved away from."},
     [](RecordDraft& d, ConfigValue v) { d.migrate_from = v.reference(); }},
    {{"migrate.to", kReference, 0, 0, {}, "none", "Member that clients are moved to."},
     [](RecordDraft& d, ConfigValue v) { d.migrate_to = v.reference(); }},
    {{"migrate.percent",
      kNumber,
      0,
      100,
      {},
      "none",
      "Percentage of clients to move. Clients are selected by prefix. If the value is raised, the clients that have "
      "moved do not change."},
     [](RecordDraft& d, ConfigValue v) { d.options.migrate.emplace().percent = v.count(); }},
    {{"members", kTables, 0, 0, {}, "static: none; else required", "Members of the record; see members."}, nullptr},
});

constexpr auto kMemberKeys = std::to_array<KeyRow<MemberDraft>>({
    {{"name", kObjectName, 0, 0, {}, kRequired, "Name of the member, for logs and commands."},
     [](MemberDraft& d, ConfigValue v) { d.options.name = std::move(v.text); }},
    {{"address", kAddresses, 0, 0, {}, kRequired, "Addresses to return for this member."},
     [](MemberDraft& d, ConfigValue v) {
       d.options.addresses = std::move(v.addresses);
       d.addresses = std::move(v.spans);
     }},
    {{"router",
      kReferences,
      0,
      0,
      {},
      "none",
      "Required state of virtual routers. \"lan-gw:rtr-a\": rtr-a is the active router of lan-gw. \"lan-gw\": lan-gw "
      "has an active router. All entries of a list must be true."},
     [](MemberDraft& d, ConfigValue v) { d.routers = std::move(v.references); }},
    {{"link", kReference, 0, 0, {}, "none", "Link to the member. The link must be up."},
     [](MemberDraft& d, ConfigValue v) { d.link = v.reference(); }},
    {{"monitor", kReferences, 0, 0, {}, "none", "Health checks of the service. All checks of a list must be up."},
     [](MemberDraft& d, ConfigValue v) { d.monitors = std::move(v.references); }},
    {{"target",
      kAddresses,
      0,
      0,
      {},
      "address",
      "Addresses to probe instead of `address`, for example the server's own address behind NAT."},
     [](MemberDraft& d, ConfigValue v) { d.targets = std::move(v.addresses); }},
    {{"weight",
      kNumber,
      0,
      kMaxWeight,
      {},
      "1",
      "Share of the clients (policy weighted), in 256 parts: a share of less than about half a part gets none. 0: only "
      "if no other member is usable."},
     [](MemberDraft& d, ConfigValue v) { d.options.weight = static_cast<std::uint32_t>(v.number); }},
});

}  // namespace

std::span<const KeyRow<VirtualRouterDraft>> vrrp_keys() { return kVrrpKeys; }
std::span<const KeyRow<MonitorDraft>> monitor_keys() { return kMonitorKeys; }
std::span<const KeyRow<LinkDraft>> link_keys() { return kLinkKeys; }
std::span<const KeyRow<SlaDraft>> sla_keys() { return kSlaKeys; }
std::span<const KeyRow<ViewDraft>> view_keys() { return kViewKeys; }
std::span<const KeyRow<RecordDraft>> record_keys() { return kRecordKeys; }
std::span<const KeyRow<MemberDraft>> member_keys() { return kMemberKeys; }

std::span<const std::string_view> policy_words() { return kPolicies; }
std::span<const std::string_view> link_class_words() { return kLinkClasses; }
std::span<const std::string_view> monitor_types() { return kMonitorTypeWords; }

}  // namespace server
