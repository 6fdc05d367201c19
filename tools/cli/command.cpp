#include "tools/cli/command.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/cli/terminal.h"
#include "zone/base/suggest.h"

namespace tools {
namespace {

constexpr std::string_view kRun = "Serve";
constexpr std::string_view kFiles = "Zone files";
constexpr std::string_view kAsk = "Ask a server";
constexpr std::string_view kPaths = "Paths and services";
constexpr std::string_view kSteer = "Failover";
constexpr std::string_view kOther = "Other";

constexpr std::array kCommands{
    CommandRow{"serve", kRun, "Answer DNS questions from zone files",
               "  waymark serve zones-example/\n"
               "  waymark serve --zone example.com=site.txt --listen 127.0.0.1:5300 --listen [::1]:5300\n"
               "  WAYMARK_LISTEN=0.0.0.0:53,[::]:53 waymark serve /etc/waymark/zones --user waymark\n",
               define_serve},
    CommandRow{"check", kFiles, "Find the faults in zone files and configurations",
               "  waymark check example.com.zone\n"
               "  waymark check --zone example.com=site.txt --stats\n"
               "  waymark check --format short zones-example/ waymark.toml\n",
               define_check},
    CommandRow{"explain", kFiles, "Show an answer and why it is what it is; or what a fault's code means",
               "  waymark explain www.example.com A zones-example/\n"
               "  waymark explain shop.example.net TXT --zone example.net=example.net.zone --json\n"
               "  waymark explain Z012\n",
               define_explain},
    CommandRow{"fmt", kFiles, "Print zone files in one tidy form",
               "  waymark fmt example.com.zone\n"
               "  waymark fmt -w *.zone\n"
               "  waymark fmt --check zones-example/*.zone\n"
               "  waymark fmt --canonical --zone example.com site.txt\n",
               define_fmt},
    CommandRow{"diff", kFiles, "Show the records in which two zone files differ",
               "  waymark diff old/example.com.zone example.com.zone\n"
               "  waymark diff --zone example.com before.txt after.txt --json\n",
               define_diff},
    CommandRow{"query", kAsk, "Ask a server a question",
               "  waymark query www.example.com AAAA\n"
               "  waymark query example.com MX @192.0.2.1 +short\n"
               "  waymark query -x 192.0.2.80 @127.0.0.1 -p 5300 +tcp +dnssec\n"
               "  waymark query example.com SOA +json\n",
               define_query},
    CommandRow{"health", kAsk, "Tell by the exit code whether a server answers",
               "  waymark health\n"
               "  waymark health 127.0.0.1:5300 --name example.com\n"
               "  HEALTHCHECK CMD [\"/usr/bin/waymark\", \"health\"]\n",
               define_health},
    CommandRow{"bench", kAsk, "Put load on a server, and measure how it bears it",
               "  waymark bench www.example.com\n"
               "  waymark bench --zone example.com.zone --absent 20 --rate 50000 --duration 30\n"
               "  waymark bench -q questions.txt --server 192.0.2.1:53 --tcp --ports 20 --window 640 --json\n",
               define_bench},
    CommandRow{"probe", kPaths, "Probe a path or a service as a monitor does",
               "  waymark probe icmp 192.0.2.1 --interval 200 -n 50\n"
               "  waymark probe https 192.0.2.80 --host www.example.com --path /healthz --match ok\n"
               "  waymark probe stamp 198.51.100.1 --source 203.0.113.2 --device eth1 --dscp ef\n"
               "  waymark probe dns 192.0.2.53 --query example.com --type SOA --json\n",
               define_probe},
    CommandRow{"stamp-reflect", kPaths, "Answer STAMP packets, so that others can measure the path to here",
               "  waymark stamp-reflect\n"
               "  waymark stamp-reflect --listen 192.0.2.1:862 --allow 198.51.100.0/24 --user nobody\n"
               "  waymark stamp-reflect --listen 127.0.0.1:8620 --delay 80 --jitter 20 --loss 1\n",
               define_stamp_reflect},
    CommandRow{"status", kSteer, "Show what a running server knows and serves",
               "  waymark status\n"
               "  waymark status www.example.com\n"
               "  waymark status --json -c /etc/waymark/waymark.toml\n",
               define_status},
    CommandRow{"failover", kSteer, "Answer one member of a managed name, whatever the evidence says",
               "  waymark failover www.example.com --to via-b --for 10m\n"
               "  waymark failover erp.example.com/A@closed --to inetvpn\n"
               "  waymark failover www.example.com --to auto\n",
               define_failover},
    CommandRow{"drain", kSteer, "Avoid a link, router or member; or count it as down, or up",
               "  waymark drain isp-a --for 2h\n"
               "  waymark drain www.example.com:via-a --down\n"
               "  waymark drain isp-a --undo\n",
               define_drain},
    CommandRow{"freeze", kSteer, "Keep answers as they are",
               "  waymark freeze www.example.com --for 30m\n"
               "  waymark freeze --all\n"
               "  waymark freeze --all --undo\n",
               define_freeze},
    CommandRow{"simulate", kSteer, "Show what the answers would be if something failed",
               "  waymark simulate --fail isp-a\n"
               "  waymark simulate --fail lan-gw:rtr-a --fail isp-b --json\n"
               "  waymark simulate --fail isp-a --offline -c waymark.toml\n",
               define_simulate},
    CommandRow{"events", kSteer, "Show what happened to routers, links, members and answers",
               "  waymark events -n 50\n"
               "  waymark events --follow --json\n",
               define_events},
    CommandRow{"completion", kOther, "Print the completion script of a shell",
               "  source <(waymark completion bash)\n"
               "  waymark completion zsh > ~/.zfunc/_waymark\n"
               "  waymark completion fish > ~/.config/fish/completions/waymark.fish\n",
               define_completion},
    CommandRow{"version", kOther, "Print the version and how it was built",
               "  waymark version\n"
               "  waymark version --json\n",
               define_version},
};

constexpr std::string_view kExitCodes =
    "Exit codes:\n"
    "  0 ok   1 problems found   2 wrong usage   3 server unreachable   4 refused   5 internal error\n";

std::string general_help() {
  std::string out =
      "waymark: an authoritative DNS server, and tools for its zone files\n\n"
      "Usage: waymark COMMAND [OPTIONS]\n";
  for (const std::string_view group : {kRun, kFiles, kAsk, kSteer, kPaths, kOther}) {
    out += fmt::format("\n{}:\n", group);
    for (const CommandRow& row : kCommands)
      if (row.group == group) out += fmt::format("  {:<15}{}\n", row.name, row.summary);
  }
  out += fmt::format(
      "\n{}\n"
      "`waymark COMMAND --help` shows a command's options, their environment variables, and examples.\n",
      kExitCodes);
  return out;
}

const CommandRow* find_command(std::string_view name) {
  const auto row = std::ranges::find(kCommands, name, &CommandRow::name);
  return row == kCommands.end() ? nullptr : &*row;
}

Exit unknown_command(std::string_view typed) {
  std::vector<std::string_view> names;
  for (const CommandRow& row : kCommands) names.push_back(row.name);
  const std::string_view near = dns::nearest_word(typed, names);
  print_error(
      fmt::format("unknown command `{}`{}", typed, near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
  return Exit::kUsage;
}

// "--lisen=x" -> "lisen"
std::string_view bare_name(std::string_view typed) {
  typed.remove_prefix(std::min(typed.find_first_not_of('-'), typed.size()));
  return typed.substr(0, typed.find('='));
}

// The error for the first option that `app` does not have, with the nearest that it has; empty where it took all.
std::string unknown_option(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining();
  const auto typed = std::ranges::find_if(left, [](const std::string& word) { return word.starts_with('-'); });
  if (typed == left.end()) return {};
  std::vector<std::string_view> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  const std::string_view near = dns::nearest_word(bare_name(*typed), names);
  return fmt::format("unknown option `{}`{}", *typed, near.empty() ? "" : fmt::format("; did you mean `--{}`?", near));
}

Exit usage_error(const CommandRow& row, const CLI::App& app, const CLI::ParseError& fault) {
  std::string words = unknown_option(app);
  if (words.empty()) words = fault.what();
  print_error(fmt::format("{}: {}", row.name, words));
  write_to(stderr, fmt::format("`waymark {} --help` shows how it is used\n", row.name));
  return Exit::kUsage;
}

Exit run_command(const CommandRow& row, std::span<const char* const> arguments) {
  CLI::App app{std::string(row.summary), fmt::format("waymark {}", row.name)};
  app.footer(fmt::format("Examples:\n{}\n{}", row.examples, kExitCodes));
  const Action action = row.define(app);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::Success&) {
    fmt::print("{}", app.help());
    return Exit::kOk;
  } catch (const CLI::ParseError& fault) {
    return usage_error(row, app, fault);
  }
  return action();
}

}  // namespace

std::span<const CommandRow> commands() { return kCommands; }

std::unique_ptr<CLI::App> declare(const CommandRow& row) {
  auto app = std::make_unique<CLI::App>(std::string(row.summary), std::string(row.name));
  row.define(*app);
  return app;
}

Exit run(std::span<const char* const> arguments) {
  if (arguments.empty()) {
    write_to(stderr, general_help());
    return Exit::kUsage;
  }
  const std::string_view first = arguments.front();
  if (first == "--help" || first == "-h") {
    fmt::print("{}", general_help());
    return Exit::kOk;
  }
  const bool asks_version = first == "--version" || first == "-V";
  if (first == "help" && arguments.size() > 1) {
    static constexpr const char* kHelp[] = {"--help"};
    const CommandRow* row = find_command(arguments[1]);
    return row == nullptr ? unknown_command(arguments[1]) : run_command(*row, kHelp);
  }
  if (first == "help") {
    fmt::print("{}", general_help());
    return Exit::kOk;
  }
  const CommandRow* row = find_command(asks_version ? "version" : first);
  return row == nullptr ? unknown_command(first) : run_command(*row, arguments.subspan(1));
}

}  // namespace tools
