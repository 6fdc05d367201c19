// waymark serve: builds `server::Options` from the command line, the environment and the configuration file, and runs
// the server.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/control/socket_path.h"
#include "server/listen/endpoint.h"
#include "server/runtime/memory_reserve.h"
#include "server/server.h"
#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"
#include "tools/startup_report.h"

namespace tools {
namespace {

struct ServeOptions {
  std::vector<std::string> paths, zones, listen;
  std::string config, control;
  std::optional<std::size_t> workers, tcp_workers, tcp_connections;
  std::optional<std::uint16_t> udp_size;
  std::optional<std::string> user, group, version, identity, nsid, log_format, log_level;
  std::optional<std::string> images;
  bool include_anywhere = false;
};

using Status = dns::Result<void, std::string>;

constexpr std::size_t kMaxString = 255;  // octets of one string of a TXT record

// The value of a word in `table`; nothing if the table does not contain it.
template <class T, std::size_t N>
std::optional<T> word_value(const std::pair<std::string_view, T> (&table)[N], std::string_view word) {
  const auto row = std::ranges::find(table, word, [](const auto& entry) { return entry.first; });
  return row == std::end(table) ? std::nullopt : std::optional(row->second);
}

constexpr std::pair<std::string_view, server::LogFormat> kLogFormats[] = {{"text", server::LogFormat::kText},
                                                                          {"json", server::LogFormat::kJson}};
constexpr std::pair<std::string_view, server::LogLevel> kLogLevels[] = {{"debug", server::LogLevel::kDebug},
                                                                        {"info", server::LogLevel::kInfo},
                                                                        {"warning", server::LogLevel::kWarning},
                                                                        {"error", server::LogLevel::kError}};

Status apply_listen(const ServeOptions& typed, server::ListenOptions& listen) {
  if (!typed.listen.empty()) listen.addresses.clear();
  for (const std::string& text : typed.listen) {
    const auto endpoints = server::parse_endpoints(text);
    if (!endpoints) return dns::Failure(fmt::format("--listen {}: {}", text, server::describe(endpoints.error())));
    listen.addresses.insert(listen.addresses.end(), endpoints->begin(), endpoints->end());
  }
  if (const std::string both = server::overlapping(listen.addresses); !both.empty())
    return dns::Failure(fmt::format("--listen: {} overlap: only one of them can be opened", both));
  listen.workers = typed.workers.value_or(listen.workers);
  listen.tcp.workers = typed.tcp_workers.value_or(listen.tcp.workers);
  listen.tcp.connections_max = typed.tcp_connections.value_or(listen.tcp.connections_max);
  return {};
}

Status apply_zones(const ServeOptions& typed, server::StoreOptions& store) {
  store.paths.insert(store.paths.end(), typed.paths.begin(), typed.paths.end());
  for (const std::string& text : typed.zones) {
    auto zone = parse_named_zone(text);
    if (!zone) return dns::Failure(zone.error());
    store.zones.push_back(std::move(*zone));
  }
  store.images = typed.images.value_or(store.images);
  if (typed.include_anywhere) store.include_scope = server::IncludeScope::kAnywhere;
  if (store.paths.empty() && store.zones.empty())
    return dns::Failure(std::string("no zones to serve: name a folder, a file NAME.zone, or --zone NAME=FILE"));
  return {};
}

// Texts for a TXT string or an EDNS option have the same limits as in the configuration file.
Status apply_answers(const ServeOptions& typed, server::ResponderOptions& responder) {
  const std::tuple<std::string_view, const std::optional<std::string>&, std::size_t> limits[] = {
      {"--nsid", typed.nsid, server::kMaxNsid},
      {"--version-text", typed.version, kMaxString},
      {"--identity", typed.identity, kMaxString}};
  for (const auto& [name, text, most] : limits)
    if (text && text->size() > most)
      return dns::Failure(fmt::format("{} has at most {} octets, not {}", name, most, text->size()));
  responder.udp_size_max = typed.udp_size.value_or(responder.udp_size_max);
  responder.version = typed.version.value_or(responder.version);
  responder.identity = typed.identity.value_or(responder.identity);
  responder.nsid = typed.nsid.value_or(responder.nsid);
  return {};
}

// Receives the diagnostics of the configuration file.
using ReportDiagnostics = std::function<void(const dns::Diagnostics& diagnostics, const dns::Sources& sources)>;

// Reads the configuration file; an empty path gives the defaults. The error is a summary; `report_diagnostics` receives
// all diagnostics.
dns::Result<server::LoadedConfig, std::string> read_config(const std::string& path, const ReadLimits& limits,
                                                           const ReportDiagnostics& report_diagnostics) {
  if (path.empty()) return server::LoadedConfig{};
  FileReader reader(server::IncludeScope::kAnywhere, limits);
  dns::Diagnostics diagnostics;
  auto loaded = server::load_config(path, reader, diagnostics);
  if (!loaded) return dns::Failure(fmt::format("{}: {}", path, loaded.error()));
  report_diagnostics(diagnostics, loaded->sources);
  if (diagnostics.errors() > 0)
    return dns::Failure(
        fmt::format("{} has {} error{}", path, diagnostics.errors(), diagnostics.errors() == 1 ? "" : "s"));
  return std::move(*loaded);
}

// Reads the configuration file, then applies the command line and the environment, which override it.
dns::Result<server::LoadedConfig, std::string> server_config(const ServeOptions& typed, const ReadLimits& limits,
                                                             const ReportDiagnostics& report_diagnostics) {
  auto from_file = read_config(typed.config, limits, report_diagnostics);
  if (!from_file) return from_file;
  server::Options& options = from_file->options;
  if (auto done = apply_zones(typed, options.store); !done) return dns::Failure(done.error());
  if (auto done = apply_listen(typed, options.listen); !done) return dns::Failure(done.error());
  if (auto done = apply_answers(typed, options.responder); !done) return dns::Failure(done.error());
  if (!typed.control.empty()) options.control = typed.control;
  if (options.control.size() > server::kMaxSocketPath)
    return dns::Failure(fmt::format("--control: the path has {} bytes, at most {} are possible", options.control.size(),
                                    server::kMaxSocketPath));
  options.privileges.user = typed.user.value_or(options.privileges.user);
  options.privileges.group = typed.group.value_or(options.privileges.group);
  if (typed.log_format) options.log.format = word_value(kLogFormats, *typed.log_format).value_or(options.log.format);
  if (typed.log_level) options.log.level = word_value(kLogLevels, *typed.log_level).value_or(options.log.level);
  return from_file;
}

// One line for each error, for the log of a running server.
std::vector<std::string> error_lines(const dns::Diagnostics& diagnostics, const dns::Sources& sources) {
  std::vector<std::string> lines;
  for (const dns::Diagnostic& diagnostic : diagnostics.kept()) {
    if (diagnostic.code->severity != dns::Severity::kError) continue;
    lines.push_back(dns::render(diagnostic, sources, {.format = dns::DiagnosticFormat::kShort}));
    lines.back().pop_back();  // the newline
  }
  return lines;
}

// A file that became a pipe could block the reload for ever.
dns::Result<server::NewConfig, std::vector<std::string>> read_new_config(const ServeOptions& typed) {
  constexpr ReadLimits kLimits{.octets_max = kMaxConfigOctets, .streams = ReadLimits::Streams::kRefuse};
  std::vector<std::string> lines;
  auto config =
      server_config(typed, kLimits, [&lines](const dns::Diagnostics& diagnostics, const dns::Sources& sources) {
        lines = error_lines(diagnostics, sources);
      });
  if (config) {
    // Shared because std::function requires a closure that can be copied.
    const auto read = std::make_shared<const server::LoadedConfig>(std::move(*config));
    return server::NewConfig{read->options, [read](const dns::Snapshot& zones, server::ZoneFindings findings) {
                               dns::Diagnostics diagnostics;
                               server::check_against_zones(*read, zones, diagnostics, findings);
                               return error_lines(diagnostics, read->sources);
                             }};
  }
  lines.push_back(config.error());
  return dns::Failure(std::move(lines));
}

Exit exit_of(server::StartError::Kind kind) {
  switch (kind) {
    case server::StartError::Kind::kAddressInUse:
    case server::StartError::Kind::kNotPermitted:
    case server::StartError::Kind::kNoZones: return Exit::kProblems;
    case server::StartError::Kind::kState:
    case server::StartError::Kind::kAddress:
    case server::StartError::Kind::kConfiguration:
    case server::StartError::Kind::kPrivileges: return Exit::kUsage;
    case server::StartError::Kind::kSystem: break;
  }
  return Exit::kInternal;
}

// Opens /dev/null for each standard stream that is closed. Otherwise the next socket or journal would get its number,
// and the log would be written into it.
void keep_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) return;
}

Exit run_server(const ServeOptions& typed) {
  keep_standard_streams();
  (void)server::refill_memory_reserve();
  const auto config = server_config(typed, kConfigLimits, print_errors);
  if (!config) {
    print_error(fmt::format("serve: {}", config.error()));
    return Exit::kUsage;
  }
  const auto standard_error = std::make_shared<server::LineWriter>(STDERR_FILENO);
  StartupReport startup_report(*config, *standard_error);
  const server::ConfigReloader config_reloader =
      typed.config.empty() ? server::ConfigReloader() : [&typed] { return read_new_config(typed); };
  const auto served = server::serve(config->options, startup_report, config_reloader, standard_error);
  if (served) return Exit::kOk;
  standard_error->write(error_text(served.error().message));
  if (!served.error().help.empty()) standard_error->write(served.error().help + "\n");
  return exit_of(served.error().kind);
}

void add_zone_options(CommandLine& line, ServeOptions& options) {
  line.operand(options.paths, "DIR|FILE", "Directories with zone files NAME.zone, and such files").env("WAYMARK_ZONES");
  line.group("Zones");
  line.option("--zone", options.zones, "NAME=FILE", "Serve the zone NAME from FILE").env("WAYMARK_ZONE");
  line.option("--images", options.images, "DIR", "Save images of large zones here, for faster starts")
      .env("WAYMARK_IMAGES")
      .fallback("none");
  line.flag("--include-anywhere", options.include_anywhere,
            "Let $INCLUDE read files outside the directory of the zone file")
      .env("WAYMARK_INCLUDE_ANYWHERE");
}

void add_network_options(CommandLine& line, ServeOptions& options) {
  line.group("Network");
  line.option("--listen", options.listen, "ADDR[:PORT]",
              "Address to listen on, UDP and TCP; * is every address; the port is 53 if none is given")
      .env("WAYMARK_LISTEN")
      .fallback("127.0.0.1:5300");
  line.option("--workers", options.workers, "N", "UDP threads for each address; 0 is one per CPU")
      .range(0, 256)
      .env("WAYMARK_WORKERS")
      .fallback("0");
  line.option("--tcp-workers", options.tcp_workers, "N", "TCP threads")
      .range(1, 64)
      .env("WAYMARK_TCP_WORKERS")
      .fallback("1");
  line.option("--tcp-connections", options.tcp_connections, "N", "Most TCP connections of each TCP thread")
      .range(1, 1000000)
      .env("WAYMARK_TCP_CONNECTIONS")
      .fallback("1000");
}

void add_answer_options(CommandLine& line, ServeOptions& options) {
  line.group("Answers");
  line.option("--udp-size", options.udp_size, "BYTES", "Largest answer over UDP")
      .range(512, 4096)
      .env("WAYMARK_UDP_SIZE")
      .fallback("1232");
  line.option("--version-text", options.version, "TEXT", "Answer to version.bind CH TXT")
      .env("WAYMARK_VERSION_TEXT")
      .fallback("refused");
  line.option("--identity", options.identity, "TEXT", "Answer to id.server CH TXT")
      .env("WAYMARK_IDENTITY")
      .fallback("refused");
  line.option("--nsid", options.nsid, "TEXT", "Server identifier (NSID) for clients that ask for it")
      .env("WAYMARK_NSID")
      .fallback("none");
}

void add_process_options(CommandLine& line, ServeOptions& options) {
  line.group("Process");
  line.option("-c,--config", options.config, "FILE", "Configuration file; command line and environment override it")
      .env("WAYMARK_CONFIG");
  line.option("--control", options.control, "FILE", "Control socket, for `waymark status` and other commands")
      .env("WAYMARK_CONTROL")
      .fallback("in the state directory, else in /run/waymark or $XDG_RUNTIME_DIR/waymark");
  line.option("--user", options.user, "USER", "Switch to this user once the sockets are open").env("WAYMARK_USER");
  line.option("--group", options.group, "GROUP", "Switch to this group")
      .env("WAYMARK_GROUP")
      .fallback("the user's group");
  line.option("--log-format", options.log_format, "text|json", "Format of log lines")
      .only({"text", "json"})
      .env("WAYMARK_LOG_FORMAT")
      .fallback("text");
  line.option("--log-level", options.log_level, "debug|info|warning|error", "Log lines of this level and above")
      .only({"debug", "info", "warning", "error"})
      .env("WAYMARK_LOG_LEVEL")
      .fallback("info");
}

}  // namespace

Action define_serve(CommandLine& line) {
  auto options = std::make_shared<ServeOptions>();  // shared: the action owns it, the parser fills it
  add_zone_options(line, *options);
  add_network_options(line, *options);
  add_answer_options(line, *options);
  add_process_options(line, *options);
  return [options] { return run_server(*options); };
}

}  // namespace tools
