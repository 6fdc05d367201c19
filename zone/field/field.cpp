#include "zone/field/field.h"

#include "zone/field/text.h"

namespace dns {

FieldResult FieldScan::put(Bytes octets) {
  if (const FieldResult room = need_room(octets.size()); !room) return room;
  if (!octets.empty()) std::memcpy(out + size, octets.data(), octets.size());
  size += octets.size();
  return {};
}

std::string FieldScan::what() const { return "the " + std::string(field) + " of " + to_text(type); }

RdataTextError FieldScan::missing() const {
  return {.code = "Z020", .token = tokens.size(), .message = "expected " + what() + ", found nothing", .help = {}};
}

RdataTextError FieldScan::quoted() const {
  RdataTextError error = this->error_at("Z022", what() + " must not be quoted", "remove the quotes");
  error.length += 2;
  return error;
}

RdataTextError FieldScan::too_long() const {
  const std::size_t token = done() ? tokens.size() - 1 : next;
  return {.code = "Z055",
          .token = token,
          .length = std::max<std::size_t>(1, tokens.empty() ? 1 : tokens[token].text.size()),
          .message = "the RDATA is longer than 65535 octets",
          .help = {}};
}

RdataTextError FieldScan::error_at(std::string_view code, std::size_t offset, std::size_t length, std::string message,
                                   std::string help) const {
  return {.code = code,
          .token = next,
          .offset = offset,
          .length = std::max<std::size_t>(1, length),
          .message = std::move(message),
          .help = std::move(help)};
}

RdataTextError FieldScan::error_at(std::string_view code, std::string message, std::string help) const {
  return error_at(code, 0, done() ? 1 : text().size(), std::move(message), std::move(help));
}

}  // namespace dns
