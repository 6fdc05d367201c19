#include "server/config/schema.h"

#include <array>

#include "server/query/transport.h"

namespace server {
namespace {

using enum ValueKind;

constexpr std::array<std::string_view, 2> kSpreads{"flow", "cpu"};
constexpr std::array<std::string_view, 2> kTogether{"port", "none"};
constexpr std::array<std::string_view, 2> kAbsent{"fail", "wait"};
constexpr std::array<std::string_view, 2> kScopes{"inside", "anywhere"};
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
constexpr std::array<std::string_view, 2> kModes{"act", "observe"};
// In the order of dns::AccessRule::Action and dns::Operation.
constexpr std::array<std::string_view, 2> kActions{"allow", "deny"};
constexpr std::array<std::string_view, dns::kOperations> kOperationWords{"query", "transfer"};
constexpr auto kTransportWords = [] {
  std::array<std::string_view, kTransports.size()> words;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = kTransports[i]->name;
  return words;
}();

constexpr auto kAlgorithmWords = [] {
  std::array<std::string_view, kTsigAlgorithms.size()> words;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = kTsigAlgorithms[i].word;
  return words;
}();

constexpr std::int64_t kMaxWorkers = 256, kMaxTcpWorkers = 64, kMaxConnections = 1'000'000, kHourMs = 3'600'000;
constexpr std::int64_t kMinBuffer = 4096, kMaxBuffer = std::int64_t{1} << 30;
constexpr std::int64_t kMaxCharacterString = 255;  // octets (RFC 1035 3.3)
constexpr std::int64_t kMaxUserName = 32;
constexpr std::int64_t kMaxUdpSize = 4096;
constexpr std::int64_t kMinTimeoutMs = 100, kMinMessageMs = 50;
constexpr std::int64_t kMaxInitialRoundMs = 60'000;
constexpr std::int64_t kMaxPrograms = 4'096;

constexpr auto kServerKeys = std::to_array<KeyRow<Options>>({
    {{"listen",
      kEndpoints,
      0,
      0,
      {},
      "127.0.0.1:5300",
      "Addresses and ports to listen on (UDP and TCP). Without a port: 53. \"*\" means all IPv4 and IPv6 addresses. A "
      "link-local address needs its interface, which must exist: \"[fe80::1%eth0]:53\"."},
     [](Options& o, ConfigValue v) { o.listen.addresses = std::move(v.endpoints); }},
    {{"absent-addresses", kWord, 0, 0, kAbsent, "fail",
      "What to do if this machine does not have an address of `listen`. fail: do not start. wait: start, and answer on "
      "the address as soon as it is configured (virtual addresses of a standby router)."},
     [](Options& o, ConfigValue v) { o.listen.absent = static_cast<AbsentAddress>(v.number); }},
    {{"workers", kNumber, 0, kMaxWorkers, {}, "0", "UDP worker threads for each address. 0: one for each CPU."},
     [](Options& o, ConfigValue v) { o.listen.workers = v.size(); }},
    {{"spread", kWord, 0, 0, kSpreads, "flow",
      "How datagrams are distributed to the workers. flow: by a hash of the addresses and ports. cpu: to the worker of "
      "the CPU that received the datagram, for machines that bind receive queues to CPUs."},
     [](Options& o, ConfigValue v) { o.listen.spread = static_cast<SocketSelection>(v.number); }},
    {{"send-together", kWord, 0, 0, kTogether, "port",
      "Which UDP answers are sent with one system call (segmentation offload). port: answers to the same client port. "
      "none: each answer is sent separately."},
     [](Options& o, ConfigValue v) { o.listen.send_together = static_cast<GsoGrouping>(v.number); }},
    {{"receive-buffer",
      kNumber,
      kMinBuffer,
      kMaxBuffer,
      {},
      "4194304",
      "Size of the receive buffer of each UDP socket, in bytes."},
     [](Options& o, ConfigValue v) { o.listen.receive_buffer = v.size(); }},
    {{"zones",
      kPaths,
      0,
      0,
      {},
      "none",
      "Zone files, and directories with zone files. The name of a zone is the name of its file without \".zone\". In a "
      "directory, all files *.zone are loaded; subdirectories are not searched."},
     [](Options& o, ConfigValue v) { o.store.paths = std::move(v.texts); }},
    {{"includes", kWord, 0, 0, kScopes, "inside",
      "Files that $INCLUDE may read. inside: files in the zone file's directory and below it. anywhere: all files that "
      "the server can read."},
     [](Options& o, ConfigValue v) { o.store.include_scope = static_cast<IncludeScope>(v.number); }},
    {{"load-threads",
      kNumber,
      0,
      kMaxLoadThreads,
      {},
      "0",
      "Threads that load zones. 0: one for each CPU, at most 16."},
     [](Options& o, ConfigValue v) { o.store.load_threads = v.size(); }},
    {{"user",
      kText,
      0,
      kMaxUserName,
      {},
      "",
      "User to run as after the sockets are bound. Empty: do not change the user."},
     [](Options& o, ConfigValue v) { o.privileges.user = std::move(v.text); }},
    {{"group",
      kText,
      0,
      kMaxUserName,
      {},
      "",
      "Group to run as after the sockets are bound. Empty: the group of `user`."},
     [](Options& o, ConfigValue v) { o.privileges.group = std::move(v.text); }},
    {{"udp-size", kNumber, dns::kClassicUdpSize, kMaxUdpSize, {}, "1232", "Maximum size of a UDP answer, in bytes."},
     [](Options& o, ConfigValue v) { o.responder.udp_size_max = static_cast<std::uint16_t>(v.number); }},
    {{"version", kText, 0, kMaxCharacterString, {}, "", "Answer to version.bind CH TXT. Empty: refuse the query."},
     [](Options& o, ConfigValue v) { o.responder.version = std::move(v.text); }},
    {{"identity",
      kText,
      0,
      kMaxCharacterString,
      {},
      "",
      "Answer to id.server and hostname.bind CH TXT. Empty: refuse the query."},
     [](Options& o, ConfigValue v) { o.responder.identity = std::move(v.text); }},
    {{"nsid",
      kText,
      0,
      kMaxNsid,
      {},
      "",
      "Name server identifier (NSID, RFC 5001), sent to clients that ask for it. Empty: none."},
     [](Options& o, ConfigValue v) { o.responder.nsid = std::move(v.text); }},
    {{"state",
      kPath,
      0,
      0,
      {},
      "none",
      "Directory for the data that must survive a restart: serial numbers, journals and the last failover state. "
      "Required if there is a [[record]] section."},
     [](Options& o, ConfigValue v) { o.state = std::move(v.text); }},
    {{"strict-start",
      kFlag,
      0,
      0,
      {},
      "false",
      "true: do not start if a zone or journal cannot be loaded, or if a record of this file does not match its zone. "
      "false: start, serve all that is right, and report the rest as errors and alarms."},
     [](Options& o, ConfigValue v) { o.strict_start = v.number != 0; }},
    {{"images",
      kPath,
      0,
      0,
      {},
      "none",
      "Directory for memory images of large zones. At the next start, the server loads the image instead of the zone "
      "file. Only the server's user may have write access to this directory."},
     [](Options& o, ConfigValue v) { o.store.images = std::move(v.text); }},
    {{"control",
      kPath,
      0,
      0,
      {},
      "control.sock in state, else in /run/waymark or $XDG_RUNTIME_DIR/waymark",
      "Unix socket for `waymark status` and the other control commands. The path has at most 103 bytes."},
     [](Options& o, ConfigValue v) { o.control = std::move(v.text); }},
});

constexpr auto kTcpKeys = std::to_array<KeyRow<Options>>({
    {{"workers", kNumber, 1, kMaxTcpWorkers, {}, "1", "TCP worker threads. They are separate from the UDP workers."},
     [](Options& o, ConfigValue v) { o.listen.tcp.workers = v.size(); }},
    {{"connections",
      kNumber,
      1,
      kMaxConnections,
      {},
      "1000",
      "Maximum connections of one worker. If all are in use, the longest idle connection is closed for a new one."},
     [](Options& o, ConfigValue v) { o.listen.tcp.connections_max = v.size(); }},
    {{"connections-per-address",
      kNumber,
      1,
      kMaxConnections,
      {},
      "16",
      "Maximum connections of one client address, once half of all connections are in use."},
     [](Options& o, ConfigValue v) { o.listen.tcp.connections_per_address = v.size(); }},
    {{"idle-timeout",
      kDuration,
      kMinTimeoutMs,
      kHourMs,
      {},
      "10s",
      "Maximum idle time between two messages (RFC 7766 6.2.3)."},
     [](Options& o, ConfigValue v) { o.listen.tcp.idle_timeout = v.duration(); }},
    {{"first-timeout",
      kDuration,
      kMinTimeoutMs,
      kHourMs,
      {},
      "2s",
      "Maximum time from the connection to the first byte."},
     [](Options& o, ConfigValue v) { o.listen.tcp.first_timeout = v.duration(); }},
    {{"message-timeout",
      kDuration,
      kMinMessageMs,
      kHourMs,
      {},
      "500ms",
      "Maximum time from the first byte of a message to its last byte. Also the maximum time for a client to read an "
      "answer."},
     [](Options& o, ConfigValue v) { o.listen.tcp.message_timeout = v.duration(); }},
});

constexpr auto kLogKeys = std::to_array<KeyRow<Options>>({
    {{"level", kWord, 0, 0, kLevels, "info", "Lowest level that is logged."},
     [](Options& o, ConfigValue v) { o.log.level = static_cast<LogLevel>(v.number); }},
    {{"format", kWord, 0, 0, kFormats, "text",
      "Format of the log. text: lines for people. json: one JSON object for each line."},
     [](Options& o, ConfigValue v) { o.log.format = static_cast<LogFormat>(v.number); }},
});

constexpr auto kZoneKeys = std::to_array<KeyRow<ZoneDraft>>({
    {{"name", kDomain, 0, 0, {}, kRequired, "Name of the zone."},
     [](ZoneDraft& z, ConfigValue v) { z.zone.apex = v.name; }},
    {{"file",
      kPath,
      0,
      0,
      {},
      "the file of this zone in `zones` or on the command line",
      "Path of the zone file. The file may have any name."},
     [](ZoneDraft& z, ConfigValue v) { z.zone.path = std::move(v.text); }},
    {{"template", kReference, 0, 0, {}, "default, if it exists", "Template whose keys apply to the zone."},
     [](ZoneDraft& z, ConfigValue v) { z.policy_template = v.reference(); }},
    {{"acl",
      kReferences,
      0,
      0,
      {},
      "those of the template",
      "Access rules of the zone, in order; see ACCESS RULES. They replace those of the template."},
     [](ZoneDraft& z, ConfigValue v) { z.acl = std::move(v.references); }},
});

constexpr auto kTemplateKeys = std::to_array<KeyRow<TemplateDraft>>({
    {{"acl", kReferences, 0, 0, {}, "none", "Access rules of the zones, in order; see ACCESS RULES."},
     [](TemplateDraft& t, ConfigValue v) { t.acl = std::move(v.references); }},
});

// One bit for each number.
std::uint8_t bits_of(const std::vector<std::int64_t>& numbers) {
  unsigned bits = 0;
  for (const std::int64_t number : numbers) bits |= 1U << number;
  return static_cast<std::uint8_t>(bits);
}

constexpr auto kAclKeys = std::to_array<KeyRow<AclDraft>>({
    {{"action", kWord, 0, 0, kActions, "allow", "What the rule does with the requests that it matches."},
     [](AclDraft& a, ConfigValue v) { a.options.rule.action = static_cast<dns::AccessRule::Action>(v.number); }},
    {{"clients", kPrefixes, 0, 0, {}, "all", "Source addresses of the requests: addresses and prefixes of clients."},
     [](AclDraft& a, ConfigValue v) { a.options.rule.clients = std::move(v.prefixes); }},
    {{"transports", kWords, 0, 0, kTransportWords, "all", "Transports of the requests."},
     [](AclDraft& a, ConfigValue v) { a.options.rule.transports = bits_of(v.numbers); }},
    {{"operations", kWords, 0, 0, kOperationWords, "query",
      "What the requests want. query: an answer. transfer: the whole zone (AXFR, IXFR)."},
     [](AclDraft& a, ConfigValue v) { a.options.rule.operations = bits_of(v.numbers); }},
    {{"keys",
      kReferences,
      0,
      0,
      {},
      "any key or none",
      "TSIG keys: the rule matches only requests that are signed with one of them."},
     [](AclDraft& a, ConfigValue v) { a.keys = std::move(v.references); }},
    {{"remotes",
      kReferences,
      0,
      0,
      {},
      "none",
      "Other servers: the rule matches requests from their addresses, signed with their key if they have one. It then "
      "has no `clients`, `transports` or `keys`."},
     [](AclDraft& a, ConfigValue v) { a.remotes = std::move(v.references); }},
});

constexpr auto kKeyKeys = std::to_array<KeyRow<KeyDraft>>({
    {{"algorithm", kWord, 0, 0, kAlgorithmWords, "hmac-sha256",
      "Algorithm of the signatures. hmac-sha1 gives a warning; hmac-md5 needs `allow-weak`."},
     [](KeyDraft& k, ConfigValue v) { k.algorithm = v.size(); }},
    {{"secret-file",
      kPath,
      0,
      0,
      {},
      "none",
      "File with the secret in base64. Only its owner may have access to it (mode 0600). A reload reads it again, so "
      "the server's user must own it."},
     [](KeyDraft& k, ConfigValue v) { k.secret_file = std::move(v.text); }},
    {{"secret",
      kText,
      1,
      kMaxSecretFile,
      {},
      "none",
      "The secret itself, in base64. One of `secret-file` and `secret` is required."},
     [](KeyDraft& k, ConfigValue v) { k.secret = std::move(v.text); }},
    {{"allow-weak", kFlag, 0, 0, {}, "false", "true: allow hmac-md5."},
     [](KeyDraft& k, ConfigValue v) { k.allow_weak = v.number != 0; }},
});

constexpr auto kRemoteKeys = std::to_array<KeyRow<RemoteDraft>>({
    {{"addresses",
      kEndpoints,
      0,
      0,
      {},
      kRequired,
      "Addresses of the server, with or without a port. A link-local address needs its interface. Requests may come "
      "from "
      "any port and interface."},
     [](RemoteDraft& r, ConfigValue v) { r.addresses = std::move(v.endpoints); }},
    {{"key", kReference, 0, 0, {}, "none", "TSIG key of its requests. Without a key, requests need no signature."},
     [](RemoteDraft& r, ConfigValue v) { r.key = v.reference(); }},
    {{"transport", kWords, 0, 0, kTransportWords, "all", "Transports of its requests."},
     [](RemoteDraft& r, ConfigValue v) { r.transports = bits_of(v.numbers); }},
});

constexpr auto kSteeringKeys = std::to_array<KeyRow<SteeringDraft>>({
    {{"mode", kWord, 0, 0, kModes, "act",
      "act: serve the managed records. observe: decide and log, but serve the records of the zone files. Use observe "
      "to try out a configuration."},
     [](SteeringDraft& d, ConfigValue v) { d.mode = static_cast<SteeringMode>(v.number); }},
    {{"initial-round",
      kDuration,
      0,
      kMaxInitialRoundMs,
      {},
      "3s",
      "Maximum time to wait for the first probe results at start, before the first decision."},
     [](SteeringDraft& d, ConfigValue v) { d.initial_round = v.duration(); }},
    {{"programs",
      kNumber,
      1,
      kMaxPrograms,
      {},
      "64",
      "Maximum programs of exec monitors that run at the same time. Others wait; an alarm says so if one waits longer "
      "than its interval. Programs that do not end within their timeout use at most half of them."},
     [](SteeringDraft& d, ConfigValue v) { d.programs = v.count(); }},
});

template <class Target>
std::vector<const KeyText*> texts_of(std::span<const KeyRow<Target>> rows) {
  std::vector<const KeyText*> texts;
  for (const KeyRow<Target>& row : rows) texts.push_back(&row);
  return texts;
}

}  // namespace

std::span<const KeyRow<Options>> server_keys() { return kServerKeys; }
std::span<const KeyRow<Options>> tcp_keys() { return kTcpKeys; }
std::span<const KeyRow<Options>> log_keys() { return kLogKeys; }
std::span<const KeyRow<ZoneDraft>> zone_keys() { return kZoneKeys; }
std::span<const KeyRow<TemplateDraft>> template_keys() { return kTemplateKeys; }
std::span<const KeyRow<AclDraft>> acl_keys() { return kAclKeys; }
std::span<const KeyRow<KeyDraft>> key_keys() { return kKeyKeys; }
std::span<const KeyRow<RemoteDraft>> remote_keys() { return kRemoteKeys; }
std::span<const KeyRow<SteeringDraft>> steering_keys() { return kSteeringKeys; }

const std::vector<Section>& config_sections() {
  using enum SectionForm;
  static const std::vector<Section> sections{
      {"server", kOne, "General settings: addresses, zone files, user, directories.", texts_of(server_keys())},
      {"tcp", kOne, "Limits and timeouts for TCP.", texts_of(tcp_keys())},
      {"log", kOne, "The log, on standard error.", texts_of(log_keys())},
      {"zone", kList, "A zone that has its own settings, or whose file is not named NAME.zone.", texts_of(zone_keys())},
      {"template", kNamed,
       "Settings that zones have in common. The template with the name `default` applies to all zones that name no "
       "other "
       "one.",
       texts_of(template_keys())},
      {"acl", kNamed, "An access rule. Zones and templates name the rules that they use; see ACCESS RULES.",
       texts_of(acl_keys())},
      {"key", kNamed,
       "A TSIG key (RFC 8945). NAME is its name in messages, a domain name: both sides use the same one. In quotes if "
       "it "
       "has dots: [key.\"backup.example.com\"].",
       texts_of(key_keys())},
      {"remote", kNamed, "Another server, for access rules.", texts_of(remote_keys())},
      {"steering", kOne, "Settings for all managed records.", texts_of(steering_keys())},
      {"vrrp", kNamed, "A virtual router to monitor: one VRID of one address family on one link (RFC 9568).",
       texts_of(vrrp_keys())},
      {"monitor", kNamed, "A health check. The links and members that use it define the addresses to probe.",
       texts_of(monitor_keys())},
      {"link", kNamed, "A network path to the Internet or to another site.", texts_of(link_keys())},
      {"sla", kNamed,
       "The quality that an application needs from a link. A bound is violated at `bad` or above, and met again at "
       "`good` or below.",
       texts_of(sla_keys())},
      {"view", kNamed,
       "A group of clients that gets its own records. A query uses the first view in the file that matches its source "
       "address and its destination address.",
       texts_of(view_keys())},
      {"record", kList,
       "A managed record: the A or AAAA records of one name, for all clients or for one view. The zone file must have "
       "default records of the same name and type.",
       texts_of(record_keys())},
      {"members", kWithin,
       "The members of a managed record. Their order matters: if members are equal, the first one is used.",
       texts_of(member_keys())},
  };
  return sections;
}

std::string section_title(const Section& section) {
  const std::string name(section.name);
  switch (section.form) {
    case SectionForm::kOne: return "[" + name + "]";
    case SectionForm::kNamed: return "[" + name + ".NAME]";
    case SectionForm::kList: return "[[" + name + "]]";
    case SectionForm::kWithin: return name;
  }
  return name;
}

}  // namespace server
