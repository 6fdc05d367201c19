// Points in time as signatures write them: 32 bits of seconds since 1970 to a date and back, in UTC without leap
// seconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace dns {

struct DateTime {
  unsigned year, month, day, hour, minute, second;  // month and day from 1
};

inline constexpr unsigned kFirstYear = 1970;
inline constexpr unsigned kSecondsOfDay = 86400;

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

// Seconds since 1970 of a date from then on; nothing where 32 bits cannot say it. The date is a real one.
constexpr std::optional<std::uint32_t> seconds_of(const DateTime& date_time) {
  if (date_time.year < kFirstYear) return std::nullopt;
  std::uint64_t days = days_before_year(date_time.year) + date_time.day - 1;
  for (unsigned month = 1; month < date_time.month; ++month) days += days_of_month(date_time.year, month);
  const std::uint64_t seconds =
      days * kSecondsOfDay + date_time.hour * 3600U + date_time.minute * 60U + date_time.second;
  if (seconds > 0xffff'ffff) return std::nullopt;
  return static_cast<std::uint32_t>(seconds);
}

constexpr DateTime date_time_of(std::uint32_t seconds) {
  std::uint64_t days = seconds / kSecondsOfDay;
  const unsigned rest = seconds % kSecondsOfDay;
  unsigned year = kFirstYear + static_cast<unsigned>(days / 366);  // at or before the right one
  while (days_before_year(year + 1) <= days) ++year;
  days -= days_before_year(year);
  unsigned month = 1;
  for (; days >= days_of_month(year, month); ++month) days -= days_of_month(year, month);
  return {year, month, static_cast<unsigned>(days) + 1, rest / 3600, rest / 60 % 60, rest % 60};
}

static_assert(seconds_of({2003, 3, 22, 17, 31, 3}) == 1048354263);
static_assert(seconds_of({2106, 2, 7, 6, 28, 15}) == 0xffff'ffff && !seconds_of({2106, 2, 7, 6, 28, 16}));

}  // namespace dns
