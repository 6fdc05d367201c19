#include "server/config/schema.h"

#include <array>

namespace server {
namespace {

using enum ValueKind;

constexpr std::array<std::string_view, 2> kSpreads{"flow", "cpu"};
constexpr std::array<std::string_view, 2> kScopes{"inside", "anywhere"};
constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kFormats{"text", "json"};

constexpr std::int64_t kMaxWorkers = 256, kMaxTcpWorkers = 64, kMaxConnections = 1'000'000, kHourMs = 3'600'000;
constexpr std::int64_t kMinBuffer = 4096, kMaxBuffer = std::int64_t{1} << 30;
constexpr std::int64_t kMaxCharacterString = 255;   // octets (RFC 1035 3.3)
constexpr std::int64_t kMaxUserName = 32;

constexpr auto kKeys = std::to_array<KeyRow>({
    {"server", "listen", kEndpoints, 0, 0, {}, [](Options& o, ConfigValue v) { o.listen.addresses = std::move(v.endpoints); }},
    {"server", "workers", kNumber, 0, kMaxWorkers, {}, [](Options& o, ConfigValue v) { o.listen.workers = v.size(); }},
    {"server", "spread", kWord, 0, 0, kSpreads, [](Options& o, ConfigValue v) { o.listen.spread = static_cast<Spread>(v.number); }},
    {"server", "receive-buffer", kNumber, kMinBuffer, kMaxBuffer, {}, [](Options& o, ConfigValue v) { o.listen.receive_buffer = v.size(); }},
    {"server", "zones", kPaths, 0, 0, {}, [](Options& o, ConfigValue v) { o.store.paths = std::move(v.texts); }},
    {"server", "includes", kWord, 0, 0, kScopes, [](Options& o, ConfigValue v) { o.store.include_scope = static_cast<IncludeScope>(v.number); }},
    {"server", "load-threads", kNumber, 0, kMaxLoadThreads, {}, [](Options& o, ConfigValue v) { o.store.load_threads = v.size(); }},
    {"server", "user", kText, 0, kMaxUserName, {}, [](Options& o, ConfigValue v) { o.privileges.user = std::move(v.text); }},
    {"server", "group", kText, 0, kMaxUserName, {}, [](Options& o, ConfigValue v) { o.privileges.group = std::move(v.text); }},
    {"server", "udp-size", kNumber, dns::kClassicUdpSize, 4096, {}, [](Options& o, ConfigValue v) { o.responder.udp_size_max = static_cast<std::uint16_t>(v.number); }},
    {"server", "version", kText, 0, kMaxCharacterString, {}, [](Options& o, ConfigValue v) { o.responder.version = std::move(v.text); }},
    {"server", "identity", kText, 0, kMaxCharacterString, {}, [](Options& o, ConfigValue v) { o.responder.identity = std::move(v.text); }},
    {"server", "nsid", kText, 0, kMaxNsid, {}, [](Options& o, ConfigValue v) { o.responder.nsid = std::move(v.text); }},
    {"tcp", "workers", kNumber, 1, kMaxTcpWorkers, {}, [](Options& o, ConfigValue v) { o.listen.tcp.workers = v.size(); }},
    {"tcp", "connections", kNumber, 1, kMaxConnections, {}, [](Options& o, ConfigValue v) { o.listen.tcp.connections_max = v.size(); }},
    {"tcp", "connections-per-address", kNumber, 1, kMaxConnections, {}, [](Options& o, ConfigValue v) { o.listen.tcp.connections_per_address = v.size(); }},
    {"tcp", "idle-timeout", kDuration, 100, kHourMs, {}, [](Options& o, ConfigValue v) { o.listen.tcp.idle_timeout = v.duration(); }},
    {"tcp", "first-timeout", kDuration, 100, kHourMs, {}, [](Options& o, ConfigValue v) { o.listen.tcp.first_timeout = v.duration(); }},
    {"tcp", "message-timeout", kDuration, 50, kHourMs, {}, [](Options& o, ConfigValue v) { o.listen.tcp.message_timeout = v.duration(); }},
    {"log", "level", kWord, 0, 0, kLevels, [](Options& o, ConfigValue v) { o.log.level = static_cast<LogLevel>(v.number); }},
    {"log", "format", kWord, 0, 0, kFormats, [](Options& o, ConfigValue v) { o.log.format = static_cast<LogFormat>(v.number); }},
});

}  // namespace

std::span<const KeyRow> config_keys() { return kKeys; }

}  // namespace server
