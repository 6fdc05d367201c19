// waymark bench: load on a name server, and how it bears it.
#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "tools/load/generator.h"
#include "tools/query/question.h"
#include "zone/field/text.h"

namespace tools {
namespace {

struct BenchOptions {
  std::vector<std::string> words;  // one question
  std::string questions, zone, server;
  LoadOptions load;
  double seconds = 10, timeout = 2;
  unsigned absent_percent = 0;
  std::uint64_t seed = 1;
  std::uint16_t payload = dns::kDefaultUdpSize;
  bool tcp = false, dnssec = false, no_edns = false, together = false, in_order = false, json = false;
};

using Status = dns::Result<void, std::string>;

Status add_zone(const BenchOptions& options, QuestionList& list) {
  const std::size_t equals = options.zone.find('=');
  const auto files = equals == std::string::npos ? zone_files(std::vector{options.zone}, {})
                                                 : zone_files({}, std::vector{options.zone});
  if (!files) return dns::Failure(files.error());
  for (const server::ZoneFile& file : *files) {
    const auto zone = load_or_print_errors(file);
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
  fmt::print("latency    median {}, 90 % {}, 99 % {}, 99.9 % {}, largest {}\n", time_text(all.at(0.5)),
             time_text(all.at(0.9)), time_text(all.at(0.99)), time_text(all.at(0.999)), time_text(all.max()));
  if (options.load.rate > 0)
    fmt::print("schedule   questions left at most {} late, 99 % of them {}\n", time_text(result.behind.max()),
               time_text(result.behind.at(0.99)));
}

void put_latencies(Json& json, std::string_view key, const Latencies& latencies) {
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

Exit load(const BenchOptions& typed) {
  const auto list = questions_of(typed);
  if (!list) {
    print_error(fmt::format("bench: {}", list.error()));
    return Exit::kUsage;
  }
  BenchOptions options = typed;
  const auto server =
      options.server.empty()
          ? local_server()
          : parse_server(options.server.substr(options.server.starts_with('@') ? 1 : 0), server::kDnsPort);
  if (!server) {
    print_error(fmt::format("bench: `{}` is not a server's address", options.server));
    return Exit::kUsage;
  }
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

void add_question_options(CLI::App& app, BenchOptions& options) {
  app.add_option("question", options.words, "NAME [TYPE]: one question, asked again and again")->type_name("");
  app.add_option("-q,--questions", options.questions, "File with a question a line: NAME TYPE")
      ->type_name("FILE")
      ->group("Questions");
  app.add_option("--zone", options.zone, "Ask for what this zone file holds")
      ->type_name("FILE|NAME=FILE")
      ->group("Questions");
  app.add_option("--absent", options.absent_percent,
                 "With --zone: per cent of questions for names that it does not hold")
      ->type_name("PERCENT")
      ->check(CLI::Range(0, 99))
      ->group("Questions");
  app.add_option("--seed", options.seed, "Another seed gives another choice and order (default 1)")
      ->type_name("N")
      ->group("Questions");
  app.add_flag("--in-order", options.in_order, "Ask in the file's order instead of a shuffled one")->group("Questions");
  app.add_flag("--dnssec", options.dnssec, "Ask for signatures (DO)")->group("Questions");
  app.add_flag("--no-edns", options.no_edns, "Send no EDNS record")->group("Questions");
  app.add_option("--bufsize", options.payload, "Largest UDP answer to accept, in octets (default 1232)")
      ->type_name("N")
      ->check(CLI::Range(512, 4096))
      ->group("Questions");
}

void add_load_options(CLI::App& app, BenchOptions& options) {
  LoadOptions& load = options.load;
  app.add_option("--server", options.server,
                 "Server to load (default: the first of WAYMARK_LISTEN, else 127.0.0.1:5300)")
      ->type_name("ADDR[:PORT]")
      ->group("Load");
  app.add_option("-r,--rate", load.rate,
                 "Questions a second, sent on time whatever comes back (default: as fast as they are answered)")
      ->type_name("N")
      ->check(CLI::Range(0.0, 1e8))
      ->group("Load");
  app.add_option("-d,--duration", options.seconds, "Seconds to ask for (default 10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 86400.0))
      ->group("Load");
  app.add_option("--timeout", options.timeout, "Seconds after which a question is lost (default 2)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 60.0))
      ->group("Load");
  app.add_flag("--tcp", options.tcp, "Over TCP")->group("Load");
  app.add_option("--ports", load.ports, "UDP ports, or TCP connections, of each thread (default 64)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMaxPorts))
      ->group("Load");
  app.add_option(
         "--burst", load.burst,
         "UDP: questions that a port sends at a time: 1, as resolvers do, up to 32, as a front-end does (default 32)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMaxBurst))
      ->group("Load");
  app.add_flag("--together", options.together,
               "UDP: questions of a burst that are of equal size leave in one send (UDP_SEGMENT)")
      ->group("Load");
  app.add_option("--window", load.window, "Without --rate: questions in flight of each thread (default 512)")
      ->type_name("N")
      ->check(CLI::Range(1, 65536))
      ->group("Load");
  app.add_option("--per-connection", load.per_connection,
                 "TCP: questions after which a connection is opened anew (default: never)")
      ->type_name("N")
      ->group("Load");
  app.add_option("--threads", load.threads, "Threads that ask (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->group("Load");
}

}  // namespace

Action define_bench(CLI::App& app) {
  auto options =
      std::make_shared<BenchOptions>();  // shared: the options' owner is the action, which CLI11 fills from afar
  add_question_options(app, *options);
  add_load_options(app, *options);
  app.add_flag("--json", options->json, "Print JSON; times in nanoseconds");
  return [options] { return load(*options); };
}

}  // namespace tools
