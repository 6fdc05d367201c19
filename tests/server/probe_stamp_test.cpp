// STAMP packets: requests, replies, and packets that the sender or the reflector ignores.
#include <doctest/doctest.h>

#include "server/probe/stamp.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

constexpr std::chrono::system_clock::time_point kWall{1763844000s};  // 3972832800 since 1900: 0xecccc720
const StampRequest kRequest{.sequence = 7, .sent = ntp_time(kWall)};

std::vector<std::uint8_t> request_packet() {
  const auto packet = encode(kRequest);
  return {packet.begin(), packet.end()};
}

Reflection after(std::chrono::nanoseconds received, std::chrono::nanoseconds residence) {
  const auto at = [](std::chrono::nanoseconds time) { return ntp_time(kWall + time); };
  return {.received = at(received), .sent = at(received + residence), .sender_ttl = 64};
}

}  // namespace

TEST_CASE("STAMP: NTP time counts from 1900, with fractions of 2^-32 s") {
  CHECK((ntp_time(kWall) >> 32) == 3972832800);
  CHECK((ntp_time(kWall) & 0xffff'ffff) == 0);
  CHECK((ntp_time(kWall + 500ms) & 0xffff'ffff) == 0x8000'0000);
}

TEST_CASE("STAMP: a request has 44 octets: sequence number, timestamp, error estimate, zeros") {
  const auto packet = request_packet();
  CHECK(packet.size() == 44);
  CHECK(dns::load32(packet.data()) == 7);
  CHECK(dns::load64(packet.data() + 4) == kRequest.sent);
  CHECK(dns::load16(packet.data() + 12) == 1);
  CHECK(std::vector<std::uint8_t>(packet.begin() + 14, packet.end()) == std::vector<std::uint8_t>(30));
}

TEST_CASE("STAMP: a reply copies the request, adds its own timestamps and has the same size") {
  const auto reply = reflect(request_packet(), after(10ms, 3ms));
  REQUIRE(reply.size() == 44);
  CHECK(dns::load32(reply.data()) == 7);
  CHECK(dns::load64(reply.data() + 16) == ntp_time(kWall + 10ms));
  CHECK(dns::load64(reply.data() + 4) == ntp_time(kWall + 13ms));
  CHECK(dns::load32(reply.data() + 24) == 7);
  CHECK(dns::load64(reply.data() + 28) == kRequest.sent);
  CHECK(dns::load16(reply.data() + 36) == 1);
  CHECK(reply[40] == 64);
  auto padded = request_packet();
  padded.resize(100, 0xaa);
  CHECK(reflect(padded, after(10ms, 3ms)).size() == 100);
}

TEST_CASE("STAMP: the sender accepts only the reply to its own request") {
  const auto reply = reflect(request_packet(), after(10ms, 3ms));
  const auto read = parse_stamp_reply(reply, kRequest);
  REQUIRE(read.has_value());
  CHECK(std::abs((read->residence - 3ms).count()) <= 1);  // a fraction of 2^-32 s is a quarter of a nanosecond
  CHECK(read->sender_ttl == 64);
  CHECK(!parse_stamp_reply(reply, {.sequence = 8, .sent = kRequest.sent}));
  CHECK(!parse_stamp_reply(reply, {.sequence = 7, .sent = kRequest.sent + 1}));
  CHECK(!parse_stamp_reply(dns::Bytes(reply).first(43), kRequest));
  CHECK(!parse_stamp_reply(request_packet(), kRequest));
  CHECK(parse_stamp_reply(reflect(request_packet(), after(10ms, -3ms)), kRequest)->residence == 0ns);
}

TEST_CASE("STAMP: the reflector ignores packets that are not requests") {
  const auto packet = request_packet();
  CHECK(reflect(dns::Bytes(packet).first(43), {}).empty());
  CHECK(reflect({}, {}).empty());
  CHECK(reflect(std::vector<std::uint8_t>(kMaxStampSize + 1), {}).empty());
  auto no_multiplier = packet;
  no_multiplier[13] = 0;
  CHECK(reflect(no_multiplier, {}).empty());
  CHECK(reflect(reflect(packet, after(1ms, 1ms)), after(2ms, 1ms)).empty());  // two reflectors must not loop
}
