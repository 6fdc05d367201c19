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
    {"C101", kError, "TOML syntax error",
     "The file is not valid TOML 1.0 (toml.io). Reading stops at the first syntax\n"
     "error; run the check again after the correction. Frequent causes: a string\n"
     "without quotes, a table that is defined twice, a quote or bracket that is not\n"
     "closed.\n"
     "\n"
     "    user = waymark                  # bad: no quotes\n"
     "    user = \"waymark\"                # good"},
    {"C102", kError, "unknown key",
     "The section has no key of this name. This is an error, because a misspelled\n"
     "key would silently leave a setting at its default. The help line names the\n"
     "most similar key, if there is one.\n"
     "\n"
     "    [tcp]\n"
     "    idle-timout = \"10s\"             # bad\n"
     "    idle-timeout = \"10s\"            # good"},
    {"C103", kError, "unknown section",
     "The file may contain these sections: [server], [tcp], [log], [steering],\n"
     "[template.NAME], [acl.NAME], [key.NAME], [remote.NAME], [vrrp.NAME],\n"
     "[monitor.NAME], [link.NAME], [sla.NAME] and [view.NAME]; one [[zone]] for each zone that has its own settings\n"
     "or whose file is not named after it; and one [[record]] for each managed record."},
    {"C104", kError, "wrong type",
     "The value has the wrong type for this key. Write numbers, dates, true and\n"
     "false without quotes. Write strings, addresses, durations and percentages in\n"
     "quotes.\n"
     "\n"
     "    workers = \"4\"                   # bad\n"
     "    workers = 4                     # good\n"
     "    idle-timeout = 10               # bad\n"
     "    idle-timeout = \"10s\"            # good"},
    {"C105", kError, "value out of range",
     "The value is too small or too large for this key. The message gives the\n"
     "allowed range."},
    {"C106", kError, "value not allowed",
     "This key accepts only certain words. The message lists them.\n"
     "\n"
     "    level = \"verbose\"               # bad\n"
     "    level = \"debug\"                 # good"},
    {"C107", kError, "invalid address",
     "The value must be an IPv4 or IPv6 address. Addresses in `listen` may have a\n"
     "port; without a port, port 53 is used. \"*\" means all IPv4 and IPv6 addresses.\n"
     "Host names are not accepted.\n"
     "\n"
     "    listen = \"localhost:53\"         # bad\n"
     "    listen = [\"192.0.2.1\", \"[2001:db8::1]:5300\"]   # good"},
    {"C108", kError, "invalid duration",
     "A duration is a whole number with a unit, in quotes: \"500ms\", \"10s\", \"2m\" or\n"
     "\"1h\". TTLs are in whole seconds, without the unit ms.\n"
     "\n"
     "    interval = \"1.5s\"               # bad\n"
     "    interval = \"1500ms\"             # good"},
    {"C109", kError, "invalid domain name",
     "The value must be a domain name in presentation format (RFC 1035 5.1), such as\n"
     "\"example.com\". \".\" is the root."},
    {"C110", kError, "missing key",
     "The section does not have a key that is required, either always or because of\n"
     "the value of another key. The message names the key. Add it to the section."},
    {"C111", kError, "zone defined twice",
     "Two [[zone]] sections have the same name. Upper and lower case and a final dot\n"
     "make no difference. Remove one of the sections."},
    {"C112", kError, "invalid percentage",
     "A percentage is a number from 0 to 100 with %, in quotes: \"1%\" or \"0.3%\"."},
    {"C113", kError, "invalid prefix",
     "A prefix is a network address with the number of its significant bits. The\n"
     "other bits must be zero. A single address without a length is also accepted.\n"
     "\n"
     "    clients = \"10.1.0.0/8\"          # bad: bits after the first 8 are set\n"
     "    clients = \"10.0.0.0/8\"          # good"},
    {"C114", kError, "invalid date",
     "A date is written as year, month and day, without quotes and without a time.\n"
     "\n"
     "    deprecated = \"2027-03-31\"       # bad\n"
     "    deprecated = 2027-03-31         # good"},
    {"C115", kError, "invalid hexadecimal key",
     "The key is written with two hexadecimal digits for each byte, as in\n"
     "keepalived: \"00a1ff\"."},
    {"C116", kError, "invalid DSCP",
     "A DSCP is a name (\"ef\", \"af11\" to \"af43\", \"cs1\" to \"cs7\", \"va\", \"le\" or\n"
     "\"default\") or a number from 0 to 63."},
    {"C117", kError, "invalid record type",
     "The value must be the record type to query, such as \"SOA\", \"A\" or \"TXT\"."},
    {"C118", kError, "invalid name of a section, router or member",
     "These names have 1 to 63 characters: letters, digits, '-', '_' and '.'. Other\n"
     "characters are reserved, because names are combined in references such as\n"
     "\"lan-gw:rtr-a\" and \"www.example.com/A:via-a\"."},
    {"C119", kError, "value listed twice",
     "The list contains the same value twice. Remove one of them, or correct it if\n"
     "another value was meant."},
    {"C120", kError, "empty list", "The list must have at least one value. Remove the key if it is not needed."},
    {"C121", kError, "invalid host or path of a URL",
     "A host is a name, an IPv4 address or an IPv6 address in brackets, each with or\n"
     "without a port. An https check verifies this name or address in the certificate.\n"
     "Write an internationalized name in its xn-- form. A path begins with '/' and has\n"
     "only visible ASCII characters without spaces; write others as %20.\n"
     "\n"
     "    host = \"::1\"                    # bad: no brackets\n"
     "    host = \":443\"                   # bad: no name\n"
     "    host = \"[::1]:443\"              # good"},
    {"C122", kError, "invalid secret",
     "The secret of a key is 1 to 512 bytes, written in base64 (RFC 4648). Error\n"
     "messages do not show it.\n"
     "\n"
     "    openssl rand -base64 32         # makes a secret"},

    {"C201", kError, "unknown reference",
     "The key refers to a virtual router, router, monitor, link, SLA class, view,\n"
     "member, template or access rule that does not exist. The help line names the most similar one, or lists\n"
     "those that exist. Correct the name, or add the missing section.\n"
     "\n"
     "    [link.isp-a]\n"
     "    [[record.members]]\n"
     "    link = \"isp_a\"                  # bad\n"
     "    link = \"isp-a\"                  # good"},
    {"C202", kWarning, "section not used",
     "Nothing refers to this section, and it has no effect. Another section may have\n"
     "a misspelled reference to it. If the section is no longer needed, remove it."},
    {"C203", kError, "member never used",
     "The member can never be selected: the class of its link is not in the record's\n"
     "min-class, or min-class is set and the member has no link. Add the class to\n"
     "min-class, give the member another link, or remove the member."},
    {"C204", kError, "wrong address family",
     "The address is of the wrong family. A records take IPv4 addresses and AAAA\n"
     "records take IPv6 addresses. The addresses of a virtual router must be of its\n"
     "own family. The source address of a link must be of the same family as its\n"
     "targets."},
    {"C205", kError, "member listed twice",
     "Two members of a record have the same name, or differ only in their names.\n"
     "Rename or remove one of them."},
    {"C206", kError, "record managed twice",
     "Two [[record]] sections manage the same name, type and view. Only one of them\n"
     "could be used. Remove one of them, or give them different views."},
    {"C207", kError, "views overlap",
     "A client uses the first view in the file that matches. All clients of this\n"
     "prefix are already in an earlier view with the same listen addresses, and this\n"
     "view would never get them. Put the view with the smaller prefix first.\n"
     "\n"
     "    [view.wide]                     # bad: wide is first and has all clients of narrow\n"
     "    clients = \"10.0.0.0/8\"\n"
     "    [view.narrow]\n"
     "    clients = \"10.1.0.0/16\""},
    {"C208", kError, "no member has a weight",
     "All members have weight 0, and none of them could be selected. Give at least\n"
     "one member a weight of 1 or more."},
    {"C209", kError, "good is larger than bad",
     "A bound is violated at `bad` and met again at `good`. `good` must not be\n"
     "larger than `bad`. Make it smaller: if the measured value varies around the\n"
     "bound, the difference prevents frequent changes.\n"
     "\n"
     "    latency = { bad = \"100ms\", good = \"150ms\" }   # bad\n"
     "    latency = { bad = \"150ms\", good = \"100ms\" }   # good"},
    {"C210", kError, "required number too large",
     "The link requires more targets to be up (reliability), or the record requires\n"
     "more members to be up (min-up), than it has. It would always count as down.\n"
     "Lower the number, or add targets or members."},
    {"C211", kError, "probe takes longer than its interval",
     "The timeout must not be longer than the interval, because the next probe would\n"
     "start while the last one still runs. Probes of type icmp and stamp are single\n"
     "packets and may overlap. The window must not be shorter than the interval,\n"
     "because it would contain no result.\n"
     "\n"
     "    interval = \"1s\"\n"
     "    timeout = \"2s\"                  # bad\n"
     "    timeout = \"500ms\"               # good"},
    {"C212", kError, "ttl.min larger than ttl.max", "ttl.min must not be larger than ttl.max."},
    {"C213", kError, "local-router missing",
     "The sources netlink and fifo report the state of this host. Set local-router\n"
     "to the name of the router that this host is.\n"
     "\n"
     "    routers = { rtr-a = \"192.0.2.2\", rtr-b = \"192.0.2.3\" }\n"
     "    sources = [\"passive\", \"netlink\"]\n"
     "    local-router = \"rtr-a\""},
    {"C214", kError, "ttl-min without unicast",
     "Multicast advertisements must arrive with TTL 255. Otherwise they have passed\n"
     "a router and come from another link (RFC 9568 5.1.1.3). A lower ttl-min is\n"
     "only allowed with unicast = true."},
    {"C215", kError, "not supported by this VRRP version",
     "VRRP version 2 supports only IPv4 (RFC 3768). Its password does not exist in\n"
     "version 3 (RFC 9568). Remove the key, or change version or family."},
    {"C216", kError, "key without effect",
     "The key has no effect in combination with other keys: it belongs to another\n"
     "policy, another type of monitor or a source that is not used. This is an\n"
     "error, because the configuration does not do what it says. Remove the key, or\n"
     "change the other one.\n"
     "\n"
     "    policy = \"failover\"\n"
     "    pick = \"all\"                    # bad: only used by policy = \"weighted\""},
    {"C217", kError, "health check in a static record",
     "policy = \"static\" always returns all members, regardless of their health.\n"
     "Remove router, link and monitor from the members, or use another policy."},
    {"C218", kError, "link missing",
     "The policy compares links, or the SLA class checks them. Every member needs a\n"
     "link, and a link that is measured needs a monitor.\n"
     "\n"
     "    [link.isp-a]\n"
     "    monitor = \"ping\"\n"
     "    targets = \"192.0.2.200\""},
    {"C219", kError, "no last-resort link",
     "if-none = \"last-resort\" needs a member whose link has last-resort = true."},
    {"C220", kError, "deprecated date has passed",
     "The link is still in use after its `deprecated` date. `waymark check` reports\n"
     "this as an error. A running server continues to use the link. Remove the link\n"
     "from all members, or change the date."},
    {"C221", kWarning, "link will be deprecated",
     "The link has a `deprecated` date and is still in use. Remove the link from all\n"
     "members before this date."},
    {"C222", kError, "state directory missing",
     "Managed records need a directory for the data that must survive a restart:\n"
     "serial numbers, which must never decrease, and the last failover state.\n"
     "\n"
     "    [server]\n"
     "    state = \"/var/lib/waymark\""},
    {"C223", kError, "virtual router defined twice",
     "Two [vrrp.NAME] sections have the same VRID, family and interface. Remove one\n"
     "of them, or correct the VRID."},
    {"C224", kError, "targets and monitor must be used together",
     "A monitor needs targets to probe, and targets need a monitor. Only monitors of\n"
     "type exec and file work without targets.\n"
     "\n"
     "    [link.isp-a]\n"
     "    monitor = \"ping\"\n"
     "    targets = [\"192.0.2.200\", \"192.0.2.201\"]"},
    {"C225", kError, "too many members, views or access rules",
     "The number of members of a record, of views, of access rules of a zone and of\n"
     "different answers of a name are limited. A record of policy \"weighted\" with\n"
     "pick = \"one\" has one answer for each member, a migration has two, and every\n"
     "other record has one. The message gives the limit."},
    {"C226", kError, "invalid migration",
     "A migration needs `from`, `to` and `percent`. `from` and `to` must be\n"
     "different members of the record.\n"
     "\n"
     "    migrate = { from = \"vpn\", to = \"sd-wan\", percent = 25 }"},
    {"C227", kError, "router defined twice", "Two routers of a virtual router have the same name or the same address."},
    {"C228", kError, "SLA bound missing",
     "An SLA class needs at least one bound: latency, jitter or loss. Each bound\n"
     "needs both values.\n"
     "\n"
     "    latency = { bad = \"150ms\" }                   # bad\n"
     "    latency = { bad = \"150ms\", good = \"100ms\" }   # good"},
    {"C229", kError, "listen addresses overlap",
     "Two addresses of `listen` have the same port, and they are equal or one of them\n"
     "stands for all addresses. Only one of them can be opened. Remove one of them.\n"
     "\n"
     "    listen = [\"0.0.0.0:53\", \"192.0.2.1:53\"]    # bad\n"
     "    listen = [\"192.0.2.1:53\", \"127.0.0.1:53\"]  # good"},
    {"C230", kError, "path of the control socket too long",
     "The path of a Unix socket has at most 103 bytes here. Set `control` in [server]\n"
     "to a shorter path, or shorten the path of `state`.\n"
     "\n"
     "    control = \"/run/waymark/control.sock\""},
    {"C231", kWarning, "name without an answer outside its views",
     "All records of this name and type have a view. Clients that are in none of\n"
     "these views get no address, even if the zone file has records. Add a record\n"
     "without a view, or one with policy = \"static\" and no members if this is\n"
     "intended."},
    {"C232", kWarning, "weight too small",
     "Clients are divided into 256 equal parts. A member whose share is less than\n"
     "about half of a part gets no client while the other members are usable. Raise\n"
     "its weight, or lower the others."},
    {"C233", kWarning, "bound that a measurement cannot judge",
     "A probe whose reply takes longer than the timeout counts as lost, so a latency\n"
     "bound at the timeout or above it is never violated: a slow link counts as down\n"
     "instead. A loss bound that one lost probe in a window violates makes every lost\n"
     "packet a violation. Make the timeout longer than latency.bad, and the window\n"
     "longer than the interval divided by loss.bad.\n"
     "\n"
     "    interval = \"200ms\"\n"
     "    timeout = \"150ms\"              # bad with latency.bad = \"150ms\"\n"
     "    timeout = \"500ms\"              # good\n"
     "    window = \"10s\"                 # bad with loss.bad = \"1%\": 50 probes\n"
     "    window = \"30s\"                 # good: 150 probes"},
    {"C234", kError, "access rule never used",
     "The first rule that matches a request decides. An earlier rule of this list\n"
     "already matches all requests that this rule matches. Put the rule with the\n"
     "smaller prefixes first, or remove one of them.\n"
     "\n"
     "    [acl.office]\n"
     "    clients = \"10.0.0.0/8\"\n"
     "    [acl.lab]\n"
     "    action = \"deny\"\n"
     "    clients = \"10.9.0.0/16\"\n"
     "    [[zone]]\n"
     "    acl = [\"office\", \"lab\"]       # bad: office allows the lab\n"
     "    acl = [\"lab\", \"office\"]       # good"},
    {"C235", kError, "key without one secret",
     "A key has either `secret-file`, the path of a file with the secret, or `secret`,\n"
     "the secret itself. A file is better: the configuration can then be shown to\n"
     "others.\n"
     "\n"
     "    [key.backup]\n"
     "    secret-file = \"backup.key\""},
    {"C236", kError, "weak algorithm",
     "HMAC with MD5 is obsolete (RFC 8945 6). Use hmac-sha256 on both sides. If the\n"
     "other side has nothing better, set `allow-weak`.\n"
     "\n"
     "    [key.old-printer]\n"
     "    algorithm = \"hmac-md5\"\n"
     "    allow-weak = true"},
    {"C237", kWarning, "old algorithm or short secret",
     "HMAC with SHA-1 is not recommended for new keys, and a secret of less than 16\n"
     "bytes can be guessed. Use hmac-sha256 with a secret of 32 bytes on both sides."},
    {"C238", kError, "rule with remotes and clients",
     "The remotes of an access rule stand for their addresses, their key and their\n"
     "transports. A rule with `remotes` therefore has no `clients`, `keys` or\n"
     "`transports`. Write two rules, or add the key to the remote.\n"
     "\n"
     "    [remote.backup]\n"
     "    addresses = \"192.0.2.7\"\n"
     "    key = \"backup\"\n"
     "    [acl.transfers]\n"
     "    remotes = \"backup\"\n"
     "    operations = \"transfer\""},
    {"C239", kError, "key defined twice",
     "Names of keys are domain names: upper and lower case are the same, and a final\n"
     "dot does not matter."},

    {"C301", kError, "no default records in the zone",
     "The zone file must have records of the name and type of each managed record.\n"
     "They are served until the first failover decision. Add them to the zone file.\n"
     "\n"
     "    www.example.com.  A  192.0.2.1"},
    {"C302", kError, "managed name of a name server",
     "An NS record of a zone points to this name. Its addresses are also in the\n"
     "parent zone as glue records, which failover cannot change. Use a virtual or\n"
     "anycast address for the name server."},
    {"C303", kError, "name outside the zones",
     "The name is in none of the zones of this configuration, or it is below a\n"
     "delegation. Correct the name, or add the zone."},
    {"C304", kError, "name is an alias",
     "The name has a CNAME record, which excludes other records. Manage the name\n"
     "that the CNAME record points to."},
    {"C305", kError, "zone is signed",
     "The zone has signatures (DNSSEC). They would not match changed addresses, so\n"
     "failover does not change this name and the zone file's records are served.\n"
     "Move the name to a zone without signatures, or remove the [[record]] section."},
    {"C306", kError, "zone of a section not found",
     "A [[zone]] section without `file` changes the settings of a zone whose file is\n"
     "in `zones` or on the command line. No zone has this name, so the settings have\n"
     "no effect. If the name is misspelled, the zone that was meant is served without\n"
     "its access rules. Correct the name, add `file`, or add the zone file.\n"
     "\n"
     "    [[zone]]\n"
     "    name = \"corp.exmaple.com\"       # bad: misspelled\n"
     "    acl = \"office\""},

    {"C401", kWarning, "check cannot run",
     "On this host, the program of an exec monitor cannot be started, or the file of\n"
     "a file monitor is missing, old or says neither \"up\" nor \"down\". The state of\n"
     "everything that depends on this monitor would be unknown. The server starts\n"
     "nevertheless. Correct the path, install the program, or start the program that\n"
     "writes the file. Paths with a '/' are relative to the configuration file."},
    {"C402", kError, "no such user or group",
     "The user or group of [server] does not exist on this host, and the server would\n"
     "not start. Create it, or correct the name."},
    {"C403", kError, "state directory cannot be used",
     "The server would not start: the state directory is not a directory, cannot be\n"
     "created, or the user of [server] cannot write to it.\n"
     "\n"
     "    install -d -o waymark -m 750 /var/lib/waymark"},
    {"C404", kError, "no zones",
     "The configuration names no zones, and the server would not start. Set `zones` in\n"
     "[server], or add a [[zone]] section. Zones on the command line of `waymark serve`\n"
     "are also served; name them on the command line of `waymark check`, too."},
    {"C405", kError, "secret file cannot be used",
     "The server would not start: the secret file of a key is missing or empty, or\n"
     "other users can read it. The server reads it again at each reload, so it must\n"
     "belong to the user of [server].\n"
     "\n"
     "    install -m 600 -o waymark /dev/null backup.key\n"
     "    openssl rand -base64 32 > backup.key"},
});

static_assert(kCodes.size() == static_cast<std::size_t>(ConfigError::kSecretFile) + 1);

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
