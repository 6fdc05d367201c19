// A store that loads a new zone file as a change to the old zone serves the same data as a store that rebuilds each
// zone.
#include <doctest/doctest.h>

#include "server/store/store.h"
#include "tests/support/memory_files.h"
#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"
#include "zone/name/text.h"

namespace {

using dns::test::below;
using dns::test::Random;

class Listener : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport& report) override {
    reports += std::to_string(static_cast<int>(report.outcome)) + report.warning + " " +
               std::to_string(report.diagnostics.errors()) + ";";
  }
  void on_error(const std::string& message) override { reports += message; }
  void on_progress(std::size_t, std::size_t) override {}

  std::string reports;
};

struct Instance {
  Instance(server::Files& files, std::size_t incremental_min_size) : store(options(incremental_min_size), files) {}

  static server::StoreOptions options(std::size_t incremental_min_size) {
    server::StoreOptions options;
    options.paths = {"dir"};
    options.load_threads = 1;
    options.incremental_min_size = incremental_min_size;
    return options;
  }
  const dns::Zone& zone() const { return *store.snapshot()->find(dns::Key(*dns::parse_name("a."))); }
  void load() { store.load(listener); }
  void steer(std::uint64_t generation, std::size_t host, std::uint8_t last) {
    server::Overlay overlay;
    overlay.generation = generation;
    dns::Rrset set(dns::Type::A, 30);
    set.add(std::vector<std::uint8_t>{203, 0, 113, last});
    overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(
        server::ManagedRrset{*dns::parse_name("h" + std::to_string(host) + ".a."), dns::Type::A, set, {}}));
    store.apply_overlay(std::move(overlay), listener);
  }

  server::Store store;
  Listener listener;
};

constexpr std::size_t kNever = SIZE_MAX;

// A zone in which each host is absent or has one of a few addresses.
class RandomZone {
 public:
  explicit RandomZone(Random& random) : random_(random), hosts_(40) {}

  std::string next() {
    for (std::size_t times = below(random_, 6); times > 0; --times)
      hosts_[below(random_, hosts_.size())] = below(random_, 4);
    std::string text =
        "@ 300 SOA ns h (\n " + std::to_string(++serial_) + " 1 1 1 1 )\n@ 300 NS ns\nns 300 A 192.0.2.1\n";
    if (below(random_, 8) == 0) text += "$ORIGIN a.\n$TTL 300\n";
    for (std::size_t i = 0; i < hosts_.size(); ++i)
      if (hosts_[i] != 0)
        text += "h" + std::to_string(i) + " 300 A 192.0.2." + std::to_string(hosts_[i]) + "\n 300 TXT \"(\" ; (\n";
    if (below(random_, 10) == 0) text += "h1 300 CNAME ns\n";  // an error if h1 has an address
    if (below(random_, 10) == 0) text += "h2 300 A 192.0.2.9\nh2 300 A 192.0.2.9\n";
    if (below(random_, 10) == 0) text += "h3 300 A 192.0.2.256\n";
    return text;
  }

 private:
  Random& random_;
  std::vector<std::size_t> hosts_;
  unsigned serial_ = 0;
};

}  // namespace

TEST_CASE("incremental load: random changes and overlays give the same zones and reports as a rebuild") {
  Random random(20261123);
  server::MemoryFiles files;
  RandomZone zone(random);
  Instance incremental(files, 0), rebuilding(files, kNever);
  std::size_t incremental_count = 0;
  std::uint64_t generation = 0;
  for (int round = 0; round < 400; ++round) {
    files.write("dir/a.zone", zone.next());
    const auto before = round == 0 ? nullptr : incremental.zone().storage();
    const std::string text = round == 0 ? "" : dns::test::dump(incremental.zone());
    for (Instance* instance : {&incremental, &rebuilding}) instance->load();
    incremental_count += incremental.zone().storage() == before && dns::test::dump(incremental.zone()) != text;
    REQUIRE(incremental.listener.reports == rebuilding.listener.reports);
    REQUIRE(dns::test::dump(incremental.zone()) == dns::test::dump(rebuilding.zone()));
    if (below(random, 3) != 0) continue;
    const std::size_t host = below(random, 40), last = below(random, 200);
    ++generation;
    for (Instance* instance : {&incremental, &rebuilding})
      instance->steer(generation, host, static_cast<std::uint8_t>(last));
    REQUIRE(dns::test::dump(incremental.zone()) == dns::test::dump(rebuilding.zone()));
  }
  CHECK(incremental_count > 100);
}

TEST_CASE("incremental load: an overlay that is applied during the load is kept, in the same storage") {
  Random random(7);
  server::MemoryFiles files;
  const std::string head = "@ 300 SOA ns h ", tail = " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\nh1 300 A 192.0.2.2\n";
  files.write("dir/a.zone", head + "1" + tail);
  Instance instance(files, 0);
  instance.load();
  const auto storage = instance.zone().storage();
  files.write("dir/a.zone", head + "2" + tail + "h2 300 A 192.0.2.3\n");
  const server::ApplyOnWriter apply_on_writer = [](std::shared_ptr<const dns::Zone> from, const dns::Change& change) {
    return *dns::apply(from, change);
  };
  server::LoadResult load_result{{}, {}, instance.store.zone_table()};
  server::load_zones(load_result, Instance::options(0), files, [](std::size_t, std::size_t) {}, apply_on_writer);
  instance.steer(1, 1, 77);  // a second successor of the version from which the load started
  CHECK(dns::test::dump(instance.zone()).find("h1.a. 30 1 cb00714d") != std::string::npos);
  CHECK(dns::test::dump(instance.zone()).find("h2.a.") == std::string::npos);
  instance.store.commit_load(std::move(load_result), instance.listener);
  CHECK(dns::test::dump(instance.zone()).find("h1.a. 30 1 cb00714d") != std::string::npos);
  CHECK(dns::test::dump(instance.zone()).find("h2.a. 300 1 c0000203") != std::string::npos);
  CHECK(instance.zone().storage() == storage);
}

TEST_CASE("load: a zone for which memory lacks fails alone, with words") {
  struct ScarceFiles final : server::MemoryFiles {
    Outcome<Content> read(const std::string& path) override {
      if (path.starts_with("b.")) throw std::bad_alloc();
      return MemoryFiles::read(path);
    }
  } files;
  for (const char* path : {"a.example.zone", "b.example.zone", "c.example.zone"})
    files.write(path, "@ 300 SOA ns.example.net. h 1 2 3 4 5\n@ 300 NS ns.example.net.\n");
  server::StoreOptions options;
  options.paths = {"a.example.zone", "b.example.zone", "c.example.zone"};
  options.load_threads = 2;
  server::LoadResult loaded;
  server::load_zones(loaded, options, files, [](std::size_t, std::size_t) {}, {});
  REQUIRE(loaded.zones.size() == 3);
  for (const server::ZoneLoadResult& zone : loaded.zones) {
    const bool scarce = zone.report.path.starts_with("b.");
    CHECK(zone.report.outcome == (scarce ? server::ZoneOutcome::kFailed : server::ZoneOutcome::kLoaded));
    CHECK((zone.report.zone == nullptr) == scarce);
    REQUIRE(zone.report.diagnostics.kept().size() == (scarce ? 1U : 0U));
    if (scarce) CHECK(zone.report.diagnostics.kept()[0].code->code == "Z123");
  }
}

TEST_CASE("load: a zone is read again if it may no longer include one of its files") {
  server::MemoryFiles files;
  files.write("/dir/a.zone", "@ 300 SOA ns h 1 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\n$INCLUDE /other/part\n");
  files.write("/other/part", "www 300 A 192.0.2.2\n");
  server::StoreOptions options = Instance::options(kNever);
  options.paths = {"/dir"};
  options.include_scope = server::IncludeScope::kAnywhere;
  server::Store store(options, files);
  Listener listener;
  store.load(listener);
  const auto outcome = [&](server::IncludeScope scope) {
    options.include_scope = scope;
    server::LoadResult load_result;
    load_result.zone_table = store.zone_table();
    server::load_zones(load_result, options, files, [](std::size_t, std::size_t) {}, {});
    return load_result.zones.front().report.outcome;
  };
  CHECK(outcome(server::IncludeScope::kAnywhere) == server::ZoneOutcome::kUnchanged);
  CHECK(outcome(server::IncludeScope::kInside) == server::ZoneOutcome::kFailed);
}
