#include <algorithm>
#include <iterator>
#include <utility>

#include "server/journal/views_text.h"
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

// The overlay that was published last, from the journal.
Overlay overlay_from_journal(const Journal& journal) {
  Overlay overlay;
  std::vector<ManagedRrsetPtr> sets;
  overlay.views = journal.views();
  const std::uint64_t hash = views_hash(overlay.views.get());
  journal.for_each([&](const ZoneState& state) {
    overlay.generation = std::max(overlay.generation, state.sources.generation);
    for (const OverriddenRrsetPtr& overridden : state.overridden) {
      ManagedRrset set{overridden->owner, overridden->type, overridden->set, {}};
      // A choice that refers to another table of views would give answers to the wrong clients.
      if (overridden->choice.count != 0 && state.sources.views_hash == hash)
        set.choice = dns::decode(overridden->choice.view(), overridden->type);
      sets.push_back(std::make_shared<const ManagedRrset>(std::move(set)));
    }
  });
  // A name may be there twice: it has moved to a child zone, which comes later.
  overlay.sets = ManagedRrsets::of_unordered(std::move(sets));
  return overlay;
}

}  // namespace

Store::Store(const StoreOptions& options, Files& files, Journal* journal)
    : options_(options), files_(files), journal_(journal) {
  if (journal_ != nullptr) overlay_ = overlay_from_journal(*journal_);
  views_hash_ = views_hash(overlay_.views.get());
}

// After an exception: the entries are right, each for itself. All that is made of them is made again.
void Store::repair() {
  if (!interrupted_) return;
  if (journal_ != nullptr) (void)journal_->commit(producer_, steps_);
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
  if (journal_ != nullptr) journal_->set_views(overlay_.views);
  if (views_hash_ != views_before) applied_.reset();            // the journal must have it for all zones
  if (snapshot_ == nullptr) return OverlayOutcome::kUnchanged;  // the first load applies it
  repair();
  producer_ = Producer::kFailover;
  Update update{.observer = observer};
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
    producer_ = Producer::kFailover;
    Update update{.observer = observer};
    publish_all(update);
    commit(update);
  }
  if (!deferred_) deferred_intervals_ = 0;
  return snapshot_ != before;
}

// Makes the next snapshot of what the update has collected. All its steps are one record of the journal.
void Store::commit(Update& update) {
  if (journal_ != nullptr) (void)journal_->commit(producer_, steps_);
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
  // Nothing: the version is as it was.
  const bool changes = !change.empty() || entry.pending;
  const dns::HistoryStepPtr step = changes ? step_of(entry, change) : nullptr;
  if (next.managed && !may_publish(entry, next.serial)) return defer(update, entry);
  std::list<Journal::Step> recorded = journal_step(entry, plan.overridden, next, step);

  StoredZone after{version.apex,  version.path, version.zone, std::move(plan.overridden),
                   version.files, servers,      version.plain};
  if (!change.empty()) {
    auto applied = dns::apply(version.zone, change);
    dns::require(applied.has_value(), "a change made from a version applies to it");
    after.zone = std::move(*applied);
  }
  if (changes) update.added.push_back(after.zone);
  if (changes) changed_.push_back({apex, next.serial});
  after.overridden.empty() ? void(overridden_zones_.erase(dns::Name(apex)))
                           : void(overridden_zones_.insert(dns::Name(apex)));
  auto published = std::make_shared<const StoredZone>(std::move(after));
  if (changes && !is_restored(entry, next.serial)) add_to_history(entry, step);
  // From here on nothing throws until the entry is complete.
  steps_.splice(steps_.end(), recorded);
  if (entry.pending) entry.file_serial = version.zone->serial();
  if (next.managed) entry.published = next.serial;
  entry.pending.reset();
  entry.step.reset();
  entry.previous.reset();
  entry.version = std::move(published);
  limit_history(entry);
}

// Whether the version with this serial is the one that an earlier process published last: the history leads to it.
bool Store::is_restored(const Entry& entry, dns::Serial serial) {
  return entry.previous == nullptr && entry.history.leads_to(serial);
}

// For a zone that was never overridden: publishes the loaded version as it is. The journal has the steps between
// versions of the file, and none for a zone that was loaded once.
void Store::publish_unmanaged(dns::NameView apex, Entry& entry) {
  if (!entry.pending) return;
  const dns::Serial serial = entry.version->zone->serial();
  changed_.push_back({apex, serial});
  const bool known = entry.previous != nullptr && entry.previous->zone != nullptr;
  std::list<Journal::Step> recorded;
  if (known || (journal_ != nullptr && journal_->find(dns::Name(apex)) != nullptr))
    recorded = journal_step(entry, {}, {serial, false}, entry.step);
  if (!is_restored(entry, serial)) add_to_history(entry, entry.step);
  // From here on nothing throws until the entry is complete.
  steps_.splice(steps_.end(), recorded);
  entry.step.reset();
  entry.file_serial = serial;
  entry.pending.reset();
  entry.previous.reset();
  limit_history(entry);
}

// The serial of the version that `plan` makes.
Store::NextSerial Store::next_serial(const Entry& entry, const OverlayChanges& plan) const {
  const StoredZone& version = *entry.version;
  const dns::Serial now = version.zone->serial();
  if (!entry.published && plan.overridden.empty()) return {now, false};  // the serial of the file
  const bool known = entry.pending && *entry.pending != ContentChange::kNew;
  const dns::Serial file_serial = entry.pending ? now : entry.file_serial;
  dns::Serial published = entry.published ? *entry.published : known ? entry.file_serial : now;
  if (!entry.published && journal_ != nullptr && journal_->unknown_zones_lost()) published.value += kLostSerials;
  const bool differs =
      known ? *entry.pending == ContentChange::kChanged || !all_serve_same(version.overridden, plan.overridden)
            : !plan.changes.empty();
  if (differs) return {dns::next_published(published, file_serial), true};
  return {dns::later(file_serial, published) ? file_serial : published, true};
}

// A zone of which an earlier process published versions is published in any case when it is loaded first: its file
// alone is none of them, and nothing else is there to be served.
bool Store::may_publish(const Entry& entry, dns::Serial serial) const {
  if (journal_ == nullptr) return true;
  const bool first = entry.pending && (entry.previous == nullptr || entry.previous->zone == nullptr);
  const dns::Name apex(entry.version->apex.view());
  return journal_->may_publish(apex, recorded_serial(entry), serial) || (first && entry.published);
}

// Of the version that the journal has; of the one that is served, as long as its serial is the file's.
dns::Serial Store::recorded_serial(const Entry& entry) const {
  const ZoneState* const state = journal_->find(dns::Name(entry.version->apex.view()));
  if (state != nullptr && entry.published) return state->serial;
  if (entry.pending && entry.previous != nullptr && entry.previous->zone != nullptr)
    return entry.previous->zone->serial();
  return entry.published.value_or(entry.version->zone->serial());
}

// What the journal gets before the version is published: one step, or none. `step`: from the served version; null: not
// known.
std::list<Journal::Step> Store::journal_step(const Entry& entry, const OverriddenRrsets& overridden, NextSerial next,
                                             const dns::HistoryStepPtr& step) const {
  if (journal_ == nullptr) return {};
  const StoredZone& version = *entry.version;
  const dns::Name apex(version.apex.view());
  const dns::Serial published = recorded_serial(entry);
  Journal::Step recorded;
  recorded.step.apex = apex;
  recorded.step.managed = next.managed;
  recorded.step.from = published;
  recorded.step.to = next.serial;
  recorded.step.change = step;
  recorded.step.sources = {entry.pending ? version.zone->serial() : entry.file_serial, file_hash(version.files),
                           next.managed ? overlay_.generation : 0, next.managed ? views_hash_ : 0};
  if (!journal_->set_overridden(recorded.step, overridden)) return {};
  if (recorded.step.change == nullptr && published == next.serial)  // only what it was made of has changed
    recorded.step.change = dns::to_step({apex, {}, published, published}, kMaxHistoryStep);
  recorded.overridden = overridden;
  return {std::move(recorded)};
}

// The served version stays, because a serial that is not reserved must not be published. A loaded version waits.
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

void Store::add_to_history(Entry& entry, const dns::HistoryStepPtr& step) {
  history_octets_ -= entry.history.octets();
  entry.history.add(step);
  history_octets_ += entry.history.octets();
}

void Store::limit_history(Entry& entry) {
  history_octets_ -= entry.history.octets();
  entry.history.limit(std::max(entry.version->zone->totals().bytes / 2, kMinHistory));
  history_octets_ += entry.history.octets();
  history_octets_ = dns::limit_histories(history_octets_, options_.history_octets, [&](auto&& visit) {
    for (auto& [apex, each] : entries_) visit(each.history);
  });
}

std::optional<ZoneHistory> Store::history(dns::NameView apex) const {
  const auto at = entries_.find(apex);
  if (at == entries_.end() || at->second.version->zone == nullptr) return std::nullopt;
  return ZoneHistory{served(at->second)->serial(), at->second.history};
}

void Store::log_journal_errors(LoadObserver& observer) {
  if (journal_ == nullptr) return;
  std::vector<std::string> errors = journal_->maintain();
  if (deferred_ && (!errors.empty() || deferred_intervals_ > kShortDeferral))
    errors.push_back("cannot be written; the latest failover decision is not published");
  for (const std::string& error : errors)
    if (std::ranges::find(logged_errors_, error) == logged_errors_.end())
      observer.on_error("state directory: " + error);
  logged_errors_ = std::move(errors);
}

}  // namespace server
