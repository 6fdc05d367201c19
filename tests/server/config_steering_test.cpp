#include <doctest/doctest.h>

#include "server/config/config.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

constexpr const char* kEveryKind = R"([server]
state = "/var/lib/waymark"
[steering]
mode = "observe"
initial-round = "2s"
[vrrp.lan-gw]
vrid = 51
family = "ipv4"
interface = "eth0"
sources = ["passive", "netlink", "fifo"]
version = "2"
vips = ["192.0.2.1"]
routers = { rtr-b = "192.0.2.3", rtr-a = ["192.0.2.2", "192.0.2.12"] }
local-router = "rtr-a"
fifo = "/run/keepalived/waymark.fifo"
fifo-instance = "VI_1"
snapshot = "/tmp/keepalived.json"
unicast = true
ttl-min = 254
v2-password = "secret"
hmac-key = "00a1fF"
down-timer-adverts = 4
on-split = "freeze"
split-hold = "11s"
flap = { transitions = 5, within = "61s", stable = "121s" }
[vrrp.lan6]
vrid = 51
family = "ipv6"
interface = "eth0"
vips = "fe80::1"
routers = ["fe80::2", "fe80::3"]
on-split = "prefer-priority"
[monitor.web]
type = "https"
path = "/healthz"
host = "www.example.com"
expect = [200, 204]
match = "ok"
verify = false
interval = "6s"
timeout = "1s"
fall = 4
rise = 5
window = "40s"
dscp = "ef"
[monitor.name]
type = "dns"
query = "example.com"
[monitor.ping]
type = "icmp"
dscp = 34
[monitor.measured]
type = "file"
file = "isp-b"
[link.isp-b]
class = "sd-wan"
cost = 20
quality = 3
last-resort = true
deprecated = 2037-03-31
monitor = "measured"
[link.isp-a]
class = "mpls"
monitor = "ping"
targets = ["198.51.100.1", "203.0.113.1"]
reliability = 2
source = "203.0.113.2"
device = "eth1"
[sla.voice]
latency = { bad = "150ms", good = "100ms" }
jitter = { bad = "30ms", good = "20ms" }
loss = { bad = "1%", good = "0.3%" }
windows = { bad = 4, good = 6 }
[view.closed]
clients = ["10.0.0.0/8", "2001:db8::/32"]
listen = "10.1.0.53"
[[record]]
name = "www.example.com"
type = "A"
view = "closed"
policy = "failover"
prefer = "quality"
min-class = ["mpls", "sd-wan"]
sla = "voice"
if-none = "last-resort"
all-down = "last-good"
all-down-hold = "9m"
min-up = 2
ttl = { max = "1m", min = "7s" }
hold-down = "8s"
failback-delay = "59s"
dampen = { transitions = 7, within = "11m", hold = "6m" }
migrate = { from = "via-a", to = "via-b", percent = 25 }
[[record.members]]
name = "via-a"
address = ["203.0.113.10", "203.0.113.11"]
router = ["lan-gw:rtr-a", "lan6"]
link = "isp-a"
monitor = ["web", "name"]
target = "10.0.0.5"
[[record.members]]
name = "via-b"
address = "198.51.100.10"
router = "lan-gw:rtr-b"
link = "isp-b"
monitor = "web"
[[record]]
name = "www.example.com"
type = "AAAA"
policy = "weighted"
pick = "all"
sticky = "none"
transfer-as = "best"
all-down = "nodata"
ttl.max = "3s"
members = [{ name = "six", address = "2001:db8::1", weight = 70 },
           { name = "seven", address = "2001:db8::2", weight = 30 }]
)";

server::SteeringOptions steering_of(std::string text) {
  server::MemoryFiles files;
  files.write("etc/waymark.toml", std::move(text));
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  auto loaded = server::load_config("etc/waymark.toml", reader, diagnostics);
  REQUIRE(loaded.has_value());
  for (const dns::Diagnostic& fault : diagnostics.kept())
    if (fault.code->severity == dns::Severity::kError) MESSAGE(dns::render(fault, loaded->sources, {}));
  CHECK(diagnostics.errors() == 0);
  return std::move(loaded->options.steering);
}

}  // namespace

TEST_CASE("config: [vrrp] sections set the virtual routers, in the order of the file") {
  const server::SteeringOptions o = steering_of(kEveryKind);
  CHECK((o.mode == server::SteeringMode::kObserve));
  CHECK((o.initial_round == 2s));
  REQUIRE(o.virtual_routers.size() == 2);
  const server::VirtualRouterOptions& four = o.virtual_routers[0];
  const server::VirtualRouterOptions& six = o.virtual_routers[1];
  CHECK(four.name == "lan-gw");
  CHECK(four.vrid == 51);
  CHECK((four.family == server::Family::kIpv4));
  CHECK(four.interface == "eth0");
  CHECK(four.sources.size() == 3);
  CHECK((four.version == server::VrrpVersion::kV2));
  CHECK(four.vips.front().to_string() == "192.0.2.1");
  REQUIRE(four.routers.size() == 2);
  CHECK(four.routers[0].name == "rtr-b");
  CHECK(four.routers[1].name == "rtr-a");
  CHECK(four.routers[1].addresses[1].to_string() == "192.0.2.12");
  CHECK(four.local_router == "rtr-a");
  CHECK(four.fifo == "/run/keepalived/waymark.fifo");
  CHECK(four.fifo_instance == "VI_1");
  CHECK(four.snapshot == "/tmp/keepalived.json");
  CHECK(four.unicast);
  CHECK(four.ttl_min == 254);
  CHECK(four.v2_password == "secret");
  CHECK((four.hmac_key == std::vector<std::uint8_t>{0x00, 0xa1, 0xff}));
  CHECK(four.down_timer_adverts == 4);
  CHECK((four.on_split == server::OnSplit::kFreeze));
  CHECK((four.split_hold == 11s));
  CHECK(four.flap_transitions == 5);
  CHECK((four.flap_within == 61s));
  CHECK((four.flap_stable == 121s));
  CHECK((six.family == server::Family::kIpv6));
  CHECK(six.routers[1].name == "fe80::3");
  CHECK(six.local_router.empty());
  CHECK((six.on_split == server::OnSplit::kPreferPriority));
}

TEST_CASE("config: [link] sections set the links and their checks, in the order of the file") {
  const server::SteeringOptions o = steering_of(kEveryKind);
  REQUIRE(o.links.size() == 2);
  const server::LinkOptions& b = o.links[0];
  const server::LinkOptions& a = o.links[1];
  CHECK(b.name == "isp-b");
  CHECK((b.link_class == server::LinkClass::kSdWan));
  CHECK(b.cost == 20);
  CHECK(b.quality == 3);
  CHECK(b.last_resort);
  CHECK((b.deprecated == std::chrono::year(2037) / 3 / 31));
  REQUIRE(b.probes.size() == 1);
  CHECK(b.probes[0].monitor.file == "etc/isp-b");
  CHECK((a.link_class == server::LinkClass::kMpls));
  CHECK(a.reliability == 2);
  REQUIRE(a.probes.size() == 2);
  CHECK((a.probes[1].monitor.kind == server::ProbeKind::kIcmp));
  CHECK(a.probes[1].monitor.dscp == 34);
  CHECK(a.probes[1].target.to_string() == "203.0.113.1");
  CHECK(a.probes[1].source.to_string() == "203.0.113.2");
  CHECK(a.probes[1].device == "eth1");
}

TEST_CASE("config: [sla] and [view] sections set the SLA classes and views") {
  const server::SteeringOptions o = steering_of(kEveryKind);
  REQUIRE(o.sla_classes.size() == 1);
  const server::SlaOptions& voice = o.sla_classes[0];
  CHECK(voice.latency->bad == doctest::Approx(0.150));
  CHECK(voice.latency->good == doctest::Approx(0.100));
  CHECK(voice.jitter->bad == doctest::Approx(0.030));
  CHECK(voice.loss->bad == doctest::Approx(0.01));
  CHECK(voice.loss->good == doctest::Approx(0.003));
  CHECK(voice.bad_windows == 4);
  CHECK(voice.good_windows == 6);
  REQUIRE(o.views.size() == 1);
  CHECK(dns::to_text(o.views[0].clients[0]) == "10.0.0.0/8");
  CHECK(dns::to_text(o.views[0].clients[1]) == "2001:db8::/32");
  CHECK(o.views[0].local[0].length == 32);
}

TEST_CASE("config: [[record]] sections set the managed records and their policies") {
  const server::SteeringOptions o = steering_of(kEveryKind);
  REQUIRE(o.records.size() == 2);
  const server::RecordOptions& www = o.records[0];
  CHECK(dns::to_text(www.owner) == "www.example.com.");
  CHECK((www.type == dns::Type::A));
  CHECK((www.view == 0u));
  CHECK((www.policy == server::Policy::kFailover));
  CHECK((www.prefer == server::Prefer::kQuality));
  CHECK((www.allowed_classes == std::vector{server::LinkClass::kMpls, server::LinkClass::kSdWan}));
  CHECK((www.sla == 0u));
  CHECK((www.if_none == server::IfNone::kLastResort));
  CHECK((www.all_down == server::AllDown::kLastGood));
  CHECK((www.all_down_hold == 9min));
  CHECK(www.min_up == 2);
  CHECK(www.ttl_max == 60);
  CHECK(www.ttl_min == 7);
  CHECK((www.hold_down == 8s));
  CHECK((www.failback_delay == 59s));
  CHECK(www.damp_transitions == 7);
  CHECK((www.damp_within == 11min));
  CHECK((www.damp_hold == 6min));
  CHECK(www.migrate->from == 0);
  CHECK(www.migrate->to == 1);
  CHECK(www.migrate->percent == 25);
  const server::RecordOptions& six = o.records[1];
  CHECK((six.type == dns::Type::AAAA));
  CHECK((six.pick == server::Pick::kAll));
  CHECK_FALSE(six.sticky);
  CHECK((six.transfer_as == server::TransferAs::kBest));
  CHECK((six.all_down == server::AllDown::kNodata));
  CHECK(six.ttl_max == 3);
  CHECK(six.ttl_min == 3);
  CHECK(six.members[0].weight == 70);
}

TEST_CASE("config: [[record.members]] sections set the members with their routers, links and checks") {
  const server::SteeringOptions o = steering_of(kEveryKind);
  REQUIRE(o.records[0].members.size() == 2);
  const server::MemberOptions& a = o.records[0].members[0];
  CHECK(a.name == "via-a");
  CHECK(a.addresses.size() == 2);
  REQUIRE(a.routers.size() == 2);
  CHECK((a.routers[0].need == server::RouterNeed::kActive));
  CHECK(a.routers[0].virtual_router == 0);
  CHECK(a.routers[0].router == 1);
  CHECK((a.routers[1].need == server::RouterNeed::kHasActive));
  CHECK(a.routers[1].virtual_router == 1);
  CHECK((a.link == 1u));
  REQUIRE(a.checks.size() == 2);
  const server::MonitorOptions& web = a.checks[0].monitor;
  CHECK((web.kind == server::ProbeKind::kHttp));
  CHECK(web.tls);
  CHECK(web.port == 443);
  CHECK(web.path == "/healthz");
  CHECK(web.host.text == "www.example.com");
  CHECK((web.expect == std::vector<std::uint16_t>{200, 204}));
  CHECK(web.match == "ok");
  CHECK_FALSE(web.verify);
  CHECK((web.interval == 6s));
  CHECK((web.timeout == 1s));
  CHECK(web.fall == 4);
  CHECK(web.rise == 5);
  CHECK((web.window == 40s));
  CHECK(web.dscp == 46);
  CHECK(a.checks[0].target.to_string() == "10.0.0.5");
  CHECK((a.checks[1].monitor.query_type == dns::Type::SOA));
  CHECK(dns::to_text(a.checks[1].monitor.query_name) == "example.com.");
  CHECK(o.records[0].members[1].checks[0].target.to_string() == "198.51.100.10");
}

TEST_CASE("config steering: a name with more different answers than a client choice has is an error") {
  const auto faults = [](int in_view, int others) {
    std::string text = "[server]\nstate = \"s\"\n[view.closed]\nclients = \"10.0.0.0/8\"\n";
    for (const int count : {in_view, others}) {
      text += "[[record]]\nname = \"a.example\"\ntype = \"A\"\npolicy = \"weighted\"\n";
      if (count == in_view) text += "view = \"closed\"\n";
      text += "members = [\n";
      for (int i = 0; i < count; ++i)
        text += "{ name = \"m" + std::to_string(i) + "\", address = \"192.0.2." + std::to_string(i) + "\" },\n";
      text += "]\n";
    }
    server::MemoryFiles files;
    files.write("waymark.toml", text);
    server::ZoneFileReader reader(files, server::IncludeScope::kInside);
    dns::Diagnostics diagnostics;
    REQUIRE(server::load_config("waymark.toml", reader, diagnostics).has_value());
    std::string found;
    for (const dns::Diagnostic& fault : diagnostics.kept()) found += std::string(fault.code->code) + fault.message;
    return found;
  };
  CHECK(faults(128, 127) == "");
  CHECK(faults(128, 129) == "C225the records of a.example/A have more than 255 different answers");
}
