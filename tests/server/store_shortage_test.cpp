// Any allocation of the reading half of a load fails, alone or with those behind it: the store commits what there is,
// and has the right zones after the next load. (The writing half waits for memory.)
#include <doctest/doctest.h>

#include "server/store/store.h"
#include "tests/support/allocations.h"
#include "tests/support/memory_files.h"
#include "zone/name/text.h"

namespace {

using ::dns::test::Shortage;

class Silent : public server::LoadObserver {
 public:
  void on_zone(const server::ZoneReport&) override {}
  void on_error(const std::string&) override {}
  void on_progress(std::size_t, std::size_t) override {}
};

// Two zones. The file of one of them has a new version, and a third zone is new.
class ShortageFixture {
 public:
  ShortageFixture() : store_(options(), files_) {
    for (const char* zone : {"a", "b"}) write(zone, 1);
    store_.load(observer_);
    for (const char* zone : {"a", "c"}) write(zone, 2);
  }

  Shortage load_with_shortage(std::uint64_t nth, std::uint64_t times) {
    server::LoadResult loaded{{}, {}, store_.zone_table()};
    const Shortage shortage = ::dns::test::with_shortage(
        nth, times, [&] { server::load_zones(loaded, options(), files_, [](std::size_t, std::size_t) {}, {}); });
    if (shortage != Shortage::kThrown) store_.commit_load(std::move(loaded), observer_);
    return shortage;
  }
  void load() { store_.load(observer_); }
  // Each zone with its number of records.
  std::string served() const {
    std::string text;
    for (const auto& zone : store_.snapshot()->zones())
      text += dns::to_text(zone->apex()) + " " + std::to_string(zone->totals().records) + " ";
    return text;
  }

 private:
  static server::StoreOptions options() {
    server::StoreOptions options;
    options.paths = {"dir"};
    options.load_threads = 1;
    return options;
  }
  void write(const std::string& zone, int serial) {
    files_.write("dir/" + zone + ".zone", "@ 300 SOA ns h " + std::to_string(serial) +
                                              " 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.1\n" +
                                              (serial == 2 ? "n 300 TXT x\n" : ""));
  }
  server::MemoryFiles files_;
  Silent observer_;
  server::Store store_;
};

}  // namespace

TEST_CASE("store: any allocation of the reading half of a load fails") {
  for (const std::uint64_t times : {1U, 3U, 1000U}) {
    std::uint64_t nth = 1;
    for (Shortage last{}; nth == 1 || last != Shortage::kNotReached; ++nth) {
      ShortageFixture fixture;
      last = fixture.load_with_shortage(nth, times);
      fixture.load();
      REQUIRE(fixture.served() == "a. 4 b. 3 c. 4 ");
      if (!::dns::test::kCountsAllocations) return;
    }
    CHECK(nth > 20);
  }
}
