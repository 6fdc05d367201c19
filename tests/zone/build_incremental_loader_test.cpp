// IncrementalLoader: its change gives the same zone as ZoneBuilder, or it reports that the attempt ended.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"
#include "zone/build/builder.h"
#include "zone/build/incremental_loader.h"

namespace dns {
namespace {

struct Record {
  Name owner;
  Type type;
  std::vector<std::uint8_t> rdata;
};

Name name(std::string_view text) { return *parse_name(text); }

std::vector<Record> random_records(test::Random& random, NameView apex) {
  std::vector<Record> records;
  for (std::size_t owners = test::below(random, 60); owners > 0; --owners) {
    const Name owner = test::random_name(random, 3, apex);
    for (std::size_t count = 1 + test::below(random, 3); count > 0; --count) {
      const auto last = static_cast<std::uint8_t>(count);
      if (test::below(random, 3) == 0) records.push_back({owner, Type::TXT, {1, last}});
      else records.push_back({owner, Type::A, {192, 0, 2, last}});
    }
  }
  return records;
}

// Removes some records, adds some, and may shuffle the order.
std::vector<Record> altered(test::Random& random, std::vector<Record> records, NameView apex) {
  for (std::size_t count = test::below(random, 4); count > 0 && !records.empty(); --count)
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(test::below(random, records.size())));
  for (const Record& more : random_records(random, apex))
    if (test::below(random, 20) == 0) records.push_back(more);
  if (test::below(random, 2) == 0) std::ranges::shuffle(records, random);
  return records;
}

struct Built {
  std::shared_ptr<const Zone> zone;
  bool clean = true;  // no duplicates and no other rejected records
};

Built build(const std::vector<Record>& records, NameView apex) {
  ZoneBuilder builder(apex);
  Built built;
  for (const Record& record : records)
    if (builder.add(record.owner, record.type, 60, record.rdata) != AddOutcome::kAdded) built.clean = false;
  ZoneBuilder::Finished finished = builder.finish();
  built.clean = built.clean && finished.deferred.empty();
  built.zone = std::move(finished.zone);
  return built;
}

std::optional<Change> incremental_change(const Zone& zone, const std::vector<Record>& records) {
  IncrementalLoader loader(zone);
  for (const Record& record : records)
    if (!loader.add(record.owner, record.type, 60, record.rdata)) break;
  return loader.finish();
}

}  // namespace

TEST_CASE("incremental loader: gives the same zone as the builder, and ends on duplicate records") {
  test::Random random(20261123);
  std::size_t completed = 0;
  for (int round = 0; round < 2000; ++round) {
    const Name apex = test::random_name(random, 2);
    const std::vector<Record> before = random_records(random, apex), after = altered(random, before, apex);
    const Built from = build(before, apex), to = build(after, apex);
    const auto change = incremental_change(*from.zone, after);
    if (!to.clean) CHECK_FALSE(change.has_value());
    if (!change) continue;
    ++completed;
    const auto next = *dns::apply(from.zone, *change);
    REQUIRE(test::dump(*next) == test::dump(*to.zone));
    CHECK(next->totals().records == to.zone->totals().records);
    CHECK(diff(*from.zone, *to.zone).sets == change->sets);
  }
  CHECK(completed > 100);
}

TEST_CASE("incremental loader: ends on an owner outside the zone and on an owner that occurs again") {
  const std::vector<Record> current = {{name("a.example."), Type::A, {192, 0, 2, 1}},
                                       {name("b.example."), Type::A, {192, 0, 2, 2}}};
  const Built from = build(current, name("example."));
  CHECK(incremental_change(*from.zone, current)->sets.empty());
  const Record unsupported[] = {
      {name("a.net."), Type::A, {192, 0, 2, 1}}, current[0], {name("a.example."), Type::A, {192, 0, 2, 9}}};
  for (const Record& one : unsupported) {
    std::vector<Record> records = current;
    for (std::uint8_t i = 0; i < 40; ++i)
      records.push_back({name("x" + std::to_string(i) + ".example."), Type::A, {192, 0, 2, i}});
    CHECK(incremental_change(*from.zone, records).has_value());
    records.push_back(one);
    CHECK_FALSE(incremental_change(*from.zone, records).has_value());
  }
}

TEST_CASE("incremental loader: ends if too many owners differ from the old version") {
  const Built from = build({}, name("example."));
  std::vector<Record> records;
  for (std::size_t i = 0; i < 3000; ++i)
    records.push_back({name("x" + std::to_string(i) + ".example."), Type::A, {192, 0, 2, 1}});
  CHECK_FALSE(incremental_change(*from.zone, records).has_value());
  CHECK_FALSE(incremental_change(*build(records, name("example.")).zone, {}).has_value());
  records.resize(500);
  CHECK(incremental_change(*from.zone, records)->sets.size() == 500);
}

}  // namespace dns
