#include "server/failover/orders.h"

#include <doctest/doctest.h>

#include "server/failover/memory.h"
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
    server::AnswerOptions answer;
    answer.owner = *dns::parse_name("www.example.com.");
    answer.type = type;
    if (type == dns::Type::AAAA) answer.view = 0;
    answer.members.resize(1);
    answer.members[0].name = "via-a";
    options.answers.push_back(std::move(answer));
  }
  return options;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("what people type means these subjects") {
  const auto options = network();
  CHECK(*server::health_subjects(options, "isp-a") == Words{"isp-a"});
  CHECK(*server::health_subjects(options, "lan-gw:rtr-b") == Words{"lan-gw:rtr-b"});
  CHECK(*server::health_subjects(options, "*:via-a") == Words{"*:via-a"});
  CHECK(server::health_subjects(options, "www.example.com:via-a")->size() == 2);
  CHECK(*server::answer_subjects(options, "WWW.example.com./a") == Words{"www.example.com/A"});
  CHECK(*server::answer_subjects(options, "www.example.com@closed") == Words{"www.example.com/AAAA@closed"});
  CHECK(*server::answer_subjects(options, "*") == Words{"*"});
}

TEST_CASE("what there is not is refused with the nearest that there is") {
  const auto options = network();
  CHECK(server::health_subjects(options, "isp-b").error() == "there is no link, router or member `isp-b`; did you mean `isp-a`?");
  CHECK(server::answer_subjects(options, "ww.example.com").error() == "there is no managed name `ww.example.com`; did you mean `www.example.com`?");
  CHECK(!server::health_subjects(options, "*:via-z"));
}

TEST_CASE("on a subject there is one order of a family") {
  server::OrderBook book;
  book.place({server::OrderKind::kDrain, "isp-a", "", {}, "root"});
  book.place({server::OrderKind::kDown, "isp-a", "", {}, "root"});
  book.place({server::OrderKind::kFreeze, "*", "", {}, "root"});
  CHECK(book.all().size() == 2);
  CHECK(book.take_back(server::OrderFamily::kHealth, "isp-a")->kind == server::OrderKind::kDown);
  CHECK(!book.take_back(server::OrderFamily::kHealth, "isp-a"));
}

TEST_CASE("orders end at their time") {
  const server::WallTime noon = *server::parse_time("2026-11-22T12:00:00.000Z");
  server::OrderBook book;
  book.place({server::OrderKind::kDrain, "isp-a", "", noon, "root"});
  CHECK(book.expire(noon - 1ms).empty());
  CHECK(book.expire(noon).size() == 1);
  CHECK(book.all().empty());
}

TEST_CASE("times have one text form") {
  for (const char* text : {"2026-11-22T21:00:00.250Z", "1970-01-01T00:00:00.000Z", "2028-02-29T23:59:59.999Z"})
    CHECK(server::to_text(*server::parse_time(text)) == text);
  for (const char* text : {"", "2026-11-22", "2026-13-22T21:00:00.000Z", "2026-11-22T21:00:00.000+"}) CHECK(!server::parse_time(text));
}

TEST_CASE("memory reads back as it was written, and damage costs only what is damaged") {
  const server::Memory memory{.generation = 7, .orders = {{server::OrderKind::kForce, "www.example.com/A", "via-b", server::parse_time("2026-11-22T21:00:00.250Z"), "uid 7"}},
                              .evaluator = "{\"a\":1}", .checks = "web up\n"};
  CHECK(server::parse_memory(to_json(memory)).memory == memory);
  CHECK(!server::parse_memory("{\"version\":1,").fault.empty());
  CHECK(!server::parse_memory(R"({"version":2})").fault.empty());
  const auto damaged = server::parse_memory(R"({"version":1,"generation":5,"orders":[{"kind":"drain","subject":"isp-a","until":"soon"},{"kind":"down","subject":"isp-a"}]})");
  CHECK(damaged.memory.orders.size() == 1);
  CHECK(!damaged.fault.empty());
}
