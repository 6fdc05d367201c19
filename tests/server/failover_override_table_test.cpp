#include <doctest/doctest.h>

#include "server/failover/override_table.h"
#include "server/failover/saved_state.h"
#include "zone/name/text.h"

using namespace std::chrono_literals;

namespace {

server::SteeringOptions network() {
  server::SteeringOptions options;
  options.links.resize(1);
  options.links[0].name = "isp-a";
  options.virtual_routers.resize(1);
  options.virtual_routers[0].name = "lan-gw";
  options.virtual_routers[0].routers = {{"rtr-a", {}}, {"rtr-b", {}}};
  options.views = {{"closed", {}, {}}};
  for (const dns::Type type : {dns::Type::A, dns::Type::AAAA}) {
    server::RecordOptions record;
    record.owner = *dns::parse_name("www.example.com.");
    record.type = type;
    if (type == dns::Type::AAAA) record.view = 0;
    record.members.resize(1);
    record.members[0].name = "via-a";
    options.records.push_back(std::move(record));
  }
  return options;
}

using Subjects = std::vector<std::string>;

}  // namespace

TEST_CASE("override subjects: resolves the names that an operator types") {
  const auto options = network();
  CHECK(*server::health_subjects(options, "isp-a") == Subjects{"isp-a"});
  CHECK(*server::health_subjects(options, "lan-gw:rtr-b") == Subjects{"lan-gw:rtr-b"});
  CHECK(*server::health_subjects(options, "*:via-a") == Subjects{"*:via-a"});
  CHECK(server::health_subjects(options, "www.example.com:via-a")->size() == 2);
  CHECK(*server::record_subjects(options, "WWW.example.com./a") == Subjects{"www.example.com/A"});
  CHECK(*server::record_subjects(options, "www.example.com@closed") == Subjects{"www.example.com/AAAA@closed"});
  CHECK(*server::record_subjects(options, "*") == Subjects{"*"});
}

TEST_CASE("override subjects: rejects an unknown name and suggests the nearest one") {
  const auto options = network();
  CHECK(server::health_subjects(options, "isp-b").error() ==
        "there is no link, router or member `isp-b`; did you mean `isp-a`?");
  CHECK(server::record_subjects(options, "ww.example.com").error() ==
        "there is no managed name `ww.example.com`; did you mean `www.example.com`?");
  CHECK(!server::health_subjects(options, "*:via-z"));
}

TEST_CASE("override table: a subject has at most one override of each group") {
  server::OverrideTable table;
  table.add({server::OverrideKind::kDrain, "isp-a", "", {}, "root"});
  table.add({server::OverrideKind::kDown, "isp-a", "", {}, "root"});
  table.add({server::OverrideKind::kFreeze, "*", "", {}, "root"});
  CHECK(table.all().size() == 2);
  const auto removed = table.remove(server::OverrideGroup::kHealth, "isp-a");
  REQUIRE(removed.size() == 1);
  CHECK(removed[0].kind == server::OverrideKind::kDown);
  CHECK(table.remove(server::OverrideGroup::kHealth, "isp-a").empty());
}

TEST_CASE(
    "override table: an override that ends earlier lies over one that ends later, and both are removed together") {
  const server::WallTime noon = *server::parse_time("2026-11-22T12:00:00.000Z");
  server::OverrideTable table;
  table.add({server::OverrideKind::kDrain, "isp-a", "", {}, "root"});
  table.add({server::OverrideKind::kDown, "isp-a", "", noon + 60s, "root"});
  table.add({server::OverrideKind::kUp, "isp-a", "", noon, "root"});
  REQUIRE(table.all().size() == 3);
  CHECK(table.all().back().kind == server::OverrideKind::kUp);  // the last one counts
  table.expire(noon);
  CHECK(table.all().back().kind == server::OverrideKind::kDown);
  table.expire(noon + 60s);
  REQUIRE(table.all().size() == 1);
  CHECK(table.all().back().kind == server::OverrideKind::kDrain);
  table.add({server::OverrideKind::kDown, "isp-a", "", noon + 90s, "root"});
  CHECK(table.remove(server::OverrideGroup::kHealth, "isp-a").size() == 2);
  CHECK(table.all().empty());
}

TEST_CASE("override table: finds overrides by the subjects with which they are listed") {
  server::OverrideTable table;
  table.add({server::OverrideKind::kFreeze, "old.example.com/A", "", {}, "root"});
  table.add({server::OverrideKind::kForce, "old.example.com/A", "via-a", {}, "root"});
  CHECK(table.subjects_like(server::OverrideGroup::kForce, "OLD.example.com/a") == Subjects{"old.example.com/A"});
  CHECK(table.subjects_like(server::OverrideGroup::kHealth, "old.example.com/A").empty());
}

TEST_CASE("override table: removes an override when it expires") {
  const server::WallTime noon = *server::parse_time("2026-11-22T12:00:00.000Z");
  server::OverrideTable table;
  table.add({server::OverrideKind::kDrain, "isp-a", "", noon, "root"});
  CHECK(table.expire(noon - 1ms).empty());
  CHECK(table.expire(noon).size() == 1);
  CHECK(table.all().empty());
}

TEST_CASE("override times: parse_time accepts only the format of to_text") {
  for (const char* text : {"2026-11-22T21:00:00.250Z", "1970-01-01T00:00:00.000Z", "2028-02-29T23:59:59.999Z"})
    CHECK(server::to_text(*server::parse_time(text)) == text);
  for (const char* text : {"", "2026-11-22", "2026-13-22T21:00:00.000Z", "2026-11-22T21:00:00.000+"})
    CHECK(!server::parse_time(text));
}

TEST_CASE("saved state: parses back; rejects damaged text and other versions; ignores an unreadable override") {
  const server::SavedState state{.generation = 7,
                                 .overrides = {{server::OverrideKind::kForce, "www.example.com/A", "via-b",
                                                server::parse_time("2026-11-22T21:00:00.250Z"), "uid 7"}},
                                 .evaluator = "{\"a\":1}",
                                 .checks = "web up\n"};
  CHECK(server::parse_saved_state(to_json(state)).state == state);
  CHECK(server::parse_saved_state("{\"version\":2,").error ==
        "the saved failover state is damaged; starting without it; set the overrides again");
  CHECK(server::parse_saved_state(R"({"version":1,"overrides":[{"kind":"down","subject":"isp-a"}]})").error ==
        "the saved failover state has version 1, this server reads version 2; starting without it; set the overrides "
        "again");
  const auto damaged = server::parse_saved_state(
      R"({"version":2,"generation":5,"overrides":[{"kind":"drain","subject":"isp-a","until":"soon"},)"
      R"({"kind":"down","subject":"isp-a"}]})");
  CHECK(damaged.state.overrides.size() == 1);
  CHECK(damaged.error ==
        R"(ignoring an override that cannot be read: {"kind":"drain","subject":"isp-a","until":"soon"})");
}
