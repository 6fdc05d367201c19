// ZoneBuilder: each outcome of `add`, sorted and unsorted owners, owners in several runs, and shared RRset bodies.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"
#include "zone/build/builder.h"
#include "zone/snapshot/change.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

Name name(std::string_view text) { return *parse_name(text); }

// RDATA from the last octet of an address, or from an SOA serial.
std::vector<std::uint8_t> a(std::uint8_t last) { return {192, 0, 2, last}; }
std::vector<std::uint8_t> soa(std::uint8_t serial) {
  std::vector<std::uint8_t> rdata(22);
  rdata[5] = serial;
  return rdata;
}
std::vector<std::uint8_t> ns(char server) { return {1, static_cast<std::uint8_t>(server), 0}; }

}  // namespace

TEST_CASE("builder: add returns the outcomes that are known immediately") {
  ZoneBuilder builder(name("example."));
  struct Row {
    const char* owner;
    Type type;
    std::uint32_t ttl;
    std::vector<std::uint8_t> rdata;
    AddOutcome outcome;
  };
  const Row rows[] = {
      {"example.", Type::SOA, 60, soa(1), AddOutcome::kAdded},
      {"example.", Type::SOA, 60, soa(1), AddOutcome::kDuplicate},
      {"EXAMPLE.", Type::SOA, 60, soa(2), AddOutcome::kSecondSoa},
      {"a.example.", Type::SOA, 60, soa(1), AddOutcome::kSoaNotAtApex},
      {"a.example.", Type::A, 60, a(2), AddOutcome::kAdded},
      {"a.example.", Type::A, 60, a(1), AddOutcome::kAdded},
      {"A.Example.", Type::A, 60, a(2), AddOutcome::kDuplicate},
      {"a.example.", Type::A, 30, a(3), AddOutcome::kTtlDiffers},
      {"a.example.", Type::A, 30, a(4), AddOutcome::kAdded},
      {"a.example.", Type::A, 60, a(5), AddOutcome::kTtlDiffers},
      {"a.example.", Type::NS, 60, ns('b'), AddOutcome::kAdded},
      {"a.example.", Type::NS, 60, ns('B'), AddOutcome::kDuplicate},  // names in NS RDATA ignore case
      {"xample.", Type::A, 60, a(1), AddOutcome::kOutOfZone},
      {"a.xexample.", Type::A, 60, a(1), AddOutcome::kOutOfZone},
      {".", Type::A, 60, a(1), AddOutcome::kOutOfZone},
  };
  for (const Row& row : rows) {
    CAPTURE(row.owner);
    CHECK(static_cast<int>(builder.add(name(row.owner), row.type, row.ttl, row.rdata)) ==
          static_cast<int>(row.outcome));
  }
  const ZoneBuilder::Finished finished = builder.finish();
  CHECK(finished.deferred.empty());
  CHECK(finished.zone->serial() == Serial{1});
  CHECK(finished.zone->totals() == test::recount(*finished.zone));
  CHECK(test::dump(*finished.zone) == "example. 60 6 " + test::hex(soa(1)) + "\n" +
                                          "a.example. 30 1 c0000201\na.example. 30 1 c0000202\na.example. 30 1 "
                                          "c0000203\na.example. 30 1 c0000204\na.example. 30 1 c0000205\n"
                                          "a.example. 60 2 016200\n");
}

TEST_CASE("builder: stores an RRset larger than any message, and drops its further records") {
  ZoneBuilder builder(name("example."));
  std::vector<std::uint8_t> big(255, 7);
  std::size_t taken = 0;
  for (int i = 0; i < 300; ++i) {
    big[0] = static_cast<std::uint8_t>(i / 256);
    big[1] = static_cast<std::uint8_t>(i);
    const AddOutcome outcome = builder.add(name("a.example."), static_cast<Type>(65280), 60, big);
    CHECK(outcome == (i < 256 ? AddOutcome::kAdded : AddOutcome::kRrsetTooLarge));
    taken += outcome == AddOutcome::kAdded;
  }
  const std::vector<std::uint8_t> alone(65535, 1);
  CHECK(builder.add(name("b.example."), static_cast<Type>(65280), 60, alone) == AddOutcome::kAdded);
  const auto finished = builder.finish();
  CHECK(taken == 256);
  CHECK(finished.zone->totals().records == 257);
  CHECK(finished.largest_set == 256 * (2 + 8 + 255));
}

TEST_CASE("builder: finish reports duplicates and TTL differences between separate runs of an owner") {
  ZoneBuilder builder(name("example."));
  const auto others = [&] {  // enough other owners that the builder closes the first one
    for (char c = 'p'; c < 'z'; ++c)
      builder.add(name(std::string(1, c) + ".example."), Type::TXT, 60, std::vector<std::uint8_t>{0});
  };
  builder.add(name("B.example."), Type::A, 60, a(1));
  builder.add(name("b.example."), Type::NS, 60, ns('x'));
  others();
  CHECK(builder.add(name("b.example."), Type::A, 60, a(1)) == AddOutcome::kAdded);
  CHECK(builder.add(name("b.example."), Type::A, 60, a(2)) == AddOutcome::kAdded);
  builder.add(name("b.example."), Type::NS, 30, ns('y'));
  others();
  builder.add(name("b.example."), Type::MX, 30, std::vector<std::uint8_t>{0, 1, 0});

  const ZoneBuilder::Finished finished = builder.finish();
  std::string deferred;
  for (const ZoneBuilder::DeferredOutcome& entry : finished.deferred)
    deferred += to_text(entry.owner) + " " + std::to_string(static_cast<int>(entry.type)) + " " +
                std::to_string(static_cast<int>(entry.outcome)) + "\n";
  std::string wanted = "B.example. 1 1\nB.example. 2 3\n";
  for (char c = 'p'; c < 'z'; ++c) wanted += std::string(1, c) + ".example. 16 1\n";
  CHECK(deferred == wanted);
  CHECK(test::dump(*finished.zone)
            .starts_with("b.example. 60 1 c0000201\nb.example. 60 1 c0000202\nb.example. 30 2 017800\nb.example. 30 2 "
                         "017900\nb.example. 30 15 000100\n"));
  CHECK(finished.zone->totals() == test::recount(*finished.zone));
}

TEST_CASE("builder: the order of records does not change the zone, and no unused bodies remain") {
  test::Random random(20261125);
  for (int round = 0; round < 100; ++round) {
    struct Record {
      Name owner;
      std::vector<std::uint8_t> rdata;
    };
    std::vector<Record> records;
    for (std::size_t count = test::below(random, 200); count > 0; --count)
      records.push_back(
          {test::random_name(random, 3, name("z.")), a(static_cast<std::uint8_t>(test::below(random, 5)))});
    const auto build = [&] {
      ZoneBuilder builder(name("z."));
      for (const Record& record : records) builder.add(record.owner, Type::A, 60, record.rdata);
      return builder.finish().zone;
    };
    const auto scattered = build();
    std::ranges::stable_sort(records,
                             [](const Record& x, const Record& y) { return canonical_order(x.owner, y.owner) < 0; });
    const auto sorted = build();
    REQUIRE(test::dump(*scattered) == test::dump(*sorted));
    REQUIRE(scattered->totals().records == sorted->totals().records);
    REQUIRE(scattered->storage()->tree().live_cells() == sorted->storage()->tree().live_cells());
    REQUIRE(scattered->storage()->tree().live_words() == sorted->storage()->tree().live_words());
  }
}

TEST_CASE("builder: stores equal RRsets of many owners once") {
  ZoneBuilder builder(name("tld."));
  for (int i = 0; i < 1000; ++i) {
    const std::string owner = std::to_string(i) + ".tld.";
    for (const char server : {'a', 'b', 'c'}) builder.add(name(owner), Type::NS, 60, ns(server));
  }
  const auto zone = builder.finish().zone;
  CHECK(zone->totals().records == 3000);
  // For each owner one word of head, one or two of owner and two of entry; one body for all.
  CHECK(zone->storage()->tree().live_words() < 1000 * 5 + 16);
}

TEST_CASE("builder: stores RRSIG records by type covered") {
  ZoneBuilder builder(name("example."));
  for (const int covered : {28, 1, 28}) {
    std::vector<std::uint8_t> rdata(19);
    rdata[1] = static_cast<std::uint8_t>(covered);
    builder.add(name("a.example."), Type::RRSIG, 60, rdata);
  }
  builder.add(name("a.example."), Type::A, 60, a(1));
  const auto zone = builder.finish().zone;
  const NodeView node = *zone->find_exact(name("a.example."));
  CHECK(node.set_count() == 3);
  CHECK(node.has(Type::RRSIG));
  CHECK(node.signatures_of(Type::A).has_value());
  CHECK(node.signatures_of(Type::AAAA)->count == 1);
  CHECK_FALSE(node.signatures_of(Type::NS).has_value());
  CHECK_FALSE(node.has(Type::AAAA));
}

TEST_CASE("builder: compacts only small zones into one block; all zones allow lookups and changes") {
  bool seen[2] = {false, false};
  for (int hosts = 0; hosts < 400; hosts += 1 + hosts / 8) {
    ZoneBuilder builder(name("example."));
    const auto host = [](int i) { return name("h" + std::to_string(i) + ".example."); };
    for (int i = 0; i < hosts; ++i) builder.add(host(i), Type::A, 60, a(static_cast<std::uint8_t>(i)));
    const auto zone = builder.finish().zone;
    const std::size_t bytes = zone->storage()->tree().bytes();
    CHECK(zone->totals().bytes == bytes);
    CHECK(zone->storage()->compact_lines() * kCacheLine <= SlabAllocator::kLargest);
    seen[zone->storage()->compact_lines() == 0 && hosts > 0 ? 1 : 0] = true;
    for (int i = 0; i < hosts; ++i) {
      const auto node = zone->find_exact(host(i));
      REQUIRE(node);
      REQUIRE((*node->find(Type::A)->begin())[3] == static_cast<std::uint8_t>(i));
    }
    Rrset added(Type::A, 60);
    added.count = 1;
    added.packed = {0, 4, 192, 0, 2, 200};
    const auto altered = *dns::apply(zone, {zone->apex(), {{host(1000), Type::A, {}, {}, added}}});
    CHECK(altered->find_exact(host(1000)));
    CHECK(altered->totals() == test::recount(*altered));
    CHECK(!zone->find_exact(host(1000)));
    if (hosts > 0) CHECK(test::dump(*altered).find("h0.example.") != std::string::npos);
  }
  CHECK(seen[0]);
  CHECK(seen[1]);
}

}  // namespace dns
