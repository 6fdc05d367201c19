#include <doctest/doctest.h>

#include "server/vrrp/rejected_adverts.h"

using namespace server;
using namespace std::chrono_literals;

namespace {

namespace ip = boost::asio::ip;

constexpr Instant kRejectedStart{1h};
const ip::address kRouterB = ip::make_address("192.0.2.3"), kStranger = ip::make_address("192.0.2.77");

VirtualRouterOptions rejecting_options() {
  VirtualRouterOptions options;
  options.name = "lan-gw";
  options.routers = {{"rtr-a", {ip::make_address("192.0.2.2")}}, {"rtr-b", {kRouterB}}};
  return options;
}

}  // namespace

TEST_CASE("rejected advertisements: one line for each sender and reason, repeated hourly") {
  const VirtualRouterOptions options = rejecting_options();
  RejectedAdverts rejected(options);
  Instant now = kRejectedStart;
  CHECK(rejected.rejected(kRouterB, AdvertReject::kChecksum, {}, now) ==
        "virtual router lan-gw: advertisements of rtr-b (192.0.2.3) are rejected and do not count: wrong checksum");
  for (int i = 0; i < 3599; ++i) CHECK_FALSE(rejected.rejected(kRouterB, AdvertReject::kChecksum, {}, now += 1s));
  CHECK(rejected.rejected(kRouterB, AdvertReject::kReplay, {}, now));
  CHECK(rejected.rejected(kStranger, AdvertReject::kChecksum, {}, now) ==
        "virtual router lan-gw: advertisements of 192.0.2.77 are rejected and do not count: wrong checksum");
  CHECK(rejected.rejected(kRouterB, AdvertReject::kChecksum, {}, now + 1s) ==
        "virtual router lan-gw: advertisements of rtr-b (192.0.2.3) are rejected and do not count: wrong checksum "
        "(3599 more since the last message)");
}

TEST_CASE("rejected advertisements: status names the senders, configured routers first, for ten minutes") {
  const VirtualRouterOptions options = rejecting_options();
  RejectedAdverts rejected(options);
  CHECK(rejected.words(kRejectedStart).empty());
  for (int i = 0; i < 36; ++i) rejected.rejected(kRouterB, AdvertReject::kPassword, {}, kRejectedStart);
  rejected.rejected(kStranger, AdvertReject::kSource, {}, kRejectedStart + 1s);
  CHECK(rejected.words(kRejectedStart + 2s) ==
        "36 advertisements of rtr-b rejected: another password than v2-password; "
        "1 advertisement of 192.0.2.77 rejected: its address is not in routers");
  CHECK(rejected.words(kRejectedStart + 10min + 1s).empty());
}

TEST_CASE("rejected advertisements: a router that is only ever rejected raises an alarm until one is accepted") {
  const VirtualRouterOptions options = rejecting_options();
  RejectedAdverts rejected(options);
  const auto alarm = [&](Instant now) { return rejected.only_rejected(1, now).value_or(""); };
  for (int i = 0; i < 2; ++i) rejected.rejected(kRouterB, AdvertReject::kHmac, {}, kRejectedStart);
  CHECK(alarm(kRejectedStart) == "");
  rejected.rejected(kRouterB, AdvertReject::kHmac, {}, kRejectedStart);
  CHECK(alarm(kRejectedStart) ==
        "every advertisement of rtr-b is rejected: the HMAC is missing or was not made with hmac-key");
  CHECK_FALSE(rejected.only_rejected(0, kRejectedStart));
  CHECK(alarm(kRejectedStart + 60s) == "");  // none arrives any more
  rejected.rejected(kRouterB, AdvertReject::kHmac, {}, kRejectedStart + 61s);
  CHECK(alarm(kRejectedStart + 61s) != "");
  rejected.accepted(1);
  CHECK(alarm(kRejectedStart + 61s) == "");
}

TEST_CASE("rejected advertisements: many senders cannot hide a configured router") {
  const VirtualRouterOptions options = rejecting_options();
  RejectedAdverts rejected(options);
  int lines = 0;
  for (unsigned i = 0; i < 1000; ++i)
    lines += rejected.rejected(ip::address_v4(0x0a000000U + i), AdvertReject::kSource, {}, kRejectedStart) ? 1 : 0;
  CHECK(lines == static_cast<int>(RejectedAdverts::kMax));
  CHECK(rejected.rejected(kRouterB, AdvertReject::kVips, {}, kRejectedStart));
  CHECK(rejected.words(kRejectedStart).starts_with("1 advertisement of rtr-b rejected: other virtual addresses"));
}
