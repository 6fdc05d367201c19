// Numbers, times to live and points in time.
#include "zone/base/ascii.h"
#include "zone/field/calendar.h"
#include "zone/field/field.h"

namespace dns {
namespace {

constexpr std::uint64_t kMaxSeconds = 0xffff'ffff;

constexpr std::uint64_t max_of(std::size_t octets) {
  return octets == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * octets)) - 1;
}

std::string larger(std::string_view digits, std::uint64_t max) {
  return std::string(digits) + " is larger than " + std::to_string(max);
}

// Seconds of a unit, 0 where the letter is none.
std::uint64_t unit_seconds(char c) {
  switch (c | 0x20) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3600;
    case 'd': return 86400;
    case 'w': return 604800;
    default: return 0;
  }
}

// Short plain digits, the common case; false leaves the rest to those who find words.
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

// Two digits at `at`.
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
        "no " + std::string(field.name) + " " + std::string(digits.substr(field.at, 2)) + " in " + scan.what(),
        "write YYYYMMDDHHmmSS, in UTC"));
  }
  const DateTime date_time{pair(digits, 0) * 100 + pair(digits, 2),
                           pair(digits, 4),
                           pair(digits, 6),
                           pair(digits, 8),
                           pair(digits, 10),
                           pair(digits, 12)};
  if (date_time.day > days_of_month(date_time.year, date_time.month))
    return Failure(scan.error_at("Z028", 6, 2, "that month has no day " + std::string(digits.substr(6, 2))));
  const std::optional<std::uint32_t> seconds = seconds_of(date_time);
  if (!seconds)
    return Failure(scan.error_at("Z028", 0, 4, scan.what() + " lies outside 1970 to 2106",
                                 "the field has 32 bits of seconds since 1970"));
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
      const std::string help = i == 0 && digits[0] == '-' ? "the number is not negative" : "";
      return Failure(
          scan.error_at("Z023", offset + i, 1, scan.what() + " is a number from 0 to " + std::to_string(max), help));
    }
    const auto digit = static_cast<std::uint64_t>(digits[i] - '0');
    if (value > (max - digit) / 10 || digit > max)
      return Failure(scan.error_at("Z024", offset, digits.size(), larger(digits, max)));
    value = value * 10 + digit;
  }
  if (digits.empty())
    return Failure(scan.error_at("Z023", offset, 1, scan.what() + " is a number from 0 to " + std::to_string(max)));
  return value;
}

FieldResult read_number(FieldScan& scan, std::size_t octets) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(octets); !ok) return ok;
  std::uint64_t value = 0;
  if (!short_number(scan.text(), value) || value > max_of(octets)) {
    const auto careful = number_of(scan, 0, scan.text(), max_of(octets));
    if (!careful) return Failure(careful.error());
    value = *careful;
  }
  for (std::size_t shift = octets * 8; shift > 0; shift -= 8) scan.put8(value >> (shift - 8) & 0xff);
  ++scan.next;
  return {};
}

FieldResult read_ttl(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  const std::string_view text = scan.text();
  std::uint64_t total = 0, part = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint64_t unit = is_digit(text[i]) ? 0 : unit_seconds(text[i]);
    if (is_digit(text[i])) {
      part = part * 10 + static_cast<std::uint64_t>(text[i] - '0');
      ++digits;
    } else if (unit != 0 && digits > 0) {
      total += part * unit;
      part = digits = 0;
    } else {
      return Failure(scan.error_at("Z027", i, 1, scan.what() + " is a time: seconds, or numbers with s, m, h, d or w",
                                   "such as 3600 or 1h30m"));
    }
    if (part > kMaxSeconds || total > kMaxSeconds) return Failure(scan.error_at("Z024", larger(text, kMaxSeconds)));
  }
  total += part;
  if (text.empty() || total > kMaxSeconds) return Failure(scan.error_at("Z024", larger(text, kMaxSeconds)));
  scan.put32(static_cast<std::uint32_t>(total));
  ++scan.next;
  return {};
}

FieldResult read_time(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  const std::string_view text = scan.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]))
      return Failure(scan.error_at("Z028", i, 1, scan.what() + " is written YYYYMMDDHHmmSS, or in seconds since 1970"));
  }
  if (text.size() == 14) return read_calendar_time(scan);
  if (text.size() > 10 || text.empty())
    return Failure(scan.error_at("Z028", scan.what() + " has " + std::to_string(text.size()) + " digits",
                                 "write YYYYMMDDHHmmSS, or seconds since 1970"));
  return read_number(scan, 4);
}

}  // namespace dns
