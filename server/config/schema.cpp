#include "server/config/schema.h"

#include <array>

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

constexpr std::int64_t kMaxWorkers = 256, kMaxTcpWorkers = 64, kMaxConnections = 1'000'000, kHourMs = 3'600'000;
constexpr std::int64_t kMinBuffer = 4096, kMaxBuffer = std::int64_t{1} << 30;
constexpr std::int64_t kMaxCharacterString = 255;  // octets (RFC 1035 3.3)
constexpr std::int64_t kMaxUserName = 32;
constexpr std::int64_t kMaxUdpSize = 4096;
constexpr std::int64_t kMinTimeoutMs = 100, kMinMessageMs = 50;
constexpr std::int64_t kMaxInitialRoundMs = 60'000;

constexpr auto kServerKeys = std::to_array<KeyRow<Options>>({
    {{"listen",
      kEndpoints,
      0,
      0,
      {},
      "127.0.0.1:5300",
      "Where to answer, over UDP and TCP. Port 53 where none is given; * is every address of both families."},
     [](Options& o, ConfigValue v) { o.listen.addresses = std::move(v.endpoints); }},
    {{"absent-addresses", kWord, 0, 0, kAbsent, "fail",
      "What becomes of an address of `listen` that this machine does not have: the start fails, or it is answered on "
      "once it is there, as on a standby router."},
     [](Options& o, ConfigValue v) { o.listen.absent = static_cast<AbsentAddress>(v.number); }},
    {{"workers", kNumber, 0, kMaxWorkers, {}, "0", "UDP threads an address. 0: one for each CPU."},
     [](Options& o, ConfigValue v) { o.listen.workers = v.size(); }},
    {{"spread", kWord, 0, 0, kSpreads, "flow",
      "Which worker a datagram goes to: by its flow, or by the CPU that received it, where receive queues are bound to "
      "CPUs."},
     [](Options& o, ConfigValue v) { o.listen.spread = static_cast<Spread>(v.number); }},
    {{"send-together", kWord, 0, 0, kTogether, "port",
      "Which UDP answers leave in one send, to be cut by the kernel or the network card: those to one client's port, "
      "or none."},
     [](Options& o, ConfigValue v) { o.listen.send_together = static_cast<SendTogether>(v.number); }},
    {{"receive-buffer",
      kNumber,
      kMinBuffer,
      kMaxBuffer,
      {},
      "4194304",
      "Octets asked of the kernel for each UDP socket."},
     [](Options& o, ConfigValue v) { o.listen.receive_buffer = v.size(); }},
    {{"zones", kPaths, 0, 0, {}, "none", "Folders, of which every *.zone is served, and files named after their zone."},
     [](Options& o, ConfigValue v) { o.store.paths = std::move(v.texts); }},
    {{"includes", kWord, 0, 0, kScopes, "inside", "Whether $INCLUDE stays in the zone file's folder."},
     [](Options& o, ConfigValue v) { o.store.include_scope = static_cast<IncludeScope>(v.number); }},
    {{"load-threads",
      kNumber,
      0,
      kMaxLoadThreads,
      {},
      "0",
      "Threads that load zones. 0: one for each CPU, 16 at most."},
     [](Options& o, ConfigValue v) { o.store.load_threads = v.size(); }},
    {{"user", kText, 0, kMaxUserName, {}, "", "Whom to become once the sockets are bound. Empty: nobody else."},
     [](Options& o, ConfigValue v) { o.privileges.user = std::move(v.text); }},
    {{"group", kText, 0, kMaxUserName, {}, "", "Empty: the user's."},
     [](Options& o, ConfigValue v) { o.privileges.group = std::move(v.text); }},
    {{"udp-size", kNumber, dns::kClassicUdpSize, kMaxUdpSize, {}, "1232", "The largest UDP answer in octets."},
     [](Options& o, ConfigValue v) { o.responder.udp_size_max = static_cast<std::uint16_t>(v.number); }},
    {{"version", kText, 0, kMaxCharacterString, {}, "", "The answer to version.bind CH TXT. Empty: refused."},
     [](Options& o, ConfigValue v) { o.responder.version = std::move(v.text); }},
    {{"identity",
      kText,
      0,
      kMaxCharacterString,
      {},
      "",
      "The answer to id.server and hostname.bind CH TXT. Empty: refused."},
     [](Options& o, ConfigValue v) { o.responder.identity = std::move(v.text); }},
    {{"nsid", kText, 0, kMaxNsid, {}, "", "The name server identifier (RFC 5001). Empty: none."},
     [](Options& o, ConfigValue v) { o.responder.nsid = std::move(v.text); }},
    {{"state",
      kPath,
      0,
      0,
      {},
      "none",
      "The directory of serials, journals and last states, which outlive a restart. Required where there is a "
      "[[record]]."},
     [](Options& o, ConfigValue v) { o.state = std::move(v.text); }},
    {{"images",
      kPath,
      0,
      0,
      {},
      "none",
      "The directory of images of big zones, which a start answers from without reading their files. Nobody else may "
      "write there."},
     [](Options& o, ConfigValue v) { o.store.images = std::move(v.text); }},
    {{"control",
      kPath,
      0,
      0,
      {},
      "control.sock in state",
      "The Unix socket that `waymark status` and the other commands speak to."},
     [](Options& o, ConfigValue v) { o.control = std::move(v.text); }},
});

constexpr auto kTcpKeys = std::to_array<KeyRow<Options>>({
    {{"workers", kNumber, 1, kMaxTcpWorkers, {}, "1", "Threads of their own: TCP cannot disturb UDP."},
     [](Options& o, ConfigValue v) { o.listen.tcp.workers = v.size(); }},
    {{"connections",
      kNumber,
      1,
      kMaxConnections,
      {},
      "1000",
      "Connections that a worker holds at most; when full, the longest idle makes room."},
     [](Options& o, ConfigValue v) { o.listen.tcp.connections_max = v.size(); }},
    {{"connections-per-address",
      kNumber,
      1,
      kMaxConnections,
      {},
      "16",
      "One address's share once half of all places are taken."},
     [](Options& o, ConfigValue v) { o.listen.tcp.connections_per_address = v.size(); }},
    {{"idle-timeout", kDuration, kMinTimeoutMs, kHourMs, {}, "10s", "Between whole messages (RFC 7766 6.2.3)."},
     [](Options& o, ConfigValue v) { o.listen.tcp.idle_timeout = v.duration(); }},
    {{"first-timeout", kDuration, kMinTimeoutMs, kHourMs, {}, "2s", "From connecting to the first octet."},
     [](Options& o, ConfigValue v) { o.listen.tcp.first_timeout = v.duration(); }},
    {{"message-timeout",
      kDuration,
      kMinMessageMs,
      kHourMs,
      {},
      "500ms",
      "From a message's first octet to its last, and for a client that does not read."},
     [](Options& o, ConfigValue v) { o.listen.tcp.message_timeout = v.duration(); }},
});

constexpr auto kLogKeys = std::to_array<KeyRow<Options>>({
    {{"level", kWord, 0, 0, kLevels, "info", "The least important lines that are logged."},
     [](Options& o, ConfigValue v) { o.log.level = static_cast<LogLevel>(v.number); }},
    {{"format", kWord, 0, 0, kFormats, "text", "Lines for people, or one JSON object a line."},
     [](Options& o, ConfigValue v) { o.log.format = static_cast<LogFormat>(v.number); }},
});

constexpr auto kZoneKeys = std::to_array<KeyRow<ZoneDraft>>({
    {{"name", kDomain, 0, 0, {}, kRequired, "The zone's name."},
     [](ZoneDraft& z, ConfigValue v) { z.zone.apex = v.name; }},
    {{"file", kPath, 0, 0, {}, kRequired, "Its file, which may have any name."},
     [](ZoneDraft& z, ConfigValue v) { z.zone.path = std::move(v.text); }},
});

constexpr auto kSteeringKeys = std::to_array<KeyRow<SteeringDraft>>({
    {{"mode", kWord, 0, 0, kModes, "act",
      "\"observe\" decides and logs, and serves the zone files' own sets: for trying a configuration."},
     [](SteeringDraft& d, ConfigValue v) { d.mode = static_cast<SteeringMode>(v.number); }},
    {{"initial-round",
      kDuration,
      0,
      kMaxInitialRoundMs,
      {},
      "3s",
      "How long first results are waited for, at most, before the first answer."},
     [](SteeringDraft& d, ConfigValue v) { d.initial_round = v.duration(); }},
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
std::span<const KeyRow<SteeringDraft>> steering_keys() { return kSteeringKeys; }

const std::vector<Section>& config_sections() {
  using enum SectionForm;
  static const std::vector<Section> sections{
      {"server", kOne, "The server: where it answers, from which files, as whom.", texts_of(server_keys())},
      {"tcp", kOne, "Limits and timeouts of TCP.", texts_of(tcp_keys())},
      {"log", kOne, "What is told on standard error.", texts_of(log_keys())},
      {"zone", kList, "A zone whose file is not called NAME.zone.", texts_of(zone_keys())},
      {"steering", kOne, "What concerns all managed names.", texts_of(steering_keys())},
      {"vrrp", kNamed, "A virtual router that is watched: a VRID of one address family on one link (RFC 9568).",
       texts_of(vrrp_keys())},
      {"monitor", kNamed, "How something is probed; links and members say what.", texts_of(monitor_keys())},
      {"link", kNamed, "A path to the outside or between sites.", texts_of(link_keys())},
      {"sla", kNamed,
       "What an application asks of a link. A bound is violated from `bad` on, and met again from `good` on.",
       texts_of(sla_keys())},
      {"view", kNamed,
       "Clients that get answers of their own: the first view, in the order of the file, that has the client's address "
       "and the address that was asked.",
       texts_of(view_keys())},
      {"record", kList,
       "A managed set: the addresses of a name, of one family, possibly for one view. The zone file holds the name's "
       "default set.",
       texts_of(record_keys())},
      {"members", kWithin, "What a record chooses among. The order counts: it decides among equals.",
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
