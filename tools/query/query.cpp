// waymark query: sends one query and prints the reply, like dig.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/keys/tsig_client.h"
#include "tools/cli/command.h"
#include "tools/cli/terminal.h"
#include "tools/query/client.h"
#include "tools/query/message_text.h"
#include "tools/query/question.h"
#include "tools/query/server_choice.h"
#include "tools/query/signature.h"
#include "tools/query/zone_reader.h"
#include "zone/base/suggest.h"
#include "zone/name/text.h"

namespace tools {
namespace {

enum class Shape : std::uint8_t { kLong, kShort, kJson };

struct QueryOptions {
  std::vector<std::string> words;  // as typed: name, type, class, @server, +switches
  std::string reverse;
  std::string key, key_file;  // as typed; at most one of them
  std::optional<std::uint16_t> port;
  bool json = false;
};

struct Plan {
  QuestionMessage message;
  ServerAddress server;
  ExchangeOptions how;
  Shape shape = Shape::kLong;
  bool keep_truncated = false;
  std::shared_ptr<const server::KeyRing> ring;  // null: the query is not signed
  const dns::TsigKey* key = nullptr;            // of the ring
};

using Status = dns::Result<void, std::string>;

Status number_in(std::string_view text, unsigned low, unsigned high, unsigned& out) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (fault != std::errc{} || end != text.data() + text.size() || out < low || out > high)
    return dns::Failure(fmt::format("expected a number in {}-{}, found `{}`", low, high, text));
  return {};
}

struct SwitchRow {
  std::string_view name;  // ends with "=" if the switch takes a value
  std::string_view about, preset, limits;
  Status (*apply)(Plan& plan, std::string_view value);
};

constexpr SwitchRow kSwitches[] = {
    {"short", "Print only the data of the answers", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.shape = Shape::kShort;
       return {};
     }},
    {"json", "Print JSON (RFC 8427)", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.shape = Shape::kJson;
       return {};
     }},
    {"tcp", "Ask over TCP", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.how.protocol = Protocol::kTcp;
       return {};
     }},
    {"dnssec", "Ask for signatures (set the DO bit)", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.message.dnssec_ok = true;
       return {};
     }},
    {"nsid", "Ask for the identifier of the server (NSID)", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.message.nsid = true;
       return {};
     }},
    {"norec", "Do not ask for recursion", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.message.recursion_desired = false;
       return {};
     }},
    {"noedns", "Do not use EDNS", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.message.edns = false;
       return {};
     }},
    {"ignore", "Accept a truncated reply; do not ask again over TCP", "", "",
     [](Plan& plan, std::string_view) -> Status {
       plan.keep_truncated = true;
       return {};
     }},
    {"bufsize=", "Largest UDP reply to accept, in bytes", "1232", "512-65535",
     [](Plan& plan, std::string_view value) -> Status {
       unsigned size = 0;
       const auto read = number_in(value, dns::kClassicUdpSize, dns::kMaxMessage, size);
       plan.message.payload = static_cast<std::uint16_t>(size);
       return read;
     }},
    {"timeout=", "Seconds to wait for each reply", "2", "1-60",
     [](Plan& plan, std::string_view value) -> Status {
       unsigned seconds = 0;
       const auto read = number_in(value, 1, 60, seconds);
       plan.how.timeout = std::chrono::seconds(seconds);
       return read;
     }},
    {"tries=", "Number of tries over UDP", "3", "1-10",
     [](Plan& plan, std::string_view value) -> Status { return number_in(value, 1, 10, plan.how.tries); }},
};

Status apply_switch(Plan& plan, std::string_view typed) {
  const std::string_view name = typed.substr(0, typed.find('='));
  const std::string_view value = typed.size() > name.size() ? typed.substr(name.size() + 1) : std::string_view();
  std::vector<std::string_view> names;
  for (const SwitchRow& row : kSwitches) {
    const bool wants_value = row.name.ends_with('=');
    const std::string_view row_name = wants_value ? row.name.substr(0, row.name.size() - 1) : row.name;
    names.push_back(row_name);
    if (row_name != name) continue;
    if (wants_value != (typed.size() > name.size()))
      return dns::Failure(fmt::format("`+{}` {}", row_name, wants_value ? "needs a value" : "takes no value"));
    const auto applied = row.apply(plan, value);
    return applied ? applied : dns::Failure(fmt::format("+{}: {}", row_name, applied.error()));
  }
  const std::string_view near = dns::nearest_word(name, names);
  return dns::Failure(
      fmt::format("unknown switch `+{}`{}", name, near.empty() ? "" : fmt::format("; did you mean `+{}`?", near)));
}

Status add_key(const QueryOptions& options, Plan& plan) {
  if (options.key.empty() && options.key_file.empty()) return {};
  if (!options.key.empty() && !options.key_file.empty())
    return dns::Failure(std::string("-y and --key cannot be used together"));
  const std::string& text = options.key.empty() ? options.key_file : options.key;
  const auto ring = parse_key(text, options.key.empty() ? SecretFrom::kFile : SecretFrom::kText);
  if (!ring) return dns::Failure(ring.error());
  plan.ring = *ring;
  plan.key = &key_of(*plan.ring, text);
  return {};
}

dns::Result<Plan, std::string> plan_of(const QueryOptions& options) {
  Plan plan;
  std::vector<std::string> question;
  if (!options.reverse.empty()) {
    const auto name = reverse_name(options.reverse);
    if (!name) return dns::Failure(name.error());
    question = {*name, "PTR"};
  }
  std::vector<std::string> words = options.words;
  const auto server = take_server(words, options.port);
  if (!server) return dns::Failure(server.error());
  plan.server = *server;
  for (const std::string& word : words) {
    if (!word.starts_with('+')) question.push_back(word);
    else if (const Status done = apply_switch(plan, std::string_view(word).substr(1)); !done)
      return dns::Failure(done.error());
  }
  const auto typed = parse_question(question);
  if (!typed) return dns::Failure(typed.error());
  plan.message.name = typed->name;
  plan.message.type = typed->type;
  plan.message.klass = typed->klass;
  if (options.json) plan.shape = Shape::kJson;
  if (const Status done = add_key(options, plan); !done) return dns::Failure(done.error());
  return plan;
}

Exit exit_of(std::uint16_t rcode) {
  switch (static_cast<dns::Rcode>(rcode)) {
    case dns::Rcode::NOERROR:
    case dns::Rcode::NXDOMAIN: return Exit::kOk;
    case dns::Rcode::REFUSED: return Exit::kRefused;
    case dns::Rcode::FORMERR:
    case dns::Rcode::SERVFAIL:
    case dns::Rcode::NOTIMP:
    case dns::Rcode::YXDOMAIN:
    case dns::Rcode::YXRRSET:
    case dns::Rcode::NXRRSET:
    case dns::Rcode::NOTAUTH:
    case dns::Rcode::NOTZONE:
    case dns::Rcode::BADVERS:
    case dns::Rcode::BADCOOKIE: break;
  }
  return Exit::kProblems;
}

// One exchange and what its signature is worth.
struct Signed {
  dns::Result<ExchangeResult, std::string> exchanged;
  server::TsigFault fault = server::TsigFault::kNone;
  dns::TsigError error = dns::TsigError::kNone;
};

// Signs and verifies, if the plan has a key.
Signed exchange_signed(const Plan& plan, std::vector<std::uint8_t> request, const ExchangeOptions& how) {
  if (plan.key == nullptr) return {exchange(plan.server, request, how)};
  server::TsigClient client(*plan.key);
  client.sign(request, server::unix_time());
  Signed done{exchange(plan.server, request, how)};
  if (done.exchanged) done.fault = client.verify(done.exchanged->reply, server::unix_time());
  done.error = client.error();
  return done;
}

// False if the reply is not to be trusted; tells why.
bool is_trusted(const Plan& plan, const Signed& done) {
  if (done.fault == server::TsigFault::kNone) return true;
  const std::string why = done.fault == server::TsigFault::kRejected
                              ? fmt::format("{}: {}", server::describe(done.fault), server::describe(done.error))
                              : std::string(server::describe(done.fault));
  print_error(fmt::format("{}: {}", to_text(plan.server), why));
  return false;
}

// One message of a zone transfer; an error as a whole.
void print_part(Shape shape, const dns::ParsedMessage& message, bool error) {
  if (shape == Shape::kJson) {
    Json json;
    append_json(json, message);
    fmt::print("{}\n", json.text());
  } else if (shape == Shape::kShort) {
    fmt::print("{}", short_text(message));
  } else if (error) {
    fmt::print("{}", dig_text(message));
  } else {
    for (const dns::ParsedRecord& record : message.section(dns::Section::kAnswer)) fmt::print("{}\n", dig_text(record));
  }
}

void print(const Plan& plan, const ExchangeResult& exchanged, const dns::ParsedMessage& message) {
  if (plan.shape == Shape::kShort) {
    fmt::print("{}", short_text(message));
    return;
  }
  if (plan.shape == Shape::kJson) {
    Json json;
    append_json(json, message);
    fmt::print("{}\n", json.text());
    return;
  }
  fmt::print("{}\n;; Query time: {} msec\n;; SERVER: {}#{} ({})\n;; MSG SIZE  rcvd: {}\n", dig_text(message),
             exchanged.duration.count() / 1000, plan.server.host, plan.server.port,
             exchanged.protocol == Protocol::kTcp ? "TCP" : "UDP", exchanged.reply.size());
}

// The records of a zone as they come, and whether they were all.
Exit transfer_zone(const Plan& plan) {
  std::vector<std::uint8_t> request = encode(plan.message);
  std::optional<server::TsigClient> client;
  if (plan.key != nullptr) client.emplace(*plan.key).sign(request, server::unix_time());
  ZoneReader reader(client ? &*client : nullptr);
  ZoneReader::Step step = ZoneReader::Step::kMore;
  std::uint16_t rcode = 0;
  const auto exchanged = exchange_stream(plan.server, request, plan.how.timeout, [&](dns::Bytes octets) {
    step = reader.read(octets);
    for (const dns::ParsedMessage& message : reader.take()) {
      rcode = message.rcode();
      print_part(plan.shape, message, step == ZoneReader::Step::kRefused);
    }
    return step == ZoneReader::Step::kMore;
  });
  if (step == ZoneReader::Step::kRefused) return exit_of(rcode);
  if (step == ZoneReader::Step::kComplete) {
    if (plan.shape == Shape::kLong)
      fmt::print(";; {} records in {} messages\n;; SERVER: {}#{} (TCP)\n", reader.records(), reader.messages(),
                 plan.server.host, plan.server.port);
    return Exit::kOk;
  }
  const std::string& why = exchanged ? reader.fault() : exchanged.error();
  if (reader.messages() == 0) {
    print_error(fmt::format("{} cannot be reached: {}", to_text(plan.server), why));
    return Exit::kUnreachable;
  }
  print_error(
      fmt::format("{}: {}: the zone is not complete, {} records came", to_text(plan.server), why, reader.records()));
  return Exit::kProblems;
}

Exit ask(const Plan& plan) {
  const auto request = encode(plan.message);
  Signed done = exchange_signed(plan, request, plan.how);
  auto& exchanged = done.exchanged;
  const bool truncated = exchanged && (exchanged->reply[2] & dns::Flag::kTc >> 8) != 0;
  if (truncated && !plan.keep_truncated && plan.how.protocol == Protocol::kUdp) {
    ExchangeOptions again = plan.how;
    again.protocol = Protocol::kTcp;
    done = exchange_signed(plan, request, again);
    if (!exchanged) {
      print_error(fmt::format("{} sent a truncated reply over UDP and cannot be reached over TCP: {}",
                              to_text(plan.server), exchanged.error()));
      return Exit::kUnreachable;
    }
  }
  if (!exchanged) {
    print_error(fmt::format("{} cannot be reached: {}", to_text(plan.server), exchanged.error()));
    return Exit::kUnreachable;
  }
  const auto message = dns::read_message(exchanged->reply);
  if (!message) {
    print_error(fmt::format("{} sent a malformed reply of {} octets", to_text(plan.server), exchanged->reply.size()));
    return Exit::kProblems;
  }
  print(plan, *exchanged, *message);
  if (plan.key != nullptr && plan.shape == Shape::kLong && done.fault == server::TsigFault::kNone)
    fmt::print(";; TSIG: the reply is signed with {}\n", dns::to_text(plan.key->name()));
  return is_trusted(plan, done) ? exit_of(message->rcode()) : Exit::kProblems;
}

void add_switches(CommandLine& line) {
  line.group("Switches");
  for (const SwitchRow& row : kSwitches) {
    const std::string name = fmt::format("+{}", row.name);
    const std::string_view word = name;
    line.row(row.name.ends_with('=') ? name + "N" : name, row.about).suggest({&word, 1}).fallback(row.preset).limits =
        row.limits;
  }
  line.group("");
}

}  // namespace

Action define_query(CommandLine& line) {
  auto options = std::make_shared<QueryOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->words, "NAME", "Domain name to ask for");
  line.row("TYPE", "Record type; AXFR reads the whole zone").suggest(type_names()).fallback("A");
  line.row("CLASS", "Class: IN or CH").fallback("IN");
  add_server_options(line, options->port);
  line.option("-x", options->reverse, "ADDR", "Ask for the name of this address (PTR)");
  line.option("-y", options->key, "[ALGORITHM:]NAME:SECRET", "Sign the query with this TSIG key, and verify the reply");
  line.option("--key", options->key_file, "[ALGORITHM:]NAME:FILE", "The same, with the secret in a file of mode 0600");
  line.flag("--json", options->json, "The same as +json");
  add_switches(line);
  return [options]() -> Exit {
    const auto plan = plan_of(*options);
    if (plan) return plan->message.type == dns::Type::AXFR ? transfer_zone(*plan) : ask(*plan);
    print_error(fmt::format("query: {}", plan.error()));
    return Exit::kUsage;
  };
}

}  // namespace tools
