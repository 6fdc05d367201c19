#include "server/keeper.h"

#include <fmt/format.h>
#include <malloc.h>

#include <ctime>

#include "server/runtime/thread.h"
#include "zone/name/text.h"
#include "zone/check/check.h"
#include "zone/check/expiry.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kReclaimInterval{20};   // while an old snapshot still has readers
constexpr std::chrono::milliseconds kTendInterval{1000};    // of journals
constexpr int kLoaderNiceness = 10;                         // of reloads: the old versions answer as long as it takes

// By the SOA's signatures, which are made at each signing; `waymark check` looks at all.
bool is_expired(const dns::Zone& zone) {
  const auto expiry = dns::soa_expiry(zone);
  return expiry && dns::later(dns::Serial{static_cast<std::uint32_t>(std::time(nullptr))}, expiry->at);
}

// Logs what became of each zone, and passes it on.
class LoggingWatcher : public LoadWatcher {
 public:
  enum class Detail : std::uint8_t { kProblems, kEverything };
  LoggingWatcher(Log log, LoadWatcher& next, Detail detail) : log_(std::move(log)), next_(next), detail_(detail) {}

  void zone(const ZoneReport& report) override {
    const bool loaded = report.outcome == ZoneOutcome::kLoaded;
    const bool unproved = loaded && dns::lacks_denial_records(*report.zone), expired = loaded && is_expired(*report.zone);
    const bool quiet = report.warning.empty() && !report.imaged && report.image_fault.empty() && !unproved && !expired;
    if (report.outcome == ZoneOutcome::kUnchanged || (report.outcome == ZoneOutcome::kLoaded && detail_ == Detail::kProblems && quiet))
      return next_.zone(report);   // nothing to log of this one
    const std::string name = dns::to_text(report.apex);
    const auto serial = report.zone == nullptr ? 0 : report.zone->serial().value;
    switch (report.outcome) {
      case ZoneOutcome::kLoaded:
        if (detail_ == Detail::kEverything) log_->info("zone {} loaded from {}: serial {}", name, report.path, serial);
        break;
      case ZoneOutcome::kUnchanged: break;
      case ZoneOutcome::kKeptOld:
        log_->error("zone {}: {} cannot be loaded; serial {} keeps answering", name, report.path, serial);
        break;
      case ZoneOutcome::kFailed: log_->error("zone {}: {} cannot be loaded; answering SERVFAIL", name, report.path); break;
      case ZoneOutcome::kRemoved: log_->info("zone {} removed", name); break;
    }
    if (report.imaged) log_->info("zone {}: taken from its image", name);
    if (!report.image_fault.empty()) log_->warn("zone {}: its image was not used: {}", name, report.image_fault);
    if (!report.warning.empty()) log_->warn("zone {}: {}", name, report.warning);
    if (expired) log_->warn("zone {}: its signatures have ended: resolvers that validate refuse it until it is signed again", name);
    if (unproved)
      log_->warn("zone {}: it is signed with NSEC3 that cannot prove anything: resolvers that validate take its negative answers for forged", name);
    next_.zone(report);
  }
  void trouble(const std::string& words) override {
    log_->error("{}", words);
    next_.trouble(words);
  }
  void progress(std::size_t done, std::size_t total) override { next_.progress(done, total); }

 private:
  Log log_;
  LoadWatcher& next_;
  Detail detail_;
};

long milliseconds_since(Instant begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun).count();
}

}  // namespace

Keeper::Keeper(Wiring wiring) : wiring_(std::move(wiring)), zones_(std::make_shared<const StoreOptions>(wiring_.options.store)) {}
Keeper::~Keeper() = default;

dns::Result<void, StartFault> Keeper::open() {
  const std::string& directory = wiring_.options.state;
  if (!directory.empty()) {
    auto journals = Journals::open(open_disk(directory, "zones"));
    if (!journals)
      return dns::Failure<StartFault>(StartFault{StartFault::Kind::kState, "state directory " + directory + ": " + journals.error(),
                                                 "it is written to while serving, by the user that the server runs as, and by one server alone"});
    journals_ = std::move(*journals);
    journals_->start();
  }
  store_.emplace(wiring_.options.store, files_, journals_.get());
  const std::string& images = wiring_.options.store.images;
  if (!images.empty())
    images_.emplace(images, files_, [this] {
      const std::lock_guard lock(mutex_);
      requests_.imaged = true;
      changed_.notify_all();
    });
  return {};
}

void Keeper::run() {
  if (first_load()) serve_requests();
  if (journals_ != nullptr) journals_->close();
  if (images_) images_->end();
  end_reload();
  const std::lock_guard lock(mutex_);
  requests_ = {};   // zones die on this thread
  ended_ = true;
  changed_.notify_all();
}

void Keeper::steer(Overlay overlay) {
  const std::lock_guard lock(mutex_);
  if (requests_.overlay && requests_.overlay->generation > overlay.generation) return;
  requests_.overlay = std::move(overlay);
  changed_.notify_all();
}

void Keeper::reload(std::shared_ptr<const StoreOptions> zones) {
  const std::lock_guard lock(mutex_);
  requests_.reload = true;
  if (zones != nullptr) requests_.zones = std::move(zones);
  changed_.notify_all();
}

void Keeper::compare(Contradictions contradictions) {
  const std::lock_guard lock(mutex_);
  requests_.contradictions = std::move(contradictions);
  changed_.notify_all();
}

void Keeper::inquire(std::function<void(std::vector<ServedZone>)> done) {
  const std::lock_guard lock(mutex_);
  if (!ended_) requests_.inquiries.push_back(std::move(done));
  changed_.notify_all();
}

bool Keeper::end(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  end_wanted_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [this] { return ended_; });
}

bool Keeper::first_load() {
  LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kProblems);
  const LoadSummary summary = store_->load(watcher);
  if (summary.served() == 0) {
    const bool none = summary.failed == 0;
    wiring_.cannot_start({.kind = StartFault::Kind::kNoZones,
                          .message = none ? fmt::format("there is no zone to serve in {}", fmt::join(zones_->paths, ", ")) : "no zone could be loaded",
                          .help = none ? "name a directory with files such as example.com.zone, or --zone NAME=FILE" : ""});
    return false;
  }
  if (std::string objection = wiring_.watcher.objection(*store_->snapshot()); !objection.empty()) {
    wiring_.cannot_start({.kind = StartFault::Kind::kConfiguration, .message = std::move(objection), .help = ""});
    return false;
  }
  ::malloc_trim(0);   // the texts of the files are gone
  if (!wait_for_steering()) return false;
  snapshots_.emplace(store_->snapshot(), wiring_.couriers.readers());
  wiring_.couriers.start(*snapshots_);
  wiring_.watcher.ready(ready(summary));
  order_images();
  return true;
}

// Lays the first overlay before the first answer, if it comes in time. False where the end was wanted meanwhile.
// What was published before a restart is served at once; what steering makes of the world since then follows.
bool Keeper::wait_for_steering() {
  const bool recovered = !store_->desired().sets.empty();
  std::optional<Overlay> first;
  {
    std::unique_lock lock(mutex_);
    if (!recovered) changed_.wait_until(lock, wiring_.started + wiring_.first_steering_time, [this] { return end_wanted_ || requests_.overlay; });
    if (end_wanted_) return false;
    first = std::exchange(requests_.overlay, std::nullopt);
  }
  if (first) steer_now(std::move(*first));
  return true;
}

Ready Keeper::ready(const LoadSummary& summary) const {
  Ready ready{.zones = served(), .load = summary, .addresses = wiring_.couriers.addresses(), .workers = wiring_.couriers.workers(), .taken = {}};
  ready.taken = std::chrono::milliseconds(milliseconds_since(wiring_.started));
  return ready;
}

std::vector<ServedZone> Keeper::served() const {
  std::vector<ServedZone> served;
  for (const auto& zone : store_->snapshot()->zones())
    if (zone->apex_node()) served.push_back({zone->apex(), zone->serial(), zone->totals().records});
  return served;
}

void Keeper::serve_requests() {
  std::size_t waiting = 0;
  std::unique_lock lock(mutex_);
  while (!end_wanted_) {
    const auto asked = [this] { return end_wanted_ || requests_.any(); };
    if (waiting != 0) {
      changed_.wait_for(lock, kReclaimInterval, asked);
    } else if (journals_ != nullptr) {
      changed_.wait_for(lock, kTendInterval, asked);
    } else {
      changed_.wait(lock, asked);
    }
    if (end_wanted_) break;
    Requests requests = std::exchange(requests_, {});
    lock.unlock();
    answer(requests);
    if (!requests.any()) tend();
    waiting = snapshots_->reclaim();
    lock.lock();
  }
}

// Steering first: it is what somebody waits for.
void Keeper::answer(Requests& requests) {
  if (requests.overlay) steer_now(std::move(*requests.overlay));
  for (Proposal& proposal : requests.proposals) {
    auto made = dns::apply(proposal.from, *proposal.change).value_or(nullptr);
    proposal.from.reset();
    proposal.made.set_value(std::move(made));
  }
  if (requests.gathered) finish_reload(std::move(*requests.gathered));
  if (requests.zones) zones_ = std::move(requests.zones);
  if (requests.reload) start_reload();
  if (requests.imaged) tell_images();
  if (requests.contradictions) contradictions_ = std::move(requests.contradictions);
  if (!reloading_) tell_contradictions();
  for (const auto& done : requests.inquiries) done(served());
}

void Keeper::steer_now(Overlay overlay) {
  Publication publication{.generation = overlay.generation, .outcome = {}, .zones = {}, .at = {}};
  LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kProblems);
  publication.outcome = store_->steer(std::move(overlay), watcher);
  publish();
  publication.zones = store_->changed();
  publication.at = Instant::clock::now();
  if (wiring_.on_published) wiring_.on_published(publication);
  tell_suspended();
}

// Sets that the zones contradict are suspended by the store; here people learn where it is written.
void Keeper::tell_contradictions() {
  if (!contradictions_) return;
  for (const std::string& fault : contradictions_(*store_->snapshot())) wiring_.log->error("{}", fault);
  contradictions_ = {};
}

void Keeper::tell_suspended() {
  if (suspended_told_ == store_->suspended()) return;
  suspended_told_ = store_->suspended();
  if (wiring_.on_suspended) wiring_.on_suspended(suspended_told_);
}

void Keeper::tend() {
  LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kProblems);
  if (store_->tend(watcher)) publish();
  tell_suspended();
}

void Keeper::start_reload() {
  if (std::exchange(reloading_, true)) {
    reload_again_ = true;   // what changed since the one under way began
    return;
  }
  reload_begun_ = Instant::clock::now();
  loader_ = start_thread({"reload", std::nullopt, kLoaderNiceness}, [this, survey = store_->survey(), zones = zones_]() mutable {
    auto gathered = std::make_unique<Gathered>(gather(
        std::move(survey), *zones, files_, [](std::size_t, std::size_t) {},
        [this](std::shared_ptr<const dns::Zone> from, const dns::Change& change) { return propose(std::move(from), change); }));
    const std::lock_guard lock(mutex_);
    requests_.gathered = std::move(gathered);
    changed_.notify_all();
  });
}

std::shared_ptr<const dns::Zone> Keeper::propose(std::shared_ptr<const dns::Zone> from, const dns::Change& change) {
  Proposal proposal{std::move(from), &change, {}};
  auto made = proposal.made.get_future();
  {
    const std::lock_guard lock(mutex_);
    requests_.proposals.push_back(std::move(proposal));
    changed_.notify_all();
  }
  return made.get();
}

// Waits for a reload that nobody wants any more; what it proposes is not made.
void Keeper::end_reload() {
  std::unique_lock lock(mutex_);
  while (reloading_ && !requests_.gathered) {
    changed_.wait(lock, [this] { return requests_.gathered || !requests_.proposals.empty(); });
    for (Proposal& proposal : std::exchange(requests_.proposals, {})) {
      proposal.from.reset();
      proposal.made.set_value(nullptr);
    }
  }
  lock.unlock();
  if (loader_.joinable()) loader_.join();
}

void Keeper::finish_reload(Gathered gathered) {
  loader_.join();
  LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kEverything);
  const LoadSummary summary = store_->adopt(std::move(gathered), watcher);
  publish();
  ::malloc_trim(0);
  wiring_.log->info("reloaded in {} ms: {} loaded, {} unchanged, {} removed, {} kept as they were, {} failed",
                    milliseconds_since(reload_begun_), summary.loaded, summary.unchanged, summary.removed, summary.kept_old, summary.failed);
  reloading_ = false;
  order_images();
  tell_suspended();
  if (std::exchange(reload_again_, false)) start_reload();
}

void Keeper::order_images() {
  std::vector<ImageOrder> orders = store_->take_image_orders();
  if (images_) images_->keep(std::move(orders));
}

// The zones that were written end here, on the thread where zones do.
void Keeper::tell_images() {
  for (const ImageWriter::Written& written : images_->collect()) {
    const std::string name = dns::to_text(written.order.apex), path = Images(wiring_.options.store.images).path_of(written.order.apex);
    if (written.outcome) {
      wiring_.log->info("zone {}: image {} written in {} ms", name, path, written.taken.count());
    } else if (written.outcome.error().empty()) {
      wiring_.log->info("zone {}: no image was written: {} has changed since it was loaded", name, written.order.file.path);
    } else {
      wiring_.log->warn("zone {}: image {} cannot be written: {}", name, path, written.outcome.error());
    }
  }
}

void Keeper::publish() {
  if (snapshots_ && store_->snapshot() != snapshots_->current()) snapshots_->publish(store_->snapshot());
}

}  // namespace server
