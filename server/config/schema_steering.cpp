// The rows of the steering part: [vrrp.NAME], [monitor.NAME], [link.NAME], [sla.NAME], [view.NAME], [[record]] and its
// members.
#include <array>

#include "server/config/schema.h"

namespace server {
namespace {

using enum ValueKind;

constexpr std::array<std::string_view, 2> kFamilies{"ipv4", "ipv6"};
constexpr std::array<std::string_view, 3> kSources{"passive", "netlink", "fifo"};
constexpr std::array<std::string_view, 3> kVersions{"any", "2", "3"};
constexpr std::array<std::string_view, 3> kOnSplits{"freeze", "prefer-priority", "none"};
constexpr std::array<std::string_view, 8> kMonitorTypes{"icmp", "tcp", "http", "https", "dns", "stamp", "exec", "file"};
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
constexpr std::int64_t kMaxAdverts = 100, kMaxTransitions = 1'000, kMaxStreak = 1'000, kMaxMembers = 255;
constexpr std::int64_t kMinIntervalMs = 50, kMinTimeoutMs = 10, kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs,
                       kDayMs = 24 * kHourMs;
constexpr std::int64_t kMaxTtlMs = kDayMs;
constexpr std::int64_t kMaxInterfaceName = 15;  // octets: IFNAMSIZ without its end
constexpr std::int64_t kMaxV2Password = 8;      // octets (RFC 2338 5.3.6)
constexpr std::int64_t kMaxHmacKey = 64;        // octets
constexpr std::int64_t kMaxUrlPath = 2'048, kMaxHost = 255, kMaxMatch = 1'024, kMaxInstance = 255, kMaxArgument = 4'096;
constexpr std::int64_t kMaxCode = 999;  // of HTTP; an rcode is less

Bounds& bounds(std::optional<Bounds>& of) { return of ? *of : of.emplace(); }

constexpr auto kVrrpKeys = std::to_array<KeyRow<VirtualRouterDraft>>({
    {{"vrid", kNumber, 1, kMaxVrid, {}, kRequired, "The virtual router identifier."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.vrid = static_cast<std::uint8_t>(v.number); }},
    {{"family", kWord, 0, 0, kFamilies, "ipv4",
      "The address family; the same VRID of the other one is another virtual router."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.family = static_cast<Family>(v.number); }},
    {{"interface", kText, 1, kMaxInterfaceName, {}, kRequired, "The interface on the routers' link."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.interface = std::move(v.text); }},
    {{"sources", kWords, 0, 0, kSources, "passive",
      "Where evidence comes from: advertisements on the link (needs CAP_NET_RAW), the virtual addresses on this host, "
      "keepalived's notify FIFO. Several may be combined."},
     [](VirtualRouterDraft& d, ConfigValue v) {
       d.options.sources.clear();
       for (const std::int64_t source : v.numbers) d.options.sources.push_back(static_cast<VrrpSource>(source));
     }},
    {{"version", kWord, 0, 0, kVersions, "any", "Advertisements of which version of VRRP are believed."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.version = static_cast<VrrpVersion>(v.number); }},
    {{"vips", kAddresses, 0, 0, {}, kRequired, "The virtual addresses. Advertisements of another set are rejected."},
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
      "Who may be active: names with the addresses they advertise from (for IPv6 the link-local ones), or such "
      "addresses alone. Advertisements of others are rejected."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.routers = std::move(v.routers); }},
    {{"local-router",
      kReference,
      0,
      0,
      {},
      "none",
      "Which of `routers` this host is; required by the sources netlink and fifo."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.local_router = v.reference(); }},
    {{"fifo", kPath, 0, 0, {}, "none", "The path of keepalived's notify FIFO; required by the source fifo."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.fifo = std::move(v.text); }},
    {{"fifo-instance",
      kText,
      1,
      kMaxInstance,
      {},
      "the section's name",
      "What keepalived calls it: vrrp_instance NAME."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.fifo_instance = std::move(v.text); }},
    {{"snapshot", kPath, 0, 0, {}, "none", "The path of keepalived's JSON, which is read before the FIFO is believed."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.snapshot = std::move(v.text); }},
    {{"unicast",
      kFlag,
      0,
      0,
      {},
      "false",
      "Whether advertisements come to an address of this host instead of the group."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.unicast = v.number != 0; }},
    {{"ttl-min",
      kNumber,
      1,
      kMaxTtlOctet,
      {},
      "255",
      "The least TTL or hop limit of an advertisement. Below 255 only with unicast."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.ttl_min = static_cast<std::uint8_t>(v.number); }},
    {{"v2-password", kText, 0, kMaxV2Password, {}, "any", "The simple text password of version 2 (RFC 2338)."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.v2_password = std::move(v.text); }},
    {{"hmac-key", kHex, 0, kMaxHmacKey, {}, "none", "The key of keepalived's auth_hmac, in hexadecimal."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.hmac_key = std::move(v.octets); }},
    {{"down-timer-adverts",
      kNumber,
      1,
      kMaxAdverts,
      {},
      "3",
      "Advertisements missed before a backup takes over, as the routers have it."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.down_timer_adverts = v.count(); }},
    {{"on-split", kWord, 0, 0, kOnSplits, "freeze",
      "While several claim to be active: the last agreed one for split-hold and then by priority, by priority at once, "
      "or nobody."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.on_split = static_cast<OnSplit>(v.number); }},
    {{"split-hold", kDuration, 0, kDayMs, {}, "10s", "How long on-split = \"freeze\" holds."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.split_hold = v.duration(); }},
    {{"flap.transitions",
      kNumber,
      2,
      kMaxTransitions,
      {},
      "4",
      "Moves within `flap.within` that make it flapping: frozen at the last stable router, or at the one that took "
      "over where that one has died."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_transitions = v.count(); }},
    {{"flap.within", kDuration, 1'000, kDayMs, {}, "60s", "See flap.transitions."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_within = v.duration(); }},
    {{"flap.stable", kDuration, 1'000, kDayMs, {}, "120s", "The quiet time that ends it."},
     [](VirtualRouterDraft& d, ConfigValue v) { d.options.flap_stable = v.duration(); }},
});

constexpr auto kMonitorKeys = std::to_array<KeyRow<MonitorDraft>>({
    {{"type", kWord, 0, 0, kMonitorTypes, kRequired,
      "The probe: echo (icmp), connect (tcp), GET (http, https), a query (dns), RFC 8762 (stamp), a program (exec), a "
      "file that others write (file)."},
     [](MonitorDraft& d, ConfigValue v) { d.type = v.size(); }},
    {{"port",
      kNumber,
      1,
      kMaxPort,
      {},
      "http 80, https 443, dns 53, stamp 862; tcp: required",
      "Where the service answers."},
     [](MonitorDraft& d, ConfigValue v) { d.options.port = static_cast<std::uint16_t>(v.number); }},
    {{"path", kText, 1, kMaxUrlPath, {}, "/", "What is asked for (http, https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.path = std::move(v.text); }},
    {{"host",
      kText,
      1,
      kMaxHost,
      {},
      "the target's address",
      "The Host header, and the name in TLS and in the certificate (http, https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.host = std::move(v.text); }},
    {{"expect",
      kNumbers,
      0,
      kMaxCode,
      {},
      "200; dns: 0",
      "Status codes (http, https) or rcodes (dns) that count as up."},
     [](MonitorDraft& d, ConfigValue v) {
       for (const std::int64_t code : v.numbers) d.options.expect.push_back(static_cast<std::uint16_t>(code));
     }},
    {{"match", kText, 1, kMaxMatch, {}, "none", "A text that the body contains (http, https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.match = std::move(v.text); }},
    {{"verify", kFlag, 0, 0, {}, "true", "Whether the certificate's chain and name are checked (https)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.verify = v.number != 0; }},
    {{"query", kDomain, 0, 0, {}, ".", "The name that is asked for (dns)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.query_name = v.name; }},
    {{"query-type", kType, 0, 0, {}, "SOA", "The type that is asked for (dns)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.query_type = v.type; }},
    {{"command",
      kTexts,
      0,
      kMaxArgument,
      {},
      "exec: required",
      "The program with its arguments (exec); {address} stands for the target's. Exit code 0 is up."},
     [](MonitorDraft& d, ConfigValue v) { d.options.command = std::move(v.texts); }},
    {{"file", kPath, 0, 0, {}, "file: required", "The file that says up or down (file)."},
     [](MonitorDraft& d, ConfigValue v) { d.options.file = std::move(v.text); }},
    {{"interval", kDuration, kMinIntervalMs, kDayMs, {}, "5s", "From probe to probe."},
     [](MonitorDraft& d, ConfigValue v) { d.options.interval = v.duration(); }},
    {{"timeout",
      kDuration,
      kMinTimeoutMs,
      kDayMs,
      {},
      "2s",
      "When a probe counts as lost; of a file, how old it may be. At most the interval, but for files."},
     [](MonitorDraft& d, ConfigValue v) { d.options.timeout = v.duration(); }},
    {{"fall", kNumber, 1, kMaxStreak, {}, "3", "Failures in a row that turn it down."},
     [](MonitorDraft& d, ConfigValue v) { d.options.fall = v.count(); }},
    {{"rise", kNumber, 1, kMaxStreak, {}, "3", "Successes in a row that turn it up."},
     [](MonitorDraft& d, ConfigValue v) { d.options.rise = v.count(); }},
    {{"window", kDuration, 1'000, kDayMs, {}, "30s", "The time over which latency, jitter and loss are taken."},
     [](MonitorDraft& d, ConfigValue v) { d.options.window = v.duration(); }},
    {{"dscp",
      kDscp,
      0,
      0,
      {},
      "0",
      "The class that probes are marked with: \"ef\", \"af41\", \"cs6\" or a number to 63."},
     [](MonitorDraft& d, ConfigValue v) { d.options.dscp = static_cast<std::uint8_t>(v.number); }},
});

constexpr auto kLinkKeys = std::to_array<KeyRow<LinkDraft>>({
    {{"class", kWord, 0, 0, kLinkClasses, "internet", "What it is: an order of trust and quality, the best first."},
     [](LinkDraft& d, ConfigValue v) { d.options.link_class = static_cast<LinkClass>(v.number); }},
    {{"cost", kNumber, 0, kMaxCost, {}, "0", "The lower, the sooner it is used, where the policy asks for cost."},
     [](LinkDraft& d, ConfigValue v) { d.options.cost = static_cast<std::uint32_t>(v.number); }},
    {{"quality",
      kNumber,
      0,
      kMaxCost,
      {},
      "0",
      "Its rank, 1 the best, where the policy asks for quality. 0: as its class ranks."},
     [](LinkDraft& d, ConfigValue v) { d.options.quality = static_cast<std::uint32_t>(v.number); }},
    {{"last-resort", kFlag, 0, 0, {}, "false", "Used only where every other member is down, not merely degraded."},
     [](LinkDraft& d, ConfigValue v) { d.options.last_resort = v.number != 0; }},
    {{"deprecated",
      kDate,
      0,
      0,
      {},
      "never",
      "The day it goes out of use: `waymark check` warns until then, and is an error after it."},
     [](LinkDraft& d, ConfigValue v) { d.options.deprecated = v.date; }},
    {{"monitor",
      kReference,
      0,
      0,
      {},
      "none",
      "How its targets are probed. A link without one is up until somebody says otherwise."},
     [](LinkDraft& d, ConfigValue v) { d.monitor = v.reference(); }},
    {{"targets",
      kAddresses,
      0,
      0,
      {},
      "none",
      "What is probed through it, best several hosts that do not fail together."},
     [](LinkDraft& d, ConfigValue v) {
       d.targets = std::move(v.addresses);
       d.target_spans = std::move(v.spans);
     }},
    {{"reliability", kNumber, 1, kMaxMembers, {}, "1", "How many targets must answer for the link to be up."},
     [](LinkDraft& d, ConfigValue v) { d.options.reliability = v.count(); }},
    {{"source", kAddress, 0, 0, {}, "the kernel's choice", "The address that probes are sent from."},
     [](LinkDraft& d, ConfigValue v) { d.source = v.addresses.front(); }},
    {{"device", kText, 1, kMaxInterfaceName, {}, "any", "The interface that probes are bound to."},
     [](LinkDraft& d, ConfigValue v) { d.device = std::move(v.text); }},
});

constexpr auto kSlaKeys = std::to_array<KeyRow<SlaDraft>>({
    {{"latency.bad", kDuration, 1, kHourMs, {}, "no bound", "The round trip from which on the bound is violated."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.latency).bad = v.seconds(); }},
    {{"latency.good", kDuration, 0, kHourMs, {}, "no bound", "The round trip up to which it is met again."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.latency).good = v.seconds(); }},
    {{"jitter.bad",
      kDuration,
      1,
      kHourMs,
      {},
      "no bound",
      "The same of the difference between successive round trips."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.jitter).bad = v.seconds(); }},
    {{"jitter.good", kDuration, 0, kHourMs, {}, "no bound", "See jitter.bad."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.jitter).good = v.seconds(); }},
    {{"loss.bad", kPercent, 0, 0, {}, "no bound", "The same of the share of probes that is lost."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.loss).bad = v.share; }},
    {{"loss.good", kPercent, 0, 0, {}, "no bound", "See loss.bad."},
     [](SlaDraft& d, ConfigValue v) { bounds(d.options.loss).good = v.share; }},
    {{"windows.bad",
      kNumber,
      1,
      kMaxStreak,
      {},
      "3",
      "Seconds in a row that a bound is violated before the link counts as degraded."},
     [](SlaDraft& d, ConfigValue v) { d.options.bad_windows = v.count(); }},
    {{"windows.good",
      kNumber,
      1,
      kMaxStreak,
      {},
      "5",
      "Seconds in a row that all are met before it counts as good again."},
     [](SlaDraft& d, ConfigValue v) { d.options.good_windows = v.count(); }},
});

constexpr auto kViewKeys = std::to_array<KeyRow<ViewDraft>>({
    {{"clients", kPrefixes, 0, 0, {}, "all", "Addresses and prefixes of the clients."},
     [](ViewDraft& d, ConfigValue v) {
       d.options.clients = std::move(v.prefixes);
       d.clients = std::move(v.spans);
     }},
    {{"listen", kPrefixes, 0, 0, {}, "all", "Addresses of ours that were asked."},
     [](ViewDraft& d, ConfigValue v) {
       d.options.local = std::move(v.prefixes);
       d.local = std::move(v.spans);
     }},
});

constexpr auto kRecordKeys = std::to_array<KeyRow<RecordDraft>>({
    {{"name", kDomain, 0, 0, {}, kRequired, "The name whose addresses are managed."},
     [](RecordDraft& d, ConfigValue v) { d.options.owner = v.name; }},
    {{"type", kWord, 0, 0, kFamilyTypes, kRequired,
      "The family. The other one of the same name is a record of its own."},
     [](RecordDraft& d, ConfigValue v) { d.options.type = v.number == 0 ? dns::Type::A : dns::Type::AAAA; }},
    {{"view",
      kReference,
      0,
      0,
      {},
      "none",
      "For whom. Without: for all clients that no other record's view of this name has."},
     [](RecordDraft& d, ConfigValue v) { d.view = v.reference(); }},
    {{"policy", kWord, 0, 0, kPolicies, "failover",
      "The first usable member; by weight; every usable member; the cheapest link that meets the SLA; the best "
      "measured link; the members as written, whatever their health."},
     [](RecordDraft& d, ConfigValue v) { d.options.policy = static_cast<Policy>(v.number); }},
    {{"prefer", kWord, 0, 0, kPrefers, "order",
      "In which order failover tries members: as written, by the quality of their links, by cost."},
     [](RecordDraft& d, ConfigValue v) { d.options.prefer = static_cast<Prefer>(v.number); }},
    {{"pick", kWord, 0, 0, kPicks, "one",
      "What weighted gives a client: one member by weight, or all that are usable."},
     [](RecordDraft& d, ConfigValue v) { d.options.pick = static_cast<Pick>(v.number); }},
    {{"sticky", kWord, 0, 0, kStickies, "client",
      "Whether weighted gives a client's prefix (/24, /48) the same member each time."},
     [](RecordDraft& d, ConfigValue v) { d.options.sticky = v.number == 0; }},
    {{"transfer-as", kWord, 0, 0, kTransfers, "all",
      "What other servers, which cannot choose by client, are given of a weighted set."},
     [](RecordDraft& d, ConfigValue v) { d.options.transfer_as = static_cast<TransferAs>(v.number); }},
    {{"min-class", kWords, 0, 0, kLinkClasses, "all",
      "The classes of links that may be answered, whatever is down: a security floor."},
     [](RecordDraft& d, ConfigValue v) {
       for (const std::int64_t word : v.numbers) d.options.allowed_classes.push_back(static_cast<LinkClass>(word));
     }},
    {{"sla",
      kReference,
      0,
      0,
      {},
      "none",
      "The SLA class; links that violate it are degraded for this record. Required by lowest-cost-sla."},
     [](RecordDraft& d, ConfigValue v) { d.sla = v.reference(); }},
    {{"if-none", kWord, 0, 0, kIfNones, "best-effort",
      "Where no member meets the SLA: the one that violates it least, the last-resort link, or no address."},
     [](RecordDraft& d, ConfigValue v) { d.options.if_none = static_cast<IfNone>(v.number); }},
    {{"all-down", kWord, 0, 0, kAllDowns, "last-good",
      "Where no member is usable: the last good one for all-down-hold and then all, all members, no address, or the "
      "zone file's own set."},
     [](RecordDraft& d, ConfigValue v) { d.options.all_down = static_cast<AllDown>(v.number); }},
    {{"all-down-hold", kDuration, 0, kDayMs, {}, "10m", "How long all-down = \"last-good\" holds."},
     [](RecordDraft& d, ConfigValue v) { d.options.all_down_hold = v.duration(); }},
    {{"min-up", kNumber, 1, kMaxMembers, {}, "1", "Fewer usable members than this count as none."},
     [](RecordDraft& d, ConfigValue v) { d.options.min_up = v.count(); }},
    {{"ttl.max", kSeconds, 1'000, kMaxTtlMs, {}, "30s", "The TTL while nothing is about to change."},
     [](RecordDraft& d, ConfigValue v) { d.options.ttl_max = static_cast<std::uint32_t>(v.number / 1'000); }},
    {{"ttl.min",
      kSeconds,
      1'000,
      kMaxTtlMs,
      {},
      "5s, or ttl.max where that is less",
      "The least TTL, served while a change is near."},
     [](RecordDraft& d, ConfigValue v) { d.options.ttl_min = static_cast<std::uint32_t>(v.number / 1'000); }},
    {{"hold-down", kDuration, 0, kDayMs, {}, "0s", "How long a chosen member stays chosen, unless it goes down."},
     [](RecordDraft& d, ConfigValue v) { d.options.hold_down = v.duration(); }},
    {{"failback-delay",
      kDuration,
      0,
      kDayMs,
      {},
      "60s",
      "How long a better member must have been usable before it is chosen again."},
     [](RecordDraft& d, ConfigValue v) { d.options.failback_delay = v.duration(); }},
    {{"dampen.transitions",
      kNumber,
      1,
      kMaxTransitions,
      {},
      "6",
      "Changes within `dampen.within` that freeze the record."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_transitions = v.count(); }},
    {{"dampen.within", kDuration, 1'000, kDayMs, {}, "10m", "See dampen.transitions."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_within = v.duration(); }},
    {{"dampen.hold", kDuration, 1'000, kDayMs, {}, "5m", "How long it is frozen."},
     [](RecordDraft& d, ConfigValue v) { d.options.damp_hold = v.duration(); }},
    {{"migrate.from", kReference, 0, 0, {}, "none", "The member that clients leave."},
     [](RecordDraft& d, ConfigValue v) { d.migrate_from = v.reference(); }},
    {{"migrate.to", kReference, 0, 0, {}, "none", "The member that they are sent to."},
     [](RecordDraft& d, ConfigValue v) { d.migrate_to = v.reference(); }},
    {{"migrate.percent",
      kNumber,
      0,
      100,
      {},
      "none",
      "How many of them, by client prefix; who has moved stays moved as it grows."},
     [](RecordDraft& d, ConfigValue v) { d.options.migrate.emplace().percent = v.count(); }},
    {{"members", kTables, 0, 0, {}, "static: none; else required", "See members."}, nullptr},
});

constexpr auto kMemberKeys = std::to_array<KeyRow<MemberDraft>>({
    {{"name", kObjectName, 0, 0, {}, kRequired, "What people and logs call it."},
     [](MemberDraft& d, ConfigValue v) { d.options.name = std::move(v.text); }},
    {{"address", kAddresses, 0, 0, {}, kRequired, "What is answered."},
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
      "\"lan-gw:rtr-a\": rtr-a is the active router of lan-gw. \"lan-gw\": it has an active router, whichever. All of "
      "a list must hold."},
     [](MemberDraft& d, ConfigValue v) { d.routers = std::move(v.references); }},
    {{"link", kReference, 0, 0, {}, "none", "The link that leads to it, which must be up."},
     [](MemberDraft& d, ConfigValue v) { d.link = v.reference(); }},
    {{"monitor", kReferences, 0, 0, {}, "none", "How the service behind it is probed. All of a list must be up."},
     [](MemberDraft& d, ConfigValue v) { d.monitors = std::move(v.references); }},
    {{"target",
      kAddresses,
      0,
      0,
      {},
      "address",
      "Where its monitors probe, if not at the answered addresses: the server's own address behind NAT."},
     [](MemberDraft& d, ConfigValue v) { d.targets = std::move(v.addresses); }},
    {{"weight", kNumber, 0, kMaxWeight, {}, "1", "Its share of the clients (weighted)."},
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
std::span<const std::string_view> monitor_types() { return kMonitorTypes; }

}  // namespace server
