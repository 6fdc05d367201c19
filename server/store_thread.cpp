#include "server/store_thread.h"

#include <malloc.h>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "server/listen/standard_listeners.h"
#include "server/runtime/memory_reserve.h"
#include "server/runtime/recurring.h"
#include "server/runtime/thread.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::chrono::milliseconds kReclaimInterval{20};        // while an old snapshot has readers
constexpr std::chrono::milliseconds kMaintenanceInterval{1000};  // of journals
constexpr std::string_view kNotStrict = "strict-start = false in [server] starts, and serves what is right";
constexpr std::chrono::milliseconds kFirstSyncTimeout{500};
constexpr int kLoaderNiceness = 10;  // of reloads: they are not urgent, the old versions are served

long milliseconds_since(Instant begun) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Instant::clock::now() - begun).count();
}

}  // namespace

StoreThread::StoreThread(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      zones_(std::make_shared<const StoreOptions>(dependencies_.options.store)) {}
StoreThread::~StoreThread() = default;

dns::Result<void, StartError> StoreThread::open() {
  const std::string& directory = dependencies_.options.state;
  if (!directory.empty()) {
    auto journal = Journal::open(open_disk(directory, "zones"));
    if (!journal)
      return dns::Failure<StartError>(
          StartError{StartError::Kind::kState, "state directory " + directory + ": " + journal.error(),
                     "the user of the server must be able to write to it, and no other server may use it"});
    journal_ = std::move(*journal);
    for (const std::string& fault : journal_->faults())
      dependencies_.log->error("state directory {}: {}", directory, fault);
    if (dependencies_.options.strict_start && !journal_->faults().empty())
      return dns::Failure(StartError{StartError::Kind::kState,
                                     "state directory " + directory + ": " + journal_->faults().front(),
                                     std::string(kNotStrict)});
    const auto on_synced = [this] { requests_.post([](Requests& requests) { requests.synced = true; }); };
    if (const auto started = journal_->start(on_synced); !started)
      return dns::Failure(no_thread("journal", started.error()));
  }
  store_.emplace(dependencies_.options.store, files_, journal_.get());
  const std::string& images = dependencies_.options.store.images;
  if (!images.empty())
    images_.emplace(images, files_,
                    [this] { requests_.post([](Requests& requests) { requests.images_finished = true; }); });
  return {};
}

void StoreThread::run() {
  Requests unserved;
  if (first_load_or_error()) unserved = serve_requests();
  closing_journal_ = true;
  if (journal_ != nullptr) journal_->close();
  if (images_) images_->stop();
  abort_reload(std::move(unserved));
  requests_.close();  // zones are destroyed on this thread
}

void StoreThread::submit_overlay(Overlay overlay) {
  requests_.post([&](Requests& requests) {
    if (requests.overlay && requests.overlay->generation > overlay.generation) return;
    if (requests.overlay && requests.overlay->since) overlay.since = requests.overlay->since;  // it is published now
    requests.overlay = std::move(overlay);
  });
}

void StoreThread::reload(ReloadRequestPtr request, std::shared_ptr<const StoreOptions> zones,
                         ConfigCheck config_check) {
  requests_.post([&](Requests& requests) {
    requests.reloads.push_back(std::move(request));
    if (zones != nullptr) requests.zones = std::move(zones);
    if (config_check) requests.config_check = std::move(config_check);
  });
}

void StoreThread::request_snapshot(std::function<void(std::shared_ptr<const dns::Snapshot>)> done) {
  requests_.post([&](Requests& requests) { requests.snapshot_requests.push_back(std::move(done)); });
}

void StoreThread::request_history(const dns::Name& apex, std::function<void(std::optional<ZoneHistory>)> done) {
  requests_.post([&](Requests& requests) { requests.history_requests.push_back({apex, std::move(done)}); });
}

// The last user returns the snapshot to this thread, which destroys it.
std::shared_ptr<const dns::Snapshot> StoreThread::lend_snapshot() {
  std::shared_ptr<const dns::Snapshot> snapshot = store_->snapshot();
  const dns::Snapshot* const address = snapshot.get();
  return {address, [this, lent = std::move(snapshot)](const dns::Snapshot*) mutable {
            requests_.post([&](Requests& requests) { requests.returned_snapshots.push_back(std::move(lent)); });
          }};
}

StoreThread::Stopped StoreThread::stop(std::chrono::milliseconds timeout) {
  requests_.post([](Requests& requests) { requests.stop = true; });
  if (requests_.wait_until_closed(timeout)) return Stopped::kDone;
  return closing_journal_ ? Stopped::kDisk : Stopped::kLoading;
}

bool StoreThread::first_load_or_error() {
  try {
    return first_load();
  } catch (const std::exception& error) {  // no memory or descriptor is left
    dependencies_.on_start_error({.kind = StartError::Kind::kSystem,
                                  .message = fmt::format("cannot load and serve the zones: {}", error.what()),
                                  .help = {}});
    return false;
  }
}

bool StoreThread::first_load() {
  LoggingObserver observer(dependencies_.log, dependencies_.observer, LoggingObserver::Detail::kProblems);
  const LoadSummary summary = store_->load(observer);
  if (dependencies_.on_zone_faults) dependencies_.on_zone_faults(observer.take_faults());
  if (auto error = start_error(summary)) {
    dependencies_.on_start_error(std::move(*error));
    return false;
  }
  ::malloc_trim(0);  // the texts of the files were freed
  if (!wait_for_first_overlay()) return false;
  snapshots_.emplace(store_->snapshot(), dependencies_.listeners.readers());
  if (const auto started = dependencies_.listeners.start(*snapshots_); !started) {
    dependencies_.on_start_error(no_thread("listener", started.error()));
    return false;
  }
  dependencies_.observer.on_ready(startup_info(summary));
  queue_images();
  return true;
}

// A start is as tolerant as a reload: what is wrong costs its zone or name, until it is mended.
std::optional<StartError> StoreThread::start_error(const LoadSummary& summary) {
  const bool strict = dependencies_.options.strict_start;
  if (summary.served() + summary.failed == 0)
    return StartError{StartError::Kind::kNoZones, fmt::format("no zone to serve in {}", fmt::join(zones_->paths, ", ")),
                      "give a directory with files such as example.com.zone, or --zone NAME=FILE"};
  if (strict && summary.failed > 0)
    return StartError{
        StartError::Kind::kNoZones,
        fmt::format("{} of {} zones could not be loaded", summary.failed, summary.served() + summary.failed),
        std::string(kNotStrict)};
  std::string config_error = dependencies_.observer.config_error(*store_->snapshot());
  if (config_error.empty()) return std::nullopt;
  if (strict) return StartError{StartError::Kind::kConfiguration, std::move(config_error), std::string(kNotStrict)};
  dependencies_.log->error("{}; these sections have no effect until that is mended", config_error);
  return std::nullopt;
}

// Applies the first overlay before the first answer, if it arrives in time. With a recovered overlay it does not wait:
// what was published before a restart is served at once, and the next decision follows. False if a stop was requested.
bool StoreThread::wait_for_first_overlay() {
  const bool recovered = !store_->desired_overlay().sets.empty();
  bool stop = false;
  std::optional<Overlay> first;
  requests_.wait_until(
      recovered ? dependencies_.started : dependencies_.started + dependencies_.first_overlay_timeout,
      [](const Requests& requests) { return requests.stop || requests.overlay; },
      [&](Requests& requests) {
        stop = requests.stop;
        first = std::exchange(requests.overlay, std::nullopt);
      });
  if (stop) return false;
  if (first) apply_overlay(std::move(*first));
  // The first answer has the decision: the journals of zones that are managed for the first time are worth a moment.
  for (int round = 0; round < 2 && store_->deferred() && journal_->sync(kFirstSyncTimeout); ++round) maintain();
  return true;
}

StartupInfo StoreThread::startup_info(const LoadSummary& summary) const {
  StartupInfo info{.zones = served_zones(*store_->snapshot()),
                   .load = summary,
                   .addresses = dependencies_.listeners.addresses(),
                   .workers = udp_workers(dependencies_.options.listen),
                   .startup_time = {}};
  info.startup_time = std::chrono::milliseconds(milliseconds_since(dependencies_.started));
  return info;
}

// Returns what was not served when the stop was requested.
StoreThread::Requests StoreThread::serve_requests() {
  std::size_t waiting = 0;
  Recurring maintenance(kMaintenanceInterval, Instant::clock::now());
  for (;;) {
    const bool idle = waiting == 0 && journal_ == nullptr && !reload_again_ && !store_->interrupted();
    std::optional<Requests> taken;
    if (idle) taken = requests_.take();
    else
      taken = requests_.take_for(std::min(waiting != 0 ? Duration(kReclaimInterval) : Duration::max(),
                                          maintenance.until_due(Instant::clock::now())));
    Requests requests = std::move(taken).value_or(Requests());
    if (requests.stop) return requests;
    handle_or_log(requests, maintenance.is_due(Instant::clock::now()));
    waiting = snapshots_->reclaim();
  }
}

// Where no memory is left, what is served stays, and the step is done again at the next maintenance.
void StoreThread::handle_or_log(Requests& requests, bool maintenance_due) {
  try {
    const bool synced = requests.synced;
    handle(requests);
    if (maintenance_due) store_->interval_passed();
    if (maintenance_due || synced) maintain();
  } catch (const std::exception& error) {
    store_->set_interrupted();
    if (requests.load_result != nullptr) give_up_reload(error.what());
    else dependencies_.log->error("zones: a step failed and is done again: {}", error.what());
  }
}

// Failover first: it is the most urgent.
void StoreThread::handle(Requests& requests) {
  if (requests.overlay) apply_overlay(std::move(*requests.overlay));
  for (ApplyRequest& request : requests.apply_requests) {
    auto result = dns::apply(request.from, *request.change).value_or(nullptr);
    request.from.reset();
    request.result.set_value(std::move(result));
  }
  if (requests.load_failed) give_up_reload("no memory is left");
  else if (requests.load_result) finish_reload(std::move(*requests.load_result));
  if (requests.zones) zones_ = std::move(requests.zones);
  if (requests.config_check) config_check_ = std::move(requests.config_check);
  std::ranges::move(requests.reloads, std::back_inserter(next_reloads_));
  if (!requests.reloads.empty() || (!reloading_ && reload_again_)) start_reload();
  if (requests.images_finished) log_images();
  for (const auto& done : requests.snapshot_requests) done(lend_snapshot());
  for (const HistoryRequest& request : requests.history_requests) request.done(store_->history(request.apex));
}

void StoreThread::apply_overlay(Overlay overlay) {
  Publication publication{.generation = overlay.generation, .outcome = {}, .zones = {}, .at = {}};
  LoggingObserver observer(dependencies_.log, dependencies_.observer, LoggingObserver::Detail::kProblems);
  const std::optional<Instant> since = overlay.since;
  if (!unpublished_since_) unpublished_since_ = since;
  publication.outcome = store_->apply_overlay(std::move(overlay), observer);
  publish();
  measure(publication.outcome == OverlayOutcome::kChanged ? since : std::nullopt);
  publication.zones = store_->changed();
  publication.at = Instant::clock::now();
  if (dependencies_.on_published) dependencies_.on_published(publication);
  notify_suspended();
}

// Logs the records that do not match the zones, with their position in the file. The failover thread logs those that
// the store suspends.
void StoreThread::log_config_check(ReloadReport& report) {
  if (!config_check_) return;
  for (const std::string& error : config_check_(*store_->snapshot(), ZoneFindings::kNotSuspended))
    dependencies_.log->error("{}", error);
  for (std::string& error : config_check_(*store_->snapshot(), ZoneFindings::kAll)) report.refuse(std::move(error));
  config_check_ = {};
}

void StoreThread::notify_suspended() {
  if (std::exchange(notified_suspended_, store_->suspended_version()) == store_->suspended_version()) return;
  if (dependencies_.on_suspended) dependencies_.on_suspended(store_->suspended());
}

void StoreThread::maintain() {
  LoggingObserver observer(dependencies_.log, dependencies_.observer, LoggingObserver::Detail::kProblems);
  const bool changed = store_->maintain(observer);
  if (changed) publish();
  measure(changed ? unpublished_since_ : std::nullopt);
  notify_suspended();
}

void StoreThread::start_reload() {
  reload_again_ = reloading_;  // for changes since the running one began
  if (reloading_) return;
  reload_begun_ = Instant::clock::now();
  reloads_ = std::exchange(next_reloads_, {});
  // Shared because std::function requires a closure that can be copied. The loader must not end with it.
  const auto zone_table = std::make_shared<ZoneTable>(store_->zone_table());
  auto loader = start_thread({"reload", std::nullopt, kLoaderNiceness},
                             [this, zone_table, zones = zones_] { load(*zone_table, *zones); });
  if (!loader) return give_up_reload("no thread can be started: " + loader.error());
  loader_ = std::move(*loader);
  reloading_ = true;
}

// The loader's thread.
void StoreThread::load(ZoneTable& zone_table, const StoreOptions& zones) {
  std::unique_ptr<LoadResult> load_result;  // what it has is destroyed on the store's thread, also after a failure
  bool failed = false;
  try {
    const MayRunOutOfMemory may;
    load_result = std::make_unique<LoadResult>();
    load_result->zone_table = std::move(zone_table);
    load_zones(
        *load_result, zones, files_, [](std::size_t, std::size_t) {},
        [this](std::shared_ptr<const dns::Zone> from, const dns::Change& change) {
          return apply_on_writer(std::move(from), change);
        });
  } catch (const std::exception&) {
    failed = true;
  }
  requests_.post([&](Requests& requests) {
    requests.load_result = std::move(load_result);
    requests.load_failed = failed;
  });
}

// The running zones stay.
void StoreThread::give_up_reload(std::string_view why) {
  if (loader_.joinable()) loader_.join();
  reloading_ = false;
  ReloadReport report;
  report.refuse(fmt::format("cannot reload: {}; the running zones are served; reload again", why));
  dependencies_.log->error("{}", report.lines.back());
  complete_reloads(report);
}

std::shared_ptr<const dns::Zone> StoreThread::apply_on_writer(std::shared_ptr<const dns::Zone> from,
                                                              const dns::Change& change) {
  ApplyRequest request{std::move(from), &change, {}};
  auto result = request.result.get_future();
  requests_.post([&](Requests& requests) { requests.apply_requests.push_back(std::move(request)); });
  return result.get();
}

// Waits for a reload whose result is not needed any more; its requests are answered with null.
void StoreThread::abort_reload(Requests requests) {
  for (;;) {
    for (ApplyRequest& request : requests.apply_requests) {
      request.from.reset();
      request.result.set_value(nullptr);
    }
    if (!reloading_ || requests.load_result || requests.load_failed) break;
    requests = requests_.take().value_or(Requests());
  }
  if (loader_.joinable()) loader_.join();
}

void StoreThread::finish_reload(LoadResult load_result) {
  if (loader_.joinable()) loader_.join();
  ReloadReport report;
  LoggingObserver observer(dependencies_.log, dependencies_.observer, LoggingObserver::Detail::kEverything, &report);
  const LoadSummary summary = store_->commit_load(std::move(load_result), observer);
  if (dependencies_.on_zone_faults) dependencies_.on_zone_faults(observer.take_faults());
  publish();
  ::malloc_trim(0);
  report.add(fmt::format("reloaded in {} ms: {} loaded, {} unchanged, {} removed, {} kept the old version, {} failed",
                         milliseconds_since(reload_begun_), summary.loaded, summary.unchanged, summary.removed,
                         summary.kept, summary.failed));
  dependencies_.log->info("{}", report.lines.back());
  reloading_ = false;
  queue_images();
  notify_suspended();
  if (!reload_again_) log_config_check(report);  // the next reload may load the zones that it needs
  complete_reloads(report);
}

void StoreThread::complete_reloads(const ReloadReport& report) {
  for (const ReloadRequestPtr& request : std::exchange(reloads_, {})) {
    for (const std::string& line : report.lines) request->report.add(line);
    request->report.refused = request->report.refused || report.refused;
    if (request->done) request->done(request->report);
  }
}

void StoreThread::queue_images() {
  std::vector<ImageRequest> requests = store_->take_image_requests();
  if (images_) images_->enqueue(std::move(requests));
}

// The zones whose images were written are destroyed here, on the thread for that.
void StoreThread::log_images() {
  for (const ImageWriter::Written& written : images_->take_finished()) {
    const std::string name = dns::to_text(written.request.apex),
                      path = Images(dependencies_.options.store.images).path_of(written.request.apex);
    if (written.outcome) {
      dependencies_.log->info("zone {}: image {} written in {} ms", name, path, written.duration.count());
    } else if (written.outcome.error().empty()) {
      dependencies_.log->info("zone {}: image not written, because {} has changed since it was loaded", name,
                              written.request.file.path);
    } else {
      dependencies_.log->warn("zone {}: image {} cannot be written: {}; the next start reads the zone file", name, path,
                              written.outcome.error());
    }
  }
}

// `since`: the cause of what was published; none: nothing was. A journal or a lack of memory may delay some zones: the
// publication that completes them counts from the first cause.
void StoreThread::measure(std::optional<Instant> since) {
  const bool complete = !store_->deferred();
  if (since && snapshots_)
    publication_times_.add(Instant::clock::now() - (complete ? unpublished_since_.value_or(*since) : *since));
  if (complete) unpublished_since_.reset();
}

void StoreThread::publish() {
  if (snapshots_ && store_->snapshot() != snapshots_->current()) snapshots_->publish(store_->snapshot());
}

}  // namespace server
