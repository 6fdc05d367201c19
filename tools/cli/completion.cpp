// waymark completion: scripts for bash, zsh and fish, made by walking the options that the commands declare.
//
// A value whose type name lists words ("text|json") is completed from them; any other value and every operand by file
// names, which is what most of them are.
#include <algorithm>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/cli/command.h"

namespace tools {
namespace {

struct OptionWords {
  std::vector<std::string> flags;  // "--listen", "-p"
  std::string summary;
  std::vector<std::string> choices;  // of its value
  bool takes_value = false;
};

struct CommandWords {
  std::string name, summary;
  std::vector<OptionWords> options;
  std::vector<std::string> operands;  // words that may stand as operands, where they are a closed set
};

std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (!type.contains('|')) return {};
  return CLI::detail::split(type, '|');
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

CommandWords words_of(const CommandRow& row) {
  CommandWords words{std::string(row.name), std::string(row.summary), {}, {}};
  const auto app = declare(row);
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) {
      words.operands = choices_of(*option);
      continue;
    }
    OptionWords known{
        {}, first_line(option->get_description()), choices_of(*option), option->get_items_expected_max() > 0};
    for (const std::string& name : option->get_lnames()) known.flags.push_back("--" + name);
    for (const std::string& name : option->get_snames()) known.flags.push_back("-" + name);
    words.options.push_back(std::move(known));
  }
  return words;
}

std::vector<CommandWords> all_words() {
  std::vector<CommandWords> all;
  for (const CommandRow& row : commands()) all.push_back(words_of(row));
  return all;
}

// Text within single quotes, as all three shells read it.
std::string quoted(std::string text) {
  std::erase_if(text, [](char c) { return c == '\'' || c == '`'; });
  return text;
}

std::string bash_script() {
  std::string names, commands, values;
  for (const CommandWords& command : all_words()) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string flags;
    for (const OptionWords& option : command.options) {
      flags += (flags.empty() ? "" : " ") + fmt::format("{}", fmt::join(option.flags, " "));
      for (const std::string& flag : option.choices.empty() ? std::vector<std::string>{} : option.flags)
        values += fmt::format("    {}:{}) words='{}' ;;\n", command.name, flag, fmt::join(option.choices, " "));
    }
    commands +=
        fmt::format("    {}) flags='{}' operands='{}' ;;\n", command.name, flags, fmt::join(command.operands, " "));
  }
  return fmt::format(R"(# bash completion of waymark: source <(waymark completion bash)
_waymark() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}
  local flags='' operands='' words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{}' -- "$current"))
    return
  fi
  case $command in
{}    *) return ;;
  esac
  case $command:$previous in
{}    *) words=$operands ;;
  esac
  case $current in
    -*) words=$flags ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _waymark waymark
)",
                     names, commands, values);
}

std::string zsh_value(const OptionWords& option) {
  if (!option.takes_value) return {};
  if (option.choices.empty()) return ":value:_files";
  return fmt::format(":value:({})", fmt::join(option.choices, " "));
}

// A description inside the brackets of an _arguments specification.
std::string zsh_summary(const std::string& text) {
  std::string out;
  for (const char c : quoted(text)) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script() {
  std::string names, cases;
  for (const CommandWords& command : all_words()) {
    names += fmt::format("    '{}:{}'\n", command.name, zsh_summary(command.summary));
    cases += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionWords& option : command.options)
      for (const std::string& flag : option.flags)
        cases += fmt::format(" \\\n        '*{}[{}]{}'", flag, zsh_summary(option.summary), zsh_value(option));
    const std::string operands =
        command.operands.empty() ? "_files" : fmt::format("({})", fmt::join(command.operands, " "));
    cases += fmt::format(" \\\n        '*:operand:{}'\n      ;;\n", operands);
  }
  return fmt::format(R"(#compdef waymark
# zsh completion of waymark: waymark completion zsh > a folder of $fpath/_waymark
_waymark() {{
  local -a names
  names=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command names
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
if [ "$funcstack[1]" = _waymark ]; then _waymark "$@"; else compdef _waymark waymark; fi
)",
                     names, cases);
}

std::string fish_option(const CommandWords& command, const OptionWords& option) {
  std::string line = fmt::format("complete -c waymark -n '__fish_seen_subcommand_from {}'", command.name);
  for (const std::string& flag : option.flags)
    line += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
  if (option.takes_value && option.choices.empty()) line += " -r -F";
  if (!option.choices.empty()) line += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  return line + fmt::format(" -d '{}'\n", quoted(option.summary));
}

std::string fish_script() {
  std::string out = "# fish completion of waymark: waymark completion fish > ~/.config/fish/completions/waymark.fish\n";
  for (const CommandWords& command : all_words()) {
    out += fmt::format("complete -c waymark -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name,
                       quoted(command.summary));
    for (const OptionWords& option : command.options) out += fish_option(command, option);
    if (!command.operands.empty())
      out += fmt::format("complete -c waymark -n '__fish_seen_subcommand_from {}' -f -a '{}'\n", command.name,
                         fmt::join(command.operands, " "));
  }
  return out;
}

}  // namespace

Action define_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();  // shared: its owner is the action, which CLI11 fills from afar
  app.add_option("shell", *shell, "Shell that the script is for")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->type_name("bash|zsh|fish");
  return [shell] {
    fmt::print("{}", *shell == "bash" ? bash_script() : *shell == "zsh" ? zsh_script() : fish_script());
    return Exit::kOk;
  };
}

}  // namespace tools
