// Measures the cost of a stream of changes: single-record changes to one big zone at a fixed rate, beside a reader that
// answers from the zone.
//
//     change_rate run NAMES SECONDS [RATE]   prints the writer's CPU time, the delay until a change is visible, the
//                                            reader's p99 with and without the writer, and the memory every second
//     change_rate gate                       on a small zone: the exit code shows whether allocations and octets of a
//                                            change are within their limits; other work on the machine does not affect
//                                            them. Then it runs for a second with the reader, and aborts if an answer
//                                            is wrong
//
// Each millisecond the writer takes the changes that are due, makes one change of them with the zone's next serial,
// applies it and publishes it. The reader answers batches of 32 on its own schedule. Quiet and changing intervals
// alternate, so other work on the machine affects both.
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <thread>

#include "server/query/responder.h"
#include "server/runtime/published.h"
#include "tests/support/query_bytes.h"
#include "zone/build/builder.h"
#include "zone/name/text.h"
#include "zone/snapshot/change.h"

namespace {

using Clock = std::chrono::steady_clock;
using Published = server::Published<dns::Snapshot>;

constexpr std::chrono::milliseconds kTick{1};
constexpr std::chrono::seconds kInterval{1};
constexpr std::size_t kBatch = 32, kRoom = 2048;
constexpr double kReaderRate = 100'000;  // queries a second
constexpr std::size_t kOwnerDigits = 9;

thread_local std::uint64_t allocations = 0;  // of this thread

struct Interval {
  std::uint64_t changes = 0, commits = 0, allocations = 0;
  double cpu_seconds = 0, wall_seconds = 0;
  std::vector<float> seen_after;      // milliseconds, of the oldest change of each commit
  std::vector<float> answered_after;  // microseconds, of each batch of the reader
};

double cpu_seconds_of_thread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::uint64_t mixed(std::uint64_t value) {  // SplitMix64's finalizer
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

constexpr std::size_t kDigitsAt = 6;  // octets of the name before the digits

void put_digits(std::uint8_t* digits, std::size_t i) {
  for (std::size_t place = kOwnerDigits; place-- > 0; i /= 10) digits[place] = static_cast<std::uint8_t>('0' + i % 10);
}

// host-000000000.example. and so on.
dns::Name name_at(std::size_t i) {
  std::array<std::uint8_t, 24> name = {14, 'h', 'o', 's', 't', '-', 0,   0,   0,   0,   0,   0,
                                       0,  0,   0,   7,   'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
  put_digits(&name[kDigitsAt], i);
  return dns::NameView::trusted(name.data(), name.size());
}

std::vector<std::uint8_t> soa_of(std::uint32_t serial) {
  std::vector<std::uint8_t> soa = {1,  'n', 0, 1,  'h', 0, 0,  0,   0, 0, 0, 0, 28,
                                   32, 0,   0, 14, 16,  0, 18, 117, 0, 0, 0, 0, 60};
  dns::store32(&soa[6], serial);
  return soa;
}

std::shared_ptr<const dns::Zone> zone_of(std::size_t names) {
  dns::ZoneBuilder builder(*dns::parse_name("example."));
  builder.add(*dns::parse_name("example."), dns::Type::SOA, 300, soa_of(1));
  std::vector<std::uint8_t> address(4);
  for (std::size_t i = 0; i < names; ++i) {
    dns::store32(address.data(), static_cast<std::uint32_t>(mixed(i)));
    builder.add(name_at(i), dns::Type::A, 300, address);
  }
  return builder.finish().zone;
}

// The only writer of the zone.
class Writer {
 public:
  Writer(std::shared_ptr<const dns::Zone> zone, std::size_t names)
      : names_(names), published_(dns::Snapshot::of({zone}), 1), zone_(std::move(zone)) {}

  Published& published() { return published_; }
  const dns::Zone& zone() const { return *zone_; }

  void commit(std::size_t count) {
    dns::Change change{zone_->apex(), {}};
    change.sets.reserve(count + 1);
    change.sets.push_back(
        change_of(change.apex, *zone_->apex_node(), dns::Type::SOA, soa_of(zone_->serial().value + 1)));
    chosen_.clear();
    while (chosen_.size() < count) chosen_.push_back(mixed(++state_) % names_);
    std::ranges::sort(chosen_);
    chosen_.erase(std::ranges::unique(chosen_).begin(), chosen_.end());
    for (std::span<const std::size_t> left(chosen_); !left.empty();) {
      const auto part = left.first(std::min(left.size(), kBatch));
      left = left.subspan(part.size());
      add_changes(part, change);
    }
    zone_ = *dns::apply(zone_, change);
    const std::shared_ptr<const dns::Zone> changed[] = {zone_};
    published_.publish(published_.current()->with(changed, {}));
  }

  // Commits at every tick until `interval` ends.
  void run(Interval& interval, Clock::duration length, double rate) {
    const double cpu = cpu_seconds_of_thread();
    const std::uint64_t allocated = allocations;
    const auto begin = Clock::now();
    const std::uint64_t every =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rate / 1e9 * std::chrono::nanoseconds(kTick).count()));
    for (auto due = begin + kTick; due < begin + length; due += kTick) {
      std::this_thread::sleep_until(due);
      commit(every);
      const std::chrono::duration<float, std::milli> after = Clock::now() - (due - kTick);
      interval.seen_after.push_back(after.count());
      interval.changes += every;
      ++interval.commits;
    }
    const std::chrono::duration<double> wall = Clock::now() - begin;
    interval.wall_seconds += wall.count();
    interval.cpu_seconds += cpu_seconds_of_thread() - cpu;
    interval.allocations += allocations - allocated;
  }

 private:
  // Changes the addresses of at most kBatch names.
  void add_changes(std::span<const std::size_t> names, dns::Change& change) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      owners_[i] = name_at(names[i]);
      keys_[i].assign(owners_[i]);
      seeks_[i] = {zone_.get(), &keys_[i], &lookups_[i]};
    }
    dns::find_all(std::span(seeks_).first(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::array<std::uint8_t, 4> address;
      dns::store32(address.data(), static_cast<std::uint32_t>(mixed(++state_)));
      change.sets.push_back(change_of(owners_[i], *lookups_[i].node, dns::Type::A, address));
    }
  }

  static dns::RrsetChange change_of(const dns::Name& owner, const dns::NodeView& node, dns::Type type,
                                    dns::Bytes rdata) {
    dns::RrsetChange change{owner, type, {}, dns::Rrset(*node.find(type)), dns::Rrset(type, 300)};
    change.after.add(rdata);
    return change;
  }

  std::size_t names_;
  Published published_;
  std::shared_ptr<const dns::Zone> zone_;
  std::uint64_t state_ = 0;
  std::vector<std::size_t> chosen_;  // scratch of one commit, as are the members below
  std::array<dns::Name, kBatch> owners_;
  std::array<dns::Key, kBatch> keys_;
  std::array<dns::Lookup, kBatch> lookups_;
  std::array<dns::LookupRequest, kBatch> seeks_;
};

// Answers from the published snapshot, in batches at fixed times. A late batch counts from the time when it was due.
class Reader {
 public:
  Reader(Published& published, std::size_t names) : published_(published), names_(names) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots_[i].out = {&out_[i * kRoom], kRoom};
      slots_[i].inbound.client = {.address = {192, 0, 2, 1}, .address_size = 4, .port = 5353};
      requests_[i] = dns::test::octets_of({.name = "host-000000000.example."});
      slots_[i].inbound.bytes = requests_[i];
    }
  }

  void run(std::atomic<Interval*>& into, const std::atomic<bool>& end) {
    const std::chrono::nanoseconds step(static_cast<std::int64_t>(1e9 * kBatch / kReaderRate));
    for (auto due = Clock::now(); !end.load();) {
      due = std::max(due + step, Clock::now() - std::chrono::milliseconds(100));
      while (Clock::now() < due) {
      }
      ask();
      const std::chrono::duration<float, std::micro> after = Clock::now() - due;
      if (Interval* const interval = into.load(); interval != nullptr)
        interval->answered_after.push_back(after.count());
    }
  }

 private:
  void ask() {
    for (std::vector<std::uint8_t>& request : requests_)
      put_digits(&request[dns::kHeaderSize + kDigitsAt], mixed(++state_ + (std::uint64_t{1} << 40)) % names_);
    const Published::ReadGuard snapshot(published_, 0);
    responder_.respond(slots_, *snapshot);
    for (const auto& slot : slots_)
      if (slot.size == 0 || slot.out[7] != 1) std::abort();  // every name has exactly one address
  }

  Published& published_;
  std::size_t names_;
  std::uint64_t state_ = 0;
  server::Counters counters_;
  server::Responder responder_{{}, counters_};
  std::array<server::Responder::Slot, kBatch> slots_{};
  std::array<std::vector<std::uint8_t>, kBatch> requests_;
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(kBatch * kRoom);
};

double at_share(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, place);
  return *place;
}

std::size_t resident_kib() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long all = 0, resident = 0;
  const bool read = file != nullptr && std::fscanf(file, "%lu %lu", &all, &resident) == 2;
  if (file != nullptr) std::fclose(file);
  return read ? resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) >> 10 : 0;
}

int figures(std::size_t names, double seconds, double rate) {
  Writer writer(zone_of(names), names);
  ::malloc_trim(0);
  Reader reader(writer.published(), names);
  std::atomic<Interval*> into{nullptr};
  std::atomic<bool> end{false};
  std::jthread thread([&] { reader.run(into, end); });
  Interval quiet, changing;
  std::vector<float> ratios;
  std::printf("%zu names, resident %zu MiB\n", names, resident_kib() >> 10);
  while (changing.wall_seconds < seconds) {
    Interval still, moving;
    for (Interval* const interval : {&still, &moving}) {
      interval->answered_after.reserve(1 << 20);
      into = interval;
      if (interval == &still) std::this_thread::sleep_for(kInterval);
      else writer.run(*interval, kInterval, rate);
      into = nullptr;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for a batch in progress
    }
    const double p99_still = at_share(still.answered_after, 0.99), p99_moving = at_share(moving.answered_after, 0.99);
    ratios.push_back(static_cast<float>(p99_moving / p99_still));
    if (ratios.size() % 10 == 1)
      std::printf(
          "writer %4.1f %% of a core, %.2f us a change, seen after %.2f ms (p99 %.2f); reader p50 %.1f -> %.1f us, p99 "
          "%.1f -> %.1f us; resident %zu MiB\n",
          100 * moving.cpu_seconds / moving.wall_seconds,
          1e6 * moving.cpu_seconds / static_cast<double>(moving.changes), at_share(moving.seen_after, 0.5),
          at_share(moving.seen_after, 0.99), at_share(still.answered_after, 0.5), at_share(moving.answered_after, 0.5),
          p99_still, p99_moving, resident_kib() >> 10);
    std::fflush(stdout);
    changing.changes += moving.changes;
    changing.cpu_seconds += moving.cpu_seconds;
    changing.wall_seconds += moving.wall_seconds;
    changing.allocations += moving.allocations;
    changing.seen_after.insert(changing.seen_after.end(), moving.seen_after.begin(), moving.seen_after.end());
  }
  end = true;
  std::printf(
      "all: %.0f changes a second for %.0f s, %.1f %% of a core, %.2f allocations a change, seen after %.2f ms (p99 "
      "%.2f, max %.2f), p99 of readers %.3f times that without (median)\n",
      static_cast<double>(changing.changes) / changing.wall_seconds, changing.wall_seconds,
      100 * changing.cpu_seconds / changing.wall_seconds,
      static_cast<double>(changing.allocations) / static_cast<double>(changing.changes),
      at_share(changing.seen_after, 0.5), at_share(changing.seen_after, 0.99), at_share(changing.seen_after, 1),
      at_share(ratios, 0.5));
  return 0;
}

// The cost of a change alone: figures that are the same on every machine.
constexpr std::size_t kGateNames = 100'000, kGateCommits = 200, kGateEach = 100;
constexpr double kAllocationsMax = 4.5, kOctetsMax = 450;  // a change
constexpr double kGrowthMax = 0.02;  // of the storage, over a number of changes of a fifth of the names

int gate() {
  Writer writer(zone_of(kGateNames), kGateNames);
  const auto commit_all = [&] {
    for (std::size_t i = 0; i < kGateCommits; ++i) writer.commit(kGateEach);
  };
  commit_all();
  const std::uint64_t octets_before = writer.zone().totals().bytes, allocations_before = allocations;
  commit_all();
  const double changes = kGateCommits * kGateEach;
  const auto octets_after = static_cast<double>(writer.zone().totals().bytes);
  const double growth = octets_after / static_cast<double>(octets_before) - 1;
  const double each = static_cast<double>(allocations - allocations_before) / changes;
  // so that its storage cannot be reused
  const std::shared_ptr<const dns::Snapshot> pin = writer.published().current();
  commit_all();
  const double copied = (static_cast<double>(writer.zone().totals().bytes) - octets_after) / changes;
  std::printf(
      "%.2f allocations a change (at most %.1f), %.0f octets copied (at most %.0f), storage grew by %.2f %% (at most "
      "%.0f %%)\n",
      each, kAllocationsMax, copied, kOctetsMax, 100 * growth, 100 * kGrowthMax);
  return each <= kAllocationsMax && copied <= kOctetsMax && copied > 0 && growth <= kGrowthMax ? 0 : 1;
}

int usage() {
  std::fprintf(stderr, "change_rate run NAMES SECONDS [RATE] | gate\n");
  return 2;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int count, char** words) {
  const std::string_view mode = count > 1 ? words[1] : "";
  if (mode == "run" && count > 3)
    return figures(std::strtoull(words[2], nullptr, 10), std::strtod(words[3], nullptr),
                   count > 4 ? std::strtod(words[4], nullptr) : 100'000);
  if (mode == "gate") return gate() + figures(kGateNames, 1, 100'000);
  return usage();
}
