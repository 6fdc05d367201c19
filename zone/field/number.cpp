// Numbers, TTLs and timestamps.
#include <array>
#include <charconv>
#include <optional>

#include "zone/base/ascii.h"
#include "zone/field/field.h"
#include "zone/field/ttl.h"

namespace dns {
namespace {

constexpr std::uint32_t kMaxSeconds = 0xffff'ffff;

constexpr std::uint64_t max_of(std::size_t octets) {
  return octets == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * octets)) - 1;
}

std::string larger(std::string_view digits, std::uint64_t max) {
  return std::string(digits) + " is larger than " + std::to_string(max);
}

// Reads up to 18 digits, the common case. False for other text; number_of then finds the error.
bool short_number(std::string_view text, std::uint64_t& value) {
  if (text.empty() || text.size() > 18) return false;
  value = 0;
  for (const char c : text) {
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

// The timestamps of RRSIG: converts between 32 bits of seconds since 1970 and a date, in UTC without leap seconds.
struct DateTime {
  unsigned year, month, day, hour, minute, second;  // month and day from 1
};

constexpr unsigned kFirstYear = 1970;
constexpr unsigned kSecondsOfDay = 86400;

constexpr bool is_leap_year(unsigned year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr unsigned days_of_month(unsigned year, unsigned month) {
  constexpr std::array<std::uint8_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap_year(year) ? 1U : 0U);
}

// Days from 1970 to the first day of `year`.
constexpr std::uint64_t days_before_year(unsigned year) {
  const auto leap_days = [](unsigned before) { return before / 4 - before / 100 + before / 400; };
  return std::uint64_t{365} * (year - kFirstYear) + leap_days(year - 1) - leap_days(kFirstYear - 1);
}

// Seconds since 1970, modulo 2^32: the field is compared by serial arithmetic (RFC 4034 3.1.5). Nothing for dates
// before 1970. The date must exist in the calendar.
constexpr std::optional<std::uint32_t> seconds_of(const DateTime& date_time) {
  if (date_time.year < kFirstYear) return std::nullopt;
  std::uint64_t days = days_before_year(date_time.year) + date_time.day - 1;
  for (unsigned month = 1; month < date_time.month; ++month) days += days_of_month(date_time.year, month);
  const std::uint64_t seconds =
      days * kSecondsOfDay + date_time.hour * 3600U + date_time.minute * 60U + date_time.second;
  return static_cast<std::uint32_t>(seconds & 0xffff'ffff);
}

constexpr DateTime date_time_of(std::uint32_t seconds) {
  std::uint64_t days = seconds / kSecondsOfDay;
  const unsigned rest = seconds % kSecondsOfDay;
  unsigned year = kFirstYear + static_cast<unsigned>(days / 366);  // not later than the correct year
  while (days_before_year(year + 1) <= days) ++year;
  days -= days_before_year(year);
  unsigned month = 1;
  for (; days >= days_of_month(year, month); ++month) days -= days_of_month(year, month);
  return {year, month, static_cast<unsigned>(days) + 1, rest / 3600, rest / 60 % 60, rest % 60};
}

static_assert(seconds_of({2003, 3, 22, 17, 31, 3}) == 1048354263);
static_assert(seconds_of({2106, 2, 7, 6, 28, 15}) == 0xffff'ffff && seconds_of({2106, 2, 7, 6, 28, 17}) == 1);

// The number in the two digits at `at`.
unsigned pair(std::string_view digits, std::size_t at) {
  return static_cast<unsigned>((digits[at] - '0') * 10 + (digits[at + 1] - '0'));
}

struct CalendarField {
  std::string_view name;
  std::size_t at;
  unsigned least, most;
};
constexpr CalendarField kCalendar[] = {
    {"month", 4, 1, 12}, {"day", 6, 1, 31}, {"hour", 8, 0, 23}, {"minute", 10, 0, 59}, {"second", 12, 0, 59}};

FieldResult read_calendar_time(FieldScan& scan) {
  const std::string_view digits = scan.text();
  for (const CalendarField& field : kCalendar) {
    const unsigned value = pair(digits, field.at);
    if (value >= field.least && value <= field.most) continue;
    return Failure(scan.error_at(
        "Z028", field.at, 2,
        "invalid " + std::string(field.name) + " " + std::string(digits.substr(field.at, 2)) + " in " + scan.what(),
        "write YYYYMMDDHHmmSS in UTC"));
  }
  const DateTime date_time{pair(digits, 0) * 100 + pair(digits, 2),
                           pair(digits, 4),
                           pair(digits, 6),
                           pair(digits, 8),
                           pair(digits, 10),
                           pair(digits, 12)};
  if (date_time.day > days_of_month(date_time.year, date_time.month))
    return Failure(scan.error_at("Z028", 6, 2, "this month has no day " + std::string(digits.substr(6, 2))));
  const std::optional<std::uint32_t> seconds = seconds_of(date_time);
  if (!seconds)
    return Failure(
        scan.error_at("Z028", 0, 4, scan.what() + " must not be before 1970", "the field counts seconds since 1970"));
  scan.put32(*seconds);
  ++scan.next;
  return {};
}

}  // namespace

Result<std::uint64_t, RdataTextError> number_of(const FieldScan& scan, std::size_t offset, std::string_view digits,
                                                std::uint64_t max) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_digit(digits[i])) {
      const std::string help = i == 0 && digits[0] == '-' ? "the number must not be negative" : "";
      return Failure(scan.error_at("Z023", offset + i, 1,
                                   scan.what() + " must be a number from 0 to " + std::to_string(max), help));
    }
    const auto digit = static_cast<std::uint64_t>(digits[i] - '0');
    if (value > (max - digit) / 10 || digit > max)
      return Failure(scan.error_at("Z024", offset, digits.size(), larger(digits, max)));
    value = value * 10 + digit;
  }
  if (digits.empty())
    return Failure(
        scan.error_at("Z023", offset, 1, scan.what() + " must be a number from 0 to " + std::to_string(max)));
  return value;
}

FieldResult read_number(FieldScan& scan, std::size_t octets) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(octets); !ok) return ok;
  std::uint64_t value = 0;
  if (!short_number(scan.text(), value) || value > max_of(octets)) {
    const auto checked = number_of(scan, 0, scan.text(), max_of(octets));
    if (!checked) return Failure(checked.error());
    value = *checked;
  }
  for (std::size_t shift = octets * 8; shift > 0; shift -= 8) scan.put8(value >> (shift - 8) & 0xff);
  ++scan.next;
  return {};
}

FieldResult read_ttl(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  const std::string_view text = scan.text();
  const Result<std::uint32_t, TtlError> seconds = parse_ttl(text, kMaxSeconds);
  if (!seconds && seconds.error().kind == TtlError::Kind::kTooLarge)
    return Failure(scan.error_at("Z024", larger(text, kMaxSeconds)));
  if (!seconds)
    return Failure(scan.error_at("Z027", seconds.error().offset, 1,
                                 scan.what() + " must be a time: seconds, or numbers with s, m, h, d or w",
                                 "write it like 3600 or 1h30m"));
  scan.put32(*seconds);
  ++scan.next;
  return {};
}

FieldResult read_time(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  const std::string_view text = scan.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]))
      return Failure(
          scan.error_at("Z028", i, 1, scan.what() + " must be written as YYYYMMDDHHmmSS or as seconds since 1970"));
  }
  if (text.size() == 14) return read_calendar_time(scan);
  if (text.size() > 10 || text.empty())
    return Failure(scan.error_at("Z028", scan.what() + " has " + std::to_string(text.size()) + " digits",
                                 "write YYYYMMDDHHmmSS, or seconds since 1970"));
  return read_number(scan, 4);
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_padded(std::string& out, unsigned value, std::size_t width) {
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  if (size < width) out.append(width - size, '0');
  out.append(digits.data(), size);
}

void append_time(std::string& out, std::uint32_t seconds) {
  const DateTime date_time = date_time_of(seconds);
  append_padded(out, date_time.year, 4);
  for (const unsigned part : {date_time.month, date_time.day, date_time.hour, date_time.minute, date_time.second})
    append_padded(out, part, 2);
}

}  // namespace dns
