#include <time.h>

#include <algorithm>

#include <doctest/doctest.h>

#include "server/store/store.h"
#include "tests/support/memory_files.h"
#include "zone/name/text.h"

namespace {

std::string zone_text(unsigned serial, const std::string& more = "") {
  return "@ 300 SOA ns h " + std::to_string(serial) +
         " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\nwww 300 A 192.0.2.10\n" + more;
}

class Listener : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport& report) override { warnings += report.warning; }
  void on_error(const std::string& message) override { messages += message + "; "; }
  void on_progress(std::size_t, std::size_t) override {}
  std::string warnings, messages;
};

dns::Rrset address(std::uint8_t last, std::uint32_t ttl = 30) {
  dns::Rrset set(dns::Type::A, ttl);
  set.add(std::vector<std::uint8_t>{203, 0, 113, last});
  return set;
}

struct Fixture {
  Fixture() : store(options(), files) {
    files.write("dir/a.zone", zone_text(7));
    load();
  }

  static server::StoreOptions options() {
    server::StoreOptions options;
    options.paths = {"dir"};
    options.load_threads = 1;
    options.incremental_min_size = 0;
    return options;
  }
  Listener load() {
    Listener load_reports;
    store.load(load_reports);
    return load_reports;
  }
  // Applies the next generation: A records 203.0.113.`last` for `owners`, which are in canonical order.
  server::OverlayOutcome apply(const std::vector<const char*>& owners, std::uint8_t last) {
    return apply_at(++generation, owners, last);
  }
  server::OverlayOutcome apply_at(std::uint64_t at, const std::vector<const char*>& owners, std::uint8_t last) {
    server::Overlay overlay;
    overlay.generation = at;
    for (const char* owner : owners)
      overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(
          server::ManagedRrset{*dns::parse_name(owner), dns::Type::A, address(last), {}}));
    return store.apply_overlay(std::move(overlay), listener);
  }
  // "8: 203.1": the serial of the zone, and the first and last octet of the name's A record.
  std::string served(const char* name) const {
    const dns::Key key(*dns::parse_name(name));
    const dns::Zone* zone = store.snapshot()->find(key);
    const auto node = zone->find_exact(key);
    const auto set = node ? node->find(dns::Type::A) : std::nullopt;
    if (!set) return std::to_string(zone->serial().value) + ": none";
    const dns::Bytes octets = *set->begin();
    return std::to_string(zone->serial().value) + ": " + std::to_string(octets[0]) + "." + std::to_string(octets[3]);
  }

  server::MemoryFiles files;
  server::Store store;
  Listener listener;
  std::uint64_t generation = 0;
};

using server::OverlayOutcome;

// The least CPU time, in nanoseconds, of an overlay that changes one of `zones` zones.
std::int64_t cost_among(std::size_t zones) {
  const auto cpu_time = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  };
  Fixture fixture;
  for (std::size_t i = 1; i < zones; ++i) fixture.files.write("dir/z" + std::to_string(i) + ".zone", zone_text(1));
  fixture.load();
  std::int64_t least = INT64_MAX;
  for (std::uint8_t last = 1; last <= 50; ++last) {
    const std::int64_t start = cpu_time();
    fixture.apply({"www.a."}, last);
    least = std::min(least, cpu_time() - start);
  }
  return least;
}

}  // namespace

TEST_CASE("overlay: the cost does not depend on the number of loaded zones") {
  const std::int64_t alone = cost_among(1), among_many = cost_among(20000);
  CHECK(among_many < 8 * alone);
}

TEST_CASE_FIXTURE(Fixture, "overlay: a change increments the serial once, the same overlay again does not") {
  CHECK(served("www.a.") == "7: 192.10");
  CHECK((apply({"www.a."}, 1) == OverlayOutcome::kChanged));
  CHECK(served("www.a.") == "8: 203.1");
  CHECK((apply({"www.a."}, 1) == OverlayOutcome::kUnchanged));
  CHECK(served("www.a.") == "8: 203.1");
  CHECK((apply({}, 1) == OverlayOutcome::kChanged));  // the zone file's RRset is served again, with a new serial
  CHECK(served("www.a.") == "9: 192.10");
}

TEST_CASE_FIXTURE(Fixture, "overlay: a client choice without an RRset keeps the zone file's RRset") {
  server::Overlay overlay;
  overlay.generation = ++generation;
  dns::ClientChoice nodata;  // NODATA for all clients
  nodata.variants.emplace_back(dns::Type::A, 5);
  nodata.rules.emplace_back();
  overlay.sets = overlay.sets.with(std::make_shared<const server::ManagedRrset>(
      server::ManagedRrset{*dns::parse_name("www.a."), dns::Type::A, dns::Rrset(dns::Type::A, 0), nodata}));
  CHECK((store.apply_overlay(overlay, listener) == OverlayOutcome::kChanged));
  CHECK(served("www.a.") == "8: 192.10");
  const dns::Key key(*dns::parse_name("www.a."));
  CHECK(store.snapshot()->find(key)->find_exact(key)->client_choice_of(dns::Type::A).has_value());
  CHECK((apply({}, 1) == OverlayOutcome::kChanged));
  CHECK(served("www.a.") == "9: 192.10");
  CHECK(!store.snapshot()->find(key)->find_exact(key)->client_choice_of(dns::Type::A).has_value());
}

TEST_CASE_FIXTURE(Fixture, "overlay: rejects an older generation") {
  apply_at(5, {"www.a."}, 5);
  CHECK((apply_at(4, {"www.a."}, 4) == OverlayOutcome::kStale));
  CHECK(served("www.a.") == "8: 203.5");
  CHECK(store.desired_overlay().generation == 5);
}

TEST_CASE_FIXTURE(Fixture, "overlay: a reload applies the overlay to the new file and continues the serial") {
  apply({"www.a."}, 1);
  files.touch("dir/a.zone");
  load();
  CHECK(served("www.a.") == "8: 203.1");
  files.write("dir/a.zone", zone_text(7, "; only a comment\n"));
  load();
  CHECK(served("www.a.") == "8: 203.1");  // same content, same serial
  files.write("dir/a.zone", zone_text(8, "mail 300 A 192.0.2.25\n"));
  CHECK(load().warnings == "");
  CHECK(served("www.a.") == "9: 203.1");  // serial 8 was published with other content
  files.write("dir/a.zone", zone_text(100, "mail 300 A 192.0.2.25\n"));
  load();
  CHECK(served("www.a.") == "100: 203.1");
  files.write("dir/a.zone", zone_text(50));
  CHECK(load().warnings == "the file's serial went from 100 back to 50: continuing from the published serial 100");
  CHECK(served("www.a.") == "101: 203.1");
}

TEST_CASE_FIXTURE(Fixture, "overlay: a reload may change the zone file's RRset under an overridden RRset") {
  apply({"www.a."}, 1);
  std::string text = zone_text(7);
  text.replace(text.find("192.0.2.10"), 10, "192.0.2.99");
  files.write("dir/a.zone", text);
  load();
  CHECK(served("www.a.") == "9: 203.1");
  apply({}, 0);
  CHECK(served("www.a.") == "10: 192.99");
}

TEST_CASE_FIXTURE(Fixture, "overlay: a zone file with errors keeps the old version with the overlay") {
  apply({"www.a."}, 1);
  files.write("dir/a.zone", "garbage\n");
  load();
  CHECK(served("www.a.") == "8: 203.1");
  apply({"www.a."}, 2);
  CHECK(served("www.a.") == "9: 203.2");
  files.write("dir/a.zone", zone_text(8));
  load();
  CHECK(served("www.a.") == "9: 203.2");  // the records are unchanged
}

TEST_CASE_FIXTURE(Fixture,
                  "overlay: RRsets that cannot be managed are suspended with a reason; the others are served") {
  files.write("dir/a.zone", zone_text(7, "sub 300 NS ns.sub\nns.sub 300 A 192.0.2.53\nnot6 300 AAAA ::1\n"));
  load();
  apply({"not6.a.", "ns.a.", "ns.sub.a.", "www.a.", "www.elsewhere."}, 1);
  CHECK(served("www.a.") == "8: 203.1");
  CHECK(served("ns.a.") == "8: 192.1");
  std::string suspended;
  for (const server::SuspendedRrset& rrset : store.suspended()) suspended += to_text(rrset) + "\n";
  CHECK(suspended ==
        "cannot manage www.elsewhere A: no zone here holds the name; serving the zone file's records\n"
        "cannot manage not6.a A: the zone has no such records to begin with; serving the zone file's records\n"
        "cannot manage ns.a A: an NS record names it; serving the zone file's records\n"
        "cannot manage ns.sub.a A: the name is delegated away or below a DNAME; serving the zone file's records\n");
  CHECK(listener.messages == "");  // the failover thread logs them, once
}

TEST_CASE_FIXTURE(Fixture, "overlay: an overridden name moves to a new child zone that contains it") {
  files.write("dir/a.zone", zone_text(7, "www.sub 300 A 192.0.2.11\n"));
  load();
  apply({"www.sub.a."}, 1);
  CHECK(served("www.sub.a.") == "8: 203.1");
  files.write("dir/sub.a.zone", zone_text(3));
  load();
  CHECK(served("www.sub.a.") == "4: 203.1");
  CHECK(served("www.a.") == "9: 192.10");  // the override was removed from the parent zone
}

TEST_CASE_FIXTURE(Fixture, "overlay: an overlay that is applied during a load also applies to the loaded zones") {
  files.write("dir/a.zone", zone_text(7, "mail 300 A 192.0.2.25\n"));
  server::LoadResult load_result{{}, {}, store.zone_table()};
  server::load_zones(load_result, options(), files, [](std::size_t, std::size_t) {}, {});
  apply({"www.a."}, 1);
  CHECK(served("www.a.") == "8: 203.1");
  store.commit_load(std::move(load_result), listener);
  CHECK(served("www.a.") == "9: 203.1");
  CHECK(served("mail.a.") == "9: 192.25");
}

TEST_CASE_FIXTURE(Fixture, "overlay: the serial wraps around (RFC 1982)") {
  files.write("dir/a.zone", zone_text(4'294'967'295));
  load();
  apply({"www.a."}, 1);
  CHECK(served("www.a.") == "0: 203.1");
}
