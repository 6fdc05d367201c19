// The table of commands, with the texts of the help and the manual page.
#include <algorithm>
#include <array>

#include "tools/cli/command.h"

namespace tools {
namespace {

constexpr std::string_view kRun = "Run a server";
constexpr std::string_view kFiles = "Zone files";
constexpr std::string_view kAsk = "Ask a server";
constexpr std::string_view kFailover = "Failover, on a running server";
constexpr std::string_view kPaths = "Measure paths and services";
constexpr std::string_view kOther = "Other";

constexpr std::array kCommands{
    CommandRow{"serve", kRun, "[DIR|FILE...]", "Answer DNS queries from zone files",
               R"(Loads the zones, prints them with a query to try, and answers over UDP and TCP until it gets a signal.

A zone whose file has errors is answered with SERVFAIL. The other zones are served.

No configuration file is needed. Where there is one, the command line and the environment override it.)",
               "waymark serve zones-example/\n"
               "waymark serve --zone example.com=site.txt --listen 127.0.0.1:5300 --listen [::1]:5300\n"
               "WAYMARK_LISTEN=0.0.0.0:53,[::]:53 waymark serve /etc/waymark/zones --user waymark\n",
               define_serve},
    CommandRow{
        "check", kFiles, "[DIR|FILE...]", "Check zone files and configuration files for errors",
        R"(Reads zone files and configuration files. Prints each error and warning with its file, line and column, the
line itself, and a code.
`waymark explain CODE` describes a code.

A path that names no zone is an error; all other paths are checked.

Signatures that have expired, or expire within three days, are among the warnings.)",
        "waymark check example.com.zone\n"
        "waymark check --zone example.com=site.txt --stats\n"
        "waymark check --zone example.com=- < site.txt\n"
        "waymark check --format short zones-example/ waymark.toml\n",
        define_check},
    CommandRow{
        "explain", kFiles, "NAME [TYPE] [DIR|FILE...]\nCODE",
        "Show the answer to a query and how it was found, or explain an error code",
        R"(Prints the answer that zone files give to a query, the steps of the lookup (TRACE), and the file, line and
column of each record (SOURCE).
The answer is that of the server, for all types and classes; what the server does not answer from zones, such as a
zone transfer, has neither steps nor files.

For a name that failover manages, the running server is asked as well. It reports the state of each member
and the rule that decided.

With `--client` and `-c`, it also prints what the access rules of the configuration allow to the client: for each
operation and transport, and which rule decides (ACCESS). With `--key`, its requests are signed with this key.

With a code such as Z012, it prints what the code means and how to correct the error.)",
        "waymark explain www.example.com A zones-example/\n"
        "waymark explain shop.example.net TXT --zone example.net=example.net.zone --json\n"
        "waymark explain example.com SOA -c waymark.toml --client 192.0.2.7 --key backup.example.com\n"
        "waymark explain Z012\n",
        define_explain},
    CommandRow{"fmt", kFiles, "[FILE...]", "Format zone files",
               R"(Prints zone files with aligned columns. Comments stay in place.)",
               "waymark fmt example.com.zone\n"
               "waymark fmt -w *.zone\n"
               "waymark fmt --check zones-example/*.zone\n"
               "waymark fmt --canonical --zone example.com site.txt\n",
               define_fmt},
    CommandRow{
        "diff", kFiles, "FILE FILE", "Compare two zone files record by record",
        R"(Prints the records that are in only one of two zone files. The order of the records and the case of names
do not matter.

The exit code is 1 if the zones differ.)",
        "waymark diff old/example.com.zone example.com.zone\n"
        "waymark diff --zone example.com before.txt after.txt --json\n"
        "git show HEAD:example.com.zone | waymark diff --zone example.com - example.com.zone\n",
        define_diff},
    CommandRow{"journal", kFiles, "FILE...", "Show what the journal of a server has recorded",
               R"(Prints the records in files of the journal: which zones were published, when, by whom, which records
changed, and which serials are reserved. The files are in `zones` of the state directory. A running server is not
disturbed.

The exit code is 1 if a record is damaged or missing.)",
               "waymark journal /var/lib/waymark/zones/*.c*\n"
               "waymark journal --zone example.com /var/lib/waymark/zones/00000001.changes\n",
               define_journal},
    CommandRow{"query", kAsk, "NAME [TYPE] [CLASS] [@ADDR[:PORT]] [+SWITCH...]",
               "Send a query to a server, as dig does",
               R"(Sends one query and prints the reply in the format of dig, as JSON, or as data alone.

Without `@ADDR` it asks the server on this host: the first address of `WAYMARK_LISTEN`, or 127.0.0.1 port
5300. With `@ADDR` the default port is 53.
An IPv6 address with a port needs brackets: @[2001:db8::53]:5300.

A truncated reply over UDP is asked for again over TCP.

With `-y` or `--key` the query is signed (TSIG, RFC 8945), and the signature of the reply is verified: the
exit code is 1 if it is not right. `-y` has the form of dig. Other users of this host can see the secret of
`-y` while the command runs; `--key` reads it from a file of mode 0600.)",
               "waymark query www.example.com AAAA\n"
               "waymark query example.com MX @192.0.2.1 +short\n"
               "waymark query -x 192.0.2.80 @127.0.0.1 -p 5300 +tcp +dnssec\n"
               "waymark query example.com SOA +json\n"
               "waymark query example.com SOA --key backup.example.com:backup.key\n",
               define_query},
    CommandRow{"health", kAsk, "[@ADDR[:PORT]]", "Check that a server answers; the exit code is the result",
               R"(Sends one query, for the health check of a container or a script. The exit code is 0 if the server is
healthy, 1 if its answer is wrong, and 3 if it does not answer.

Without `--name` it asks for id.server CH TXT. Any answer or refusal is healthy. With `--name` the server
must answer the SOA of that zone with authority.)",
               "waymark health\n"
               "waymark health @127.0.0.1:5300 --name example.com\n"
               "HEALTHCHECK CMD [\"/usr/bin/waymark\", \"health\"]\n",
               define_health},
    CommandRow{"bench", kAsk, "[NAME [TYPE]] [@ADDR[:PORT]]", "Load-test a server",
               R"(Sends queries to a server and reports the rate, the losses and the latency.

With `--rate`, queries are sent at a fixed rate, however fast the replies come. Each latency is counted from
the time at which the query was due. A server that stalls is charged for every query that had to wait.

Without `--rate`, a fixed number of queries is always in flight (`--window`). This finds the highest rate.

Queries come from the command line, from a file (`--questions`) or from a zone (`--zone`).

A reply counts if it repeats the question of a query in flight on its port. A query without a reply within
`--timeout` is lost.)",
               "waymark bench www.example.com\n"
               "waymark bench --zone example.com.zone --absent 20 --rate 50000 --duration 30\n"
               "waymark bench -q questions.txt @192.0.2.1 --tcp --ports 20 --window 640 --json\n",
               define_bench},
    CommandRow{
        "status", kFailover, "[NAME]", "Show the state of a running server",
        R"(Shows alarms, virtual routers, links, managed names with their members, and manual overrides: their state,
since when, and why.)",
        "waymark status\n"
        "waymark status www.example.com\n"
        "waymark status --json -c /etc/waymark/waymark.toml\n",
        define_status},
    CommandRow{"failover", kFailover, "NAME[/TYPE][@VIEW] --to MEMBER|auto",
               "Force an answer to one member (manual override)",
               R"(The server answers this member, whatever its health, until the time of `--for` is over or `--to auto`
removes the override.

The override survives a restart: it is on the disk before it is acknowledged.)",
               "waymark failover www.example.com --to via-b --for 10m\n"
               "waymark failover erp.example.com/A@closed --to inetvpn\n"
               "waymark failover www.example.com --to auto\n",
               define_failover},
    CommandRow{
        "drain", kFailover, "SUBJECT...", "Take a link, router or member out of use, or force its state",
        R"(A drained subject is used only if nothing else is left. With `--down` it counts as failed, with `--up` as
healthy, whatever its checks say.

The override survives a restart. An override with `--for` lies over one that ends later: after it, the older one counts
again. `--undo` removes both.)",
        "waymark drain isp-a --for 2h\n"
        "waymark drain www.example.com:via-a --down\n"
        "waymark drain isp-a --undo\n",
        define_drain},
    CommandRow{"freeze", kFailover, "NAME[/TYPE][@VIEW]...\n--all", "Stop automatic changes of answers",
               R"(Frozen answers stay as they are, also if their member goes down, until the time of `--for` is over or
`--undo` removes the override. An alarm tells when a frozen answer has a member that is down while another one is
usable.

The override survives a restart.)",
               "waymark freeze www.example.com --for 30m\n"
               "waymark freeze --all\n"
               "waymark freeze --all --undo\n",
               define_freeze},
    CommandRow{
        "simulate", kFailover, "--fail SUBJECT", "Show how answers would change if something failed",
        R"(Shows the answers before and after the failure, when the change would come, and how long clients could keep
the old answer. It changes nothing.)",
        "waymark simulate --fail isp-a\n"
        "waymark simulate --fail lan-gw:rtr-a --fail isp-b --json\n"
        "waymark simulate --fail isp-a --offline -c waymark.toml\n",
        define_simulate},
    CommandRow{"events", kFailover, "", "Show state changes of routers, links, members and answers",
               R"(Prints the latest events, oldest first. With `--follow` it prints each new one as it happens.)",
               "waymark events -n 50\n"
               "waymark events --follow --json\n",
               define_events},
    CommandRow{
        "changes", kFailover, "ZONE", "Show which records of a zone have changed since a serial",
        R"(Prints the records that a running server has removed (-) and added (+) in the zone, whether a zone file
or failover has changed them. Records that changed back are left out.

Without `--since` it begins with the earliest version of which the changes are known. The server keeps the changes since
its start, in at most half of the zone's own memory. A zone file with changed records and the same serial ends them.)",
        "waymark changes example.com\n"
        "waymark changes example.com --since 2026113007\n",
        define_changes},
    CommandRow{"reload", kFailover, "", "Make a running server read its configuration and zones again",
               R"(Does what SIGHUP does, waits for the end, and prints what the server logs about it.

Settings that take effect after a restart are named. With errors in the configuration, the server keeps the
running one. A zone with errors keeps its old version.

The exit code is 1 if something was refused: the errors are printed with their places.)",
               "waymark reload\n"
               "waymark reload -c /etc/waymark/waymark.toml\n"
               "waymark reload --json\n",
               define_reload},
    CommandRow{
        "probe", kPaths, "KIND ADDR", "Probe an address as a health check does",
        R"(Prints the result of each probe, then the median latency, the jitter and the loss. The exit code is 0 if at
least one probe succeeded. Otherwise it is 1 for http, https and dns, whose replies may be wrong, and 3 for the other
kinds, because nothing answered.

The kind icmp needs CAP_NET_RAW, or a group that net.ipv4.ping_group_range allows.)",
        "waymark probe icmp 192.0.2.1 --interval 200 -n 50\n"
        "waymark probe https 192.0.2.80 --host www.example.com --path /healthz --match ok\n"
        "waymark probe stamp 198.51.100.1 --source 203.0.113.2 --device eth1 --dscp ef\n"
        "waymark probe dns 192.0.2.53 --query example.com --type SOA --json\n",
        define_probe},
    CommandRow{
        "stamp-reflect", kPaths, "", "Run a STAMP reflector, to measure the path to this host",
        R"(Answers STAMP packets (RFC 8762, unauthenticated mode) on UDP port 862 until it gets a signal. It keeps no
state and sends no more than it receives.)",
        "waymark stamp-reflect\n"
        "waymark stamp-reflect --listen 192.0.2.1:862 --allow 198.51.100.0/24 --user nobody\n"
        "waymark stamp-reflect --listen 127.0.0.1:8620 --delay 80 --jitter 20 --loss 1\n",
        define_stamp_reflect},
    CommandRow{"completion", kOther, "bash|zsh|fish", "Print a completion script for a shell",
               R"(The script completes commands, options, their values, record types and files.)",
               "source <(waymark completion bash)\n"
               "waymark completion zsh > ~/.zfunc/_waymark\n"
               "waymark completion fish > ~/.config/fish/completions/waymark.fish\n",
               define_completion},
    CommandRow{"version", kOther, "", "Print the version and how it was built",
               R"(Prints the version, the compiler and the versions of the libraries.)",
               "waymark version\n"
               "waymark version --json\n",
               define_version},
};

}  // namespace

std::span<const CommandRow> commands() { return kCommands; }

const CommandRow* find_command(std::string_view name) {
  const auto row = std::ranges::find(kCommands, name, &CommandRow::name);
  return row == kCommands.end() ? nullptr : &*row;
}

CommandLine declared(const CommandRow& row) {
  CommandLine line;
  (void)row.define(line);
  return line;
}

}  // namespace tools
