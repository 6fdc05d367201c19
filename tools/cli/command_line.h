// What a command takes from its command line and from the environment.
//
// Each option is declared once, as data. The parser, the help, the manual page and the completion all read these
// declarations, and so they cannot differ. The name of a value says what it is and how a shell completes it:
//
//     FILE DIR DIR|FILE NAME=FILE    paths
//     USER GROUP                     accounts of this machine
//     text|json                      one of these words
//     anything else                  text that only its owner knows
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
  using Taken = dns::Result<void, std::string>;  // the error says what was expected

  std::vector<std::string> flags;  // "-p", "--port"; none for an operand
  std::string value;               // "PORT"; empty for a switch
  std::string about;               // what it does
  std::string group;               // heading in the help; empty: the general one
  std::string preset;              // its value where nothing is said
  std::string limits;              // "0-99"
  std::string environment;         // the variable that is read where the option is not given
  std::vector<std::string> words;  // that complete the value
  bool reads_environment = true;
  bool closed = false;  // the words are all that it takes
  bool needed = false, repeats = false;
  bool shown_only = false;          // a row of the help: the words belong to the operand before it
  std::size_t first = 0, last = 0;  // of an operand: how many others may stand before it
  double low = std::numeric_limits<double>::lowest(), high = std::numeric_limits<double>::max();
  std::function<Taken(const Option& self, std::span<const std::string> typed)> take;  // null where it is shown only

  Option& range(double from, double to);
  Option& env(std::string_view variable) {
    environment = variable;
    return *this;
  }
  // The variable is not read for this option; it decides the default.
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
  // `only`: any other word is an error.
  Option& suggest(std::span<const std::string_view> those);
  Option& only(std::initializer_list<std::string_view> those);

  bool is_operand() const { return flags.empty(); }
  bool is_switch() const { return value.empty(); }
  // "--port", the long one where there are two.
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
  // Options that are declared from here on stand under this heading.
  void group(std::string_view heading) { group_ = heading; }

  // `flags` as "-p,--port"; `value` names the value. The variable outlives this.
  template <class T>
    requires(!std::is_const_v<T>)
  Option& option(std::string_view flags, T& into, std::string_view value, std::string_view about) {
    Option& declared = add(flags, value, about);
    bind(declared, into);
    return declared;
  }
  Option& flag(std::string_view flags, bool& into, std::string_view about);
  Option& flag(std::string_view flags, std::function<void()> taken, std::string_view about);

  // An option whose value `taken` reads.
  Option& option(std::string_view flags, std::function<Option::Taken(const std::string&)> taken, std::string_view value,
                 std::string_view about);

  // Operands are taken in this order; a list takes all that are left.
  template <class T>
  Option& operand(T& into, std::string_view value, std::string_view about) {
    Option& operand = option({}, into, value, about);
    operand.first = place_++;
    operand.last = kList<T> ? std::numeric_limits<std::size_t>::max() : operand.first;
    return operand;
  }
  // A row for the readers of the help: what else may stand among the words of the operand before it. One that begins
  // with
  // "@" or "+" may stand anywhere, any other behind that operand's first word.
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

  std::deque<Option> options_;  // a deque: what was returned stays where it is
  std::size_t place_ = 0;       // of the next operand
  std::string group_;
};

// Gives each option what the command line and the environment hold for it. The error is words for a person.
enum class Parsed : std::uint8_t { kReady, kHelpWanted };
dns::Result<Parsed, std::string> parse(const CommandLine& line, std::span<const char* const> arguments);

}  // namespace tools
