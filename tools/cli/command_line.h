// Declares and parses the options and operands of a command, from the command line and the environment.
//
// Each option is declared once, as data. The parser, the help, the manual page and the completion use the same
// declarations, so they cannot differ. The placeholder of a value defines its kind and its completion:
//
//     FILE DIR DIR|FILE NAME=FILE    paths
//     USER GROUP                     accounts of this machine
//     text|json                      one of these words
//     anything else                  free text; `suggest` adds words for the completion
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "zone/base/result.h"

namespace tools {

class CommandLine;

// One option, or one operand: a word without a flag.
struct Option {
  using Taken = dns::Result<void, std::string>;  // the error names the expected value

  std::vector<std::string> flags;  // "-p", "--port"; none for an operand
  std::string value;               // "PORT"; empty for a switch
  std::string about;               // description
  std::string group;               // heading in the help; empty: the general heading
  std::string preset;              // default, as the help shows it
  std::string limits;              // "0-99"
  std::string environment;         // variable that is read if the option is not given
  std::vector<std::string> words;  // completions of the value
  bool reads_environment = true;
  bool closed = false;  // only `words` are valid values
  bool needed = false, repeats = false;
  bool shown_only = false;          // a row for help and completion; its words belong to the operand before it
  std::size_t first = 0, last = 0;  // operand: number of operands that may precede it
  double low = std::numeric_limits<double>::lowest(), high = std::numeric_limits<double>::max();
  std::function<Taken(const Option& self, std::span<const std::string> typed)> take;  // null if shown_only

  Option& range(double from, double to);
  Option& env(std::string_view variable) {
    environment = variable;
    return *this;
  }
  // For a variable that determines the default. The help shows it; the parser does not read it.
  Option& show_env(std::string_view variable) {
    reads_environment = false;
    return env(variable);
  }
  Option& fallback(std::string_view text) {
    preset = text;
    return *this;
  }
  Option& required() {
    needed = true;
    return *this;
  }
  // Words for the completion. With `only`, any other word is an error.
  Option& suggest(std::span<const std::string_view> those);
  Option& only(std::initializer_list<std::string_view> those);

  bool is_operand() const { return flags.empty(); }
  bool is_switch() const { return value.empty(); }
  // The last flag, "--port" of "-p,--port"; the placeholder of an operand.
  const std::string& name() const { return flags.empty() ? value : flags.back(); }
};

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

template <class T>
inline constexpr bool kList = false;
template <class T>
inline constexpr bool kList<std::vector<T>> = true;

class CommandLine {
 public:
  // Sets the heading of all options that are declared after this call.
  void group(std::string_view heading) { group_ = heading; }

  // `flags` has the form "-p,--port"; `value` is the placeholder. `into` must outlive this object.
  template <class T>
    requires(!std::is_const_v<T>)
  Option& option(std::string_view flags, T& into, std::string_view value, std::string_view about) {
    Option& declared = add(flags, value, about);
    bind(declared, into);
    return declared;
  }
  Option& flag(std::string_view flags, bool& into, std::string_view about);
  Option& flag(std::string_view flags, std::function<void()> taken, std::string_view about);

  // An option whose value `taken` parses.
  Option& option(std::string_view flags, std::function<Option::Taken(const std::string&)> taken, std::string_view value,
                 std::string_view about);

  // Operands are parsed in the order of declaration. A list takes all remaining operands.
  template <class T>
  Option& operand(T& into, std::string_view value, std::string_view about) {
    Option& operand = option({}, into, value, about);
    operand.first = place_++;
    operand.last = kList<T> ? std::numeric_limits<std::size_t>::max() : operand.first;
    return operand;
  }
  // A row for help and completion: another word that the operand before it accepts. A word that begins with "@" or "+"
  // may be anywhere. Any other word comes after the first word of that operand.
  Option& row(std::string_view value, std::string_view about);

  const std::deque<Option>& options() const { return options_; }

 private:
  Option& add(std::string_view flags, std::string_view value, std::string_view about);

  template <Number T>
  static Option::Taken read(const Option& option, const std::string& typed, T& into) {
    const auto [end, fault] = std::from_chars(typed.data(), typed.data() + typed.size(), into);
    const auto value = static_cast<double>(into);
    const bool whole = fault == std::errc{} && end == typed.data() + typed.size() && !typed.empty();
    if (whole && value >= option.low && value <= option.high) return {};
    return dns::Failure("expected " + (option.limits.empty() ? "a number" : "a number in " + option.limits) +
                        ", found `" + typed + "`");
  }
  static Option::Taken read(const Option&, const std::string& typed, std::string& into) {
    into = typed;
    return {};
  }
  template <class T>
  static Option::Taken read(const Option& option, const std::string& typed, std::optional<T>& into) {
    return read(option, typed, into.emplace());
  }
  template <class T>
  static Option::Taken read(const Option& option, const std::string& typed, std::vector<T>& into) {
    return read(option, typed, into.emplace_back());
  }

  template <Number T>
  static std::string text_of(const T& value) {
    return preset_of(static_cast<double>(value));
  }
  static std::string text_of(const std::string& value) { return value; }
  template <class T>
  static std::string text_of(const T&) {
    return {};
  }
  static std::string preset_of(double value);

  template <class T>
  static void bind(Option& option, T& into) {
    option.preset = text_of(into);
    option.repeats = kList<T>;
    option.take = [&into](const Option& self, std::span<const std::string> typed) -> Option::Taken {
      if constexpr (kList<T>) into.clear();
      for (const std::string& word : typed)
        if (auto taken = read(self, word, into); !taken) return taken;
      return {};
    };
  }

  std::deque<Option> options_;  // a deque, so that returned references stay valid
  std::size_t place_ = 0;       // index of the next operand
  std::string group_;
};

// Parses the command line and the environment into the variables of the options. The error is a message for the user.
enum class Parsed : std::uint8_t { kReady, kHelpWanted };
dns::Result<Parsed, std::string> parse(const CommandLine& line, std::span<const char* const> arguments);

}  // namespace tools
