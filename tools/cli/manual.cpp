#include "tools/cli/manual.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/help.h"

namespace tools {
namespace {

constexpr std::string_view kHead =
    R"(.\" Written by `waymark manual` from the table of commands. Read it with: man docs/waymark.1
.Dd November 22, 2026
.Dt WAYMARK 1
.Os
.Sh NAME
.Nm waymark
.Nd authoritative DNS server with failover, and tools for zone files
.Sh SYNOPSIS
)";

constexpr std::string_view kDescription = R"(.Sh DESCRIPTION
.Nm
is an authoritative DNS server.
It answers from zone files, and refuses queries for names outside its zones.
It is not a resolver.
.Pp
It also does failover.
It tracks which router, link or service is up, and answers accordingly;
.Xr waymark.toml 5
describes the configuration.
.Pp
The file
.Pa example.com.zone
holds the zone example.com.
A directory stands for all files in it whose names end in
.Pa .zone .
With
.Fl -zone Ar NAME=FILE
a file may have any name.
The file
.Pa root.zone
holds the root zone.
.Pp
.Nm
.Ar COMMAND
.Fl -help
shows the options of a command.
)";

constexpr std::string_view kTail = R"(.Sh SIGNALS
Signals to
.Nm
.Cm serve :
.Bl -tag -width SIGTERM
.It Dv SIGHUP
Reads the configuration again and loads the zone files that have changed.
If a file has errors, its last good version remains in use.
.It Dv SIGTERM , SIGINT
Answers the queries that were received, and ends.
A second signal ends the server at once.
.El
)";

constexpr std::string_view kControl = R"(.Sh CONTROL SOCKET
The commands
.Cm status , failover , drain , freeze , simulate
and
.Cm events
ask a running server over its control socket.
The socket is the one of
.Fl -socket
or
.Ev WAYMARK_CONTROL ,
else the one that the configuration file names, else
.Pa /run/waymark/control.sock .
.Pp
The socket has mode 0660.
Every user who can connect may read the state.
Overrides need root, the user of the server, or a member of the server's group if that is not the group of root.
)";

constexpr std::string_view kEnd = R"(.Sh EXAMPLES
.Dl $ waymark serve zones\-example/
.Dl $ dig @127.0.0.1 \-p 5300 www.example.com
.Dl $ waymark check \-\-format short zones\-example/
.Dl $ waymark explain shop.example.net TXT zones\-example/
.Dl $ waymark fmt \-w *.zone
.Sh SEE ALSO
.Xr dig 1 ,
.Xr named\-checkzone 1 ,
.Xr waymark.toml 5
.Sh STANDARDS
RFC 1034, 1035, 1982, 2181, 2308, 3596, 3597, 4592, 5001, 6672, 6891, 7766, 8020, 8427, 8482, 8914, 9460, 9471.
)";

struct VariableRow {
  std::string_view name, about;
};
// Descriptions of environment variables that the options do not contain.
constexpr VariableRow kVariables[] = {
    {"CLICOLOR_FORCE", "Colours even where the output is not a terminal."},
    {"NO_COLOR", "No colours."},
    {"WAYMARK_LISTEN", "Commands that ask a server ask the first address of the list."},
};

// Escapes text outside macros: hyphens and backslashes are literal, and no line begins with a control character.
std::string escaped(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
  }
  return out;
}

// The mdoc macro of a word: "--rate" -> "Fl -rate", "WAYMARK_LISTEN" -> "Ev WAYMARK_LISTEN", "@ADDR" -> "Ar @ADDR",
// anything else -> "Cm ...".
std::string macro_of(std::string_view word) {
  const std::string_view first = word.substr(0, word.find(' '));
  const std::string rest =
      first.size() == word.size() ? "" : fmt::format(" Cm {}", escaped(word.substr(first.size() + 1)));
  if (first.starts_with("-")) return fmt::format("Fl {}{}", escaped(first.substr(1)), rest);
  if (word.starts_with("WAYMARK_")) return fmt::format("Ev {}", word);
  return fmt::format("{} {}", word.starts_with('@') ? "Ar" : "Cm", escaped(word));
}

// Converts one line of text. Each `word` in backquotes becomes a macro on its own line.
std::string line_of(std::string_view text) {
  std::string out;
  for (bool quoted = false; !text.empty(); quoted = !quoted) {
    const std::size_t end = std::min(text.find('`'), text.size());
    std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (quoted) {
      // Punctuation after a word is part of the macro's line, like the bracket in "(see `--window`)".
      const std::size_t stop = std::min(text.find_first_not_of(".,;:)"), text.size());
      out += fmt::format(".{}", macro_of(piece));
      for (const char c : text.substr(0, stop)) out += fmt::format(" {}", c);
      out += '\n';
      text.remove_prefix(stop);
    } else {
      piece.remove_prefix(std::min(piece.find_first_not_of(' '), piece.size()));
      while (piece.ends_with(' ')) piece.remove_suffix(1);
      if (!piece.empty()) out += escaped(piece) + '\n';
    }
  }
  return out;
}

// Puts each sentence on its own line, as mdoc requires.
std::string sentences(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dot = std::min({text.find(". "), text.find(".\n"), text.find("\n"), text.size()});
    const std::size_t end = dot == text.size() || text[dot] == '\n' ? dot : dot + 1;
    out += line_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    out += (out.empty() ? "" : ".Pp\n") + sentences(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return out;
}

std::string manual_head_of(const Option& option) {
  if (option.is_operand()) return fmt::format(".It Ar {}\n", escaped(option.value));
  std::string out = ".It";
  for (const std::string& flag : option.flags)
    out +=
        fmt::format("{} Fl {}", &flag == &option.flags.front() ? "" : " ,", escaped(std::string_view(flag).substr(1)));
  return out + (option.is_switch() ? "\n" : fmt::format(" Ar {}\n", escaped(option.value)));
}

std::string entry(const Option& option) {
  std::string out = manual_head_of(option) + line_of(option.about + ".");
  const std::vector<std::string> facts = facts_of(option);
  if (!facts.empty()) out += ".br\n";
  for (const std::string& fact : facts)
    out += fmt::format("{}{}.\n", static_cast<char>(fact.front() & ~0x20), escaped(fact.substr(1)));
  if (!option.environment.empty()) out += fmt::format(".br\nEnvironment:\n.Ev {} .\n", option.environment);
  return out;
}

std::string option_list(const CommandLine& line) {
  std::string out;
  for (const OptionGroup& group : groups_of(line)) {
    out += fmt::format(".Pp\n{}:\n.Bl -tag -width indent\n", group.heading);
    for (const Option* option : group.options) out += entry(*option);
    out += ".El\n";
  }
  return out;
}

// The usage, such as "[NAME [TYPE]] FILE", becomes the text of one argument, including the brackets.
std::string synopsis_of(const CommandRow& row) {
  std::string out;
  std::string_view left = row.usage;
  do {
    const std::size_t end = std::min(left.find('\n'), left.size());
    out += fmt::format(".Nm\n.Cm {}\n.Op Ar OPTIONS\n", row.name);
    if (end > 0) out += fmt::format(".Ar {}\n", escaped(left.substr(0, end)));
    left.remove_prefix(std::min(end + 1, left.size()));
  } while (!left.empty());
  return out;
}

std::string examples_of(const CommandRow& row) {
  std::string out = ".Pp\nExamples:\n.Bd -literal -offset indent -compact\n";
  std::string_view left = row.examples;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    out += escaped(left.substr(0, end)) + '\n';
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return out + ".Ed\n";
}

std::string environment() {
  std::map<std::string, std::map<std::string, std::string>, std::less<>> users;  // for each variable: command to option
  for (const CommandRow& row : commands()) {
    const CommandLine line = declared(row);
    for (const Option& option : line.options())
      if (!option.environment.empty()) users[option.environment][std::string(row.name)] = option.name();
  }
  for (const VariableRow& row : kVariables) users[std::string(row.name)];
  std::string out =
      ".Sh ENVIRONMENT\nA variable is read where its option is not given.\nThe elements of a list are separated by "
      "commas.\nIn a list of paths,\n.Ql \\e,\nis a comma within a path.\n.Bl -tag -width indent\n";
  for (const auto& [variable, readers] : users) {
    out += fmt::format(".It Ev {}\n", variable);
    const auto other = std::ranges::find(kVariables, variable, &VariableRow::name);
    if (other != std::end(kVariables)) out += escaped(other->about) + '\n';
    std::map<std::string, std::vector<std::string>> by_option;
    for (const auto& [command, option] : readers) by_option[option].push_back(command);
    for (const auto& [option, names] : by_option)
      out += fmt::format(".{} {}\nof {}.\n", option.starts_with('-') ? "Fl" : "Ar",
                         escaped(std::string_view(option).substr(option.starts_with('-') ? 1 : 0)),
                         escaped(fmt::format("{}", fmt::join(names, ", "))));
  }
  return out + ".El\n";
}

std::string exit_status() {
  std::string out = ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n";
  for (const ExitRow& row : exit_codes())
    out += fmt::format(".It {}\n{}\n", static_cast<int>(row.code), escaped(row.words));
  return out + ".El\n";
}

}  // namespace

std::string manual_page() {
  std::string out(kHead);
  for (const CommandRow& row : commands()) out += synopsis_of(row);
  out += kDescription;
  out += ".Sh COMMANDS\n";
  for (const CommandRow& row : commands())
    out += fmt::format(".Ss waymark {}\n{}.\n.Pp\n{}{}{}", escaped(row.name), escaped(row.summary),
                       paragraphs(row.manual), option_list(declared(row)), examples_of(row));
  return out + std::string(kControl) + environment() + std::string(kTail) + exit_status() + std::string(kEnd);
}

}  // namespace tools
