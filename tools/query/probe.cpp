// waymark probe: runs one monitor by hand. Probes a target in the same way as the server, and prints each result and
// the quality of the path.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "server/config/values.h"
#include "server/health/window.h"
#include "server/probe/measurements.h"
#include "server/probe/prober.h"
#include "server/runtime/privileges.h"
#include "tools/cli/command.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "tools/query/question.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace tools {
namespace {

using server::ProbeKind;

struct ProbeOptions {
  std::string kind, target, source, dscp, query_name, query_type = "SOA", host;
  server::CheckOptions check;
  unsigned count = 5, interval_ms = 1000, timeout_ms = 2000;
  bool insecure = false, json = false;
};

struct KindRow {
  std::string_view name;
  ProbeKind kind;
  bool tls;
};
constexpr std::array kKinds{KindRow{"icmp", ProbeKind::kIcmp, false}, KindRow{"tcp", ProbeKind::kTcp, false},
                            KindRow{"http", ProbeKind::kHttp, false}, KindRow{"https", ProbeKind::kHttp, true},
                            KindRow{"dns", ProbeKind::kDns, false},   KindRow{"stamp", ProbeKind::kStamp, false}};

std::optional<unsigned> number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

// Parses 0 to 63, "ef" (RFC 3246), "cs0" to "cs7" (RFC 2474), or "af11" to "af43" (RFC 2597).
std::optional<unsigned> parse_dscp(std::string_view text) {
  if (const auto value = number(text, 63)) return value;
  if (text == "ef") return 46;
  if (text.size() == 3 && text.starts_with("cs"))
    if (const auto selector = number(text.substr(2), 7)) return *selector * 8;
  if (text.size() == 4 && text.starts_with("af") && text[2] >= '1' && text[2] <= '4' && text[3] >= '1' &&
      text[3] <= '3')
    return static_cast<unsigned>(text[2] - '0') * 8 + static_cast<unsigned>(text[3] - '0') * 2;
  return std::nullopt;
}

using Status = dns::Result<void, std::string>;

void parse_kind(const ProbeOptions& options, server::MonitorOptions& monitor) {
  const auto row = std::ranges::find(kKinds, options.kind, &KindRow::name);
  if (row == kKinds.end()) return;
  monitor.kind = row->kind;
  monitor.tls = row->tls;
}

Status parse_addresses(const ProbeOptions& options, server::CheckOptions& check) {
  boost::system::error_code error;
  check.target = boost::asio::ip::make_address(options.target, error);
  if (error) return dns::Failure(fmt::format("`{}` is not an address", options.target));
  if (server::is_link_local(check.target) && check.target.to_v6().scope_id() == 0)
    return dns::Failure(
        fmt::format("`{}` is link-local; write it with an interface of this machine: fe80::1%eth0", options.target));
  if (options.source.empty()) return {};
  check.source = boost::asio::ip::make_address(options.source, error);
  if (error || check.source.is_v4() != check.target.is_v4())
    return dns::Failure(fmt::format("`{}` is not an address of the target's family", options.source));
  return {};
}

Status parse_monitor(const ProbeOptions& options, server::MonitorOptions& monitor) {
  parse_kind(options, monitor);
  if (monitor.kind == ProbeKind::kTcp && monitor.port == 0) return dns::Failure(std::string("tcp needs --port"));
  if (!server::is_http_path(monitor.path)) return dns::Failure(std::string("a path begins with `/` and has no spaces"));
  if (!options.host.empty()) {
    auto host = server::parse_http_host(options.host);
    if (!host) return dns::Failure(host.error());
    monitor.host = std::move(*host);
  }
  const auto dscp = parse_dscp(options.dscp);
  if (!dscp)
    return dns::Failure(fmt::format("`{}` is not a DSCP: 0 to 63, ef, cs0 to cs7, af11 to af43", options.dscp));
  monitor.dscp = static_cast<std::uint8_t>(*dscp);
  if (monitor.kind == server::ProbeKind::kDns && options.query_name.empty())
    return dns::Failure(std::string("dns needs --query: a name that the server answers"));
  const auto name = dns::parse_name(options.query_name.empty() ? "." : options.query_name);
  const auto type = dns::parse_type(options.query_type);
  if (!name || !type)
    return dns::Failure(fmt::format("`{} {}` is not a question", options.query_name, options.query_type));
  monitor.query_name = *name;
  monitor.query_type = *type;
  monitor.verify = !options.insecure;
  monitor.interval = std::chrono::milliseconds(options.interval_ms);
  monitor.timeout = std::chrono::milliseconds(options.timeout_ms);
  return {};
}

std::string_view word_of(server::Outcome outcome) {
  switch (outcome) {
    case server::Outcome::kOk: return "ok";
    case server::Outcome::kFailed: return "failed";
    case server::Outcome::kUnknown: break;
  }
  return "unknown";
}

std::uint64_t microseconds(server::Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

struct ProbeResults {
  std::map<unsigned, server::ProbeResult> results;  // by probe number, from 1
  server::Window window{std::chrono::hours{24}};
};

void print_result(unsigned number, const server::ProbeResult& result) {
  const std::string time = result.measurements.latency ? server::to_text(*result.measurements.latency) : "";
  fmt::print("{:>4}  {:<8}{:>10}  {}\n", number, word_of(result.outcome), time,
             result.detail == time ? "" : result.detail);
  std::fflush(stdout);
}

// Starts each probe at its scheduled time, even if earlier probes have no result yet. Returns after the last result.
class ProbeRun {
 public:
  explicit ProbeRun(const ProbeOptions& options) : options_(options), prober_(context_), timer_(context_) {}

  ProbeResults run() {
    begun_ = std::chrono::steady_clock::now();
    next();
    context_.run();
    return std::move(results_);
  }

 private:
  void next() {
    const unsigned number = ++started_;
    probes_.push_back(prober_.start(options_.check,
                                    [this, number](const server::ProbeResult& result) { on_result(number, result); }));
    if (started_ == options_.count) return;
    timer_.expires_at(begun_ + started_ * options_.check.monitor.interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) next();
    });
  }

  void on_result(unsigned number, const server::ProbeResult& result) {
    results_.window.add(std::chrono::steady_clock::now(), result);
    results_.results.emplace(number, result);
    if (!options_.json) print_result(number, result);
    if (results_.results.size() == options_.count) context_.stop();
  }

  const ProbeOptions& options_;
  boost::asio::io_context context_;
  server::Prober prober_;
  boost::asio::steady_timer timer_;
  std::vector<std::shared_ptr<server::Probe>> probes_;  // shared: see Probe
  server::Instant begun_{};
  unsigned started_ = 0;
  ProbeResults results_;
};

void print_json(const ProbeOptions& options, const ProbeResults& probed, const server::Quality& quality,
                std::size_t well) {
  Json json;
  json.begin_object()
      .key("kind")
      .string(options.kind)
      .key("target")
      .string(options.target)
      .key("results")
      .begin_array();
  for (const auto& [number, result] : probed.results) {
    json.begin_object().key("number").number(number).key("outcome").string(word_of(result.outcome));
    if (result.measurements.latency) json.key("latency_us").number(microseconds(*result.measurements.latency));
    json.key("detail").string(result.detail).end_object();
  }
  json.end_array().key("sent").number(probed.results.size()).key("ok").number(well);
  json.key("latency_us")
      .number(microseconds(quality.latency))
      .key("jitter_us")
      .number(microseconds(quality.jitter))
      .end_object();
  fmt::print("{}\n", json.text());
}

Exit probe(ProbeOptions& options) {
  Status taken = parse_addresses(options, options.check);
  if (taken) taken = parse_monitor(options, options.check.monitor);
  if (!taken) {
    print_error(fmt::format("probe: {}", taken.error()));
    return Exit::kUsage;
  }
  server::raise_capabilities();
  const ProbeResults probed = ProbeRun(options).run();
  const server::Quality quality = probed.window.quality(std::chrono::steady_clock::now());
  const auto well = static_cast<std::size_t>(std::ranges::count_if(
      probed.results, [](const auto& entry) { return entry.second.outcome == server::Outcome::kOk; }));
  if (options.json) {
    print_json(options, probed, quality, well);
  } else {
    fmt::print("{} of {} ok, latency {}, jitter {}, loss {:.3g}%\n", well, probed.results.size(),
               server::to_text(quality.latency), server::to_text(quality.jitter), 100 * quality.loss);
  }
  if (well > 0) return Exit::kOk;
  const server::ProbeKind kind = options.check.monitor.kind;
  const bool judges_replies = kind == ProbeKind::kHttp || kind == ProbeKind::kDns;
  return judges_replies ? Exit::kProblems : Exit::kUnreachable;
}

void declare_kinds(CommandLine& line, ProbeOptions& options) {
  server::MonitorOptions& monitor = options.check.monitor;
  line.group("HTTP and HTTPS");
  line.option("--path", monitor.path, "PATH", "Path to request");
  line.option("--host", options.host, "NAME", "Name for the Host header, for TLS (SNI) and for the certificate")
      .fallback("the address");
  line.option("--expect", monitor.expect, "CODE", "Status codes (http) or response codes (dns) that count as success")
      .fallback("200 for http, 0 for dns");
  line.option("--match", monitor.match, "TEXT", "Text that the body must contain");
  line.flag("--insecure", options.insecure, "Accept any certificate");
  line.group("DNS");
  line.option("--query", options.query_name, "NAME", "Name to ask for (dns), one that the server answers");
  line.option("--type", options.query_type, "TYPE", "Record type to ask for").suggest(type_names());
  line.group("");
}

}  // namespace

Action define_probe(CommandLine& line) {
  auto options = std::make_shared<ProbeOptions>();  // shared: the action owns it, the parser fills it
  options->dscp = "0";
  line.operand(options->kind, "KIND", "icmp, tcp, http, https, dns or stamp")
      .required()
      .only({"icmp", "tcp", "http", "https", "dns", "stamp"});
  line.operand(options->target, "ADDR", "Address to probe").required();
  line.option("-p,--port", options->check.monitor.port, "PORT", "Port; tcp has no default")
      .range(1, 65535)
      .fallback("80 for http, 443 for https, 53 for dns, 862 for stamp");
  line.option("-n,--count", options->count, "N", "Number of probes").range(1, 100000);
  line.option("--interval", options->interval_ms, "MS", "Milliseconds from one probe to the next").range(10, 3600000);
  line.option("--timeout", options->timeout_ms, "MS", "Milliseconds to wait for each reply").range(10, 60000);
  line.option("--source", options->source, "ADDR", "Source address");
  line.option("--device", options->check.device, "DEVICE", "Network interface to send through");
  line.option("--dscp", options->dscp, "DSCP", "DSCP of the packets: 0-63, ef, cs0-cs7, or af11-af43");
  line.flag("--json", options->json, "Print JSON");
  declare_kinds(line, *options);
  return [options] { return probe(*options); };
}

}  // namespace tools
