#include "server/store/store.h"

#include <doctest/doctest.h>

#include "tests/support/memory_files.h"
#include "zone/name/text.h"

namespace {

std::string zone_text(unsigned serial, const std::string& more = "") {
  return "@ 300 SOA ns h " + std::to_string(serial) + " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\n" + more;
}

// Collects the reports of a load: "a. loaded", and the warnings.
class Listener : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport& report) override {
    static constexpr const char* kWords[] = {"loaded", "unchanged", "kept", "failed", "removed"};
    reports += dns::to_text(report.apex) + " " + kWords[static_cast<std::size_t>(report.outcome)] + "; ";
    warnings += report.warning;
    errors += report.diagnostics.errors();
  }
  void on_error(const std::string& message) override { messages += message; }
  void on_progress(std::size_t, std::size_t) override {}

  std::string reports, warnings, messages;
  std::size_t errors = 0;
};

struct Fixture {
  Fixture() : store(options(), files) {}

  static server::StoreOptions options() {
    server::StoreOptions options;
    options.paths = {"dir"};
    options.load_threads = 1;
    options.incremental_min_size = 0;
    return options;
  }
  Listener load() {
    Listener listener;
    store.load(listener);
    return listener;
  }
  // A reload with another configuration.
  Listener load_from(std::vector<std::string> paths, std::shared_ptr<const dns::ZonePolicies> policies = nullptr) {
    server::StoreOptions changed = options();
    changed.paths = std::move(paths);
    changed.policies = std::move(policies);
    Listener listener;
    server::LoadResult load_result{{}, {}, store.zone_table()};
    server::load_zones(load_result, changed, files, [](std::size_t, std::size_t) {}, {});
    store.commit_load(std::move(load_result), listener);
    return listener;
  }
  // The served serial for a name; -1: no zone contains the name, 0: the zone is not loaded.
  std::int64_t serial_of(const char* name) const {
    const dns::Zone* zone = store.snapshot()->find(dns::Key(*dns::parse_name(name)));
    return zone == nullptr ? -1 : std::int64_t{zone->serial().value};
  }

  server::MemoryFiles files;
  server::Store store;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "store: does not parse an unchanged zone again") {
  files.write("dir/a.zone", zone_text(1));
  files.write("dir/b.zone", zone_text(1, "$INCLUDE part\n"));
  files.write("dir/part", "x 300 A 192.0.2.7\n");
  CHECK(load().reports == "a. loaded; b. loaded; ");
  const auto first = store.snapshot();
  CHECK(load().reports == "a. unchanged; b. unchanged; ");
  CHECK((store.snapshot() == first));
  files.touch("dir/a.zone");  // touched, same content: read, not parsed
  CHECK(load().reports == "a. unchanged; b. unchanged; ");
  const std::size_t reads = files.reads();
  CHECK(load().reports == "a. unchanged; b. unchanged; ");
  CHECK(files.reads() == reads);
  files.write("dir/part", "y 300 A 192.0.2.7\n");
  CHECK(load().reports == "a. unchanged; b. loaded; ");
  CHECK((store.snapshot() != first));
}

TEST_CASE_FIXTURE(Fixture, "store: a zone file with errors keeps the last good version, a corrected file replaces it") {
  files.write("dir/a.zone", zone_text(1));
  load();
  files.write("dir/a.zone", zone_text(2, "www 300 A 192.0.2.256\n"));
  const Listener broken = load();
  CHECK(broken.reports == "a. kept; ");
  CHECK(broken.errors == 1);
  CHECK(serial_of("a") == 1);
  CHECK(load().reports == "a. kept; ");  // reported again until the file is corrected
  files.write("dir/a.zone", zone_text(3));
  CHECK(load().reports == "a. loaded; ");
  CHECK(serial_of("a") == 3);
}

TEST_CASE_FIXTURE(Fixture, "store: a zone that was never loaded is not answered from its parent zone") {
  files.write("dir/example.zone", zone_text(1));
  files.write("dir/sub.example.zone", "garbage\n");
  CHECK(load().reports == "example. loaded; sub.example. failed; ");
  CHECK(serial_of("www.sub.example") == 0);
  CHECK(serial_of("www.example") == 1);
  files.write("dir/sub.example.zone", zone_text(5));
  CHECK(load().reports == "example. unchanged; sub.example. loaded; ");
  CHECK(serial_of("www.sub.example") == 5);
}

TEST_CASE_FIXTURE(Fixture,
                  "store: zones are added and removed with their files, and stay if the directory cannot be read") {
  files.write("dir/a.zone", zone_text(1));
  files.write("dir/b.zone", zone_text(1));
  load();
  files.remove("dir/a.zone");
  files.write("dir/c.zone", zone_text(1));
  CHECK(load().reports == "b. unchanged; c. loaded; a. removed; ");
  CHECK(serial_of("a") == -1);
  files.lose("dir");
  const Listener lost = load();
  CHECK(lost.reports == "b. kept; c. kept; ");
  CHECK(lost.messages ==
        "cannot read dir: No such file or directory"
        "keeping 2 zones without a file: dir cannot be read");
  CHECK(serial_of("b") == 1);
  files.find_again("dir");
  files.remove("dir/c.zone");
  CHECK(load().reports == "b. loaded; c. removed; ");
}

TEST_CASE_FIXTURE(Fixture,
                  "store: keeps zones while any configured path cannot be read, also if their own path is gone") {
  files.write("old/a.zone", zone_text(1));
  files.write("dir/b.zone", zone_text(1));
  load_from({"old", "dir"});
  const Listener mistyped = load_from({"typo", "dir"});
  CHECK(mistyped.reports == "b. unchanged; a. kept; ");
  CHECK(mistyped.messages ==
        "cannot read typo: No such file or directory"
        "keeping 1 zone without a file: typo cannot be read");
  CHECK(serial_of("a") == 1);
  CHECK(load_from({"dir"}).reports == "b. unchanged; a. removed; ");
}

TEST_CASE_FIXTURE(Fixture, "store: removes the zones of a directory that became empty only if it stays empty") {
  files.write("dir/a.zone", zone_text(1));
  files.write("dir/b.zone", zone_text(1));
  files.write("dir/README", "");
  load();
  files.remove("dir/a.zone");
  files.remove("dir/b.zone");
  const Listener emptied = load();
  CHECK(emptied.reports == "a. kept; b. kept; ");
  CHECK(
      emptied.messages ==
      "keeping 2 zones without a file: dir has no zone files; the next reload removes the zones if it still has none");
  CHECK(serial_of("b") == 1);
  files.write("dir/a.zone", zone_text(1));  // mounted again
  CHECK(load().reports == "a. loaded; b. removed; ");
  files.remove("dir/a.zone");
  CHECK(load().reports == "a. kept; ");
  CHECK(load().reports == "a. removed; ");
  CHECK(serial_of("a") == -1);
}

TEST_CASE_FIXTURE(Fixture, "store: warns if the records change and the serial does not increase") {
  files.write("dir/a.zone", zone_text(5));
  load();
  files.write("dir/a.zone", zone_text(5, "; a comment\n"));
  CHECK(load().warnings == "");
  files.write("dir/a.zone", zone_text(5, "www 300 A 192.0.2.9\n"));
  CHECK(load().warnings == "the records changed, but the serial is still 5: secondaries do not transfer the zone");
  files.write("dir/a.zone", zone_text(4));
  CHECK(load().warnings ==
        "the serial went from 5 back to 4: secondaries do not transfer the zone until the serial is higher than the "
        "old one");
  files.write("dir/a.zone", zone_text(6));
  CHECK(load().warnings == "");
}

TEST_CASE("store: a reload replaces the policies of all zones; equal ones keep those that are served") {
  const auto closed = [](const char* apex) {
    dns::AccessRule rule;
    rule.action = dns::AccessRule::Action::kDeny;
    std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>> zones;
    zones.emplace_back(*dns::parse_name(apex), std::make_shared<const dns::ZonePolicy>(std::vector{rule}));
    return std::make_shared<const dns::ZonePolicies>(std::move(zones), nullptr);
  };
  Fixture instance;
  instance.files.write("dir/a.zone", zone_text(1));
  instance.files.write("dir/b.zone", zone_text(1));
  instance.load();
  const auto has_policy = [&](const char* name) {
    return instance.store.snapshot()->find_entry(dns::Key(*dns::parse_name(name))).policy != nullptr;
  };
  CHECK_FALSE(has_policy("a."));
  const Listener first = instance.load_from({"dir"}, closed("a."));
  CHECK(first.reports == "a. unchanged; b. unchanged; ");
  CHECK(has_policy("a."));
  CHECK_FALSE(has_policy("b."));
  const auto served = instance.store.snapshot()->policies();
  instance.files.write("dir/a.zone", "damaged");
  instance.files.write("dir/c.zone", "damaged");
  instance.load_from({"dir"}, closed("a."));
  CHECK(instance.store.snapshot()->policies() == served);
  CHECK(has_policy("a."));
  instance.load_from({"dir"}, closed("c."));
  CHECK_FALSE(has_policy("a."));
  CHECK(has_policy("c."));
  instance.load_from({"dir"});
  CHECK_FALSE(has_policy("c."));
  CHECK(instance.store.snapshot()->policies() == nullptr);
}

TEST_CASE("store: loads many zones on several threads and reports them in order") {
  server::MemoryFiles files;
  for (int i = 100; i < 400; ++i)
    files.write("dir/z" + std::to_string(i) + ".zone", i % 7 == 0 ? "bad\n" : zone_text(1));
  server::StoreOptions options = Fixture::options();
  options.load_threads = 4;
  server::Store store(options, files);
  Listener listener;
  const server::LoadSummary summary = store.load(listener);
  CHECK(summary.loaded == 257);
  CHECK(summary.failed == 43);
  CHECK(store.snapshot()->size() == 300);
  CHECK(listener.reports.find("z100. loaded; z101. loaded; ") == 0);
}
