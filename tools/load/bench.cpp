// waymark bench: load-tests a name server and reports rate, losses and latency.
#include <sys/resource.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "tools/load/generator.h"
#include "tools/query/question.h"
#include "tools/query/server_choice.h"
#include "zone/field/text.h"

namespace tools {
namespace {

struct BenchOptions {
  std::vector<std::string> words;  // one query, and @ADDR
  std::optional<std::uint16_t> port;
  std::string questions, zone;
  LoadOptions load;
  double seconds = 10, timeout = 2;
  unsigned absent_percent = 0;
  std::uint64_t seed = 1;
  std::uint16_t payload = dns::kDefaultUdpSize;
  bool tcp = false, dnssec = false, no_edns = false, together = false, in_order = false, json = false;
};

using Status = dns::Result<void, std::string>;

// Of all threads: a port for each, within the range that Linux gives to clients.
constexpr std::size_t kMaxSockets = 28'000;

Status add_zone(const BenchOptions& options, QuestionList& list) {
  const std::size_t equals = options.zone.find('=');
  const auto files = equals == std::string::npos ? zone_files(std::vector{options.zone}, {})
                                                 : zone_files({}, std::vector{options.zone});
  if (!files) return dns::Failure(files.error());
  for (const server::ZoneFile& file : *files) {
    FileReader reader;
    const auto zone = load_or_print_errors(file, reader);
    if (!zone) return dns::Failure(fmt::format("{} has errors", file.path));
    list.add_zone(*zone, {options.absent_percent, options.seed});
  }
  return {};
}

dns::Result<QuestionList, std::string> questions_of(const BenchOptions& options) {
  QuestionMessage shape;
  shape.recursion_desired = false;
  shape.edns = !options.no_edns;
  shape.dnssec_ok = options.dnssec;
  shape.payload = options.payload;
  QuestionList list(shape);
  Status done;
  if (!options.words.empty()) {
    const auto question = parse_question(options.words);
    if (!question) return dns::Failure(question.error());
    if (question->klass != dns::Class::IN) return dns::Failure(std::string(kOnlyInternet));
    list.add(question->name, question->type);
  }
  if (done && !options.questions.empty()) done = list.add_file(options.questions);
  if (done && !options.zone.empty()) done = add_zone(options, list);
  if (!done) return dns::Failure(done.error());
  if (list.size() == 0)
    return dns::Failure(
        std::string("no questions: name one, a file of them (-q), or a zone whose names to ask for (--zone)"));
  if (!options.in_order) list.shuffle(options.seed);
  return list;
}

std::string time_text(Latencies::Time time) {
  const auto nanoseconds = static_cast<double>(time.count());
  if (nanoseconds < 1e6) return fmt::format("{:.0f} us", nanoseconds / 1e3);
  return nanoseconds < 1e9 ? fmt::format("{:.1f} ms", nanoseconds / 1e6) : fmt::format("{:.2f} s", nanoseconds / 1e9);
}

double percent(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(of);
}

double per_second(const LoadResult& result) {
  const double seconds = std::chrono::duration<double>(result.elapsed).count();
  return seconds > 0 ? static_cast<double>(result.answered) / seconds : 0;
}

void print_text(const BenchOptions& options, const LoadResult& result) {
  fmt::print("asked      {} questions over {}{}\n", result.sent, options.tcp ? "TCP" : "UDP",
             options.load.rate > 0 ? fmt::format(", {:.0f} a second were due", options.load.rate)
                                   : ", as fast as they were answered");
  fmt::print("answered   {} ({:.3f} %), {:.0f} a second, {:.0f} octets each\n", result.answered,
             percent(result.answered, result.sent), per_second(result),
             result.answered == 0 ? 0 : static_cast<double>(result.octets) / static_cast<double>(result.answered));
  fmt::print("lost       {} ({:.3f} %)\n", result.lost, percent(result.lost, result.sent));
  std::string rcodes;
  for (std::size_t i = 0; i < result.rcodes.size(); ++i)
    if (result.rcodes[i] != 0)
      rcodes += fmt::format("{}{} {:.2f} %", rcodes.empty() ? "" : ", ", dns::to_text(static_cast<dns::Rcode>(i)),
                            percent(result.rcodes[i], result.answered));
  if (!rcodes.empty()) fmt::print("rcodes     {}\n", rcodes);
  if (result.truncated != 0) fmt::print("truncated  {}\n", result.truncated);
  if (result.unexpected != 0) fmt::print("unexpected {} replies to nothing in flight\n", result.unexpected);
  if (result.refused != 0) fmt::print("refused    {} sends or connections by the kernel\n", result.refused);
  const Latencies& all = result.latencies;
  if (all.count() == 0) fmt::print("latency    no answer\n");
  else
    fmt::print("latency    median {}, 90 % {}, 99 % {}, 99.9 % {}, largest {}\n", time_text(all.at(0.5)),
               time_text(all.at(0.9)), time_text(all.at(0.99)), time_text(all.at(0.999)), time_text(all.max()));
  if (options.load.rate > 0)
    fmt::print("schedule   questions left at most {} late, 99 % of them {}\n", time_text(result.behind.max()),
               time_text(result.behind.at(0.99)));
}

// Without values, the object is empty: 0 would be a latency.
void put_latencies(Json& json, std::string_view key, const Latencies& latencies) {
  if (latencies.count() == 0) {
    json.key(key).begin_object().end_object();
    return;
  }
  constexpr std::pair<std::string_view, double> kParts[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  json.key(key).begin_object();
  for (const auto& [name, part] : kParts) json.key(name).number(static_cast<std::uint64_t>(latencies.at(part).count()));
  json.key("max").number(static_cast<std::uint64_t>(latencies.max().count()));
  json.key("mean").number(static_cast<std::uint64_t>(latencies.mean().count())).end_object();
}

void print_json(const LoadResult& result) {
  Json json;
  json.begin_object();
  const std::pair<std::string_view, std::uint64_t> counts[] = {
      {"sent", result.sent},
      {"answered", result.answered},
      {"lost", result.lost},
      {"unexpected", result.unexpected},
      {"refused", result.refused},
      {"truncated", result.truncated},
      {"octets", result.octets},
      {"elapsed_ns", static_cast<std::uint64_t>(result.elapsed.count())},
      {"answers_per_second", static_cast<std::uint64_t>(per_second(result))}};
  for (const auto& [name, value] : counts) json.key(name).number(value);
  json.key("rcodes").begin_object();
  for (std::size_t i = 0; i < result.rcodes.size(); ++i)
    if (result.rcodes[i] != 0) json.key(dns::to_text(static_cast<dns::Rcode>(i))).number(result.rcodes[i]);
  json.end_object();
  put_latencies(json, "latency_ns", result.latencies);
  put_latencies(json, "behind_ns", result.behind);
  json.end_object();
  fmt::print("{}\n", json.text());
}

// How many files this process may still open.
std::size_t files_left() {
  constexpr std::size_t kOthers = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMaxSockets;
  return limit.rlim_cur > kOthers ? static_cast<std::size_t>(limit.rlim_cur) - kOthers : 0;
}

// Options that do nothing together, and more sockets than the system can give.
Status check_together(const BenchOptions& options) {
  const LoadOptions& load = options.load;
  if (options.no_edns && options.dnssec) return dns::Failure(std::string("--dnssec needs EDNS: leave out --no-edns"));
  if (options.absent_percent != 0 && options.zone.empty()) return dns::Failure(std::string("--absent needs --zone"));
  if (options.tcp && options.together) return dns::Failure(std::string("--together is for UDP: leave out --tcp"));
  if (!options.tcp && load.per_connection != 0) return dns::Failure(std::string("--per-connection needs --tcp"));
  const std::size_t sockets = load.threads * load.ports, most = std::min(kMaxSockets, files_left());
  if (sockets > most)
    return dns::Failure(fmt::format("{} threads with {} ports are {} sockets, more than {}{}", load.threads, load.ports,
                                    sockets, most, most < kMaxSockets ? ": the limit of open files (ulimit -n)" : ""));
  return {};
}

Exit load(const BenchOptions& typed) {
  BenchOptions options = typed;
  const auto wrong_usage = [](std::string_view words) {
    print_error(fmt::format("bench: {}", words));
    return Exit::kUsage;
  };
  const auto server = take_server(options.words, options.port);
  if (!server) return wrong_usage(server.error());
  if (const Status fits = check_together(options); !fits) return wrong_usage(fits.error());
  const auto list = questions_of(options);
  if (!list) return wrong_usage(list.error());
  options.load.server = *server;
  options.load.protocol = options.tcp ? Protocol::kTcp : Protocol::kUdp;
  options.load.send_mode = options.together ? SendMode::kTogether : SendMode::kEach;
  options.load.duration = std::chrono::nanoseconds(static_cast<std::int64_t>(options.seconds * 1e9));
  options.load.timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(options.timeout * 1e9));
  const auto result = run_load(*list, options.load);
  if (!result) {
    print_error(fmt::format("bench: {}", result.error()));
    return Exit::kUnreachable;
  }
  if (options.json) print_json(*result);
  else print_text(options, *result);
  return result->answered == 0 ? Exit::kUnreachable : Exit::kOk;
}

void add_question_options(CommandLine& line, BenchOptions& options) {
  line.group("Queries");
  line.option("-q,--questions", options.questions, "FILE",
              "File of queries, one NAME TYPE per line; - is standard input");
  line.option("--zone", options.zone, "FILE|NAME=FILE", "Ask for the records of this zone file");
  line.option("--absent", options.absent_percent, "PERCENT",
              "With --zone: share of queries for names that do not exist")
      .range(0, 99);
  line.option("--seed", options.seed, "N", "Seed of the random choice and order");
  line.flag("--in-order", options.in_order, "Keep the order of the file; do not shuffle");
  line.flag("--dnssec", options.dnssec, "Ask for signatures (set the DO bit)");
  line.flag("--no-edns", options.no_edns, "Do not use EDNS");
  line.option("--bufsize", options.payload, "BYTES", "Largest UDP reply to accept").range(512, 4096);
}

void add_load_options(CommandLine& line, BenchOptions& options) {
  LoadOptions& load = options.load;
  line.group("Load");
  line.option("-r,--rate", load.rate, "N", "Queries per second, sent on time however fast the replies come")
      .range(0, 1e8)
      .fallback("as fast as the server answers");
  line.option("-d,--duration", options.seconds, "SECONDS", "How long to send queries").range(0.1, 86400);
  line.option("--timeout", options.timeout, "SECONDS", "Time after which a query counts as lost").range(0.01, 60);
  line.flag("--tcp", options.tcp, "Ask over TCP");
  line.option("--ports", load.ports, "N", "UDP source ports, or TCP connections, of each thread").range(1, kMaxPorts);
  line.option("--burst", load.burst, "N",
              "UDP: most queries that a port sends at a time; 1 behaves like a resolver, 32 like a load balancer")
      .range(1, kMaxBurst);
  line.flag("--together", options.together,
            "UDP: send the queries of a burst that have the same size in one system call (UDP_SEGMENT)");
  line.option("--window", load.window, "N", "Without --rate: queries in flight of each thread").range(1, 65536);
  line.option("--per-connection", load.per_connection, "N", "TCP: open a new connection after this many queries")
      .fallback("never");
  line.option("--threads", load.threads, "N", "Threads that send queries").range(1, 64);
}

}  // namespace

Action define_bench(CommandLine& line) {
  auto options = std::make_shared<BenchOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->words, "NAME", "Domain name to ask for, in every query");
  line.row("TYPE", "Record type").suggest(type_names()).fallback("A");
  add_server_options(line, options->port);
  line.flag("--json", options->json, "Print JSON; times are in nanoseconds");
  add_question_options(line, *options);
  add_load_options(line, *options);
  return [options] { return load(*options); };
}

}  // namespace tools
