#include "zone/field/encoding.h"
#include "zone/field/print.h"
#include "zone/rr/location.h"

namespace dns {
namespace {

// `value` with `places` digits behind the point.
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

// Zero times a power of ten reads back as plain zero.
bool has_text(std::uint8_t precision) { return precision >> 4 != 0 || precision == 0; }

}  // namespace

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
