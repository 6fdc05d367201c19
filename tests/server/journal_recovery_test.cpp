// What a start finds after damage, after a hung disk, and in a directory of version 1.
#include <algorithm>
#include <list>

#include <doctest/doctest.h>

#include "server/journal/content_hash.h"
#include "server/journal/journal.h"
#include "server/journal/version1.h"
#include "tests/support/memory_disk.h"
#include "tests/support/repetitions.h"
#include "zone/name/text.h"

namespace {

using namespace server;

dns::Name name(std::size_t zone) { return *dns::parse_name("z" + std::to_string(zone) + "."); }

OverriddenRrsets overridden(const dns::Name& apex, std::uint8_t last) {
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  return OverriddenRrsets(
      {std::make_shared<const OverriddenRrset>(OverriddenRrset{apex, dns::Type::A, {}, std::move(set), {}})});
}

// A journal with a few zones, each at serial 100 before its first step.
struct World {
  explicit World(std::size_t zones = 4) : serials(zones, 100) { open(); }

  void open() {
    journal.reset();
    disk->locked = false;
    auto opened = Journal::open(disk.disk());
    REQUIRE(opened);
    journal = std::move(*opened);
  }
  Journal::Step step(std::size_t zone) {
    const dns::Name apex = name(zone);
    Journal::Step step;
    step.step.apex = apex;
    step.step.managed = true;
    step.step.from = {serials[zone]};
    step.step.to = {++serials[zone]};
    step.step.sources = {{1}, 77, serials[zone], 0};
    step.overridden = overridden(apex, static_cast<std::uint8_t>(serials[zone]));
    step.step.change = dns::to_step({apex, {}, step.step.from, step.step.to}, 1000);
    (void)journal->set_overridden(step.step, step.overridden);
    return step;
  }
  bool publish(std::size_t zone) {
    if (!journal->may_publish(name(zone), {serials[zone]}, {serials[zone] + 1})) return false;
    std::list<Journal::Step> steps;
    steps.push_back(step(zone));
    (void)journal->commit(Producer::kFailover, steps);
    return true;
  }
  const ZoneState& state(std::size_t zone) const {
    const ZoneState* const found = journal->find(name(zone));
    REQUIRE(found != nullptr);
    return *found;
  }
  std::string faults() const {
    std::string all;
    for (const std::string& fault : journal->faults()) all += fault + "\n";
    return all;
  }
  std::vector<std::uint8_t>& segment(const std::string& name) { return disk->names.at(name)->now; }

  MemoryDisk disk;
  std::unique_ptr<Journal> journal;
  std::vector<std::uint32_t> serials;
};

// A record of version 1.
void append_version1(Octets& octets, std::uint8_t kind, const Octets& body) {
  Octets record(8);
  OctetWriter writer(record);
  writer.u32(static_cast<std::uint32_t>(body.size()));
  writer.u8(kind);
  record.insert(record.end(), body.begin(), body.end());
  dns::store64(record.data(), content_hash(dns::as_text(dns::Bytes(record).subspan(8))));
  octets.insert(octets.end(), record.begin(), record.end());
}

// The journal of zone 0 as version 1 has written it: serial 105, reserved up to 300.
Octets version1(bool clean) {
  Octets octets(16), state, reserve;
  std::ranges::copy(std::string_view("WMJOURN1"), octets.begin());
  OctetWriter writer(state);
  writer.name(name(0));
  writer.u64(7);    // generation
  writer.u32(105);  // serial
  writer.u32(100);  // of the file
  writer.u64(77);   // hash of the file
  writer.u64(0);    // hash of the views
  writer.u32(200);  // ceiling
  writer.text("boot");
  writer.count(1);
  const OverriddenRrsets sets = overridden(name(0), 5);
  writer.overridden(**sets.begin());
  append_version1(octets, 1, state);
  OctetWriter(reserve).u32(300);
  append_version1(octets, 3, reserve);
  if (clean) append_version1(octets, 5, {});
  return octets;
}

}  // namespace

TEST_CASE("journal: a clean end is continued exactly, any other end behind the reserved serials") {
  for (const bool clean : {true, false}) {
    CAPTURE(clean);
    World world;
    for (int round = 0; round < 5; ++round)
      for (std::size_t zone = 0; zone < world.serials.size(); ++zone) REQUIRE(world.publish(zone));
    if (clean) world.journal->close();
    world.open();
    CHECK(world.faults() == "");
    for (std::size_t zone = 0; zone < world.serials.size(); ++zone) {
      const ZoneState& state = world.state(zone);
      CHECK(state.serial.value == (clean ? 105 : 101 + kReserve));
      CHECK(state.sources.file_hash == (clean ? 77 : 0));
      CHECK(state.overridden.size() == 1);
      CHECK((*state.overridden.begin())->set.packed.back() == 105);
      CHECK(world.journal->take_history(name(zone)).steps().size() == (clean ? 5 : 0));
    }
    // What was lost at an unclean end stays lost, also where the next end is clean.
    world.journal->close();
    world.open();
    CHECK(world.state(0).serial.value == (clean ? 105 : 101 + kReserve));
  }
}

TEST_CASE("journal: a damaged record costs its zone, and no zone that has records behind it") {
  World world;
  for (int round = 0; round < 5; ++round)
    for (std::size_t zone = 0; zone < world.serials.size(); ++zone) REQUIRE(world.publish(zone));
  world.journal->close();
  const std::vector<std::uint8_t> whole = world.segment("00000001.changes");
  std::vector<std::pair<SegmentPart, std::vector<dns::Name>>> parts;
  read_segment(whole, *decode_header(whole), [&](const SegmentPart& part) {
    std::vector<dns::Name> zones;
    if (const auto* commit = std::get_if<CommitRecord>(&*part.record))
      for (const JournalStep& step : commit->steps) zones.push_back(step.apex);
    parts.emplace_back(SegmentPart{part.offset, part.size, 0, {}}, std::move(zones));
  });
  // The last round of steps is the last record of each zone.
  for (std::size_t i = 0; i + 1 + world.serials.size() < parts.size(); ++i) {
    const auto& [part, zones] = parts[i];
    if (zones.empty()) continue;
    CAPTURE(part.offset);
    World damaged;
    damaged.journal.reset();
    damaged.disk->names["00000001.changes"] = std::make_shared<MemoryDisk::Node>();
    damaged.segment("00000001.changes") = whole;
    damaged.segment("00000001.changes")[part.offset + part.size / 2] ^= 1;
    damaged.open();
    for (std::size_t zone = 0; zone < world.serials.size(); ++zone) {
      CAPTURE(zone);
      const bool hit = std::ranges::find(zones, name(zone)) != zones.end();
      CHECK((damaged.state(zone).serial.value > 105) == hit);
      CHECK((damaged.faults().find(dns::to_text(name(zone))) != std::string::npos) == hit);
    }
    CHECK(damaged.disk->names.contains("00000001.changes.damaged"));
    damaged.journal->close();
    damaged.open();
    CHECK(damaged.faults() == "");
  }
}

TEST_CASE("journal: a zone whose record in a checkpoint is damaged is known from the index") {
  World world;
  for (std::size_t zone = 0; zone < world.serials.size(); ++zone) REQUIRE(world.publish(zone));
  world.open();  // after an unclean end a checkpoint is written
  world.journal->close();
  const std::string checkpoint = "00000002.checkpoint";
  REQUIRE(world.disk->names.contains(checkpoint));
  const std::vector<std::uint8_t> whole = world.segment(checkpoint);
  std::vector<std::size_t> places;
  read_segment(whole, *decode_header(whole), [&](const SegmentPart& part) {
    if (std::holds_alternative<ZoneRecord>(*part.record)) places.push_back(part.offset + part.size / 2);
  });
  REQUIRE(places.size() == world.serials.size());
  world.segment(checkpoint)[places[1]] ^= 1;
  world.open();
  for (std::size_t zone = 0; zone < world.serials.size(); ++zone) {
    CAPTURE(zone);
    CHECK((world.state(zone).serial.value > 101 + kReserve) == (zone == 1));
  }
  CHECK_FALSE(world.journal->unknown_zones_lost());
}

TEST_CASE("journal: files that a checkpoint has replaced and that are still there are read only if it is damaged") {
  for (const bool checkpoint_damaged : {false, true}) {
    CAPTURE(checkpoint_damaged);
    World world;
    REQUIRE(world.publish(0));
    const std::vector<std::uint8_t> replaced = world.segment("00000001.changes");
    world.open();  // after an unclean end a checkpoint is written
    world.serials[0] = world.state(0).serial.value;
    REQUIRE(world.publish(0));
    world.journal->close();
    world.disk->names["00000001.changes"] = std::make_shared<MemoryDisk::Node>();
    world.segment("00000001.changes") = replaced;
    std::vector<std::uint8_t>& damaged = world.segment(checkpoint_damaged ? "00000002.checkpoint" : "00000003.changes");
    damaged[damaged.size() / 2] ^= 1;
    world.open();
    CHECK(world.state(0).serial.value >= world.serials[0]);
    CHECK(world.faults().find("00000001.changes") == std::string::npos);
    CHECK(world.faults().find(checkpoint_damaged ? "00000002.checkpoint is damaged" : "00000003.changes is damaged") !=
          std::string::npos);
  }
}

TEST_CASE("journal: a missing file is told, and serials go on behind what it can have had") {
  World world;
  for (int life = 0; life < 3; ++life) {
    for (std::size_t zone = 0; zone < world.serials.size(); ++zone) REQUIRE(world.publish(zone));
    world.journal->close();
    if (life < 2) world.open();
  }
  REQUIRE(world.disk->names.size() == 3);
  world.disk->names.erase("00000002.changes");
  world.open();
  CHECK(world.faults().find("a file before 00000003.changes is missing") != std::string::npos);
  for (std::size_t zone = 0; zone < world.serials.size(); ++zone) CHECK(world.state(zone).serial.value > 103);
  world.journal->close();
  world.disk->names.clear();
  world.disk->names["00000007.changes"] = std::make_shared<MemoryDisk::Node>();
  world.segment("00000007.changes") = encode_header({7, 99, SegmentKind::kChanges});
  world.open();
  CHECK(world.journal->unknown_zones_lost());
}

TEST_CASE("journal: a torn end is no damage, and counts at one start only") {
  World world;
  REQUIRE(world.publish(0));
  world.segment("00000001.changes").resize(world.segment("00000001.changes").size() - 5);
  world.open();
  CHECK(world.faults() == "");
  CHECK(world.journal->unknown_zones_lost());  // what was torn may have been of another zone
  CHECK(world.state(0).serial.value >= 101);
  world.journal->close();
  world.open();
  CHECK(world.faults() == "");
  CHECK_FALSE(world.journal->unknown_zones_lost());
}

TEST_CASE("journal: a segment of a later version is kept, and told") {
  World world;
  REQUIRE(world.publish(0));
  world.journal->close();
  world.segment("00000001.changes")[7] = '3';
  world.open();
  CHECK(world.faults().find("or of a later version: it is kept as 00000001.changes.damaged") != std::string::npos);
}

TEST_CASE("journal: many starts and many steps leave few files") {
  World world;
  std::size_t most = 0, octets = 0;
  for (int life = 0; life < 100; ++life) {
    for (int round = 0; round < 20; ++round) REQUIRE(world.publish(static_cast<std::size_t>(round) % 4));
    world.journal->close();
    most = std::max(most, world.disk->names.size());
    world.open();
  }
  CHECK(most <= 20);
  CHECK(world.state(0).serial.value == world.serials[0]);
  for (int round = 0; round < 40'000; ++round) REQUIRE(world.publish(static_cast<std::size_t>(round) % 4));
  for (const auto& [name, node] : world.disk->names) octets += node->now.size();
  CHECK(octets < 16UL << 20);
}

TEST_CASE("journal: publishing does not wait for a hung disk, and no serial is lost to the next process") {
  World world(2);
  REQUIRE(world.publish(0));
  REQUIRE(world.journal->start([] {}));
  world.disk->hung = true;
  std::size_t published = 0;
  while (world.publish(0)) ++published;
  CHECK(published == kReserve);
  CHECK_FALSE(world.publish(1));  // it was never managed: nothing is reserved
  const std::uint32_t last = world.serials[0];
  // The process is killed: nothing that waits reaches the disk.
  world.disk->writes_left = 0;
  world.disk.let_go();
  world.journal.reset();
  world.disk.crash();
  world.open();
  CHECK(world.state(0).serial.value >= last);
}

TEST_CASE("journal: the steps of a commit are on the disk once it says so, all or none of them") {
  for (std::uint64_t seed = 1; seed <= ::dns::test::repetitions(1000, "WAYMARK_POWER_LOSSES"); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World world(3);
    for (std::size_t zone = 0; zone < 3; ++zone) REQUIRE(world.publish(zone));
    std::uint32_t acknowledged = 101;
    world.disk->writes_left = random() % 12;
    for (int round = 0; round < 6; ++round) {
      world.disk->full = random() % 6 == 0;
      world.disk->broken = random() % 6 == 0;
      std::list<Journal::Step> steps;
      for (std::size_t zone = 0; zone < 3; ++zone) steps.push_back(world.step(zone));
      const JournalPosition position = world.journal->commit(Producer::kFailover, steps);
      if (random() % 2 == 0) (void)world.journal->maintain();
      if (world.journal->is_written(position)) acknowledged = world.serials[0];
    }
    world.journal.reset();
    random() % 2 == 0 ? world.disk.lose_power(random) : world.disk.crash();
    world.disk->full = world.disk->broken = false;
    world.open();
    std::set<std::uint8_t> contents;
    for (std::size_t zone = 0; zone < 3; ++zone) {
      REQUIRE(world.state(zone).overridden.size() == 1);
      contents.insert((*world.state(zone).overridden.begin())->set.packed.back());
    }
    CHECK(contents.size() == 1);
    CHECK(*contents.begin() >= static_cast<std::uint8_t>(acknowledged));
  }
}

TEST_CASE("journal: the files of version 1 are taken over") {
  for (const bool clean : {true, false}) {
    CAPTURE(clean);
    World world;
    world.journal.reset();
    world.disk->names["z0.journal"] = std::make_shared<MemoryDisk::Node>();
    world.segment("z0.journal") = version1(clean);
    world.disk->names["views"] = std::make_shared<MemoryDisk::Node>();
    const std::string_view views = "waymark views 1\n";
    world.segment("views").assign(views.begin(), views.end());
    for (const char* foreign : {"z0 (copy).journal", "z1.journal"}) {
      world.disk->names[foreign] = std::make_shared<MemoryDisk::Node>();
      world.segment(foreign) = version1(clean);
    }
    world.open();
    CHECK(world.state(0).serial.value == (clean ? 105 : 300));
    CHECK(world.state(0).overridden.size() == 1);
    CHECK(world.faults().find("z0 (copy).journal is ignored") != std::string::npos);
    CHECK(world.faults().find("the journal of z1. cannot be used: the journal of another zone") != std::string::npos);
    CHECK(world.journal->is_serial_unknown(name(1)));
    CHECK_FALSE(world.disk->names.contains("z0.journal"));
    CHECK_FALSE(world.disk->names.contains("views"));
    CHECK(world.disk->names.contains("z1.journal.damaged"));
    world.journal->close();
    world.open();
    CHECK(world.state(0).serial.value == (clean ? 105 : 300));
  }
}

TEST_CASE("journal: a cut or changed file of version 1 is never continued with a serial that was published") {
  const Octets whole = version1(true);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)), changed = whole;
    changed[at] ^= 4;
    for (const Octets& octets : {cut, changed}) {
      const auto zone = read_version1(octets);
      if (zone) CHECK(zone->state.serial.value >= 105);
    }
  }
}
