#include "tools/cli/command_line.h"

#include <algorithm>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "zone/base/suggest.h"

namespace tools {
namespace {

// "--lisen=x" -> "lisen"
std::string_view bare_name(std::string_view typed) {
  typed.remove_prefix(std::min(typed.find_first_not_of('-'), typed.size()));
  return typed.substr(0, typed.find('='));
}

Option::Taken check_word(const Option& option, const std::string& typed) {
  if (!option.closed || std::ranges::find(option.words, typed) != option.words.end()) return {};
  const std::vector<std::string_view> known(option.words.begin(), option.words.end());
  const std::string_view near = dns::nearest_word(typed, known);
  return dns::Failure(fmt::format("expected {}, found `{}`{}", fmt::join(option.words, ", "), typed,
                                  near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
}

Option::Taken take(const Option& option, const std::vector<std::string>& typed) {
  for (const std::string& word : typed)
    if (auto checked = check_word(option, word); !checked) return checked;
  return option.take(option, typed);
}

// A path may contain a comma: several paths are several words on the command line. Only their environment variable is a
// list with commas, and CLI11 would split both.
bool is_list_of_paths(const Option& option) {
  return option.repeats && (option.value.contains("FILE") || option.value.contains("DIR"));
}

// Splits at commas. A comma behind a backslash belongs to a part. Other backslashes stay: zone file names have some.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts(1);
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list.substr(at, 2) == "\\,") parts.back() += list[++at];
    else if (list[at] == ',') parts.emplace_back();
    else parts.back() += list[at];
  }
  std::erase(parts, "");
  return parts;
}

std::string without_blanks(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? std::string() : text.substr(begin, end - begin + 1);
}

// Takes the words of a list in the environment variable, if there are any. Blanks may belong to a path, but not to
// other words.
Option::Taken take_environment(const Option& option) {
  const char* const list = option.reads_environment ? std::getenv(option.environment.c_str()) : nullptr;
  std::vector<std::string> words = split_list(list == nullptr ? "" : list);
  if (!is_list_of_paths(option)) std::ranges::transform(words, words.begin(), without_blanks);
  std::erase(words, "");
  return words.empty() ? Option::Taken{} : take(option, words);
}

CLI::Option* declare(CLI::App& app, const Option& option) {
  const std::string names = option.is_operand() ? fmt::format("operand{}", option.first)  // only CLI11 uses this name
                                                : fmt::format("{}", fmt::join(option.flags, ","));
  CLI::Option* declared = nullptr;
  const auto taken = [&option](const CLI::results_t& typed) {
    if (const auto done = take(option, typed); !done) throw CLI::ValidationError(option.name(), done.error());
    return true;
  };
  if (option.is_switch()) {
    declared = app.add_flag_function(names, [&option](std::int64_t count) {
      if (count > 0) (void)option.take(option, {});
    });
  } else {
    declared = app.add_option(names, taken)
                   ->type_size(1)
                   ->expected(1, option.repeats ? CLI::detail::expected_max_vector_size : 1);
    declared->allow_extra_args(option.is_operand() && option.repeats);
    if (option.repeats && !option.is_operand() && !is_list_of_paths(option)) declared->delimiter(',');
  }
  if (!option.environment.empty() && option.reads_environment && !option.repeats) declared->envname(option.environment);
  return declared;
}

// The message about the first unknown option or unexpected operand; empty if there is none.
std::string unknown_option(const CommandLine& line, const CLI::App& app) {
  const std::vector<std::string> left = app.remaining();
  const auto typed = std::ranges::find_if(left, [](const std::string& word) { return word.starts_with('-'); });
  if (typed == left.end()) return left.empty() ? "" : fmt::format("unexpected `{}`", left.front());
  std::vector<std::string_view> names;
  for (const Option& option : line.options())
    for (const std::string& flag : option.flags)
      if (flag.starts_with("--")) names.push_back(std::string_view(flag).substr(2));
  const std::string_view near = dns::nearest_word(bare_name(*typed), names);
  return fmt::format("unknown option `{}`{}", *typed, near.empty() ? "" : fmt::format("; did you mean `--{}`?", near));
}

}  // namespace

Option& Option::range(double from, double to) {
  low = from;
  high = to;
  const auto text = [](double bound) {
    return bound == static_cast<double>(static_cast<std::int64_t>(bound))
               ? fmt::format("{}", static_cast<std::int64_t>(bound))
               : fmt::format("{}", bound);
  };
  limits = fmt::format("{}-{}", text(from), text(to));
  return *this;
}

Option& Option::suggest(std::span<const std::string_view> those) {
  words.assign(those.begin(), those.end());
  return *this;
}

Option& Option::only(std::initializer_list<std::string_view> those) {
  words.assign(those.begin(), those.end());
  closed = true;
  return *this;
}

std::string CommandLine::preset_of(double value) { return fmt::format("{:.10g}", value); }

Option& CommandLine::add(std::string_view flags, std::string_view value, std::string_view about) {
  Option& option = options_.emplace_back();
  while (!flags.empty()) {
    const std::size_t comma = std::min(flags.find(','), flags.size());
    option.flags.emplace_back(flags.substr(0, comma));
    flags.remove_prefix(std::min(comma + 1, flags.size()));
  }
  option.value = value;
  option.about = about;
  option.group = group_;
  return option;
}

Option& CommandLine::flag(std::string_view flags, bool& into, std::string_view about) {
  return flag(flags, [&into] { into = true; }, about);
}

Option& CommandLine::flag(std::string_view flags, std::function<void()> taken, std::string_view about) {
  Option& option = add(flags, {}, about);
  option.take = [taken = std::move(taken)](const Option&, std::span<const std::string>) -> Option::Taken {
    taken();
    return {};
  };
  return option;
}

Option& CommandLine::option(std::string_view flags, std::function<Option::Taken(const std::string&)> taken,
                            std::string_view value, std::string_view about) {
  Option& option = add(flags, value, about);
  option.take = [taken = std::move(taken)](const Option&, std::span<const std::string> typed) {
    return taken(typed.back());
  };
  return option;
}

Option& CommandLine::row(std::string_view value, std::string_view about) {
  const bool anywhere = value.starts_with('@') || value.starts_with('+');
  Option* before = nullptr;
  for (Option& option : options_)
    if (option.is_operand() && !option.shown_only) before = &option;
  if (before != nullptr && !anywhere) before->last = before->first;
  Option& option = add({}, value, about);
  option.shown_only = true;
  option.first = before == nullptr || anywhere ? 0 : before->first + 1;
  option.last = std::numeric_limits<std::size_t>::max();
  return option;
}

dns::Result<Parsed, std::string> parse(const CommandLine& line, std::span<const char* const> arguments) {
  CLI::App app;
  std::vector<std::pair<const Option*, const CLI::Option*>> needed, lists;
  for (const Option& option : line.options()) {
    if (option.shown_only) continue;
    const CLI::Option* declared = declare(app, option);
    if (option.needed) needed.emplace_back(&option, declared);
    if (option.repeats && !option.environment.empty()) lists.emplace_back(&option, declared);
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 expects reverse order
  } catch (const CLI::Success&) {
    return Parsed::kHelpWanted;
  } catch (const CLI::ParseError& fault) {
    const std::string unknown = unknown_option(line, app);
    return dns::Failure(unknown.empty() ? std::string(fault.what()) : unknown);
  }
  for (const auto& [option, declared] : needed)
    if (declared->count() == 0) return dns::Failure(option->name() + " is required");
  for (const auto& [option, declared] : lists)
    if (declared->count() == 0)
      if (auto taken = take_environment(*option); !taken)
        return dns::Failure(fmt::format("{}: {}", option->environment, taken.error()));
  return Parsed::kReady;
}

}  // namespace tools
