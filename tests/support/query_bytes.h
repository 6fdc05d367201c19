// Requests as octets, for tests.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "zone/message/message.h"

namespace dns::test {

struct QueryBytes {
  std::string_view name = "example.";
  Type type = Type::A;
  Class klass = Class::IN;
  std::uint16_t id = 0x4711;
  std::uint16_t flags = 0;
  struct Edns {
    std::uint16_t payload = kDefaultUdpSize;
    std::uint8_t version = 0;
    std::uint16_t flags = 0;
    std::vector<std::uint8_t> options;
  };
  std::optional<Edns> edns = std::nullopt;
};

std::vector<std::uint8_t> octets_of(const QueryBytes& query);

}  // namespace dns::test
