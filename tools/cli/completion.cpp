// waymark completion: the scripts for bash, zsh and fish, and the candidates that they request.
#include "tools/cli/completion.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "tools/cli/command.h"
#include "zone/base/ascii.h"

namespace tools {
namespace {

constexpr std::string_view kBash = R"(# bash completion of waymark: source <(waymark completion bash)
_waymark() {
  local line=${COMP_LINE:0:COMP_POINT} piece=$2 lead candidate about files=
  local -a words
  read -ra words <<<"$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  lead=${words[-1]}
  lead=${lead%"$piece"}   # what bash has split off at = : @
  COMPREPLY=()
  while IFS=$'\t' read -r candidate about; do
    case $candidate in
      :files) files=yes ;;
      :folders) compopt -o dirnames ;;
      :users) COMPREPLY+=($(compgen -u -- "$piece")) ;;
      :groups) COMPREPLY+=($(compgen -g -- "$piece")) ;;
      *) COMPREPLY+=("${candidate#"$lead"}") ;;
    esac
  done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
  if [ -n "$files" ] && [ ${#COMPREPLY[@]} -gt 0 ]; then
    compopt -o filenames
    while read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$piece")
  elif [ -n "$files" ]; then
    compopt -o default
  fi
}
complete -F _waymark waymark
)";

constexpr std::string_view kZsh = R"(#compdef waymark
# zsh completion of waymark: waymark completion zsh > a folder of $fpath/_waymark
_waymark() {
  local line name about program=${(Q)words[1]}
  local -a typed candidates asked
  (( CURRENT > 2 )) && typed=("${(@Q)words[2,CURRENT-1]}")
  typed+=("${(Q)PREFIX}")
  for line in "${(@f)$(${~program} complete "${typed[@]}" 2>/dev/null)}"; do
    name=${line%%$'\t'*} about=${line#*$'\t'}
    case $name in
      '') ;;
      :*) asked+=("$name" "$about") ;;
      *) candidates+=("${name//:/\\:}:$about") ;;
    esac
  done
  local result=1
  (( $#candidates )) && _describe waymark candidates && result=0
  for name about in "${asked[@]}"; do
    [[ -n $about ]] && compset -P "${(b)about}"
    case $name in
      :files) _files && result=0 ;;
      :folders) _files -/ && result=0 ;;
      :users) _users && result=0 ;;
      :groups) _groups && result=0 ;;
    esac
  done
  return result
}
if [ "$funcstack[1]" = _waymark ]; then _waymark "$@"; else compdef _waymark waymark; fi
)";

constexpr std::string_view kFish =
    R"(# fish completion of waymark: waymark completion fish > ~/.config/fish/completions/waymark.fish
function __waymark_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program $typed[1]
    for line in ($program complete $typed[2..-1] "$current" 2>/dev/null)
        set -l part (string split -m 1 \t -- $line)
        set -l path (string sub -s (math (string length -- "$part[2]") + 1) -- "$current")
        switch $part[1]
            case :files
                for found in (__fish_complete_path "$path")
                    echo -- "$part[2]$found"
                end
            case :folders
                for found in (__fish_complete_directories "$path")
                    echo -- "$part[2]$found"
                end
            case :users
                __fish_complete_users
            case :groups
                __fish_complete_groups
            case '*'
                echo -- $line
        end
    end
end
complete -c waymark -f -a '(__waymark_complete)'
)";

void offer(std::string& out, std::string_view word, std::string_view about) {
  out += fmt::format("{}\t{}\n", word, about);
}

bool begins(std::string_view word, std::string_view typed) {
  return word.size() >= typed.size() && dns::equal_fold(word.substr(0, typed.size()), typed);
}

// `word` in lower case if `typed` contains a lower-case letter: "AAAA" becomes "aaaa" for "aa".
std::string in_case_of(std::string_view word, std::string_view typed) {
  std::string out(word);
  if (std::ranges::any_of(typed, [](char c) { return c >= 'a' && c <= 'z'; }))
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

// Offers the values of `option` that begin with `typed`. `before` is the part of the shell's word before the value.
void offer_value(std::string& out, const Option& option, std::string_view typed, const std::string& before) {
  for (const std::string& word : option.words)
    if (begins(word, typed)) offer(out, before + in_case_of(word, typed), option.about);
  const std::size_t equals = typed.find('=');
  const bool named = option.value.ends_with("NAME=FILE");
  if (named && equals != std::string_view::npos)
    offer(out, ":files", before + std::string(typed.substr(0, equals + 1)));
  else if (option.value == "FILE" || option.value == "DIR|FILE" || option.value.starts_with("FILE|"))
    offer(out, ":files", before);
  else if (option.value == "DIR") offer(out, ":folders", before);
  else if (option.value == "USER") offer(out, ":users", before);
  else if (option.value == "GROUP") offer(out, ":groups", before);
}

const Option* find_option(const CommandLine& line, std::string_view flag) {
  for (const Option& option : line.options())
    if (std::ranges::find(option.flags, flag) != option.flags.end()) return &option;
  return nullptr;
}

bool is_special(std::string_view word) { return word.starts_with('@') || word.starts_with('+'); }

// The parser's position after all words but the last.
struct ActiveOverrides {
  const Option* waits = nullptr;  // the option whose value is the next word
  std::size_t operands = 0;       // number of operands so far, without @ADDR and +SWITCH
};

ActiveOverrides standing_after(const CommandLine& line, std::span<const std::string> words) {
  ActiveOverrides standing;
  for (const std::string& word : words) {
    if (standing.waits != nullptr) {
      standing.waits = nullptr;
      continue;
    }
    const Option* option = find_option(line, word);
    if (option != nullptr && !option->is_switch()) standing.waits = option;
    else if (!word.starts_with('-') && !is_special(word)) ++standing.operands;
  }
  return standing;
}

void offer_operands(std::string& out, const CommandLine& line, std::size_t given, const std::string& typed) {
  for (const Option& option : line.options()) {
    if (!option.is_operand() || is_special(option.value) != is_special(typed)) continue;
    if (given >= option.first && given <= option.last) offer_value(out, option, typed, {});
  }
}

void offer_flags(std::string& out, const CommandLine& line, std::string_view typed) {
  for (const Option& option : line.options())
    for (const std::string& flag : option.flags)
      if (flag.starts_with(typed)) offer(out, flag, option.about);
  if (std::string_view("--help").starts_with(typed)) offer(out, "--help", "Show the help of this command");
}

void offer_commands(std::string& out, std::string_view typed) {
  for (const CommandRow& row : commands())
    if (row.name.starts_with(typed)) offer(out, row.name, row.summary);
  if (std::string_view("help").starts_with(typed)) offer(out, "help", "Show the help of a command");
}

}  // namespace

std::string completions(const std::vector<std::string>& words) {
  std::string out;
  if (words.empty()) return out;
  const std::string& typed = words.back();
  const bool asks_help = words.size() == 2 && words.front() == "help";
  if (words.size() == 1 || asks_help) {
    offer_commands(out, typed);
    return out;
  }
  const CommandRow* row = find_command(words.front());
  if (row == nullptr) return out;
  const CommandLine line = declared(*row);
  const ActiveOverrides standing = standing_after(line, std::span(words).subspan(1, words.size() - 2));
  const std::size_t equals = typed.find('=');
  if (standing.waits != nullptr) {
    offer_value(out, *standing.waits, typed, {});
  } else if (typed.starts_with("--") && equals != std::string::npos) {
    const Option* option = find_option(line, std::string_view(typed).substr(0, equals));
    if (option != nullptr)
      offer_value(out, *option, std::string_view(typed).substr(equals + 1), typed.substr(0, equals + 1));
  } else if (typed.starts_with('-')) {
    offer_flags(out, line, typed);
  } else {
    offer_operands(out, line, standing.operands, typed);
  }
  return out;
}

Action define_completion(CommandLine& line) {
  auto shell = std::make_shared<std::string>();  // shared: the action owns it, the parser fills it
  line.operand(*shell, "bash|zsh|fish", "Shell that the script is for").required().only({"bash", "zsh", "fish"});
  return [shell] {
    fmt::print("{}", *shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish);
    return Exit::kOk;
  };
}

}  // namespace tools
