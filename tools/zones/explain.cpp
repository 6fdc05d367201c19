// waymark explain: prints the answer to a query and how it was found, or explains an error code.
//
// The message and the trace come from `dns::explain`, which uses the same lookup and message writer as `serve`. This
// file prints them, and adds the places of the records in the zone files.
#include "zone/answer/explain.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/query/filter.h"
#include "server/query/responder.h"
#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"
#include "tools/control/explain_steered.h"
#include "tools/query/client.h"
#include "tools/query/message_text.h"
#include "tools/query/question.h"
#include "tools/zones/explain_access.h"
#include "zone/base/ascii.h"
#include "zone/build/builder.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace tools {
namespace {

struct ExplainOptions {
  std::vector<std::string> words;  // NAME [TYPE] and zones, or an error code
  std::vector<std::string> zones, default_paths;
  SteeredQuestion steered;
  std::string key;  // of the client
  bool json = false, dnssec = false;
};

// The place of an answer's record in a zone file.
struct Origin {
  std::string owner, type, path;
  std::size_t line = 0, column = 0;
};

struct Explanation : dns::ExplainedAnswer {
  std::vector<Origin> origins;
  std::vector<AccessAnswer> access;  // empty: not asked for
};

bool looks_like_code(std::string_view word) {
  constexpr std::string_view kFamilies = "ZzCc";
  return word.size() == 4 && kFamilies.contains(word[0]) && std::ranges::all_of(word.substr(1), dns::is_digit);
}

// A code of zone files or of configuration files.
const dns::CodeRow* find_any_code(std::string_view code) {
  if (const dns::CodeRow* row = dns::find_code(code)) return row;
  const auto known = server::config_codes();
  const auto row = std::ranges::find(known, code, &dns::CodeRow::code);
  return row == known.end() ? nullptr : &*row;
}

Exit explain_code(const std::string& word, bool as_json) {
  std::string code = word;
  code[0] = static_cast<char>(code[0] & ~0x20);  // to upper case
  const dns::CodeRow* row = find_any_code(code);
  if (row == nullptr) {
    print_error(fmt::format("there is no code {}", code));
    return Exit::kUsage;
  }
  const std::string_view severity = row->severity == dns::Severity::kError     ? "error"
                                    : row->severity == dns::Severity::kWarning ? "warning"
                                                                               : "note";
  if (!as_json) {
    fmt::print("{} ({}): {}\n\n{}\n", row->code, severity, row->title, row->explanation);
    return Exit::kOk;
  }
  Json json;
  json.begin_object().key("code").string(row->code).key("severity").string(severity);
  json.key("title").string(row->title).key("explanation").string(row->explanation).end_object();
  fmt::print("{}\n", json.text());
  return Exit::kOk;
}

// The owner names of the answer's records in the zone files: the owners in the message, and the wildcards, DNAMEs and
// delegations in the trace.
std::vector<dns::Name> owners_of(const Explanation& explained) {
  std::vector<dns::Name> owners;
  const auto add = [&owners](const dns::Name& name) {
    if (std::ranges::find(owners, name) == owners.end()) owners.push_back(name);
  };
  for (const auto& section : explained.message.sections)
    for (const dns::ParsedRecord& record : section)
      if (record.type != dns::Type::OPT) add(record.owner);
  for (const dns::TraceEntry& entry : explained.trace)
    if (entry.step == dns::Step::kWildcard || entry.step == dns::Step::kDname || entry.step == dns::Step::kDelegation)
      add(entry.at);
  return owners;
}

// True if the message contains a record of this owner and type, or one that was synthesized from this wildcard.
bool is_shown(const Explanation& explained, const dns::RecordLocation& located) {
  for (const auto& section : explained.message.sections)
    for (const dns::ParsedRecord& record : section)
      if (record.type == located.type && (record.owner == located.owner || located.owner.view().is_wildcard()))
        return true;
  return false;
}

void locate_origins(Explanation& explained, const std::vector<server::ZoneFile>& files,
                    std::deque<FileReader>& readers) {
  const std::vector<dns::Name> owners = owners_of(explained);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const server::ZoneFile& file = files[i];
    std::vector<dns::NameView> within;
    for (const dns::Name& owner : owners)
      if (owner.view().is_within(file.apex)) within.push_back(owner);
    if (within.empty()) continue;
    dns::Sources sources;
    for (const dns::RecordLocation& located : dns::locate_records(sources, file.apex, file.path, readers[i], within)) {
      if (!is_shown(explained, located)) continue;
      const dns::Position position = sources.position(located.place);
      explained.origins.push_back({dns::to_text(located.owner.view()), dns::to_text(located.type),
                                   std::string(position.path), position.line, position.column});
    }
  }
}

void print_text(const Explanation& explained) {
  fmt::print("{}", dig_text(explained.message));
  if (!explained.trace.empty()) fmt::print("\n;; TRACE:\n");
  for (const dns::TraceEntry& entry : explained.trace) fmt::print(";   {}\n", dns::to_text(dns::Trace{entry}));
  if (!explained.origins.empty()) fmt::print("\n;; SOURCE:\n");
  for (const Origin& origin : explained.origins)
    fmt::print(";   {}:{}:{}: {} {}\n", shown(origin.path), origin.line, origin.column, origin.owner, origin.type);
}

void print_json(const Explanation& explained, const std::optional<JsonValue>& steering) {
  Json json;
  json.begin_object().key("message");
  append_json(json, explained.message);
  json.key("trace").begin_array();
  for (const dns::TraceEntry& entry : explained.trace) json.string(dns::to_text(dns::Trace{entry}));
  json.end_array().key("source").begin_array();
  for (const Origin& origin : explained.origins)
    json.begin_object()
        .key("owner")
        .string(origin.owner)
        .key("type")
        .string(origin.type)
        .key("file")
        .string(origin.path)
        .key("line")
        .number(origin.line)
        .key("column")
        .number(origin.column)
        .end_object();
  json.end_array();
  if (!explained.access.empty()) append_access(json.key("access"), explained.access);
  json.end_object();
  const std::string tail = steering ? fmt::format(",\"steering\":{}}}", steering->dump()) : "}";
  fmt::print("{}{}\n", std::string_view(json.text()).substr(0, json.text().size() - 1), tail);
}

// The first word, types, classes, and words that are not a path belong to the question. All other words are zones.
struct SortedWords {
  std::vector<std::string> question, paths;
};

SortedWords sort_words(const ExplainOptions& options) {
  SortedWords sorted;
  for (const std::string& word : options.words) {
    std::error_code ignored;
    const bool is_path = word.contains('/') || word.ends_with(".zone") || std::filesystem::exists(word, ignored);
    const bool is_question = sorted.question.empty() || dns::parse_type(word) || dns::parse_class(word) || !is_path;
    (is_question ? sorted.question : sorted.paths).push_back(word);
  }
  if (sorted.paths.empty() && options.zones.empty()) sorted.paths = options.default_paths;
  return sorted;
}

Exit wrong_usage(std::string_view words) {
  print_error(fmt::format("explain: {}", words));
  return Exit::kUsage;
}

// The answer of the server with its default options. If it answers from the zones, with the trace of the answer; zone
// transfers, other classes and types that occur only in messages are answered before the lookup.
std::optional<Explanation> answer_to(const TypedQuestion& question, const dns::Snapshot& snapshot, bool dnssec) {
  const auto request = encode({.name = question.name,
                               .type = question.type,
                               .klass = question.klass,
                               .recursion_desired = false,
                               .edns = dnssec,
                               .dnssec_ok = dnssec});
  dns::ParsedQuery parsed;
  dns::parse_query(request, parsed);
  Explanation explained;
  if (server::classify(parsed).kind == server::Disposition::Kind::kAnswer) {
    static_cast<dns::ExplainedAnswer&>(explained) =
        dns::explain(snapshot, {question.name, question.type, question.klass}, {.solve = {.dnssec_ok = dnssec}});
    if (question.klass == dns::Class::IN) return explained;
  }
  server::Counters counters;
  server::Inbound inbound;
  inbound.bytes = request;
  inbound.transport = &server::Transport::kTcp;
  std::vector<std::uint8_t> reply(dns::kMaxMessage);
  reply.resize(server::Responder({}, counters).respond(inbound, snapshot, reply));
  auto message = dns::read_message(reply);
  if (!message) return std::nullopt;
  message->header.id = 0;
  std::erase_if(message->sections[static_cast<std::size_t>(dns::Section::kAdditional)],
                [](const dns::ParsedRecord& record) { return record.type == dns::Type::OPT; });
  explained.message = std::move(*message);
  return explained;
}

// The zones of the command line, otherwise those of the configuration.
dns::Result<std::vector<server::ZoneFile>, std::string> files_to_answer_from(const ExplainOptions& options,
                                                                             const SortedWords& words) {
  const std::string& config = options.steered.control.config;
  if (config.empty() || !words.paths.empty() || !options.zones.empty()) return zone_files(words.paths, options.zones);
  FileReader reader(server::IncludeScope::kAnywhere, kConfigLimits);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config(config, reader, diagnostics, std::nullopt, server::Secrets::kSkip);
  if (!loaded) return dns::Failure(fmt::format("{}: {}", config, loaded.error()));
  if (diagnostics.errors() == 0) return zone_files(loaded->options.store);
  print_errors(diagnostics, loaded->sources);
  return dns::Failure(config + " has errors");
}

// What the access rules of the configuration say about the client. Empty without a client or a configuration.
dns::Result<std::vector<AccessAnswer>, std::string> access_of(const ExplainOptions& options, dns::NameView apex) {
  const std::string& config = options.steered.control.config;
  if (!options.key.empty() && (config.empty() || options.steered.client.empty()))
    return dns::Failure(std::string("--key needs --client and -c"));
  if (options.steered.client.empty() || config.empty()) return {};
  FileReader reader(server::IncludeScope::kAnywhere);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config(config, reader, diagnostics, std::nullopt, server::Secrets::kSkip);
  if (!loaded) return dns::Failure(fmt::format("{}: {}", config, loaded.error()));
  if (diagnostics.errors() > 0) return dns::Failure(config + " has errors");
  return explain_access({options.steered.client, options.key}, loaded->options.store.policies.get(), apex);
}

Exit explain_question(const ExplainOptions& options) {
  const SortedWords words = sort_words(options);
  const auto question = parse_question(words.question);
  if (!question) return wrong_usage(question.error());
  const auto steering = steered(options.steered, dns::to_text(question->name), dns::to_text(question->type));
  if (!steering) return print_control_error("explain", steering.error());
  if (*steering && !options.json) print_steered(**steering);
  const auto files = files_to_answer_from(options, words);
  if (!files) return wrong_usage(files.error());
  if (files->empty() && *steering) {
    if (options.json) fmt::print("{{\"steering\":{}}}\n", (*steering)->dump());
    return Exit::kOk;
  }
  if (files->empty())
    return wrong_usage("no zones to answer from: name a folder, a file NAME.zone, or --zone NAME=FILE");
  Exit exit = Exit::kOk;
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  std::deque<FileReader> readers;  // one for each file, because a pipe is read once
  for (const server::ZoneFile& file : *files) {
    zones.push_back(load_or_print_errors(file, readers.emplace_back()));
    if (zones.back()) continue;
    zones.back() = dns::ZoneBuilder(file.apex).finish().zone;  // as in serve: SERVFAIL; other zones are answered
    exit = Exit::kProblems;
  }
  const auto snapshot = dns::Snapshot::of(std::move(zones));
  auto explained = answer_to(*question, *snapshot, options.dnssec);
  if (!explained) return wrong_usage("the server does not reply to this question");
  locate_origins(*explained, *files, readers);
  const dns::Zone* const zone = snapshot->find(dns::Key(question->name));
  if (zone != nullptr || !options.key.empty()) {
    auto access = access_of(options, zone == nullptr ? dns::NameView() : zone->apex());
    if (!access) return wrong_usage(access.error());
    if (zone != nullptr) explained->access = std::move(*access);
  }
  if (options.json) print_json(*explained, *steering);
  else print_text(*explained);
  if (!options.json && !explained->access.empty())
    print_access({options.steered.client, options.key}, zone->apex(), explained->access);
  if (static_cast<dns::Rcode>(explained->message.rcode()) == dns::Rcode::REFUSED) return Exit::kRefused;
  return exit;
}

}  // namespace

Action define_explain(CommandLine& line) {
  auto options = std::make_shared<ExplainOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->words, "NAME", "Domain name to look up; or the code of an error, such as Z012").required();
  line.row("TYPE", "Record type").suggest(type_names()).fallback("A");
  line.row("DIR|FILE", "Directories with zone files NAME.zone, and such files, to answer from");
  line.option("--zone", options->zones, "NAME=FILE", "Answer from FILE as the zone NAME; - is standard input")
      .env("WAYMARK_ZONE");
  line.option("--zones", options->default_paths, "DIR|FILE", "Directories and zone files to use if no others are named")
      .env("WAYMARK_ZONES");
  line.flag("--dnssec", options->dnssec, "Include signatures, as for a query with the DO bit");
  line.option("--client", options->steered.client, "ADDR",
              "Show which answer of a managed name the client at this address gets; with -c, also what the access "
              "rules of the configuration allow to it");
  line.option("--key", options->key, "NAME", "With --client and -c: the TSIG key that signs the client's requests");
  line.option("--to", options->steered.local, "ADDR",
              "With --client: the address of the server that the client asks, for views with `listen`");
  line.option("--view", options->steered.view, "VIEW", "Show only the answer of this view of a managed name");
  add_control_options(line, options->steered.control);
  return [options]() -> Exit {
    options->json = options->steered.control.json;
    if (options->words.size() == 1 && looks_like_code(options->words.front()))
      return explain_code(options->words.front(), options->json);
    return explain_question(*options);
  };
}

}  // namespace tools
