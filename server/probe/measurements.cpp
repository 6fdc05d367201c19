#include "server/probe/measurements.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace server {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::string_view kPunctuation = ".,:;!?\"'()[]{}<>";

// Calls `use` with each word of `text`.
template <class Use>
void for_words(std::string_view text, Use use) {
  text = text.substr(0, kMaxMeasurementText);
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
    use(text.substr(0, end));
    text.remove_prefix(end);
  }
}

struct Number {
  double value = 0;
  std::string_view unit;  // the suffix after the number
};

std::optional<Number> parse_number(std::string_view text) {
  Number number;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number.value, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number.value) || number.value < 0) return std::nullopt;
  number.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return number;
}

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr std::array kUnits{Unit{"ns", 1}, Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}};

std::string_view without_punctuation(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of(kPunctuation), word.size()));
  return word.substr(0, word.find_last_not_of(kPunctuation) + 1);
}

std::optional<Duration> parse_time(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != number->unit) continue;
    const double nanoseconds = number->value * unit.nanoseconds;
    if (nanoseconds > static_cast<double>(kMaxMeasuredTime.count())) return std::nullopt;
    return Duration(static_cast<Duration::rep>(nanoseconds));
  }
  return std::nullopt;
}

std::optional<double> parse_loss(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || !(number->unit.empty() || number->unit == "%")) return std::nullopt;
  const double share = number->unit.empty() ? number->value : number->value / 100;
  return share <= 1 ? std::optional(share) : std::nullopt;
}

void apply(Measurements& measurements, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = word.substr(0, equals), value = word.substr(equals + 1);
  if (name == "latency") {
    if (const auto time = parse_time(value)) measurements.latency = time;
  } else if (name == "jitter") {
    if (const auto time = parse_time(value)) measurements.jitter = time;
  } else if (name == "loss") {
    if (const auto share = parse_loss(value)) measurements.loss = share;
  }
}

}  // namespace

Measurements parse_measurements(std::string_view text) {
  Measurements measurements;
  for_words(text, [&](std::string_view word) { apply(measurements, word); });
  return measurements;
}

std::optional<Outcome> parse_verdict(std::string_view text) {
  std::optional<Outcome> verdict;
  for_words(text, [&](std::string_view word) {
    if (verdict) return;
    word = without_punctuation(word);
    if (word == "up") verdict = Outcome::kOk;
    if (word == "down") verdict = Outcome::kFailed;
  });
  return verdict;
}

std::string first_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kMaxMeasurementText)) {
    if (c == '\n' && !line.empty()) break;
    const bool printable = c >= 0x20 && c < 0x7f;
    if (printable && !(line.empty() && c == ' ')) line += c;
    if (line.size() == kMaxDetail) break;
  }
  return line;
}

std::string to_text(Duration duration) { return fmt::format("{:.3g} ms", static_cast<double>(duration.count()) / 1e6); }

}  // namespace server
