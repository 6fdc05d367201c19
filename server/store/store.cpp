#include <algorithm>
#include <iterator>
#include <utility>

#include "server/store/store_update.h"

namespace server {
namespace {

constexpr std::size_t kMinHistory = 64UL << 10;  // octets of a zone's history, however small the zone is
constexpr int kShortDeferral = 2;                // intervals of maintenance in which a new journal is normally written

// Whether both give the same answers, whatever the originals are.
bool all_serve_same(const OverriddenRrsets& a, const OverriddenRrsets& b) {
  bool same = true;
  OverriddenRrsets::for_each_difference(a, b, [&](const OverriddenRrsetPtr& x, const OverriddenRrsetPtr& y) {
    same = same && x != nullptr && y != nullptr && serve_same(*x, *y);
  });
  return same;
}

// The wishes, and that every other overridden RRset gets the zone file's records again.
std::vector<Wish> and_no_others(std::vector<Wish> wishes, const OverriddenRrsets& overridden) {
  std::vector<Wish> restored, all;
  for (const OverriddenRrsetPtr& each : overridden) restored.push_back({&each->owner, each->type, nullptr});
  // Of equal keys, `wishes` has it.
  std::ranges::set_union(wishes, restored, std::back_inserter(all),
                         [](const Wish& a, const Wish& b) { return a.precedes(b); });
  return all;
}

// The overlay that was published last, from the journals.
Overlay overlay_from_journals(const Journals& journals) {
  Overlay overlay;
  std::vector<ManagedRrsetPtr> sets;
  overlay.views = journals.views();
  const std::uint64_t hash = views_hash(overlay.views.get());
  journals.for_each([&](const ZoneJournal& journal) {
    const JournalState& state = journal.state();
    overlay.generation = std::max(overlay.generation, state.generation);
    for (const OverriddenRrsetPtr& overridden : state.overridden) {
      ManagedRrset set{overridden->owner, overridden->type, overridden->set, {}};
      // A choice that refers to another table of views would give answers to the wrong clients.
      if (overridden->choice.count != 0 && state.views_hash == hash)
        set.choice = dns::decode(overridden->choice.view(), overridden->type);
      sets.push_back(std::make_shared<const ManagedRrset>(std::move(set)));
    }
  });
  // A name may be in two journals: it has moved to a child zone, whose journal comes later.
  overlay.sets = ManagedRrsets::of_unordered(std::move(sets));
  return overlay;
}

}  // namespace

Store::Store(const StoreOptions& options, Files& files, Journals* journals)
    : options_(options), files_(files), journals_(journals) {
  if (journals_ != nullptr) overlay_ = overlay_from_journals(*journals_);
  views_hash_ = views_hash(overlay_.views.get());
}

// After an exception: the entries are right, each for itself. All that is made of them is made again.
void Store::repair() {
  if (!interrupted_) return;
  std::erase_if(entries_, [](const auto& entry) { return entry.second.version == nullptr; });
  overridden_zones_.clear();
  pending_.clear();
  applied_.reset();
  history_octets_ = 0;
  std::vector<std::shared_ptr<const dns::Zone>> zones;
  for (auto at = entries_.begin(); at != entries_.end(); ++at) {
    const StoredZone& version = *at->second.version;
    if (!version.overridden.empty()) overridden_zones_.insert(dns::Name(version.apex.view()));
    if (at->second.pending) pending_.push_back(at);
    history_octets_ += at->second.history.octets();
    zones.push_back(version.zone != nullptr ? served(at->second) : placeholder(at->first));
  }
  snapshot_ = dns::Snapshot::of(std::move(zones));
  deferred_ = true;  // the overlay may not be applied to all of them
  interrupted_ = false;
}

OverlayOutcome Store::apply_overlay(Overlay overlay, LoadObserver& observer) {
  changed_.clear();
  if (overlay.generation < applied_generation_) return OverlayOutcome::kStale;
  applied_generation_ = overlay.generation;
  const std::uint64_t views_before = views_hash_;
  if (overlay.views != overlay_.views) views_hash_ = views_hash(overlay.views.get());
  overlay_ = std::move(overlay);
  // Without the views on the disk, client choices do not survive a restart.
  if (journals_ != nullptr && !journals_->save_views(overlay_.views)) views_hash_ = 0;
  if (views_hash_ != views_before) applied_.reset();            // the journals of all zones must have it
  if (snapshot_ == nullptr) return OverlayOutcome::kUnchanged;  // the first load applies it
  repair();
  Update update{observer, {}, entries_.begin(), {}, {}, {}};
  publish(update);
  commit(update);
  log_journal_errors(observer);
  return changed_.empty() ? OverlayOutcome::kUnchanged : OverlayOutcome::kChanged;
}

bool Store::maintain(LoadObserver& observer) {
  const auto before = snapshot_;
  repair();
  log_journal_errors(observer);
  if (std::exchange(deferred_, false) && snapshot_ != nullptr) {
    changed_.clear();
    Update update{observer, {}, entries_.begin(), {}, {}, {}};
    publish_all(update);
    commit(update);
  }
  if (!deferred_) deferred_intervals_ = 0;
  return snapshot_ != before;
}

// Makes the next snapshot of what the update has collected.
void Store::commit(Update& update) {
  if (snapshot_ == nullptr) snapshot_ = dns::Snapshot::of(std::exchange(update.added, {}));
  if (snapshot_->views() != overlay_.views || snapshot_->policies() != policies_) {
    snapshot_ = snapshot_->with(update.added, update.removed, overlay_.views, policies_);
  } else if (!update.added.empty() || !update.removed.empty()) {
    snapshot_ = snapshot_->with(update.added, update.removed);
  }
  update.added.clear();
  update.removed.clear();
}

// Adds what is desired for the RRset `of` to the wishes of its zone.
void Store::add_wish(WishesByZone& wishes, const ManagedRrset& of, const ManagedRrsetPtr& desired) {
  const dns::Zone* zone = snapshot_->find(dns::Key(of.owner));
  if (zone != nullptr) wishes[dns::Name(zone->apex())].push_back({&of.owner, of.type, desired});
  else if (desired != nullptr) suspended_.push_back({of.owner, of.type, SuspendReason::kNoZone});
}

// What the overlay changes, if all zones have the last one.
void Store::publish(Update& update) {
  if (!applied_ || deferred_) return publish_all(update);
  publish_changed(update);
}

void Store::publish_changed(Update& update) {
  const ManagedRrsets before = *std::exchange(applied_, std::nullopt);
  WishesByZone wishes;
  const std::size_t suspended = suspended_.size();
  ManagedRrsets::for_each_difference(before, overlay_.sets, [&](const ManagedRrsetPtr& was, const ManagedRrsetPtr& is) {
    const ManagedRrset& any = was != nullptr ? *was : *is;
    const auto again = std::erase_if(
        suspended_, [&](const SuspendedRrset& set) { return set.type == any.type && set.owner == any.owner; });
    if (again != 0) ++suspended_version_;
    add_wish(wishes, any, is);
  });
  for (auto& [apex, of_zone] : wishes) {
    const auto at = entries_.find(apex);
    publish_zone(update, at->first, at->second, std::move(of_zone), Scope::kListed);
  }
  if (suspended_.size() != suspended) ++suspended_version_;
  if (!deferred_) applied_ = overlay_.sets;
}

// Publishes the zones in the overlay and those that were loaded, in canonical order. It does not visit any others.
void Store::publish_all(Update& update) {
  applied_.reset();
  const std::vector<SuspendedRrset> suspended = std::exchange(suspended_, {});
  WishesByZone wishes;
  for (const ManagedRrsetPtr& set : overlay_.sets) add_wish(wishes, *set, set);
  for (const dns::Name& apex : overridden_zones_) wishes[apex];
  const auto before = [](Zones::iterator a, Zones::iterator b) { return dns::canonical_order(a->first, b->first) < 0; };
  if (!std::ranges::is_sorted(pending_, before))
    std::ranges::sort(pending_, before);  // an earlier update may have deferred some
  auto pending = pending_.begin();
  for (auto& [apex, of_zone] : wishes) {
    const auto at = entries_.find(apex);
    for (; pending != pending_.end() && before(*pending, at); ++pending)
      publish_zone(update, (*pending)->first, (*pending)->second, {}, Scope::kAll);
    if (pending != pending_.end() && *pending == at) ++pending;
    publish_zone(update, at->first, at->second, std::move(of_zone), Scope::kAll);
  }
  for (; pending != pending_.end(); ++pending)
    publish_zone(update, (*pending)->first, (*pending)->second, {}, Scope::kAll);
  std::erase_if(pending_, [](Zones::iterator at) { return !at->second.pending; });
  pending_.shrink_to_fit();
  if (suspended_ != suspended) ++suspended_version_;
  if (!deferred_) applied_ = overlay_.sets;
}

// Applies the overlay to the loaded or served version, gives it its serial, and publishes it.
void Store::publish_zone(Update& update, dns::NameView apex, Entry& entry, std::vector<Wish> wishes, Scope scope) {
  if (entry.version->zone == nullptr) return;  // could not be loaded
  const StoredZone& version = *entry.version;
  if (wishes.empty() && version.overridden.empty() && !entry.published) return publish_unmanaged(apex, entry);
  // This visits all names, so it is done only for zones with managed RRsets.
  const auto servers = version.servers != nullptr || wishes.empty()
                           ? version.servers
                           : std::make_shared<const NameServers>(*version.zone);
  const OverriddenRrsets overridden = entry.pending ? OverriddenRrsets() : version.overridden;
  if (scope == Scope::kAll) wishes = and_no_others(std::move(wishes), overridden);
  OverlayChanges plan = plan_overlay(*version.zone, servers.get(), overridden, wishes);
  std::ranges::move(plan.suspended, std::back_inserter(suspended_));
  const NextSerial next = next_serial(entry, plan);
  dns::Change change{apex, std::move(plan.changes), version.zone->serial(), next.serial};
  if (next.serial != version.zone->serial()) set_serial(change, *version.zone, next.serial);
  if (next.managed && !append_journal(entry, plan, change, next)) return defer(update, entry);

  StoredZone after{version.apex,  version.path, version.zone, std::move(plan.overridden),
                   version.files, servers,      version.plain};
  if (!change.empty()) {
    auto applied = dns::apply(version.zone, change);
    dns::require(applied.has_value(), "a change made from a version applies to it");
    after.zone = std::move(*applied);
  }
  if (!change.empty() || entry.pending) update.added.push_back(after.zone);
  if (!change.empty() || entry.pending) changed_.push_back({apex, next.serial});
  after.overridden.empty() ? void(overridden_zones_.erase(dns::Name(apex)))
                           : void(overridden_zones_.insert(dns::Name(apex)));
  auto published = std::make_shared<const StoredZone>(std::move(after));
  if (!change.empty() || entry.pending) add_to_history(entry, step_of(entry, change));
  // From here on nothing throws.
  if (entry.pending) entry.file_serial = version.zone->serial();
  if (next.managed) entry.published = next.serial;
  entry.pending.reset();
  entry.step.reset();
  entry.previous.reset();
  entry.version = std::move(published);
}

// For a zone that was never overridden: publishes the loaded version as it is.
void Store::publish_unmanaged(dns::NameView apex, Entry& entry) {
  if (!entry.pending) return;
  changed_.push_back({apex, entry.version->zone->serial()});
  add_to_history(entry, std::move(entry.step));
  entry.file_serial = entry.version->zone->serial();
  entry.pending.reset();
  entry.previous.reset();
}

// The serial of the version that `plan` makes.
Store::NextSerial Store::next_serial(const Entry& entry, const OverlayChanges& plan) {
  const StoredZone& version = *entry.version;
  const dns::Serial now = version.zone->serial();
  if (!entry.published && plan.overridden.empty()) return {now, false};  // the serial of the file
  const bool known = entry.pending && *entry.pending != ContentChange::kNew;
  const dns::Serial file_serial = entry.pending ? now : entry.file_serial;
  const dns::Serial published = entry.published ? *entry.published : known ? entry.file_serial : now;
  const bool differs =
      known ? *entry.pending == ContentChange::kChanged || !all_serve_same(version.overridden, plan.overridden)
            : !plan.changes.empty();
  if (differs) return {dns::next_published(published, file_serial), true};
  return {dns::later(file_serial, published) ? file_serial : published, true};
}

// Before the change is published. `plan` was moved into `change`. False if the change must not be published.
bool Store::append_journal(Entry& entry, const OverlayChanges& plan, const dns::Change& change, NextSerial next) {
  if (journals_ == nullptr) return true;
  const StoredZone& version = *entry.version;
  JournalStep step;
  step.generation = overlay_.generation;
  step.serial = next.serial;
  step.file_serial = entry.pending ? version.zone->serial() : entry.file_serial;
  step.file_hash = file_hash(version.files);
  step.views_hash = views_hash_;
  step.change.apex = dns::Name(version.apex.view());
  if (!entry.pending) step.change = change;
  ZoneJournal* journal = journals_->find(dns::Name(version.apex.view()));
  if (journal == nullptr) {
    const dns::Serial first = entry.published.value_or(version.zone->serial());
    journal =
        journals_->create({dns::Name(version.apex.view()), 0, first, step.file_serial, step.file_hash, 0, {}, {}, {}});
  }
  if (!journal->may_publish(next.serial)) return false;
  const JournalState& state = journal->state();
  step.before = state.serial;
  journal->set_overridden(step, plan.overridden);
  const bool changed = state.serial != step.serial || state.file_serial != step.file_serial ||
                       state.file_hash != step.file_hash || state.views_hash != step.views_hash ||
                       !step.overridden.empty() || !step.restored.empty() || journal->has_lost_steps();
  if (changed) journal->record(step, plan.overridden);
  return true;
}

// The served version stays, because a serial that no journal holds must not be published. A loaded version waits.
void Store::defer(Update& update, const Entry& entry) {
  deferred_ = true;
  if (entry.pending && served(entry) != entry.version->zone) update.added.push_back(served(entry));
}

const std::shared_ptr<const dns::Zone>& Store::served(const Entry& entry) {
  const bool waits = entry.pending && entry.previous != nullptr && entry.previous->zone != nullptr;
  return waits ? entry.previous->zone : entry.version->zone;
}

// From the served version to the one that `change` makes. A file was compared with the version that was served when its
// load began; the way from the served version leads back to that one.
dns::HistoryStepPtr Store::step_of(const Entry& entry, const dns::Change& change) {
  if (!entry.pending) return dns::to_step(change, kMaxHistoryStep);
  if (entry.step == nullptr || entry.previous == nullptr || entry.previous->zone == nullptr) return nullptr;
  const dns::Serial served = entry.previous->zone->serial();
  std::vector<dns::Change> way;
  if (entry.step->from != served) {
    const auto since = entry.history.since(entry.step->from, change.apex);
    if (!since || since->to != served) return nullptr;
    way.push_back(dns::inverse(*since));
  }
  way.push_back(dns::to_change(*entry.step, change.apex));
  way.push_back(change);
  return dns::to_step(dns::condense(way), kMaxHistoryStep);
}

void Store::add_to_history(Entry& entry, dns::HistoryStepPtr step) {
  history_octets_ -= entry.history.octets();
  entry.history.add(std::move(step));
  entry.history.limit(std::max(entry.version->zone->totals().bytes / 2, kMinHistory));
  history_octets_ += entry.history.octets();
  if (history_octets_ <= options_.history_octets) return;
  // The largest ones are cut first, and a quarter more than needed, so that this is seldom.
  std::size_t most = 0;
  for (const auto& [apex, each] : entries_) most = std::max(most, each.history.octets());
  while (history_octets_ > options_.history_octets / 4 * 3) {
    most /= 2;
    history_octets_ = 0;
    for (auto& [apex, each] : entries_) {
      each.history.limit(most);
      history_octets_ += each.history.octets();
    }
  }
}

std::optional<ZoneHistory> Store::history(dns::NameView apex) const {
  const auto at = entries_.find(apex);
  if (at == entries_.end() || at->second.version->zone == nullptr) return std::nullopt;
  return ZoneHistory{served(at->second)->serial(), at->second.history};
}

void Store::log_journal_errors(LoadObserver& observer) {
  if (journals_ == nullptr) return;
  std::vector<std::string> errors = journals_->maintain();
  if (deferred_ && (!errors.empty() || deferred_intervals_ > kShortDeferral))
    errors.push_back("cannot be written; the latest failover decision is not published");
  for (const std::string& error : errors)
    if (std::ranges::find(logged_errors_, error) == logged_errors_.end())
      observer.on_error("state directory: " + error);
  logged_errors_ = std::move(errors);
}

}  // namespace server
