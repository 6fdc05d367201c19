// The serial rules with reloads, overlays, full disks, crashes at any write and losses of power. Random sequences; each
// version that a client can query is compared with the one before, with what the zone file and the overlay say, and
// with an earlier version and the history since then.
#include <cstdio>
#include <map>

#include <doctest/doctest.h>

#include "server/store/store.h"
#include "tests/support/allocations.h"
#include "tests/support/memory_disk.h"
#include "tests/support/memory_files.h"
#include "tests/support/repetitions.h"
#include "zone/name/text.h"

namespace {

class TestObserver : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport&) override {}
  void on_error(const std::string& message) override { messages += message + "; "; }
  void on_progress(std::size_t, std::size_t) override {}
  std::string messages;
};

dns::Rrset address(std::uint8_t last) {
  dns::Rrset set(dns::Type::A, 30);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  return set;
}

// A version as its RRsets: "owner type covered" -> TTL and packed RDATA. Without client choices.
using Content = std::map<std::string, std::string>;

std::string key_of(dns::NameView owner, dns::Type type, dns::Type covered) {
  return dns::to_text(owner) + " " + std::to_string(static_cast<int>(type)) + " " +
         std::to_string(static_cast<int>(covered));
}
std::string value_of(const dns::RrsetView& set) {
  return std::to_string(set.ttl) + " " + std::string(dns::as_text({set.packed, set.packed_size()}));
}

Content content_of(const dns::Zone& zone) {
  Content content;
  zone.for_each([&](const dns::NodeView& node) {
    for (std::size_t i = 0; i < node.set_count(); ++i)
      content[key_of(node.owner(), node.set(i).type, {})] = value_of(node.set(i));
    return true;
  });
  return content;
}

// The version that a change makes of `content`; false if it does not apply to it.
bool apply_to(Content& content, const dns::Change& change) {
  for (const dns::RrsetChange& set : change.sets) {
    const std::string key = key_of(set.owner, set.type, set.covered);
    const auto held = content.find(key);
    if ((held == content.end()) != (set.before.count == 0)) return false;
    if (held != content.end() && held->second != value_of(set.before.view())) return false;
    if (set.before == set.after) return false;  // it must be condensed
    content.erase(key);
    if (set.after.count != 0) content[key] = value_of(set.after.view());
  }
  return true;
}

const dns::Name kApex = *dns::parse_name("a.");
constexpr const char* kNames[] = {"w0.a.", "w1.a.", "w2.a."};

struct World {
  explicit World(std::uint64_t seed) : random(seed) {
    write_file();
    start();
  }

  void write_file() {
    std::string text = "@ 300 SOA ns h " + std::to_string(file_serial) + " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\n";
    for (int i = 0; i < 3; ++i) text += "w" + std::to_string(i) + " 300 A 192.0.2.1" + std::to_string(i) + "\n";
    files.write("dir/a.zone", text + "t 300 TXT \"" + std::to_string(edition) + "\"\n");
  }

  void start() {
    options.paths = {"dir"};
    options.load_threads = 1;
    options.incremental_min_size = 0;
    auto opened = server::Journal::open(disk.disk());
    REQUIRE_MESSAGE(opened.has_value(), opened.error());
    journal = std::move(*opened);
    store.emplace(options, files, journal.get());
    generation = std::max(generation, store->desired_overlay().generation);
    note_wishes(store->desired_overlay());
    store->load(observer);
    loaded = edition;
    check_served();
  }
  // Destroys the store and the journal without a clean shutdown.
  void stop() {
    store.reset();
    journal.reset();
  }

  // Checks what a client can query now, unless the process has crashed. Before the first overlay the serial is the zone
  // file's and is not checked.
  void check_served() {
    const server::ZoneState* state = journal->find(kApex);
    if (disk->dead() || state == nullptr || state->sources.generation == 0) return;  // nothing was recorded yet
    const dns::Zone* zone = store->snapshot()->find(dns::Key(kApex));
    std::string content;
    zone->for_each([&](const dns::NodeView& node) {
      for (std::size_t i = 0; i < node.set_count(); ++i) {
        const dns::RrsetView set = node.set(i);
        if (set.type != dns::Type::SOA)
          content += dns::to_text(node.owner()) + std::string(dns::as_text({set.packed, set.packed_size()}));
      }
      return true;
    });
    const dns::Serial serial = zone->serial();
    if (last) {
      CHECK_MESSAGE((serial == *last || dns::later(serial, *last)),
                    "serial " << serial.value << " after " << last->value);
      if (serial == *last)
        CHECK_MESSAGE(content == last_content, "serial " << serial.value << " was published again with other content");
    }
    last = serial;
    last_content = content;
    if (loaded && !store->deferred() && !store->interrupted()) check_sources(*zone);
    check_history(*zone);
  }

  // Served is what the zone file says, with the overlay on it.
  void check_sources(const dns::Zone& zone) {
    Content expected;
    for (int i = 0; i < 3; ++i) {
      const std::string owner = "w" + std::to_string(i) + ".a.";
      const auto wish = wished.find(owner);
      dns::Rrset of_file(dns::Type::A, 300);
      of_file.add(std::vector<std::uint8_t>{192, 0, 2, static_cast<std::uint8_t>(10 + i)});
      expected[key_of(*dns::parse_name(owner), dns::Type::A, {})] =
          value_of((wish == wished.end() ? of_file : address(wish->second)).view());
    }
    Content served = content_of(zone);
    for (const auto& [key, value] : expected) CHECK(served[key] == value);
    const std::string text = std::to_string(*loaded);
    CHECK(served[key_of(*dns::parse_name("t.a."), dns::Type::TXT, {})].ends_with(text));
  }

  // Some earlier version, of this life or the one before, and the changes since then are this version.
  void check_history(const dns::Zone& zone) {
    const Content now = content_of(zone);
    if (versions.empty() || versions.back().first != zone.serial()) versions.emplace_back(zone.serial(), now);
    auto [serial, content] = versions[random() % versions.size()];
    const dns::History history = store->history(kApex)->history;
    const auto change = serial == zone.serial() ? dns::Change{kApex, {}, serial, serial} : history.since(serial, kApex);
    ++(change ? known : unknown);
    if (!change) return;
    CHECK(change->from == serial);
    CHECK(change->to == zone.serial());
    CHECK(apply_to(content, *change));
    CHECK(content == now);
  }
  // What the zone was before its last changes, if the history knows it.
  std::optional<dns::Change> since(dns::Serial serial) const {
    return store->history(kApex)->history.since(serial, kApex);
  }

  void note_wishes(const server::Overlay& overlay) {
    wished.clear();
    for (const server::ManagedRrsetPtr& set : overlay.sets) wished[dns::to_text(set->owner)] = set->set.packed.back();
  }
  void apply(server::Overlay overlay) {
    note_wishes(overlay);
    call([&] { store->apply_overlay(std::move(overlay), observer); });
  }
  // Calls the store; where `failing` is set, that allocation fails. False: the store has made the best of it.
  template <class Work>
  bool call(const Work& work) {
    using ::dns::test::Shortage;
    const std::uint64_t nth = std::exchange(failing, 0);
    if (nth == 0) return work(), true;
    const Shortage shortage = ::dns::test::with_shortage(nth, 1, work);
    if (shortage == Shortage::kThrown) throw std::bad_alloc();
    return shortage == Shortage::kNotReached;
  }
  void steer() {
    server::Overlay overlay;
    overlay.generation = ++generation;
    for (const char* name : kNames)
      if (random() % 3 != 0)
        overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(server::ManagedRrset{
            *dns::parse_name(name), dns::Type::A, address(static_cast<std::uint8_t>(random() % 4)), {}}));
    apply(std::move(overlay));
    check_served();
  }
  void reload() {
    if (random() % 2 == 0) ++edition;
    if (random() % 2 == 0) file_serial += static_cast<std::uint32_t>(random() % 1000) - 300;
    write_file();
    loaded.reset();  // until the load has ended
    if (call([&] { store->load(observer); })) loaded = edition;
    check_served();
  }
  void work(std::size_t steps) {
    for (std::size_t i = 0; i < steps && !disk->dead(); ++i) {
      switch (random() % 10) {
        case 0: reload(); break;
        case 1:
          store->maintain(observer);
          check_served();
          break;
        case 2: disk->full = random() % 8 == 0; break;
        case 3: disk->broken = random() % 8 == 0; break;
        case 4: journal->sync(); break;
        case 5: run_out_of_memory(); break;
        default: steer(); break;
      }
    }
  }
  // The memory is used up in the middle of an update, in the store or where the journal is written; what clients get
  // stays, and the next maintenance makes it good.
  void run_out_of_memory() {
    disk->exhausted = random() % 2 == 0;
    failing = random() % kAllocations;
    try {
      random() % 2 == 0 ? steer() : reload();
    } catch (const std::bad_alloc&) {
      store->set_interrupted();
    }
    disk->exhausted = false;
    failing = 0;
    store->maintain(observer);
    CHECK_FALSE(store->interrupted());
    check_served();
  }
  void end() {
    const auto how = random() % 4;
    if (how == 0) journal->close();
    else versions.clear();  // the next life may not know them
    disk->full = disk->broken = false;
    stop();
    how == 1 ? disk.lose_power(random) : disk.crash();
  }

  static constexpr std::uint64_t kAllocations = 400;  // more than an update needs

  std::mt19937_64 random;
  std::uint64_t failing = 0;  // the allocation of the next call that fails, from 1; 0: none
  server::MemoryFiles files;
  server::MemoryDisk disk;
  server::StoreOptions options;
  std::unique_ptr<server::Journal> journal;
  std::optional<server::Store> store;
  TestObserver observer;
  std::uint64_t generation = 0;
  std::uint32_t file_serial = 100;
  int edition = 0;
  std::optional<int> loaded;  // the edition that is served; nothing: not known
  std::map<std::string, std::uint8_t> wished;
  std::optional<dns::Serial> last;
  std::string last_content;
  std::vector<std::pair<dns::Serial, Content>> versions;  // published
  std::size_t known = 0, unknown = 0;                     // versions to which the history led back, or did not
};

server::Overlay overlay_of(std::uint64_t generation, std::uint8_t last) {
  server::Overlay overlay;
  overlay.generation = generation;
  overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(
      server::ManagedRrset{*dns::parse_name("w0.a."), dns::Type::A, address(last), {}}));
  return overlay;
}

}  // namespace

TEST_CASE("store crash: after a crash or a loss of power no serial goes back or returns with other content") {
  std::size_t known = 0, unknown = 0;
  const std::size_t seeds = ::dns::test::repetitions(100, "WAYMARK_CRASHES");
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int life = 0; life < 6; ++life) {
      if (world.random() % 2 == 0) world.disk->writes_left = 1 + world.random() % 60;
      world.work(30);
      world.end();
      world.start();
    }
    known += world.known;
    unknown += world.unknown;
  }
  CHECK(known > 10 * unknown);  // a reload that alters records and not the serial ends a history
}

TEST_CASE("store crash: after a crash the last published content is served, with a serial behind the reserved ones") {
  World world(7);
  for (std::uint8_t i = 1; i < 200; ++i) {
    world.apply(overlay_of(i, i));
    world.check_served();
  }
  const std::string content = world.last_content;
  const dns::Serial serial = *world.last;
  world.stop();
  world.disk.crash();
  world.start();
  CHECK(world.last_content == content);
  CHECK(world.last->value > serial.value);
  CHECK(world.last->value <= serial.value + server::kReserve + 1);
  CHECK(world.store->desired_overlay().generation == 199);
}

TEST_CASE("store crash: the serial continues after a clean shutdown, and above the ceiling after a loss of power") {
  World world(7);
  world.apply(overlay_of(1, 1));
  world.check_served();
  CHECK(world.last->value == 101);
  world.journal->close();
  world.stop();
  world.disk.lose_power(world.random);
  world.start();
  CHECK(world.last->value == 101);
  world.stop();
  world.disk.lose_power(world.random);
  world.start();
  CHECK(world.last->value > 101);
  CHECK(world.last->value <= 101 + 2 * server::kReserve);
}

TEST_CASE("store crash: the history goes on after a clean end, for steered zones and for others") {
  World world(7);
  const Content first = content_of(*world.store->snapshot()->find(dns::Key(kApex)));
  const auto restart = [&] {
    world.journal->close();
    world.stop();
    world.disk.crash();
    world.start();
  };
  const auto leads_to_now = [&](dns::Serial serial, Content content) {
    const auto change = world.since(serial);
    REQUIRE(change);
    CHECK(apply_to(content, *change));
    CHECK(content == content_of(*world.store->snapshot()->find(dns::Key(kApex))));
  };
  ++world.edition;
  world.file_serial = 101;
  world.write_file();
  world.store->load(world.observer);
  restart();
  leads_to_now({100}, first);
  for (std::uint8_t i = 1; i < 5; ++i) world.apply(overlay_of(i, i));
  restart();
  leads_to_now({100}, first);
  world.apply(overlay_of(6, 6));
  leads_to_now({100}, first);
}

TEST_CASE("store crash: a full disk defers overlays only after the reserve of serials, until there is space again") {
  World world(7);
  world.apply(overlay_of(1, 1));
  world.check_served();
  world.disk->full = true;
  std::uint64_t generation = 1;
  for (int i = 0; i < 400; ++i) world.apply(overlay_of(++generation, static_cast<std::uint8_t>(i % 200)));
  world.check_served();
  CHECK(world.last->value > 110);
  CHECK(world.last->value <= 100 + 2 * server::kReserve);
  CHECK(world.observer.messages.find("No space left on device") != std::string::npos);
  CHECK(world.observer.messages.find("not published") != std::string::npos);
  world.disk->full = false;
  for (int i = 0; i < 4; ++i) world.store->maintain(world.observer);
  world.check_served();
  CHECK(world.last_content.find(std::string{static_cast<char>(203), 0, 113, static_cast<char>(399 % 200)}) !=
        std::string::npos);
  world.stop();
  world.disk.crash();
  world.start();
}

TEST_CASE("store crash: rejects a second server on the same state directory") {
  World world(7);
  auto second = server::Journal::open(world.disk.disk());
  REQUIRE(!second.has_value());
  CHECK(second.error() == "another process is using it");
}
