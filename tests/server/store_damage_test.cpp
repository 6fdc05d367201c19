// A state directory and zone files with random damage: bits, truncations, exchanged, missing, foreign and empty files.
// The start must serve all zones that were not damaged as they were, and must tell what is damaged.
#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "server/store/store.h"
#include "tests/support/memory_disk.h"
#include "tests/support/memory_files.h"
#include "tests/support/repetitions.h"
#include "zone/name/text.h"

using namespace server;

namespace {

constexpr std::size_t kZones = 4;  // the last one is never managed

std::string apex_of(std::size_t zone) { return "z" + std::to_string(zone) + "."; }
std::string file_of(std::size_t zone) { return "dir/z" + std::to_string(zone) + ".zone"; }

class Reports : public LoadObserver {
 public:
  void on_zone(const ZoneReport& report) override {
    if (report.outcome == ZoneOutcome::kFailed) failed += dns::to_text(report.apex) + " ";
  }
  void on_error(const std::string& words) override { errors += words + "; "; }
  void on_progress(std::size_t, std::size_t) override {}
  std::string failed, errors;
};

Overlay overlay_of(std::uint64_t generation, std::uint8_t last) {
  Overlay overlay;
  overlay.generation = generation;
  for (std::size_t zone = 0; zone + 1 < kZones; ++zone) {
    dns::Rrset set(dns::Type::A, 30);
    set.add(std::vector<std::uint8_t>{203, 0, 113, last});
    overlay.sets = overlay.sets.with(std::make_shared<const ManagedRrset>(
        ManagedRrset{*dns::parse_name("www." + apex_of(zone)), dns::Type::A, std::move(set), {}}));
  }
  return overlay;
}

// What a client gets from a zone.
struct Served {
  std::int64_t serial = -1;  // -1: no such zone; 0: not loaded
  std::string www;

  friend bool operator==(const Served&, const Served&) = default;
};

Served served(const Store& store, std::size_t zone) {
  const dns::Zone* found = store.snapshot()->find(dns::Key(*dns::parse_name(apex_of(zone))));
  if (found == nullptr) return {};
  const auto node = found->find_exact(*dns::parse_name("www." + apex_of(zone)));
  const auto set = node ? node->find(dns::Type::A) : std::nullopt;
  return {std::int64_t{found->serial().value},
          set ? std::string(dns::as_text({set->packed, set->packed_size()})) : std::string()};
}

struct World {
  explicit World(std::mt19937_64& random) {
    options.paths = {"dir"};
    options.load_threads = 1;
    for (std::size_t zone = 0; zone < kZones; ++zone) write(zone);
    const std::uint64_t steps = 1 + random() % 8;
    start();
    for (std::uint64_t step = 1; step <= steps; ++step)
      store->apply_overlay(overlay_of(step, static_cast<std::uint8_t>(step)), reports);
    clean = random() % 2 == 0;
    clean ? journal->close() : journal->sync();
    for (std::size_t zone = 0; zone < kZones; ++zone) before[zone] = served(*store, zone);
    store.reset();
    journal.reset();
    disk.crash();
  }
  void write(std::size_t zone) {
    files.write(file_of(zone), "@ 300 SOA ns h 100 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\nwww 300 A 192.0.2.80\n");
  }
  void start() {
    auto opened = Journal::open(disk.disk());
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    journal = std::move(*opened);
    store.emplace(options, files, journal.get());
    store->load(reports);
  }

  MemoryFiles files;
  MemoryDisk disk;
  StoreOptions options;
  std::unique_ptr<Journal> journal;
  std::optional<Store> store;
  Reports reports;
  std::array<Served, kZones> before;
  bool clean = false;  // the end of the first process
};

using Content = std::vector<std::uint8_t>;

// Damages a file of the journal; false if that cannot be told from a file that was never longer.
bool damage(Content& octets, std::mt19937_64& random) {
  const Content before = octets;
  switch (random() % 4) {
    case 0:
      for (std::uint64_t bits = 1 + random() % 4; bits > 0 && !octets.empty(); --bits)
        octets[random() % octets.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      break;
    case 1: octets.resize(random() % (octets.size() + 1)); break;
    case 2: octets.assign(random() % 200, static_cast<std::uint8_t>(random())); break;
    default: octets.clear(); break;
  }
  if (octets == before) return false;
  const auto header = decode_header(octets);
  if (!header) return true;
  std::size_t gaps = 0;
  read_segment(octets, *header, [&](const SegmentPart& part) { gaps += part.record ? 0 : 1; });
  return gaps != 0;
}

std::string told(const World& world) {
  std::string all = world.reports.errors;
  for (const std::string& fault : world.journal->faults()) all += fault + "; ";
  return all;
}

}  // namespace

TEST_CASE("damage: a damaged journal costs at most a jump of serials, and no zone is lost") {
  std::size_t same = 0, later = 0, named = 0, untold = 0;
  for (std::uint64_t seed = 1; seed <= ::dns::test::repetitions(800); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World world(random);
    auto victim = world.disk->names.begin();
    std::advance(victim, static_cast<std::ptrdiff_t>(random() % world.disk->names.size()));
    const std::string file = victim->first;
    CAPTURE(file);
    if (!damage(victim->second->now, random)) continue;
    world.start();
    for (std::size_t zone = 0; zone < kZones; ++zone) {
      CAPTURE(zone);
      const Served now = served(*world.store, zone);
      CHECK(now.serial > 0);
      ++(now == world.before[zone] ? same : later);
      // Where nothing can be read, the next decision jumps; until then the zone is as in its file.
      const bool as_in_file = world.journal->unknown_zones_lost() && now.serial == 100;
      if (now != world.before[zone] && !as_in_file) CHECK(now.serial > world.before[zone].serial);
    }
    // An end that is cut looks like a loss of power.
    ++(told(world).empty() ? untold : named);
    // It goes on: the next decision is published with a later serial, and the damage is told once.
    world.store->apply_overlay(overlay_of(1000, 99), world.reports);
    for (std::size_t zone = 0; zone + 1 < kZones; ++zone)
      CHECK(served(*world.store, zone).serial > world.before[zone].serial);
    world.journal->close();
    world.store.reset();
    world.journal.reset();
    world.disk.crash();
    world.reports.errors.clear();
    world.start();
    CHECK(told(world) == "");
  }
  CHECK(same > 0);
  CHECK(later > 0);
  CHECK(named > untold);
}

TEST_CASE("damage: a damaged zone file costs its zone only, and the mended file is served") {
  for (std::uint64_t seed = 1; seed <= ::dns::test::repetitions(500); ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World world(random);
    const std::size_t victim = random() % kZones;
    world.files.write(file_of(victim), random() % 2 == 0 ? "" : "@ 300 SOA ns h 100 1 1 1 1\nwww 300 A 192.0.2\n");
    world.start();
    for (std::size_t zone = 0; zone < kZones; ++zone) {
      CAPTURE(zone);
      if (zone == victim) CHECK(served(*world.store, zone) == Served{0, ""});
      else if (world.clean || zone + 1 == kZones) CHECK(served(*world.store, zone) == world.before[zone]);
      else CHECK(served(*world.store, zone).www == world.before[zone].www);
    }
    CHECK(world.reports.failed == apex_of(victim) + " ");
    world.write(victim);
    world.store->load(world.reports);
    const Served now = served(*world.store, victim);
    CHECK(now.www == world.before[victim].www);
    CHECK(now.serial >= world.before[victim].serial);
  }
}
