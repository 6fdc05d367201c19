#include <algorithm>
#include <functional>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "server/vrrp/packet.h"

using namespace server;

namespace {

namespace ip = boost::asio::ip;

std::vector<std::uint8_t> octets(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::vector<ip::address> addresses(std::initializer_list<const char*> texts) {
  std::vector<ip::address> all;
  for (const char* text : texts) all.push_back(ip::make_address(text));
  return all;
}

VirtualRouterOptions lan_gw() {
  VirtualRouterOptions options;
  options.name = "lan-gw";
  options.vrid = 51;
  options.interface = "eth0";
  options.vips = addresses({"192.0.2.1"});
  options.routers = {{"rtr-a", addresses({"192.0.2.2"})}, {"rtr-b", addresses({"192.0.2.3"})}};
  return options;
}

VirtualRouterOptions lan_gw6() {
  VirtualRouterOptions options = lan_gw();
  options.family = Family::kIpv6;
  options.vips = addresses({"2001:db8::1"});
  options.routers = {{"rtr-a", addresses({"fe80::4878:3fff:fe16:df9"})}, {"rtr-b", addresses({"fe80::2"})}};
  return options;
}

VirtualRouterOptions with(VirtualRouterOptions options, const std::function<void(VirtualRouterOptions&)>& change) {
  change(options);
  return options;
}

const auto two_vips = [](VirtualRouterOptions& o) { o.vips = addresses({"192.0.2.254", "192.0.2.1"}); };
const auto vrid_255 = [](VirtualRouterOptions& o) { o.vrid = 255; };
const auto vrid_1 = [](VirtualRouterOptions& o) { o.vrid = 1; };
const auto unicast = [](VirtualRouterOptions& o) { o.unicast = true; };
const auto password = [](VirtualRouterOptions& o) { o.v2_password = "s3cretpw"; };
const auto other_password = [](VirtualRouterOptions& o) { o.v2_password = "s3cret"; };
const auto key = [](VirtualRouterOptions& o) {
  for (std::uint8_t i = 0; i < 32; ++i) o.hmac_key.push_back(i);
};
const auto other_key = [](VirtualRouterOptions& o) { o.hmac_key.assign(32, 7); };
const auto same = [](VirtualRouterOptions&) {};

std::string milliseconds(Duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + "ms";
}

// "v3 rtr-a 200 1000ms pseudo_checksum", or the reject reason.
std::string text(const AdvertResult& result, const VirtualRouterOptions& options) {
  if (result.reject) return std::string(word(*result.reject));
  const Advertisement& a = result.advertisement;
  std::string line = std::string(a.version == VrrpVersion::kV2 ? "v2 " : "v3 ") + options.routers[a.router].name + " " +
                     std::to_string(a.priority) + " " + milliseconds(a.interval) + " " + std::string(word(a.checksum));
  if (a.auth_header) line += " auth_header";
  if (a.hmac) line += " " + std::string(word(*a.hmac));
  return line;
}

std::string result_of(const std::vector<std::uint8_t>& packet, const VirtualRouterOptions& options) {
  const VirtualRouterOptions* configured[] = {&options};
  return text(validate_advert(packet, configured), options);
}

// An IPv6 packet with this source and this message, both in hexadecimal.
std::vector<std::uint8_t> in_ipv6(std::string_view source, std::string_view message) {
  std::vector<std::uint8_t> packet = octets("60000000000070ff");
  packet[5] = static_cast<std::uint8_t>(message.size() / 2);
  for (const auto& part : {octets(source), octets("ff020000000000000000000000000012"), octets(message)})
    packet.insert(packet.end(), part.begin(), part.end());
  return packet;
}

// Recomputes the checksum of the IP header.
void update_header_checksum(std::vector<std::uint8_t>& packet) {
  dns::store16(&packet[10], 0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < (packet[0] & 0xfU) * 4; i += 2) sum += dns::load16(&packet[i]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  dns::store16(&packet[10], static_cast<std::uint16_t>(~sum));
}

struct Row {
  const char* what;
  const char* packet;
  VirtualRouterOptions options;
  const char* expected;
};

const char* const kV3 = "45c0002000010000ff701898c0000202e00000123133c8010064a1d3c0000201";
const char* const kHmac =
    "45c0003c00010000ff70187cc0000202e00000123133c8010064a1d3c0000201010100006b02fc1180000000f6f1ef67087f079b9aae07353d"
    "b89c63";
const char* const kPassword2 = "45c0002800010000ff701890c0000202e00000122133c8010101a736c00002017333637265747077";
const char* const kAh2 =
    "45c0004000010000ff3318b5c0000202e000001270040000c000020200000001136b359bb0d78df87ac6987e2133c801020152c8c000020100"
    "00000000000000";
const char* const kNoAuth2 = "45c0002800010000ff701890c0000202e00000122133c801000154c8c00002010000000000000000";
const char* const kUnicast = "45c0002000010000ff703675c0000202c00002353133c8010064bfb0c0000201";

}  // namespace

TEST_CASE("VRRP packet: accepts advertisements as keepalived and FRR send them") {
  const Row rows[] = {
      {"v2", kNoAuth2, lan_gw(), "v2 rtr-a 200 1000ms message_checksum"},
      {"v2 priority 0", "45c0002800030000ff70188ec0000202e00000122133000100011cc9c00002010000000000000000", lan_gw(),
       "v2 rtr-a 0 1000ms message_checksum"},
      {"v2 password, none configured", kPassword2, lan_gw(), "v2 rtr-a 200 1000ms message_checksum"},
      {"v2 password", kPassword2, with(lan_gw(), password), "v2 rtr-a 200 1000ms message_checksum"},
      {"v2 password, priority 0", "45c0002800030000ff70188ec0000202e00000122133000101016f37c00002017333637265747077",
       with(lan_gw(), password), "v2 rtr-a 0 1000ms message_checksum"},
      {"v2 authentication header", kAh2, lan_gw(), "v2 rtr-a 200 1000ms message_checksum auth_header"},
      {"v2 authentication header, priority 0",
       "45c0004000030000ff3318b3c0000202e000001270040000c00002020000000386772472de1f0bc4d3f889a12133000102011ac9c000020"
       "10000000000000000",
       lan_gw(), "v2 rtr-a 0 1000ms message_checksum auth_header"},
      {"v2 two addresses", "45c0002c00010000ff70188cc0000202e00000122133c802000191c8c0000201c00002fe0000000000000000",
       with(lan_gw(), two_vips), "v2 rtr-a 200 1000ms message_checksum"},
      {"v2 two addresses, priority 0",
       "45c0002c00030000ff70188ac0000202e000001221330002000159c9c0000201c00002fe0000000000000000",
       with(lan_gw(), two_vips), "v2 rtr-a 0 1000ms message_checksum"},
      {"v2 interval 255 s", "45c0002800010000ff701890c0000202e00000122101ff0100ff1cfcc00002010000000000000000",
       with(lan_gw(), vrid_1), "v2 rtr-a 255 255000ms message_checksum"},
      {"v3", kV3, lan_gw(), "v3 rtr-a 200 1000ms pseudo_checksum"},
      {"v3 priority 100", "45c0002000010000ff701898c0000202e000001231336401006405d4c0000201", lan_gw(),
       "v3 rtr-a 100 1000ms pseudo_checksum"},
      {"v3 rtr-b", "45c0002000010000ff701897c0000203e000001231336401006405d3c0000201", lan_gw(),
       "v3 rtr-b 100 1000ms pseudo_checksum"},
      {"v3 address owner", "45c0002000010000ff701898c0000202e00000123133ff0100646ad3c0000201", lan_gw(),
       "v3 rtr-a 255 1000ms pseudo_checksum"},
      {"v3 priority 0", "45c0002000030000ff701896c0000202e000001231330001006469d4c0000201", lan_gw(),
       "v3 rtr-a 0 1000ms pseudo_checksum"},
      {"v3 rtr-b, priority 0", "45c0002000040000ff701894c0000203e000001231330001006469d3c0000201", lan_gw(),
       "v3 rtr-b 0 1000ms pseudo_checksum"},
      {"v3 two addresses", "45c0002400010000ff701894c0000202e00000123133c802000adf29c0000201c00002fe",
       with(lan_gw(), two_vips), "v3 rtr-a 200 100ms pseudo_checksum"},
      {"v3 longest interval", "45c0002000010000ff701898c0000202e000001231ffff010fff5a6cc0000201",
       with(lan_gw(), vrid_255), "v3 rtr-a 255 40950ms pseudo_checksum"},
      {"v3 unicast", kUnicast, with(lan_gw(), unicast), "v3 rtr-a 200 1000ms pseudo_checksum"},
      {"v3 unicast, priority 0", "45c0002000030000ff703673c0000202c000023531330001006487b1c0000201",
       with(lan_gw(), unicast), "v3 rtr-a 0 1000ms pseudo_checksum"},
      {"v3 unicast, group address in the checksum", "45c0002000010000ff703675c0000202c00002353133c8010064a1d3c0000201",
       with(lan_gw(), unicast), "v3 rtr-a 200 1000ms group_pseudo_checksum"},
      {"v3 checksum without pseudo-header", "45c0002000010000ff701898c0000202e00000123133c80100644465c0000201",
       lan_gw(), "v3 rtr-a 200 1000ms message_checksum"},
      {"v3 reserved bits", "45c0002000010000ff701898c0000202e00000123133c801f064b1d2c0000201", lan_gw(),
       "v3 rtr-a 200 1000ms pseudo_checksum"},
      {"v3 IP options", "46c0002400010000ff70838fc0000202e0000012940400003133c8010064a1d3c0000201", lan_gw(),
       "v3 rtr-a 200 1000ms pseudo_checksum"},
      {"v3 shortest interval", "45c0002000010000ff701898c0000202e00000123133c8010001a236c0000201", lan_gw(),
       "v3 rtr-a 200 10ms pseudo_checksum"},
      {"v3 padded to a frame",
       "45c0002000010000ff701898c0000202e00000123133c8010064a1d3c00002010000000000000000000000000000", lan_gw(),
       "v3 rtr-a 200 1000ms pseudo_checksum"},
      {"v3 HMAC trailer, no key configured",
       "45c0003c00010000ff70187cc0000202e00000123133c8010064a1d3c0000201010100006b02fc1180000000aaaaaaaaaaaaaaaaaaaaaaa"
       "aaaaaaaaa",
       lan_gw(), "v3 rtr-a 200 1000ms pseudo_checksum hmac_ignored"},
      {"v3 HMAC trailer, verified", kHmac, with(lan_gw(), key), "v3 rtr-a 200 1000ms pseudo_checksum hmac_verified"},
  };
  for (const Row& row : rows)
    CHECK_MESSAGE(result_of(octets(row.packet), row.options) == std::string(row.expected), std::string(row.what));
}

TEST_CASE("VRRP packet: rejects a packet with the first check that fails") {
  const Row rows[] = {
      {"empty packet", "", lan_gw(), "ip"},
      {"IP version 5", "55c0002000010000ff701898c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "ip"},
      {"header too short", "44c0002000010000ff701898c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "ip"},
      {"shorter than its length field", "45c0002000010000ff701898c0000202e00000123133c8010064a1d3c00002", lan_gw(),
       "ip"},
      {"IP checksum", "45c0002000010000ff701899c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "ip_checksum"},
      {"fragment", "45c0002000012000ff70f897c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "fragment"},
      {"UDP", "45c0002000010000ff1118f7c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "protocol"},
      {"TTL 254", "45c0002000010000fe701998c0000202e00000123133c8010064a1d3c0000201", lan_gw(), "ttl"},
      {"unicast destination", kUnicast, lan_gw(), "destination"},
      {"truncated", "45c0001800010000ff7018a0c0000202e00000123133c801", lan_gw(), "short"},
      {"version 4", "45c0002000010000ff701898c0000202e00000124133c801006491d3c0000201", lan_gw(), "version"},
      {"version 3, but version 2 is configured", kV3, with(lan_gw(), [](auto& o) { o.version = VrrpVersion::kV2; }),
       "version"},
      {"type 2", "45c0002000010000ff701898c0000202e00000123233c8010064a0d3c0000201", lan_gw(), "type"},
      {"no address", "45c0001c00010000ff70189cc0000202e00000123133c800006463da", lan_gw(), "count"},
      {"fewer addresses than its count field", "45c0002000010000ff701898c0000202e00000123133c8020064a1d2c0000201",
       lan_gw(), "length"},
      {"v2 without authentication data", "45c0002000010000ff701898c0000202e00000122133c801000154c8c0000201", lan_gw(),
       "length"},
      {"trailer of an unknown type",
       "45c0003c00010000ff70187cc0000202e00000123133c8010064a1d3c0000201020100006b02fc1180000000f6f1ef67087f079b9aae073"
       "53db89c63",
       lan_gw(), "length"},
      {"v2 no password, but one is configured", kNoAuth2, with(lan_gw(), password), "auth_type"},
      {"v2 authentication header, but a password is configured", kAh2, with(lan_gw(), password), "auth_type"},
      {"v2 wrong password", kPassword2, with(lan_gw(), other_password), "password"},
      {"checksum 0", "45c0002000010000ff701898c0000202e00000123133c80100640000c0000201", lan_gw(), "checksum"},
      {"v2 with a pseudo-header", "45c0002800010000ff701890c0000202e00000122133c8010001b22ec00002010000000000000000",
       lan_gw(), "checksum"},
      {"no trailer, but a key is configured", kV3, with(lan_gw(), key), "hmac"},
      {"trailer with a wrong key", kHmac, with(lan_gw(), other_key), "hmac"},
      {"interval 0", "45c0002000010000ff701898c0000202e00000123133c8010000a237c0000201", lan_gw(), "interval"},
      {"v2 interval 0", "45c0002800010000ff701890c0000202e00000122133c801000054c9c00002010000000000000000", lan_gw(),
       "interval"},
      {"VRID 0", "45c0002000010000ff701898c0000202e00000123100c8010064a206c0000201", lan_gw(), "vrid_zero"},
      {"VRID that is not configured", kV3, with(lan_gw(), vrid_1), "vrid"},
      {"family that is not configured", kV3, lan_gw6(), "vrid"},
      {"source that is not configured", "45c0002000010000ff701858c0000242e00000123133fe0100646b93c0000201", lan_gw(),
       "source"},
      {"wrong virtual address", "45c0002000010000ff701898c0000202e00000123133c8010064a171c0000263", lan_gw(), "vips"},
      {"one virtual address of two", kV3, with(lan_gw(), two_vips), "vips"},
      {"one virtual address too many", "45c0002400010000ff701894c0000202e00000123133c802000adf29c0000201c00002fe",
       lan_gw(), "vips"},
  };
  std::set<std::string> seen;
  for (const Row& row : rows) {
    CHECK_MESSAGE(result_of(octets(row.packet), row.options) == std::string(row.expected), std::string(row.what));
    seen.insert(row.expected);
  }
  CHECK(seen.size() == kAdvertRejects - 2);  // link_local is in the next test; the monitor detects replays
}

TEST_CASE("VRRP packet: IPv6 needs a pseudo-header checksum and a link-local first address, which vips may omit") {
  const char* const kSource = "fe8000000000000048783ffffe160df9";
  const char* const kActive = "3133c80200644773fe80000000000000000000000001000120010db8000000000000000000000001";
  CHECK(result_of(in_ipv6(kSource, kActive), lan_gw6()) == "v3 rtr-a 200 1000ms pseudo_checksum");
  CHECK(result_of(in_ipv6(kSource, kActive), with(lan_gw6(), [](auto& o) {
                    o.vips = addresses({"2001:db8::1", "fe80::1:1"});
                  })) == "v3 rtr-a 200 1000ms pseudo_checksum");
  CHECK(result_of(in_ipv6(kSource, kActive),
                  with(lan_gw6(), [](auto& o) { o.vips = addresses({"2001:db8::1", "fe80::1:2"}); })) == "vips");
  CHECK(result_of(in_ipv6(kSource, "3133000200640f74fe80000000000000000000000001000120010db8000000000000000000000001"),
                  lan_gw6()) == "v3 rtr-a 0 1000ms pseudo_checksum");
  CHECK(result_of(in_ipv6("fe800000000000000000000000000002",
                          "3133c8020064acc020010db800000000000000000000000120010db8000000000000000000000002"),
                  lan_gw6()) == "link_local");
  CHECK(result_of(in_ipv6(kSource, "3133c8020064da28fe80000000000000000000000001000120010db8000000000000000000000001"),
                  lan_gw6()) == "checksum");  // checksum without pseudo-header
  CHECK(result_of(in_ipv6(kSource, "2133c80200644773fe80000000000000000000000001000120010db8000000000000000000000001"),
                  lan_gw6()) == "version");
  auto low = in_ipv6(kSource, kActive);
  low[7] = 254;
  CHECK(result_of(low, lan_gw6()) == "ttl");
}

TEST_CASE("VRRP packet: a lower ttl-min applies to unicast advertisements, not to multicast ones") {
  auto packet = octets(kUnicast), group = octets(kV3);
  packet[8] = group[8] = 250;
  update_header_checksum(packet);
  update_header_checksum(group);
  const auto routed = with(lan_gw(), [](auto& o) { o.unicast = true, o.ttl_min = 250; });
  CHECK(result_of(packet, with(lan_gw(), unicast)) == "ttl");
  CHECK(result_of(packet, routed) == "v3 rtr-a 200 1000ms pseudo_checksum");
  CHECK(result_of(group, routed) == "ttl");
}

TEST_CASE("VRRP packet: VRID and family select the virtual router") {
  const VirtualRouterOptions first = with(lan_gw(), vrid_255), second = lan_gw(), third = lan_gw6();
  const VirtualRouterOptions* configured[] = {&first, &second, &third};
  CHECK(validate_advert(octets(kV3), configured).virtual_router == 1);
  CHECK(validate_advert(octets("45c0002000010000ff701898c0000202e00000123133c80100640000c0000201"), configured)
            .virtual_router == 1);
  CHECK(
      validate_advert(octets("45c0002000010000ff701898c0000202e00000123107c8010064a1ffc0000201"), configured).reject ==
      AdvertReject::kVrid);
  CHECK_FALSE(validate_advert(octets("45c0002000010000ff701898c0000202e00000123107c8010064a1ffc0000201"), configured)
                  .virtual_router);
}

TEST_CASE("VRRP packet: a packet with changed octets is never reported as verified by HMAC") {
  // The IP checksum covers identification and type of service. Only changes of two octets could cancel out.
  const auto good = octets(kHmac);
  const auto options = with(lan_gw(), key);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= 0x41;
    CHECK_MESSAGE(result_of(bad, options).find("hmac_verified") == std::string::npos, i);
  }
  std::mt19937 random(51);
  for (int i = 0; i < 20'000; ++i) {
    auto bad = good;
    for (int changes = 0; changes < 4; ++changes) bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
    if (bad == good) continue;
    CHECK(result_of(bad, options).find("hmac_verified") == std::string::npos);
  }
}

TEST_CASE("VRRP counters: each reject reason and each form has its own counter and word") {
  AdvertCounters counters;
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kAdvertRejects; ++i) {
    const auto reject = static_cast<AdvertReject>(i);
    for (std::size_t n = 0; n <= i; ++n) counters.count(reject);
    words.insert(word(reject));
  }
  for (std::size_t i = 0; i < kAdvertForms; ++i) words.insert(word(static_cast<AdvertForm>(i)));
  CHECK(words.size() == kAdvertRejects + kAdvertForms);
  CHECK(counters.of(AdvertReject::kTtl) == 5);
  CHECK(counters.of(AdvertReject::kReplay) == kAdvertRejects);
  CHECK(counters.of(AdvertForm::kOutgoing) == 0);
}
