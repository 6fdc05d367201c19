#include "server/config/values.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "zone/base/ascii.h"

namespace server {
namespace {

constexpr std::size_t kMaxPartName = 63;

struct Unit {
  std::string_view word;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};

struct DscpWord {
  std::string_view word;
  std::uint8_t value;
};
constexpr DscpWord kDscpWords[] = {
    {"default", 0}, {"le", 1},    {"cs1", 8},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"cs2", 16}, {"af21", 18},
    {"af22", 20},   {"af23", 22}, {"cs3", 24}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"cs4", 32}, {"af41", 34},
    {"af42", 36},   {"af43", 38}, {"cs5", 40}, {"va", 44},   {"ef", 46},   {"cs6", 48},  {"cs7", 56},
};
constexpr std::uint8_t kMaxDscp = 63;

using dns::is_digit, dns::is_letter;

// `text` as a number; nothing if it contains anything else.
template <class T>
std::optional<T> whole_number(std::string_view text, int base = 10) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return std::nullopt;
  const auto unit = std::ranges::find(kUnits, text.substr(static_cast<std::size_t>(end - text.data())), &Unit::word);
  if (unit == std::end(kUnits)) return std::nullopt;
  return count * unit->milliseconds;
}

std::string duration_text(std::int64_t milliseconds) {
  const Unit* unit = kUnits;
  for (const Unit& larger : kUnits)
    if (milliseconds != 0 && milliseconds % larger.milliseconds == 0) unit = &larger;
  return milliseconds == 0 ? "0s" : std::to_string(milliseconds / unit->milliseconds) + std::string(unit->word);
}

std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const auto plain = [](char c) { return is_digit(c) || c == '.'; };
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back()) || !std::ranges::all_of(text, plain))
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > 100) return std::nullopt;
  return value / 100;
}

std::optional<boost::asio::ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error || text.find('%') != std::string_view::npos) return std::nullopt;
  return address;
}

bool is_link_local(const boost::asio::ip::address& address) {
  return address.is_v6() && address.to_v6().is_link_local();
}

std::optional<std::uint8_t> parse_dscp(std::string_view text) {
  const auto word = std::ranges::find(kDscpWords, text, &DscpWord::word);
  if (word != std::end(kDscpWords)) return word->value;
  const auto number = whole_number<std::uint8_t>(text);
  return number && *number <= kMaxDscp ? number : std::nullopt;
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> octets;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto octet = whole_number<std::uint8_t>(text.substr(i, 2), 16);
    if (!octet) return std::nullopt;
    octets.push_back(*octet);
  }
  return octets;
}

bool is_object_name(std::string_view text) {
  const auto allowed = [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= kMaxPartName && std::ranges::all_of(text, allowed);
}

}  // namespace server
