// docs/waymark.toml.5 is written from the table of keys: here it is held against it. GOLDEN_UPDATE=1 rewrites it.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "server/config/schema.h"
#include "server/config/values.h"

namespace {

using server::KeyText;
using server::Section;
using enum server::ValueKind;

constexpr const char* kPagePath = WAYMARK_SOURCE_DIR "/docs/waymark.toml.5";

constexpr std::string_view kHead =
    R"(.\" The manual page of waymark.toml, written from its table of keys. Read it with: man docs/waymark.toml.5
.Dd November 22, 2026
.Dt WAYMARK.TOML 5
.Os
.Sh NAME
.Nm waymark.toml
.Nd configuration of the waymark name server
.Sh DESCRIPTION
A file in TOML 1.0 that
.Ql waymark serve \-c FILE
and
.Ql waymark check FILE
read. Everything in it may be left out. What is there is read strictly: a key, section, word or name that does not exist, a value of
another type or out of its range, and keys that contradict each other are errors at their line and column, with the nearest word
that would have been right. All faults are told at once;
.Ql waymark explain C201
tells what a code means and how to mend it. What the command line and the environment say goes before the file.
.Pp
At SIGHUP the file is read again: zones are looked for where it says then, what is steered is replaced as a whole, and checks whose
definition is the same keep their state. A file with errors changes nothing. What else belongs to [server], [tcp] and [log] needs a
restart.
.Pp
Durations are a whole number and its unit (ms, s, m, h) in quotes; percentages stand in quotes, dates without. Paths are relative to
the file. Where a list is taken, one element alone needs no brackets. A key written
.Em table.key
may as well stand in a table: ttl.max = "30s" is ttl = { max = "30s" }. Sections, routers and members are named with 1 to 63 letters,
digits, '\-', '_' and '.'; lists and sections keep their order, which decides among equals.
)";

constexpr std::string_view kListBegin = ".Bl -tag -width indent\n", kListEnd = ".El\n";

constexpr std::string_view kTail = R"(.Sh POLICIES
.Bl -tag -width indent
.It Cm failover
The first usable member: in the order of the file, or by the quality or the cost of their links.
.It Cm weighted
Each client one of the usable members, by weight and always the same, or all that are usable.
.It Cm all
Every usable member; of one member that is always there, a policy for its TTL alone.
.It Cm lowest\-cost\-sla
The cheapest link that meets the SLA class.
.It Cm best\-quality
The best measured link: SLA met first, then latency, jitter and loss together.
.It Cm static
The members as they are written, whatever their health; without members no address.
.El
.Sh FILES
.Bl -tag -width indent
.It Pa zones\-example/waymark.toml
The simple sections, every key with its default.
.It Pa zones\-example/steering/
An example for each kind of network; reference.toml has every key.
.El
.Sh SEE ALSO
.Xr waymark 1
)";

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}

std::string bounds(const KeyText& row) {
  const auto text = [&](std::int64_t bound) {
    return row.kind == kDuration || row.kind == kSeconds ? server::duration_text(bound) : std::to_string(bound);
  };
  switch (row.kind) {
    case kNumber:
    case kNumbers:
    case kDuration:
    case kSeconds: return text(row.low) + " to " + text(row.high);
    case kText:
      return (row.low == 0 ? "at most " : std::to_string(row.low) + " to ") + std::to_string(row.high) + " octets";
    case kHex: return "at most " + std::to_string(row.high) + " octets";
    case kTexts:
    case kFlag:
    case kWord:
    case kWords:
    case kPercent:
    case kEndpoints:
    case kAddress:
    case kAddresses:
    case kPrefixes:
    case kPath:
    case kPaths:
    case kReference:
    case kReferences:
    case kObjectName:
    case kDomain:
    case kType:
    case kDate:
    case kDscp:
    case kRouters:
    case kTables: break;
  }
  return "";
}

std::string kind(const KeyText& row) {
  switch (row.kind) {
    case kNumber: return "number";
    case kNumbers: return "list of numbers";
    case kFlag: return "true or false";
    case kText: return "text";
    case kTexts: return "list of texts";
    case kWord: return "one of " + server::list_words(row.words);
    case kWords: return "list of " + server::list_words(row.words);
    case kDuration: return "duration";
    case kSeconds: return "duration in whole seconds";
    case kPercent: return "percentage, 0% to 100%";
    case kEndpoints: return "list of addresses, with a port or without";
    case kAddress: return "address";
    case kAddresses: return "list of addresses";
    case kPrefixes: return "list of prefixes and addresses";
    case kPath: return "path";
    case kPaths: return "list of paths";
    case kReference: return "name";
    case kReferences: return "list of names";
    case kObjectName: return "name";
    case kDomain: return "domain name";
    case kType: return "type of records";
    case kDate: return "date";
    case kDscp: return "ef, af11 to af43, cs1 to cs7, va, le, default, or 0 to 63";
    case kHex: return "hexadecimal digits";
    case kRouters: return "table of names with addresses, or list of addresses";
    case kTables: return "list of tables";
  }
  return "";
}

std::string entry(const KeyText& row) {
  const std::string range = bounds(row);
  const std::string fallback = row.fallback == server::kRequired
                                   ? "Required."
                                   : "Default: " + (row.fallback.empty() ? "empty" : std::string(row.fallback)) + ".";
  return ".It Cm " + roff(row.key) + "\n" + roff(row.about) + "\n.br\n" + roff(kind(row)) +
         (range.empty() ? "" : ", " + roff(range)) + ". " + roff(fallback) + "\n";
}

std::string manual() {
  std::string text(kHead);
  for (const Section& section : server::config_sections()) {
    text += ".Sh " + roff(server::section_title(section)) + "\n" + roff(section.about) + "\n";
    text += kListBegin;
    for (const KeyText* row : section.keys) text += entry(*row);
    text += kListEnd;
  }
  return text + std::string(kTail);
}

}  // namespace

TEST_CASE("config: the manual page tells every key, with its default and range, as the table has them") {
  const std::string now = manual();
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(kPagePath) << now;
  std::ifstream file(kPagePath);
  std::stringstream was;
  was << file.rdbuf();
  CHECK_MESSAGE(was.str() == now, "GOLDEN_UPDATE=1 rewrites docs/waymark.toml.5");
}

TEST_CASE("config: every key says what it means") {
  for (const Section& section : server::config_sections()) {
    CHECK_FALSE(section.keys.empty());
    for (const KeyText* row : section.keys) {
      CAPTURE(std::string(row->key));
      CHECK(row->about.ends_with("."));
      CHECK(row->low <= row->high);
    }
  }
}
