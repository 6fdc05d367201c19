#include "server/health/health_checks.h"

#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/health/health_tracker.h"
#include "server/probe/prober.h"

namespace server {
namespace {

using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t kMaxInFlight = 2048, kMinInFlight = 16;  // sockets that probes may use at a time
constexpr std::size_t kDescriptorShare = 2;  // use at most 1/kDescriptorShare of the process's descriptor limit
constexpr unsigned kMaxOverlapping = 256;    // packets of one check without a reply

bool overlaps(ProbeKind kind) { return kind == ProbeKind::kIcmp || kind == ProbeKind::kStamp; }

// FNV-1a: the phase of a check must be the same in every run, and the phases must be spread evenly.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash;
}

// Thousands of checks need thousands of sockets: raises the limit as far as the process may without privileges.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t descriptors_for_probes() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMinInFlight;
  return std::clamp<std::size_t>(limit.rlim_cur / kDescriptorShare, kMinInFlight, kMaxInFlight);
}

constexpr Duration kLeastInterval = std::chrono::milliseconds{10};

// The next start after `now` in the check's own schedule, at least half an interval away.
Instant next_start(Instant now, Duration interval, std::uint64_t hash) {
  interval = std::max(interval, kLeastInterval);
  const auto phase = Duration(static_cast<Duration::rep>(hash % static_cast<std::uint64_t>(interval.count())));
  const Duration since = (now + interval / 2).time_since_epoch() - phase;
  return Instant(phase + (since / interval + 1) * interval);
}

}  // namespace

class HealthChecks::Implementation {
 public:
  Implementation(boost::asio::io_context& context, Callbacks callbacks)
      : context_(context),
        callbacks_(std::move(callbacks)),
        prober_(context),
        max_in_flight_(descriptors_for_probes()) {}

  dns::Result<void, std::string> open() {
    raise_descriptor_limit();
    return prober_.open();
  }
  void replace(std::vector<CheckOptions> checks, unsigned programs);
  void stop();
  void restart();
  void expire(Instant now);
  const std::vector<CheckState>& states() const { return states_; }
  std::optional<std::vector<std::size_t>> touched() const {
    return all_touched_ ? std::nullopt : std::optional(touched_);
  }
  void clear_touched() {
    for (const std::size_t index : touched_) checks_[index]->touched = false;
    touched_.clear();
    all_touched_ = false;
  }
  const CheckCounters& counters() const { return counters_; }
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  void restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall);

 private:
  struct Check : std::enable_shared_from_this<Check> {
    Check(boost::asio::io_context& context, CheckOptions options_in, Instant now)
        : options(std::move(options_in)),
          key(check_key(options)),
          tracker(tracker_options(options.monitor), now),
          timer(context),
          last_result(now) {}
    ~Check() {  // their results would be for this object
      for (const auto& [number, probe] : in_flight) probe->cancel();
    }
    bool is_program() const { return options.monitor.kind == ProbeKind::kExec; }
    CheckOptions options;
    std::string key;
    std::size_t index = 0;
    HealthTracker tracker;
    boost::asio::steady_timer timer;
    Instant next{};  // when the next probe starts
    Instant due_since{}, started{}, last_result;
    bool waiting = false;  // for a slot
    bool late = false;
    bool hangs = true;          // its program has not shown yet, or not the last time, that it ends within its timeout
    bool in_slow_slot = false;  // of the program that runs
    bool had_result = false;
    bool touched = false;                                                 // its index is in `touched_`
    std::unordered_map<std::uint64_t, std::shared_ptr<Probe>> in_flight;  // shared: see Probe
  };
  using Owned = std::shared_ptr<Check>;  // shared: timer handlers hold it weakly, because one may be queued when its
                                         // timer is cancelled
  using ByKey = std::unordered_multimap<std::string, Owned>;
  Owned existing_or_new(ByKey& old, CheckOptions options);
  void restore_check(Check& check);
  void end(Check& check);
  void await_next(Check& check);
  void due(Check& check);
  bool has_slot(const Check& check) const;
  void start(Check& check);
  void start_waiting();
  void start_first_round();
  void on_result(Check& check, std::uint64_t probe, const ProbeResult& result);
  void release(const Check& check, std::size_t count);
  void count(const Check& check, const ProbeResult& result);
  void publish(Check& check);
  void first_result();
  boost::asio::io_context& context_;
  Callbacks callbacks_;
  Prober prober_;
  std::vector<Owned> checks_;  // by index
  std::vector<CheckState> states_;
  std::vector<std::size_t> touched_;  // indices, each once; it has room for all
  bool all_touched_ = true;
  std::unordered_map<std::string, SavedHealth> saved_;  // by key; until the first result
  std::deque<Check*> queue_;                            // due, but no slot is free
  std::size_t max_in_flight_, in_flight_ = 0;
  std::size_t max_programs_ = kDefaultPrograms, programs_ = 0, slow_programs_ = 0;
  std::size_t without_result_ = 0;
  std::uint64_t next_probe_ = 0;
  CheckCounters counters_;
  // Posted handlers outlive a `replace` or this object; they hold this flag and check it. A new flag for each
  // `replace`.
  std::shared_ptr<bool> generation_ = std::make_shared<bool>(true);
};

void HealthChecks::Implementation::replace(std::vector<CheckOptions> checks, unsigned programs) {
  auto generation = std::make_shared<bool>(true);
  ByKey old;
  for (const Owned& check : checks_) old.emplace(check->key, check);
  std::vector<Owned> next;
  next.reserve(checks.size());
  for (CheckOptions& options : checks) next.push_back(existing_or_new(old, std::move(options)));
  std::vector<CheckState> states(next.size());
  std::vector<std::size_t> touched;
  touched.reserve(next.size());
  // Up to here an exception changes nothing: no check loses its state.
  *generation_ = false;
  generation_ = std::move(generation);
  max_in_flight_ = descriptors_for_probes();
  max_programs_ = programs;
  checks_ = std::move(next);
  touched_ = std::move(touched);
  all_touched_ = true;
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    checks_[i]->index = i;
    checks_[i]->touched = false;
  }
  states_ = std::move(states);
  for (const auto& [key, check] : old) end(*check);
  without_result_ = 0;
  for (const Owned& check : checks_) {
    publish(*check);
    if (!check->had_result) ++without_result_;
  }
  ++without_result_;  // counts this call itself: the first round never ends within it
  start_first_round();
  boost::asio::post(context_, [this, generation = generation_] {
    if (*generation) first_result();
  });
}

// Those that are to run most often start first: they wait least for the others.
void HealthChecks::Implementation::start_first_round() {
  std::vector<Check*> first;
  for (const Owned& check : checks_)
    if (!check->had_result && check->in_flight.empty() && !check->waiting) first.push_back(check.get());
  std::ranges::stable_sort(first, {}, [](const Check* check) { return check->options.monitor.interval; });
  for (Check* check : first) due(*check);
  start_waiting();
}

auto HealthChecks::Implementation::existing_or_new(ByKey& old, CheckOptions options) -> Owned {
  const auto [from, to] = old.equal_range(check_key(options));
  const auto kept = std::find_if(from, to, [&](const auto& entry) { return entry.second->options == options; });
  if (kept != to) return std::move(old.extract(kept).mapped());
  auto check = std::make_shared<Check>(context_, std::move(options), steady_clock::now());
  restore_check(*check);
  return check;
}

void HealthChecks::Implementation::stop() {
  *generation_ = false;
  for (const Owned& check : checks_) end(*check);
  checks_.clear();
  states_.clear();
  touched_.clear();
}

void HealthChecks::Implementation::restart() {
  for (const Owned& check : checks_) end(*check);
  queue_.clear();
  in_flight_ = programs_ = slow_programs_ = 0;
  for (const Owned& check : checks_) {
    check->waiting = false;
    check->next = std::max(check->next, steady_clock::now());
    await_next(*check);
  }
}

void HealthChecks::Implementation::restore_check(Check& check) {
  const auto found = saved_.find(check.key);
  if (found != saved_.end()) check.tracker.restore(found->second.health, found->second.since);
}

void HealthChecks::Implementation::end(Check& check) {
  check.timer.cancel();
  if (check.waiting) std::erase(queue_, &check);
  for (const auto& [number, probe] : check.in_flight) probe->cancel();
  release(check, check.in_flight.size());
  check.in_flight.clear();
}

void HealthChecks::Implementation::await_next(Check& check) {
  check.timer.expires_at(check.next);
  check.timer.async_wait([this, weak = check.weak_from_this()](const error_code& error) {
    const Owned kept = weak.lock();
    if (kept && !error) due(*kept);
  });
}

bool HealthChecks::Implementation::has_slot(const Check& check) const {
  if (in_flight_ >= max_in_flight_) return false;
  if (!check.is_program()) return true;
  return programs_ < max_programs_ && (!check.hangs || slow_programs_ < std::max<std::size_t>(max_programs_ / 2, 1));
}

void HealthChecks::Implementation::due(Check& check) {
  check.due_since = steady_clock::now();
  if (has_slot(check)) return start(check);
  counters_.late.fetch_add(1, std::memory_order_relaxed);
  check.waiting = true;
  queue_.push_back(&check);
}

void HealthChecks::Implementation::start(Check& check) {
  const Instant now = steady_clock::now();
  const std::uint64_t number = next_probe_++;
  ++in_flight_;
  check.started = now;
  check.late = now - check.due_since > check.options.monitor.interval;
  if (check.is_program()) {
    ++programs_;
    check.in_slow_slot = check.hangs;
    if (check.in_slow_slot) ++slow_programs_;
  }
  check.in_flight.emplace(number, prober_.start(check.options, [this, &check, number](const ProbeResult& result) {
    on_result(check, number, result);
  }));
  check.next = next_start(now, check.options.monitor.interval, hash_of(check.key));
  if (overlaps(check.options.monitor.kind) && check.in_flight.size() < kMaxOverlapping) await_next(check);
  publish(check);
}

// Checks behind one that waits for a program slot must not wait for it, so every entry is examined. Except in the first
// round the queue is short.
void HealthChecks::Implementation::start_waiting() {
  std::size_t passed = 0;
  while (passed < queue_.size() && in_flight_ < max_in_flight_) {
    Check* check = queue_[passed];
    if (!has_slot(*check)) {
      ++passed;
      continue;
    }
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(passed));
    check->waiting = false;
    start(*check);
  }
}

void HealthChecks::Implementation::release(const Check& check, std::size_t count) {
  in_flight_ -= count;
  if (!check.is_program()) return;
  programs_ -= count;
  if (check.in_slow_slot) slow_programs_ -= count;
}

void HealthChecks::Implementation::count(const Check& check, const ProbeResult& result) {
  counters_.results[static_cast<std::size_t>(check.options.monitor.kind)][static_cast<std::size_t>(result.outcome)]
      .fetch_add(1, std::memory_order_relaxed);
}

void HealthChecks::Implementation::on_result(Check& check, std::uint64_t probe, const ProbeResult& result) {
  const bool was_full = check.in_flight.size() >= kMaxOverlapping;
  if (check.in_flight.erase(probe) == 0) return;  // an exception at its start, and `restart`, have given it up
  release(check, 1);
  count(check, result);
  const Instant now = steady_clock::now();
  check.last_result = now;
  check.hangs = now - check.started >= check.options.monitor.timeout;
  const bool changed = check.tracker.add_result(now, result);
  if (changed) counters_.transitions.fetch_add(1, std::memory_order_relaxed);
  if (was_full || !overlaps(check.options.monitor.kind)) {
    check.next = std::max(check.next, now);
    await_next(check);
  }
  publish(check);
  const std::size_t index = check.index;
  const bool first = !std::exchange(check.had_result, true);
  if (first) saved_.erase(check.key);
  start_waiting();
  // The callbacks may replace all checks: do not touch this check after them.
  const std::shared_ptr<bool> generation = generation_;
  if (changed && callbacks_.on_change) callbacks_.on_change(index, CheckState(states_[index]));
  if (first && *generation) first_result();
}

void HealthChecks::Implementation::first_result() {
  if (--without_result_ == 0 && callbacks_.first_round_done) callbacks_.first_round_done();
}

void HealthChecks::Implementation::publish(Check& check) {
  const Instant now = steady_clock::now();
  check.tracker.set_schedule(now, {.next = check.waiting || check.next == Instant{} ? now : check.next,
                                   .in_flight = static_cast<unsigned>(check.in_flight.size())});
  states_[check.index] = check.tracker.state();
  states_[check.index].late = check.late;
  if (!std::exchange(check.touched, true)) touched_.push_back(check.index);
}

void HealthChecks::Implementation::expire(Instant now) {
  for (Check* check : queue_) {
    const MonitorOptions& monitor = check->options.monitor;
    if (now - check->due_since > monitor.interval) check->late = true;
    if (now - check->last_result > monitor.interval * monitor.fall &&
        check->tracker.expire(now, "no result in time: the probe waits for a free slot"))
      counters_.transitions.fetch_add(1, std::memory_order_relaxed);
    publish(*check);
  }
}

std::string HealthChecks::Implementation::save(Instant now, std::chrono::system_clock::time_point wall) const {
  std::string text;
  for (const Owned& check : checks_) {
    const CheckState& state = check->tracker.state();
    if (state.health != Health::kUnknown) text += to_line(check->key, {state.health, state.since}, now, wall);
  }
  return text;
}

void HealthChecks::Implementation::restore(std::string_view saved, Instant now,
                                           std::chrono::system_clock::time_point wall) {
  while (!saved.empty()) {
    const std::string_view line = saved.substr(0, saved.find('\n'));
    saved.remove_prefix(std::min(line.size() + 1, saved.size()));
    if (auto read = parse_saved_health(line, now, wall)) saved_.insert_or_assign(std::move(read->first), read->second);
  }
  for (const Owned& check : checks_) {
    restore_check(*check);
    publish(*check);
  }
}

HealthChecks::HealthChecks(boost::asio::io_context& context, Callbacks callbacks)
    : implementation_(std::make_unique<Implementation>(context, std::move(callbacks))) {}
HealthChecks::~HealthChecks() { stop(); }
dns::Result<void, std::string> HealthChecks::open() { return implementation_->open(); }
void HealthChecks::replace(std::vector<CheckOptions> checks, unsigned programs) {
  implementation_->replace(std::move(checks), programs);
}
void HealthChecks::stop() { implementation_->stop(); }
void HealthChecks::restart() { implementation_->restart(); }
void HealthChecks::expire(Instant now) { implementation_->expire(now); }
const std::vector<CheckState>& HealthChecks::states() const { return implementation_->states(); }
std::optional<std::vector<std::size_t>> HealthChecks::touched() const { return implementation_->touched(); }
void HealthChecks::clear_touched() { implementation_->clear_touched(); }
const CheckCounters& HealthChecks::counters() const { return implementation_->counters(); }
std::string HealthChecks::save(Instant now, std::chrono::system_clock::time_point wall) const {
  return implementation_->save(now, wall);
}
void HealthChecks::restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall) {
  implementation_->restore(saved, now, wall);
}

}  // namespace server
