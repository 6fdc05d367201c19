// waymark health: sends one query and returns an exit code, for a HEALTHCHECK, a probe or a script.
//
// Without --name it queries id.server. CH TXT. A server answers or refuses this query even if it has no zone, so either
// reply shows that the server runs. With --name it queries the SOA of that zone and requires an authoritative answer.
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/command.h"
#include "tools/cli/terminal.h"
#include "tools/query/client.h"
#include "tools/query/server_choice.h"
#include "zone/field/text.h"
#include "zone/message/parsed.h"
#include "zone/name/text.h"

namespace tools {
namespace {

struct HealthOptions {
  std::vector<std::string> words;  // @ADDR[:PORT]
  std::optional<std::uint16_t> port;
  std::string name;
  unsigned timeout_ms = 1000;
  bool tcp = false;
  bool quiet = false;
};

Exit check_reply(const HealthOptions& options, const ServerAddress& server, const ExchangeResult& exchanged) {
  const auto message = dns::read_message(exchanged.reply);
  if (!message) {
    print_error(fmt::format("{} sent a malformed reply", to_text(server)));
    return Exit::kProblems;
  }
  const auto rcode = static_cast<dns::Rcode>(message->rcode());
  const bool authoritative = (message->header.flags & dns::Flag::kAa) != 0 && message->header.answers > 0;
  const bool healthy = options.name.empty() ? rcode == dns::Rcode::NOERROR || rcode == dns::Rcode::REFUSED
                                            : rcode == dns::Rcode::NOERROR && authoritative;
  if (!healthy) {
    print_error(fmt::format("{} is unhealthy: {}{}", to_text(server), dns::to_text(rcode),
                            rcode == dns::Rcode::NOERROR ? ", without an authoritative SOA" : ""));
    return Exit::kProblems;
  }
  if (!options.quiet)
    fmt::print("{} is healthy ({} in {:.1f} ms)\n", to_text(server),
               exchanged.protocol == Protocol::kTcp ? "TCP" : "UDP",
               static_cast<double>(exchanged.duration.count()) / 1000);
  return Exit::kOk;
}

Exit probe(const HealthOptions& options) {
  std::vector<std::string> words = options.words;
  const auto server = take_server(words, options.port);
  if (!server || !words.empty()) {
    print_error(
        fmt::format("health: {}", !server ? server.error()
                                          : fmt::format("unexpected `{0}`; name the server as @{0}", words.front())));
    return Exit::kUsage;
  }
  const auto name = dns::parse_name(options.name.empty() ? "id.server." : options.name);
  if (!name) {
    print_error(fmt::format("health: `{}` is not a name: {}", options.name, dns::describe(name.error().error)));
    return Exit::kUsage;
  }
  QuestionMessage message{.name = *name, .recursion_desired = false};
  message.type = options.name.empty() ? dns::Type::TXT : dns::Type::SOA;
  message.klass = options.name.empty() ? dns::Class::CH : dns::Class::IN;
  const ExchangeOptions how{.protocol = options.tcp ? Protocol::kTcp : Protocol::kUdp,
                            .timeout = std::chrono::milliseconds(options.timeout_ms),
                            .tries = 2};
  const auto exchanged = exchange(*server, encode(message), how);
  if (exchanged) return check_reply(options, *server, *exchanged);
  print_error(fmt::format("{} cannot be reached: {}", to_text(*server), exchanged.error()));
  return Exit::kUnreachable;
}

}  // namespace

Action define_health(CommandLine& line) {
  auto options = std::make_shared<HealthOptions>();  // shared: the action owns it, the parser fills it
  add_server_operand(line, options->words, options->port);
  line.option("--name", options->name, "NAME", "Zone whose SOA the server must answer with authority")
      .env("WAYMARK_HEALTH_NAME");
  line.option("--timeout", options->timeout_ms, "MS", "Milliseconds to wait for each of two tries")
      .range(1, 60000)
      .env("WAYMARK_HEALTH_TIMEOUT");
  line.flag("--tcp", options->tcp, "Ask over TCP");
  line.flag("-q,--quiet", options->quiet, "Print nothing if the server is healthy");
  return [options] { return probe(*options); };
}

}  // namespace tools
