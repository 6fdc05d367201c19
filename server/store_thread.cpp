#include "server/store_thread.h"

#include <malloc.h>

#include <ctime>

#include <fmt/format.h>

#include "server/runtime/thread.h"
#include "zone/check/check.h"
#include "zone/check/expiry.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kReclaimInterval{20};        // while an old snapshot still has readers
constexpr std::chrono::milliseconds kMaintenanceInterval{1000};  // of journals
constexpr int kLoaderNiceness = 10;  // of reloads: the old versions answer as long as it takes

// By the SOA's signatures, which are made at each signing; `waymark check` looks at all.
bool is_expired(const dns::Zone& zone) {
  const auto expiry = dns::soa_expiry(zone);
  return expiry && dns::later(dns::Serial{static_cast<std::uint32_t>(std::time(nullptr))}, expiry->at);
}

// Logs what became of each zone, and passes it on.
class LoggingObserver : public LoadObserver {
 public:
  enum class Detail : std::uint8_t { kProblems, kEverything };
  LoggingObserver(Log log, LoadObserver& next, Detail detail) : log_(std::move(log)), next_(next), detail_(detail) {}

  void on_zone(const ZoneReport& report) override {
    const bool loaded = report.outcome == ZoneOutcome::kLoaded;
    const bool unproved = loaded && dns::lacks_denial_records(*report.zone),
               expired = loaded && is_expired(*report.zone);
    const bool quiet =
        report.warning.empty() && !report.from_image && report.image_error.empty() && !unproved && !expired;
    if (report.outcome == ZoneOutcome::kUnchanged ||
        (report.outcome == ZoneOutcome::kLoaded && detail_ == Detail::kProblems && quiet))
      return next_.on_zone(report);  // nothing to log of this one
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
      case ZoneOutcome::kFailed:
        log_->error("zone {}: {} cannot be loaded; answering SERVFAIL", name, report.path);
        break;
      case ZoneOutcome::kRemoved: log_->info("zone {} removed", name); break;
    }
    if (report.from_image) log_->info("zone {}: taken from its image", name);
    if (!report.image_error.empty()) log_->warn("zone {}: its image was not used: {}", name, report.image_error);
    if (!report.warning.empty()) log_->warn("zone {}: {}", name, report.warning);
    if (expired)
      log_->warn("zone {}: its signatures have ended: resolvers that validate refuse it until it is signed again",
                 name);
    if (unproved)
      log_->warn(
          "zone {}: it is signed with NSEC3 that cannot prove anything: resolvers that validate take its negative "
          "answers for forged",
          name);
    next_.on_zone(report);
  }
  void on_error(const std::string& words) override {
    log_->error("{}", words);
    next_.on_error(words);
  }
  void on_progress(std::size_t done, std::size_t total) override { next_.on_progress(done, total); }

 private:
  Log log_;
  LoadObserver& next_;
  Detail detail_;
};

long milliseconds_since(Instant begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun).count();
}

}  // namespace

StoreThread::StoreThread(Wiring wiring)
    : wiring_(std::move(wiring)), zones_(std::make_shared<const StoreOptions>(wiring_.options.store)) {}
StoreThread::~StoreThread() = default;

dns::Result<void, StartError> StoreThread::open() {
  const std::string& directory = wiring_.options.state;
  if (!directory.empty()) {
    auto journals = Journals::open(open_disk(directory, "zones"));
    if (!journals)
      return dns::Failure<StartError>(
          StartError{StartError::Kind::kState, "state directory " + directory + ": " + journals.error(),
                     "it is written to while serving, by the user that the server runs as, and by one server alone"});
    journals_ = std::move(*journals);
    journals_->start();
  }
  store_.emplace(wiring_.options.store, files_, journals_.get());
  const std::string& images = wiring_.options.store.images;
  if (!images.empty())
    images_.emplace(images, files_, [this] {
      const std::lock_guard lock(mutex_);
      requests_.images_finished = true;
      changed_.notify_all();
    });
  return {};
}

void StoreThread::run() {
  if (first_load()) serve_requests();
  if (journals_ != nullptr) journals_->close();
  if (images_) images_->stop();
  abort_reload();
  const std::lock_guard lock(mutex_);
  requests_ = {};  // zones die on this thread
  stopped_ = true;
  changed_.notify_all();
}

void StoreThread::submit_overlay(Overlay overlay) {
  const std::lock_guard lock(mutex_);
  if (requests_.overlay && requests_.overlay->generation > overlay.generation) return;
  requests_.overlay = std::move(overlay);
  changed_.notify_all();
}

void StoreThread::reload(std::shared_ptr<const StoreOptions> zones) {
  const std::lock_guard lock(mutex_);
  requests_.reload = true;
  if (zones != nullptr) requests_.zones = std::move(zones);
  changed_.notify_all();
}

void StoreThread::check_config(ConfigCheck config_check) {
  const std::lock_guard lock(mutex_);
  requests_.config_check = std::move(config_check);
  changed_.notify_all();
}

void StoreThread::request_zone_list(std::function<void(std::vector<ServedZone>)> done) {
  const std::lock_guard lock(mutex_);
  if (!stopped_) requests_.zone_list_requests.push_back(std::move(done));
  changed_.notify_all();
}

bool StoreThread::stop(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  stop_requested_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, timeout, [this] { return stopped_; });
}

bool StoreThread::first_load() {
  LoggingObserver observer(wiring_.log, wiring_.observer, LoggingObserver::Detail::kProblems);
  const LoadSummary summary = store_->load(observer);
  if (summary.served() == 0) {
    const bool none = summary.failed == 0;
    wiring_.on_start_error(
        {.kind = StartError::Kind::kNoZones,
         .message = none ? fmt::format("there is no zone to serve in {}", fmt::join(zones_->paths, ", "))
                         : "no zone could be loaded",
         .help = none ? "name a directory with files such as example.com.zone, or --zone NAME=FILE" : ""});
    return false;
  }
  if (std::string config_error = wiring_.observer.config_error(*store_->snapshot()); !config_error.empty()) {
    wiring_.on_start_error({.kind = StartError::Kind::kConfiguration, .message = std::move(config_error), .help = ""});
    return false;
  }
  ::malloc_trim(0);  // the texts of the files are gone
  if (!wait_for_first_overlay()) return false;
  snapshots_.emplace(store_->snapshot(), wiring_.listeners.readers());
  wiring_.listeners.start(*snapshots_);
  wiring_.observer.on_ready(startup_info(summary));
  queue_images();
  return true;
}

// Lays the first overlay before the first answer, if it comes in time. False where the end was wanted meanwhile.
// What was published before a restart is served at once; what steering makes of the world since then follows.
bool StoreThread::wait_for_first_overlay() {
  const bool recovered = !store_->desired_overlay().sets.empty();
  std::optional<Overlay> first;
  {
    std::unique_lock lock(mutex_);
    if (!recovered)
      changed_.wait_until(lock, wiring_.started + wiring_.first_overlay_timeout,
                          [this] { return stop_requested_ || requests_.overlay; });
    if (stop_requested_) return false;
    first = std::exchange(requests_.overlay, std::nullopt);
  }
  if (first) apply_overlay(std::move(*first));
  return true;
}

StartupInfo StoreThread::startup_info(const LoadSummary& summary) const {
  StartupInfo info{.zones = served(),
                   .load = summary,
                   .addresses = wiring_.listeners.addresses(),
                   .workers = wiring_.listeners.workers(),
                   .startup_time = {}};
  info.startup_time = std::chrono::milliseconds(milliseconds_since(wiring_.started));
  return info;
}

std::vector<ServedZone> StoreThread::served() const {
  std::vector<ServedZone> served;
  for (const auto& zone : store_->snapshot()->zones())
    if (zone->apex_node()) served.push_back({zone->apex(), zone->serial(), zone->totals().records});
  return served;
}

void StoreThread::serve_requests() {
  std::size_t waiting = 0;
  std::unique_lock lock(mutex_);
  while (!stop_requested_) {
    const auto asked = [this] { return stop_requested_ || requests_.any(); };
    if (waiting != 0) {
      changed_.wait_for(lock, kReclaimInterval, asked);
    } else if (journals_ != nullptr) {
      changed_.wait_for(lock, kMaintenanceInterval, asked);
    } else {
      changed_.wait(lock, asked);
    }
    if (stop_requested_) break;
    Requests requests = std::exchange(requests_, {});
    lock.unlock();
    handle(requests);
    if (!requests.any()) maintain();
    waiting = snapshots_->reclaim();
    lock.lock();
  }
}

// Steering first: it is what somebody waits for.
void StoreThread::handle(Requests& requests) {
  if (requests.overlay) apply_overlay(std::move(*requests.overlay));
  for (ApplyRequest& request : requests.apply_requests) {
    auto result = dns::apply(request.from, *request.change).value_or(nullptr);
    request.from.reset();
    request.result.set_value(std::move(result));
  }
  if (requests.load_result) finish_reload(std::move(*requests.load_result));
  if (requests.zones) zones_ = std::move(requests.zones);
  if (requests.reload) start_reload();
  if (requests.images_finished) log_images();
  if (requests.config_check) config_check_ = std::move(requests.config_check);
  if (!reloading_) log_config_check();
  for (const auto& done : requests.zone_list_requests) done(served());
}

void StoreThread::apply_overlay(Overlay overlay) {
  Publication publication{.generation = overlay.generation, .outcome = {}, .zones = {}, .at = {}};
  LoggingObserver observer(wiring_.log, wiring_.observer, LoggingObserver::Detail::kProblems);
  publication.outcome = store_->apply_overlay(std::move(overlay), observer);
  publish();
  publication.zones = store_->changed();
  publication.at = Instant::clock::now();
  if (wiring_.on_published) wiring_.on_published(publication);
  notify_suspended();
}

// Sets that the zones contradict are suspended by the store; here people learn where it is written.
void StoreThread::log_config_check() {
  if (!config_check_) return;
  for (const std::string& error : config_check_(*store_->snapshot())) wiring_.log->error("{}", error);
  config_check_ = {};
}

void StoreThread::notify_suspended() {
  if (notified_suspended_ == store_->suspended()) return;
  notified_suspended_ = store_->suspended();
  if (wiring_.on_suspended) wiring_.on_suspended(notified_suspended_);
}

void StoreThread::maintain() {
  LoggingObserver observer(wiring_.log, wiring_.observer, LoggingObserver::Detail::kProblems);
  if (store_->maintain(observer)) publish();
  notify_suspended();
}

void StoreThread::start_reload() {
  if (std::exchange(reloading_, true)) {
    reload_again_ = true;  // what changed since the one under way began
    return;
  }
  reload_begun_ = Instant::clock::now();
  loader_ = start_thread({"reload", std::nullopt, kLoaderNiceness},
                         [this, zone_table = store_->zone_table(), zones = zones_]() mutable {
                           auto load_result = std::make_unique<LoadResult>(load_zones(
                               std::move(zone_table), *zones, files_, [](std::size_t, std::size_t) {},
                               [this](std::shared_ptr<const dns::Zone> from, const dns::Change& change) {
                                 return apply_on_writer(std::move(from), change);
                               }));
                           const std::lock_guard lock(mutex_);
                           requests_.load_result = std::move(load_result);
                           changed_.notify_all();
                         });
}

std::shared_ptr<const dns::Zone> StoreThread::apply_on_writer(std::shared_ptr<const dns::Zone> from,
                                                              const dns::Change& change) {
  ApplyRequest request{std::move(from), &change, {}};
  auto result = request.result.get_future();
  {
    const std::lock_guard lock(mutex_);
    requests_.apply_requests.push_back(std::move(request));
    changed_.notify_all();
  }
  return result.get();
}

// Waits for a reload that nobody wants any more; its requests are answered with null.
void StoreThread::abort_reload() {
  std::unique_lock lock(mutex_);
  while (reloading_ && !requests_.load_result) {
    changed_.wait(lock, [this] { return requests_.load_result || !requests_.apply_requests.empty(); });
    for (ApplyRequest& request : std::exchange(requests_.apply_requests, {})) {
      request.from.reset();
      request.result.set_value(nullptr);
    }
  }
  lock.unlock();
  if (loader_.joinable()) loader_.join();
}

void StoreThread::finish_reload(LoadResult load_result) {
  loader_.join();
  LoggingObserver observer(wiring_.log, wiring_.observer, LoggingObserver::Detail::kEverything);
  const LoadSummary summary = store_->commit_load(std::move(load_result), observer);
  publish();
  ::malloc_trim(0);
  wiring_.log->info("reloaded in {} ms: {} loaded, {} unchanged, {} removed, {} kept as they were, {} failed",
                    milliseconds_since(reload_begun_), summary.loaded, summary.unchanged, summary.removed,
                    summary.kept_old, summary.failed);
  reloading_ = false;
  queue_images();
  notify_suspended();
  if (std::exchange(reload_again_, false)) start_reload();
}

void StoreThread::queue_images() {
  std::vector<ImageRequest> requests = store_->take_image_requests();
  if (images_) images_->enqueue(std::move(requests));
}

// The zones that were written end here, on the thread where zones do.
void StoreThread::log_images() {
  for (const ImageWriter::Written& written : images_->take_finished()) {
    const std::string name = dns::to_text(written.request.apex),
                      path = Images(wiring_.options.store.images).path_of(written.request.apex);
    if (written.outcome) {
      wiring_.log->info("zone {}: image {} written in {} ms", name, path, written.duration.count());
    } else if (written.outcome.error().empty()) {
      wiring_.log->info("zone {}: no image was written: {} has changed since it was loaded", name,
                        written.request.file.path);
    } else {
      wiring_.log->warn("zone {}: image {} cannot be written: {}", name, path, written.outcome.error());
    }
  }
}

void StoreThread::publish() {
  if (snapshots_ && store_->snapshot() != snapshots_->current()) snapshots_->publish(store_->snapshot());
}

}  // namespace server
