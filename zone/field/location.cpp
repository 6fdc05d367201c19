// LOC (RFC 1876 3): "51 30 12.748 N 0 7 39.611 W 15m 1m 10000m 10m", with minutes, seconds and the last three optional.
#include "zone/rr/location.h"

#include <array>

#include "zone/base/ascii.h"
#include "zone/field/field.h"

namespace dns {
namespace {

constexpr std::uint64_t kMaxAltitude = 0xffff'ffff;     // centimetres above the lowest altitude
constexpr std::uint64_t kMaxPrecision = 9'000'000'000;  // centimetres
constexpr std::uint8_t kDefaultSize = 0x12, kDefaultHorizontal = 0x16, kDefaultVertical = 0x13;  // 1 m, 10 km, 10 m

// `text`, a decimal number, times 10^places. Nothing for other text, more decimals, or a result above 10^12.
std::optional<std::uint64_t> fixed_point(std::string_view text, std::size_t places) {
  constexpr std::uint64_t kLimit = 1'000'000'000'000;
  if (!is_decimal(text) || !is_digit(text[0])) return std::nullopt;
  std::uint64_t value = 0;
  std::size_t behind = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.') {
      point = true;
      continue;
    }
    if (point && ++behind > places) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > kLimit) return std::nullopt;
  }
  for (; behind < places; ++behind) value *= 10;
  return value;
}

struct Axis {
  std::string_view degrees, minutes, seconds, direction;  // names of fields
  char positive, negative;
  std::uint32_t degrees_max;
};
constexpr Axis kLatitude{
    "degrees of latitude", "minutes of latitude", "seconds of latitude", "direction of latitude", 'N', 'S', 90};
constexpr Axis kLongitude{
    "degrees of longitude", "minutes of longitude", "seconds of longitude", "direction of longitude", 'E', 'W', 180};

// 1 for the positive direction, -1 for the negative, 0 for other tokens.
int direction_of(const FieldScan& scan, const Axis& axis) {
  if (scan.done() || scan.text().size() != 1) return 0;
  const auto letter = static_cast<char>(scan.text()[0] & ~0x20);
  return letter == axis.positive ? 1 : letter == axis.negative ? -1 : 0;
}

Result<std::uint64_t, RdataTextError> whole(FieldScan& scan, std::string_view field, std::uint64_t max) {
  scan.field = field;
  if (const FieldResult ok = scan.need_plain(); !ok) return Failure(ok.error());
  auto value = number_of(scan, 0, scan.text(), max);
  if (value) ++scan.next;
  return value;
}

Result<std::uint64_t, RdataTextError> seconds(FieldScan& scan, std::string_view field) {
  scan.field = field;
  if (const FieldResult ok = scan.need_plain(); !ok) return Failure(ok.error());
  const std::optional<std::uint64_t> value = fixed_point(scan.text(), 3);
  if (!value || *value >= 60'000)
    return Failure(scan.error_at("Z041", scan.what() + " must be a number below 60 with at most three decimals",
                                 "write it like 12.748"));
  ++scan.next;
  return *value;
}

FieldResult read_angle(FieldScan& scan, const Axis& axis) {
  const auto degrees = whole(scan, axis.degrees, axis.degrees_max);
  if (!degrees) return Failure(degrees.error());
  std::uint64_t angle = *degrees * 3'600'000;
  const std::size_t first = scan.next - 1;
  int direction = direction_of(scan, axis);
  if (direction == 0) {
    const auto minutes = whole(scan, axis.minutes, 59);
    if (!minutes) return Failure(minutes.error());
    angle += *minutes * 60'000;
    direction = direction_of(scan, axis);
  }
  if (direction == 0) {
    const auto thousandths = seconds(scan, axis.seconds);
    if (!thousandths) return Failure(thousandths.error());
    angle += *thousandths;
    direction = direction_of(scan, axis);
  }
  scan.field = axis.direction;
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (direction == 0)
    return Failure(scan.error_at(
        "Z041", scan.what() + " must be " + std::string(1, axis.positive) + " or " + std::string(1, axis.negative)));
  if (angle > std::uint64_t{axis.degrees_max} * 3'600'000) {
    scan.next = first;
    return Failure(scan.error_at("Z041", "the angle is larger than " + std::to_string(axis.degrees_max) + " degrees"));
  }
  ++scan.next;
  scan.put32(direction > 0 ? kEquator + static_cast<std::uint32_t>(angle)
                           : kEquator - static_cast<std::uint32_t>(angle));
  return {};
}

std::string_view without_metre(std::string_view text) {
  if (!text.empty() && (text.back() | 0x20) == 'm') text.remove_suffix(1);
  return text;
}

FieldResult read_altitude(FieldScan& scan) {
  scan.field = "altitude";
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  std::string_view text = without_metre(scan.text());
  const bool below = text.starts_with('-');
  if (below || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<std::uint64_t> value = fixed_point(text, 2);
  if (!value)
    return Failure(scan.error_at("Z041", scan.what() + " must be in metres with at most two decimals",
                                 "write it like 15m or -2.50"));
  if (below ? *value > kSeaLevel : *value + kSeaLevel > kMaxAltitude)
    return Failure(scan.error_at("Z041", scan.what() + " must be from -100000.00 to 42849672.95 metres"));
  scan.put32(static_cast<std::uint32_t>(below ? kSeaLevel - *value : kSeaLevel + *value));
  ++scan.next;
  return {};
}

// Converts metres to a digit and a power of ten of centimetres. Rounds down, as the program in RFC 1876 does.
FieldResult read_precision(FieldScan& scan, std::string_view field, std::uint8_t& precision) {
  if (scan.done()) return {};
  scan.field = field;
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const std::optional<std::uint64_t> value = fixed_point(without_metre(scan.text()), 2);
  if (!value)
    return Failure(
        scan.error_at("Z041", scan.what() + " must be in metres with at most two decimals", "write it like 10m"));
  if (*value > kMaxPrecision) return Failure(scan.error_at("Z041", scan.what() + " is larger than 90000000.00 metres"));
  std::uint64_t mantissa = *value;
  unsigned power = 0;
  for (; mantissa > 9; mantissa /= 10) ++power;
  precision = static_cast<std::uint8_t>(mantissa << 4 | power);
  ++scan.next;
  return {};
}

// Appends `value` / 10^places with `places` decimals.
void append_decimal(std::string& out, std::uint64_t value, std::size_t places) {
  std::string digits;
  append_number(digits, value);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  out.append(digits, 0, digits.size() - places);
  out += '.';
  out.append(digits, digits.size() - places);
}

void append_angle(std::string& out, std::uint32_t angle, std::string_view directions) {
  const bool positive = angle >= kEquator;
  const std::uint32_t thousandths = positive ? angle - kEquator : kEquator - angle;
  append_number(out, thousandths / 3'600'000);
  out += ' ';
  append_number(out, thousandths / 60'000 % 60);
  out += ' ';
  append_decimal(out, thousandths % 60'000, 3);
  out += ' ';
  out += positive ? directions[0] : directions[1];
  out += ' ';
}

void append_altitude(std::string& out, std::uint32_t altitude) {
  const std::int64_t centimetres = std::int64_t{altitude} - kSeaLevel;
  if (centimetres < 0) out += '-';
  append_decimal(out, static_cast<std::uint64_t>(centimetres < 0 ? -centimetres : centimetres), 2);
  out += 'm';
}

void append_precision(std::string& out, std::uint8_t precision) {
  std::uint64_t centimetres = precision >> 4;
  for (int power = precision & 15; power > 0; --power) centimetres *= 10;
  out += ' ';
  if (centimetres < 100) append_decimal(out, centimetres, 2);
  else append_number(out, centimetres / 100);
  out += 'm';
}

// Zero times a power of ten has no text of its own: the text for it reads back as power 0.
bool has_text(std::uint8_t precision) { return precision >> 4 != 0 || precision == 0; }

}  // namespace

FieldResult read_location_field(FieldScan& scan) {
  if (const FieldResult ok = scan.need_room(kLocationSize); !ok) return ok;
  const std::size_t begin = scan.size;
  scan.put32(0);
  if (const FieldResult ok = read_angle(scan, kLatitude); !ok) return ok;
  if (const FieldResult ok = read_angle(scan, kLongitude); !ok) return ok;
  if (const FieldResult ok = read_altitude(scan); !ok) return ok;
  std::array<std::uint8_t, 3> precision = {kDefaultSize, kDefaultHorizontal, kDefaultVertical};
  constexpr std::array<std::string_view, 3> kNames = {"size", "horizontal precision", "vertical precision"};
  for (std::size_t i = 0; i < 3; ++i)
    if (const FieldResult ok = read_precision(scan, kNames[i], precision[i]); !ok) return ok;
  std::copy(precision.begin(), precision.end(), scan.out + begin + 1);
  return {};
}

Printed append_location(std::string& out, Bytes octets) {
  const Location location = read_location(octets);
  if (!has_text(location.size) || !has_text(location.horizontal) || !has_text(location.vertical))
    return Printed::kGeneric;
  append_angle(out, location.latitude, "NS");
  append_angle(out, location.longitude, "EW");
  append_altitude(out, location.altitude);
  append_precision(out, location.size);
  append_precision(out, location.horizontal);
  append_precision(out, location.vertical);
  return Printed::kText;
}

}  // namespace dns
