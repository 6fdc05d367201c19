#include "server/store/store.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "zone/name/text.h"
#include "zone/rr/text.h"
#include "zone/snapshot/builder.h"

namespace server {
namespace {

// Ours, but without data: what stands for a zone that could not be loaded.
std::shared_ptr<const dns::Zone> placeholder(const dns::Name& apex) { return dns::ZoneBuilder(apex).finish().zone; }

void count(LoadSummary& summary, ZoneOutcome outcome) {
  switch (outcome) {
    case ZoneOutcome::kLoaded: ++summary.loaded; return;
    case ZoneOutcome::kUnchanged: ++summary.unchanged; return;
    case ZoneOutcome::kKeptOld: ++summary.kept_old; return;
    case ZoneOutcome::kFailed: ++summary.failed; return;
    case ZoneOutcome::kRemoved: ++summary.removed; return;
  }
}

// What an operator should know about the step from one version of a file to the next; empty where all is as it should be.
std::string file_warning(dns::Serial before, dns::Serial after, Content content) {
  const std::string old_words = std::to_string(before.value), new_words = std::to_string(after.value);
  if (content == Content::kFirst || dns::later(after, before)) return {};
  if (after != before)
    return "the serial went from " + old_words + " back to " + new_words + ": secondaries will not follow until it is later than the old one";
  if (content == Content::kSame) return {};
  return "the records changed and the serial is still " + new_words + ": secondaries will not notice";
}

// The same where the store counts the serial itself.
std::string counted_warning(dns::Serial before, dns::Serial after, dns::Serial published) {
  if (after == before || dns::later(after, before)) return {};
  return "the file's serial went from " + std::to_string(before.value) + " back to " + std::to_string(after.value) +
         ": counting on from " + std::to_string(published.value);
}

// Puts the zone's SOA with another serial among the changes; a zone under test may have none.
void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial) {
  auto soa = serial_change(zone, serial);
  if (!soa) return;
  const auto before = [](const dns::SetChange& a, const dns::SetChange& b) {
    const auto owners = dns::canonical_order(a.owner, b.owner);
    return owners == 0 ? a.type < b.type : owners < 0;
  };
  change.sets.insert(std::ranges::upper_bound(change.sets, *soa, before), std::move(*soa));
}

// Whether two layings serve the same, whatever they hide.
bool serve_alike(const std::vector<LaidSet>& a, const std::vector<LaidSet>& b) {
  return std::ranges::equal(a, b, [](const LaidSet& x, const LaidSet& y) { return x.owner == y.owner && x.type == y.type && x.set == y.set; });
}

}  // namespace

// One load or steering: what it found so far.
struct Store::Round {
  LoadWatcher& watcher;
  LoadSummary summary;
  std::deque<ZoneReport> reports;
  std::vector<std::shared_ptr<const dns::Zone>> added;
  std::vector<dns::Name> removed;
};

Store::Store(const StoreOptions& options, Files& files) : options_(options), files_(files) {}

LoadSummary Store::load(LoadWatcher& watcher) {
  const auto progress = [&](std::size_t done, std::size_t total) { watcher.progress(done, total); };
  return adopt(gather(survey(), options_, files_, progress), watcher);
}

Survey Store::survey() const {
  Survey survey;
  survey.reserve(held_.size());
  for (const auto& [apex, held] : held_) survey.push_back(held.version);
  return survey;
}

LoadSummary Store::adopt(Gathered gathered, LoadWatcher& watcher) {
  Round round{watcher, {}, {}, {}, {}};
  changed_.clear();
  for (const std::string& words : gathered.found.troubles) watcher.trouble(words);
  for (GatheredZone& zone : gathered.zones) take(round, zone);
  remove_missing(round, gathered.found);
  enter(round);     // names belong to the zones as they are now
  lay_all(round);
  enter(round);
  for (ZoneReport& report : round.reports) {
    count(round.summary, report.outcome);
    if (report.outcome != ZoneOutcome::kRemoved) report.zone = held_.at(report.apex).version->zone;
    watcher.zone(report);
  }
  tell_suspended(watcher);
  return round.summary;
}

SteerOutcome Store::steer(Overlay overlay, LoadWatcher& watcher) {
  changed_.clear();
  if (overlay.generation < desired_.generation) return SteerOutcome::kLate;
  desired_ = std::move(overlay);
  if (snapshot_ == nullptr) return SteerOutcome::kUnchanged;   // the first load will lay it
  Round round{watcher, {}, {}, {}, {}};
  lay_all(round);
  enter(round);
  tell_suspended(watcher);
  return changed_.empty() ? SteerOutcome::kUnchanged : SteerOutcome::kChanged;
}

void Store::take(Round& round, GatheredZone& gathered) {
  ZoneReport& report = gathered.report;
  Held& held = held_[report.apex];
  HeldZone next = held.version == nullptr ? HeldZone{report.apex, {}, nullptr, {}, {}, nullptr} : *held.version;
  next.path = report.path;
  next.files = std::move(gathered.files);
  switch (report.outcome) {
    case ZoneOutcome::kUnchanged: break;
    case ZoneOutcome::kLoaded:
      report.warning = held.published ? counted_warning(held.in_file, report.zone->serial(), *held.published)
                                      : file_warning(held.in_file, report.zone->serial(), gathered.content);
      next.zone = report.zone;
      next.servers = std::move(gathered.servers);
      held.fresh = gathered.content;
      break;
    case ZoneOutcome::kKeptOld:
    case ZoneOutcome::kFailed:
    case ZoneOutcome::kRemoved:
      next.files.clear();
      if (next.zone != nullptr) report.outcome = ZoneOutcome::kKeptOld;
      if (next.zone == nullptr) round.added.push_back(placeholder(report.apex));
      break;
  }
  if (held.fresh) round.added.push_back(next.zone);
  held.version = std::make_shared<const HeldZone>(std::move(next));
  round.reports.push_back(std::move(report));
}

void Store::remove_missing(Round& round, const Discovery& found) {
  const auto named = [&](const dns::Name& apex) {
    return std::ranges::binary_search(found.zones, apex, Order{}, &ZoneFile::apex);
  };
  const auto unsure = [&](const std::string& path) {
    return std::ranges::any_of(found.unreadable, [&](const std::string& gone) {
      return path == gone || directory_of(path) == directory_of(join_path(gone, "x"));
    });
  };
  for (auto at = held_.begin(); at != held_.end();) {
    if (named(at->first)) {
      ++at;
      continue;
    }
    const HeldZone& version = *at->second.version;
    ZoneReport report;
    report.apex = at->first;
    report.path = version.path;
    if (unsure(version.path)) {
      report.outcome = version.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kKeptOld;
      HeldZone again = version;
      again.files.clear();
      at->second.version = std::make_shared<const HeldZone>(std::move(again));
      ++at;
    } else {
      report.outcome = ZoneOutcome::kRemoved;
      round.removed.push_back(at->first);
      laid_.erase(at->first);
      at = held_.erase(at);
    }
    round.reports.push_back(std::move(report));
  }
}

// What the round has so far becomes the snapshot.
void Store::enter(Round& round) {
  if (snapshot_ == nullptr) {
    snapshot_ = dns::Snapshot::of(std::move(round.added));
  } else if (!round.added.empty() || !round.removed.empty()) {
    snapshot_ = snapshot_->with(round.added, round.removed);
  }
  round.added.clear();
  round.removed.clear();
}

Store::Wanted Store::wanted_by_zone() {
  Wanted wanted;
  suspended_.clear();
  for (const ManagedSet& set : desired_.sets) {
    const dns::Zone* zone = snapshot_->find(dns::Key(set.owner));
    if (zone == nullptr) {
      suspended_.push_back({set.owner, set.type, Obstacle::kNoZone});
    } else {
      wanted[dns::Name(zone->apex())].push_back(&set);
    }
  }
  return wanted;
}

void Store::lay_all(Round& round) {
  Wanted wanted = wanted_by_zone();
  for (const dns::Name& apex : laid_) wanted[apex];
  for (const auto& [apex, held] : held_)
    if (held.fresh) wanted[apex];
  for (const auto& [apex, sets] : wanted) lay_over(round, apex, sets);
}

// The zone as it came from its file, or as it is served, becomes what steering wants of it, under the serial that it then has.
void Store::lay_over(Round& round, const dns::Name& apex, WantedSets wanted) {
  Held& held = held_.at(apex);
  if (held.version->zone == nullptr) return;   // failed: nothing to lay anything over
  const std::optional<Content> fresh = std::exchange(held.fresh, std::nullopt);
  const HeldZone& version = *held.version;
  Laying laying = lay(*version.zone, *version.servers, fresh ? std::vector<LaidSet>{} : version.laid, wanted);
  std::ranges::move(laying.suspended, std::back_inserter(suspended_));
  const dns::Serial serial = next_serial(held, fresh, laying);
  dns::Change change{apex, std::move(laying.changes)};
  if (serial != version.zone->serial()) set_serial(change, *version.zone, serial);
  HeldZone next = version;
  next.laid = std::move(laying.laid);
  if (!change.empty()) {
    auto applied = dns::apply(version.zone, change);
    dns::require(applied.has_value(), "a change made from a version applies to it");
    next.zone = std::move(*applied);
    round.added.push_back(next.zone);
  }
  if (!change.empty() || fresh) changed_.push_back({apex, serial});
  if (next.laid.empty()) {
    laid_.erase(apex);
  } else {
    laid_.insert(apex);
  }
  held.version = std::make_shared<const HeldZone>(std::move(next));
}

// The serial under which `laying` is served. Also settles whose the serial is from now on.
dns::Serial Store::next_serial(Held& held, std::optional<Content> fresh, const Laying& laying) {
  const HeldZone& version = *held.version;
  const dns::Serial now = version.zone->serial();
  const dns::Serial in_file_before = held.in_file;
  if (fresh) held.in_file = now;
  if (!held.published && laying.laid.empty()) return now;   // the file's alone
  if (!held.published) held.published = fresh && *fresh != Content::kFirst ? in_file_before : now;
  const bool differs = !fresh                      ? !laying.changes.empty()
                       : *fresh == Content::kFirst ? !laying.changes.empty()
                                                   : *fresh == Content::kOther || !serve_alike(version.laid, laying.laid);
  if (differs) {
    held.published = dns::next_published(*held.published, held.in_file);
  } else if (dns::later(held.in_file, *held.published)) {
    held.published = held.in_file;
  }
  return *held.published;
}

void Store::tell_suspended(LoadWatcher& watcher) {
  for (const SuspendedSet& set : suspended_) {
    if (std::ranges::find(suspended_told_, set) != suspended_told_.end()) continue;
    watcher.trouble(dns::to_text(set.owner) + " " + dns::to_text(set.type) + " cannot be steered, the zone file's own is served: " +
                    std::string(describe(set.obstacle)));
  }
  suspended_told_ = suspended_;
}

}  // namespace server
