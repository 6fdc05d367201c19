#include "server/config/codes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "zone/base/suggest.h"

namespace server {
namespace {

constexpr auto kError = dns::Severity::kError;
constexpr auto kWarning = dns::Severity::kWarning;

// In the order of ConfigError.
constexpr auto kCodes = std::to_array<dns::CodeRow>({
    {"C101", kError, "not TOML",
     "The file does not follow TOML 1.0 (toml.io). What stands behind the first such fault is not read, so mend it "
     "first.\n"
     "Frequent causes: a text without quotes, a table named twice, a quote or bracket that is never closed."},
    {"C102", kError, "unknown key",
     "No such key exists in this section. It is an error and not a warning because a misspelt limit would otherwise "
     "be\n"
     "found missing on the day it is needed. The help line names the nearest key, where there is one."},
    {"C103", kError, "unknown section",
     "The sections are [server], [tcp], [log], [steering]; [vrrp.NAME], [monitor.NAME], [link.NAME], [sla.NAME] and\n"
     "[view.NAME]; one [[zone]] for each zone that is named by itself, and one [[record]] for each managed set."},
    {"C104", kError, "wrong type",
     "The key takes another type of value. Numbers, dates, true and false stand without quotes; texts, addresses,\n"
     "durations and percentages within: workers = 4, user = \"waymark\", idle-timeout = \"10s\", loss.bad = \"1%\"."},
    {"C105", kError, "out of range",
     "The value lies outside of what the server can work with; the message says the bounds."},
    {"C106", kError, "not one of the words", "The key takes one of a few words; the message lists them."},
    {"C107", kError, "not an address",
     "An address is IPv4 or IPv6. Where the server listens it may have a port (53 without): 192.0.2.1, "
     "192.0.2.1:5300,\n"
     "[2001:db8::1]:5300, or * for all addresses of both families. Names are not looked up."},
    {"C108", kError, "not a duration",
     "A duration is a whole number and its unit: \"500ms\", \"10s\", \"2m\", \"1h\". TTLs are in whole seconds."},
    {"C109", kError, "not a domain name",
     "A domain name in presentation form (RFC 1035 5.1): \"example.com\", \".\" for the root."},
    {"C110", kError, "missing key",
     "The section needs a key that it does not have, by itself or because of another key's value."},
    {"C111", kError, "zone named twice",
     "Two [[zone]] sections name the same zone; names differ by more than case and a final dot."},
    {"C112", kError, "not a percentage", "A percentage is a number from 0 to 100 and a %: \"1%\", \"0.3%\"."},
    {"C113", kError, "not a prefix",
     "A prefix is an address and the number of its bits that count, the others zero: \"10.0.0.0/8\", "
     "\"2001:db8::/32\". A single\n"
     "address stands for itself."},
    {"C114", kError, "not a date", "A date is a day of the calendar without quotes: 2027-03-31."},
    {"C115", kError, "not a key in hexadecimal", "Two hexadecimal digits an octet, as keepalived has it: \"00a1ff\"."},
    {"C116", kError, "not a DSCP",
     "A class of service: \"ef\", \"af11\" to \"af43\", \"cs1\" to \"cs7\", \"va\", \"le\", \"default\", or a number "
     "from 0 to 63."},
    {"C117", kError, "not a type of records", "The type of a query: \"SOA\", \"A\", \"TXT\"."},
    {"C118", kError, "not a name for a section, a router or a member",
     "Such names are 1 to 63 letters, digits, '-', '_' and '.', so that \"lan-gw:rtr-a\" and "
     "\"www.example.com/A:via-a\" are never\n"
     "read two ways."},
    {"C119", kError, "listed twice",
     "A list has the same element twice: one of them was probably meant to be another."},
    {"C120", kError, "empty list", "The list needs an element. To do without, leave the key out."},

    {"C201", kError, "no such section or part",
     "A key refers to a virtual router, router, monitor, link, SLA class, view or member that is not there. The help "
     "names the\n"
     "nearest one, or those that there are."},
    {"C202", kWarning, "not used",
     "Nothing refers to this section, so that it changes no record: a misspelt reference elsewhere, or something left "
     "behind."},
    {"C203", kError, "never used",
     "The member can never be chosen: its link's class is not in the record's min-class, or it has no link where "
     "min-class asks\n"
     "for one."},
    {"C204", kError, "wrong address family",
     "An A record takes IPv4 addresses and an AAAA record IPv6 addresses; a virtual router has addresses of its own "
     "family; a\n"
     "link's source address reaches targets of its own family."},
    {"C205", kError, "member twice",
     "Two members of a record have the same name, or are the same in all but their names."},
    {"C206", kError, "record twice",
     "Two [[record]] sections manage the same name, type and view. Which of them counts could only be guessed."},
    {"C207", kError, "views overlap",
     "Two views list the same prefix and are asked at the same addresses, or one lies wholly within an earlier one: "
     "the first\n"
     "view in the file that has a client is the client's, so that the later one would never be used there."},
    {"C208", kError, "no weight", "All members have weight 0, so that nobody would be chosen."},
    {"C209", kError, "good is worse than bad",
     "A bound is entered at `bad` and left at `good`; good is at most as large as bad, better smaller, so that a value "
     "that\n"
     "swings about the bound does not change the record each time."},
    {"C210", kError, "more is asked for than there is",
     "More targets would have to answer (reliability), or more members be up (min-up), than there are: it would always "
     "count as down."},
    {"C211", kError, "a probe that outlasts its interval",
     "The timeout is longer than the interval, so that a probe would still be waited for when the next one begins; and "
     "a window\n"
     "shorter than the interval has no result in it."},
    {"C212", kError, "the least TTL above the greatest", "ttl.min is at most ttl.max."},
    {"C213", kError, "local-router missing",
     "The sources netlink and fifo tell of this very host, so it must be said which of the routers this host is:\n"
     "local-router = \"rtr-a\"."},
    {"C214", kError, "ttl-min without unicast",
     "An advertisement to the group arrives with TTL 255 or has passed a router, and is then not of this link (RFC "
     "9568 5.1.1.3).\n"
     "Only unicast advertisements may have less."},
    {"C215", kError, "not of this version",
     "Version 2 of VRRP is for IPv4 alone (RFC 3768); its password does not exist in version 3 (RFC 9568)."},
    {"C216", kError, "a key without effect",
     "The key has no effect together with another one: of another policy, of another type of monitor, of a source that "
     "is not\n"
     "used. It is an error because whoever wrote it expects an effect."},
    {"C217", kError, "static with health",
     "policy = \"static\" answers its members whatever their health. A member that has a router, link or monitor wants "
     "another policy."},
    {"C218", kError, "link missing",
     "The policy compares links, or an SLA class judges them, so that each member needs a link; where it is measured, "
     "one with a monitor."},
    {"C219", kError, "no last resort", "if-none = \"last-resort\" needs a member whose link has last-resort = true."},
    {"C220", kError, "past its date",
     "The link's `deprecated` day has passed. `waymark check` is an error from then on; the server goes on, because a "
     "date must\n"
     "not end a service. Take the link out, or move the date."},
    {"C221", kWarning, "goes out of use", "The link has a `deprecated` day and is still in use."},
    {"C222", kError, "state missing",
     "Steering needs a directory for what must outlive a restart: serials, which must never go back, and last states:\n"
     "[server] state = \"/var/lib/waymark\"."},
    {"C223", kError, "virtual router twice",
     "Two [vrrp.NAME] sections watch the same VRID of the same family on the same interface."},
    {"C224", kError, "targets and monitor belong together",
     "Targets are probed as a monitor says, and a monitor probes targets; only monitors of type exec and file can do "
     "without."},
    {"C225", kError, "too many", "There are more of them than a record's table can hold; the message says the limit."},
    {"C226", kError, "half a migration",
     "A migration has `from`, `to` and `percent`, and leads from one member to another."},
    {"C227", kError, "router twice", "Two routers of a virtual router have the same name or the same address."},
    {"C228", kError, "no bounds",
     "An SLA class has at least one bound, and each bound both of its values: latency = { bad = \"150ms\", good = "
     "\"100ms\" }."},

    {"C301", kError, "no default set in the zone",
     "The zone file holds the set that is answered until something is known, and that fixes the type in the zone: a "
     "[[record]]\n"
     "of type A needs A records at its name."},
    {"C302", kError, "the name of a name server",
     "An NS record of a zone points to this name. Its addresses are also in the parent zone (glue), which cannot "
     "follow: use a\n"
     "virtual or anycast address for the server itself."},
    {"C303", kError, "in none of our zones",
     "The name lies in no zone that this configuration serves, or below a delegation."},
    {"C304", kError, "an alias",
     "The name owns a CNAME record, beside which nothing else can stand. Manage the name that it points to."},
});

static_assert(kCodes.size() == static_cast<std::size_t>(ConfigError::kOwnsAlias) + 1);

}  // namespace

const dns::CodeRow& config_code(ConfigError error) { return kCodes[static_cast<std::size_t>(error)]; }

std::span<const dns::CodeRow> config_codes() { return kCodes; }

void ConfigErrors::add(ConfigError error, SourceSpan at, std::string message, std::string help) {
  found_.push_back({.code = &config_code(error),
                    .at = {0, at.offset},
                    .length = at.length,
                    .message = std::move(message),
                    .help = std::move(help)});
}

std::vector<dns::Diagnostic> ConfigErrors::take() {
  std::ranges::stable_sort(found_, {}, [](const dns::Diagnostic& fault) { return fault.at.offset; });
  return std::exchange(found_, {});
}

std::string list_words(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words) {
  const std::string_view nearest = dns::nearest_word(typed, words);
  return nearest.empty() ? std::string() : "did you mean " + std::string(nearest) + "?";
}

}  // namespace server
