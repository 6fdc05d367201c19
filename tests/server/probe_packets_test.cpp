// HTTP responses, DNS responses and ICMP echo replies as octets.
#include <doctest/doctest.h>

#include "server/probe/dns_reply.h"
#include "server/probe/echo_packet.h"
#include "server/probe/http_reply.h"
#include "zone/message/message.h"
#include "zone/name/text.h"

namespace {

using namespace server;

// Reads the response in pieces of `step` octets, then its end. Returns "ok: detail" or "failed: detail".
std::string result_of(const std::string& answer, const HttpExpectation& expectation, std::size_t step) {
  HttpReply reply(expectation);
  std::optional<ProbeResult> result;
  for (std::size_t at = 0; at < answer.size() && !result; at += step)
    result = reply.put(dns::as_bytes(std::string_view(answer).substr(at, step)));
  if (!result) result = reply.end();
  return (result->outcome == Outcome::kOk ? "ok: " : "failed: ") + result->detail;
}

const DnsProbeQuestion kQuestion{.id = 0x1234, .name = *dns::parse_name("www.example.com."), .type = dns::Type::A};

std::vector<std::uint8_t> reply_with(std::uint16_t flags) {
  auto packet = encode(kQuestion);
  dns::store16(&packet[2], flags);
  return packet;
}

std::string result_of(const std::vector<std::uint8_t>& packet, const std::vector<std::uint16_t>& expect = {}) {
  const auto result = evaluate_dns_reply(packet, kQuestion, expect);
  return !result ? "not ours" : (result->outcome == Outcome::kOk ? "ok: " : "failed: ") + result->detail;
}

}  // namespace

TEST_CASE("HTTP reply: the result does not depend on the pieces in which the response arrives") {
  struct Row {
    const char* what;
    std::string answer;
    HttpExpectation expectation;
    const char* expected;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const Row rows[] = {
      {"any body", ok + "Content-Length: 2\r\n\r\nhi", {}, "ok: 200 OK"},
      {"decided before the body", ok + "Content-Length: 999999999999999999\r\n\r\n", {}, "ok: 200 OK"},
      {"another status",
       "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
       {},
       "failed: 503 Service Unavailable"},
      {"an expected status", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", {{200, 401}, ""}, "ok: 401 No"},
      {"a redirect is not followed", "HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n", {}, "failed: 302 Found"},
      {"a match", ok + "Content-Length: 9\r\n\r\nall is ok", {{}, "is ok"}, "ok: 200 OK"},
      {"no match",
       ok + "Content-Length: 9\r\n\r\nall is ok",
       {{}, "bad"},
       "failed: 200 OK, but the body does not contain `bad`"},
      {"a match across chunks",
       ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nall\r\n5\r\n is o\r\n1\r\nk\r\n0\r\n\r\n",
       {{}, "all is ok"},
       "ok: 200 OK"},
      {"a body without a length", ok + "\r\nall is ok", {{}, "is ok"}, "ok: 200 OK"},
      {"a truncated body", ok + "Content-Length: 99\r\n\r\nall", {{}, "ok"}, "failed: response cut short"},
      {"a huge Content-Length", ok + "Content-Length: 4611686018427387000\r\n\r\nall ok", {{}, "ok"}, "ok: 200 OK"},
      {"an interim response first",
       "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n",
       {},
       "ok: 200 OK"},
      {"no response", "", {}, "failed: connection closed without a response"},
      {"a truncated header", "HTTP/1.1 200 OK\r\nServer: x", {}, "failed: response cut short"},
      {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", {}, "failed: malformed response: not HTTP/1"},
  };
  for (const Row& row : rows)
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}})
      CHECK_MESSAGE(result_of(row.answer, row.expectation, step) == row.expected, std::string(row.what),
                    " in pieces of ", step);
}

TEST_CASE("HTTP reply: limits the body, the header and the number of interim responses") {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  CHECK(result_of(head + std::string(kMaxHttpBody - 2, 'x') + "ok", {{}, "ok"}, 8192) == "ok: 200 OK");
  CHECK(result_of(head + std::string(kMaxHttpBody - 1, 'x') + "ok", {{}, "ok"}, 8192) ==
        "failed: 200 OK, but the body does not contain `ok`");
  CHECK(result_of("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x'), {}, 8192)
            .starts_with("failed: malformed response"));
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(result_of(interim, {}, 8192) == "failed: too many interim responses");
}

TEST_CASE("DNS reply: accepts only a response to its own question") {
  using dns::Flag;
  CHECK(result_of(reply_with(Flag::kQr)) == "ok: NOERROR");
  CHECK(result_of(reply_with(Flag::kQr | Flag::kTc)) == "ok: NOERROR");
  CHECK(result_of(reply_with(Flag::kQr | 3)) == "failed: NXDOMAIN");
  CHECK(result_of(reply_with(Flag::kQr | 3), {0, 3}) == "ok: NXDOMAIN");
  CHECK(result_of(reply_with(Flag::kQr | 5), {3}) == "failed: REFUSED");
  CHECK(result_of(reply_with(0)) == "not ours");
  auto other_id = reply_with(Flag::kQr);
  other_id[1] ^= 1;
  CHECK(result_of(other_id) == "not ours");
  auto other_name = reply_with(Flag::kQr);
  other_name[13] ^= 1;
  CHECK(result_of(other_name) == "not ours");
  auto other_type = reply_with(Flag::kQr);
  other_type[other_type.size() - 3] ^= 1;
  CHECK(result_of(other_type) == "not ours");
  CHECK(result_of({}) == "not ours");
  auto error_alone = reply_with(Flag::kQr | 1);
  error_alone.resize(dns::kHeaderSize);
  error_alone[5] = 0;
  CHECK(result_of(error_alone) == "failed: FORMERR");
}

TEST_CASE("echo reply: returns the token of the request") {
  for (const EchoFamily family : {EchoFamily::kIpv4, EchoFamily::kIpv6}) {
    auto packet = encode(EchoRequest{.family = family, .identifier = 1, .sequence = 2, .token = 0x0123'4567'89ab'cdef});
    CHECK(!parse_echo_reply(packet, family, EchoFraming::kMessage));  // a request is no reply
    packet[0] = family == EchoFamily::kIpv4 ? 0 : 129;
    CHECK(parse_echo_reply(packet, family, EchoFraming::kMessage) == 0x0123'4567'89ab'cdef);
    CHECK(!parse_echo_reply(dns::Bytes(packet).first(15), family, EchoFraming::kMessage));
    packet[1] = 1;
    CHECK(!parse_echo_reply(packet, family, EchoFraming::kMessage));
  }
}

TEST_CASE("echo reply: accepts an IP header of any length and verifies the checksum") {
  auto request = encode(EchoRequest{.family = EchoFamily::kIpv4, .identifier = 1, .sequence = 2, .token = 42});
  request[0] = 0;
  dns::store16(&request[2], static_cast<std::uint16_t>(dns::load16(&request[2]) + 0x0800));  // type 8 became 0
  for (const std::size_t header : {std::size_t{20}, std::size_t{24}, std::size_t{60}}) {
    std::vector<std::uint8_t> packet(header);
    packet[0] = static_cast<std::uint8_t>(0x40 | header / 4);
    packet.insert(packet.end(), request.begin(), request.end());
    CHECK(parse_echo_reply(packet, EchoFamily::kIpv4, EchoFraming::kWithIpHeader) == 42);
    packet.back() ^= 1;
    CHECK(!parse_echo_reply(packet, EchoFamily::kIpv4, EchoFraming::kWithIpHeader));
  }
  CHECK(!parse_echo_reply(std::vector<std::uint8_t>(20, 0x4f), EchoFamily::kIpv4, EchoFraming::kWithIpHeader));
}
