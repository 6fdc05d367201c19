// docs/waymark.toml.5 is generated from the table of keys. The test compares the two. GOLDEN_UPDATE=1 rewrites the
// page.
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
    R"(.\" The manual page of waymark.toml, generated from the table of keys. Read it with: man docs/waymark.toml.5
.Dd November 22, 2026
.Dt WAYMARK.TOML 5
.Os
.Sh NAME
.Nm waymark.toml
.Nd configuration of the waymark name server
.Sh DESCRIPTION
The configuration file of
.Xr waymark 1 ,
in TOML 1.0.
.Ql waymark serve \-c FILE
loads it;
.Ql waymark check FILE
checks it without starting a server.
All sections and keys are optional unless they are marked as required.
.Pp
The file is checked strictly.
Errors are: an unknown key, section or name, a value of the wrong type or out of range, and keys that contradict each
other.
All errors are reported in one run, with line and column, and with a suggestion for misspelled words.
.Ql waymark explain C201
explains an error code.
Options of the command line and environment variables override the file.
.Pp
SIGHUP reloads the file.
The zones are loaded from the configured paths again, and the keys and access rules are replaced with the zones, in one
step.
The failover configuration (managed records, links, monitors, views and virtual routers) is replaced as a whole.
Health checks with an unchanged definition keep their state.
If the file has errors, the running configuration stays in use.
Changes of other keys in [server], [tcp] and [log] need a restart.
.Pp
A duration is a whole number with a unit (ms, s, m or h), in quotes: "10s".
A percentage is in quotes: "0.5%".
A date is without quotes: 2027\-03\-31.
Relative paths are relative to the directory of the file.
If a list has one element, the brackets can be left out.
A key written as
.Em table.key
can also be written in a table: ttl.max = "30s" is the same as ttl = { max = "30s" }.
Names of sections, routers and members have 1 to 63 characters: letters, digits, '\-', '_' and '.'.
The order of lists and sections matters: among equals, the first is used.
)";

constexpr std::string_view kListBegin = ".Bl -tag -width indent\n", kListEnd = ".El\n";

constexpr std::string_view kTail = R"(.Sh ACCESS RULES
A zone uses the rules that
.Cm acl
of its [[zone]] section names; without this key, those of its template.
The first rule that matches the client, the transport, the key and the operation of a request decides.
If no rule matches:
.Bl -tag -width indent
.It query
It is answered, unless one of the rules allows queries: then all other clients are refused.
.It transfer
It is refused.
.El
.Pp
So a zone without rules answers the queries of all clients, and nobody may transfer it.
A client that may transfer a zone gets it over TCP (AXFR); a request for differences (IXFR) gets the whole zone, too.
.Pp
A refused request gets REFUSED with the extended error 18, Prohibited (RFC 8914).
.Ql waymark status
counts them as prohibited.
An answer that follows a CNAME into another zone ends before that zone if the client may not query it.
A request with a wrong signature gets NOTAUTH, whatever the rules say; see KEYS.
The rules also apply to zones that cannot be loaded.
They do not hide what the parent zone or another zone tells about names of the zone.
.Bd -literal -offset indent
[acl.lab]
action = "deny"
clients = "10.9.0.0/16"

[acl.office]
clients = ["10.0.0.0/8", "2001:db8::/32"]

[remote.backup]
addresses = "192.0.2.7"
key = "backup.example.com"

[acl.transfers]
remotes = "backup"
operations = "transfer"

[[zone]]
name = "corp.example.com"
acl = ["lab", "office", "transfers"]
.Ed
.Sh KEYS
A key is a secret that two servers, or a server and a client, share (TSIG, RFC 8945).
Any request may be signed with a key of this server, over any transport; the reply is then signed with the same key.
Without access rules a signature changes nothing else.
.Bd -literal -offset indent
$ openssl rand \-base64 32 > backup.key
$ chmod 600 backup.key
$ waymark query \-\-key backup.example.com:backup.key corp.example.com SOA

[key."backup.example.com"]
secret\-file = "backup.key"
.Ed
.Pp
A wrong signature is answered with NOTAUTH and an error:
.Bl -tag -width indent
.It BADKEY
This server has no key of this name and algorithm.
.It BADSIG
The secrets differ.
.It BADTIME
The clocks differ by more than 300 seconds, or by more than the request allows.
.It BADTRUNC
The signature is shortened; this server accepts only complete ones.
.El
.Pp
.Ql waymark status
counts right and wrong signatures as signed and wrongly_signed.
The configuration may contain secrets: then only the user of the server should be able to read it.
Messages and logs never show a secret.
.Sh POLICIES
.Bl -tag -width indent
.It Cm failover
The first usable member. The order is the order of the list, or the quality or cost of the links (prefer).
.It Cm weighted
One usable member for each client, chosen by weight, always the same for one client (sticky).
Or all usable members (pick).
.It Cm all
All usable members.
.It Cm lowest\-cost\-sla
The member with the cheapest link that meets the SLA class.
.It Cm best\-quality
The member with the best measured link.
Links that meet the SLA come first; then latency, jitter and loss are compared.
.It Cm static
All members, regardless of their health. Without members, the answer has no address (NODATA).
.El
.Sh FILES
.Bl -tag -width indent
.It Pa zones\-example/waymark.toml
The general sections, with the default of every key.
.It Pa zones\-example/steering/
An example for each kind of network. reference.toml contains every key.
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
    case kUrlPath:
    case kUrlHost:
      return (row.low == 0 ? "at most " : std::to_string(row.low) + " to ") + std::to_string(row.high) + " bytes";
    case kHex: return "at most " + std::to_string(row.high) + " bytes";
    case kCommand:
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
    case kText: return "string";
    case kUrlPath: return "path of a URL";
    case kUrlHost: return "name or address, with or without a port";
    case kCommand: return "list of strings";
    case kWord: return "one of: " + server::list_words(row.words);
    case kWords: return "list of: " + server::list_words(row.words);
    case kDuration: return "duration";
    case kSeconds: return "duration in whole seconds";
    case kPercent: return "percentage, 0% to 100%";
    case kEndpoints: return "list of addresses, with or without a port";
    case kAddress: return "address";
    case kAddresses: return "list of addresses";
    case kPrefixes: return "list of addresses and prefixes";
    case kPath: return "path";
    case kPaths: return "list of paths";
    case kReference: return "name";
    case kReferences: return "list of names";
    case kObjectName: return "name";
    case kDomain: return "domain name";
    case kType: return "record type";
    case kDate: return "date";
    case kDscp: return "ef, af11 to af43, cs1 to cs7, va, le, default, or 0 to 63";
    case kHex: return "hexadecimal digits";
    case kRouters: return "table of names and addresses, or list of addresses";
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

TEST_CASE("config: the manual page has every key of the table, with its default and range") {
  const std::string now = manual();
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(kPagePath) << now;
  std::ifstream file(kPagePath);
  std::stringstream was;
  was << file.rdbuf();
  CHECK_MESSAGE(was.str() == now, "GOLDEN_UPDATE=1 rewrites docs/waymark.toml.5");
}

TEST_CASE("config: every key has a description") {
  for (const Section& section : server::config_sections()) {
    CHECK_FALSE(section.keys.empty());
    for (const KeyText* row : section.keys) {
      CAPTURE(std::string(row->key));
      CHECK(row->about.ends_with("."));
      CHECK(row->low <= row->high);
    }
  }
}
