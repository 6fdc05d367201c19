#include "server/store/store.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "zone/name/text.h"
#include "zone/field/text.h"
#include "zone/build/builder.h"

namespace server {
namespace {

// Ours, but without data: what stands for a zone that could not be loaded.
std::shared_ptr<const dns::Zone> placeholder(dns::NameView apex) { return dns::ZoneBuilder(apex).finish().zone; }

// Whether two layings serve the same, whatever they hide.
bool all_alike(const LaidSets& a, const LaidSets& b) {
  return std::ranges::equal(a, b, [](const SharedLaid& x, const SharedLaid& y) { return x == y || serve_alike(*x, *y); });
}

// Whether both are of the same names and types, one by one.
bool same_owners(const std::vector<SharedSet>& a, const std::vector<SharedSet>& b) {
  return std::ranges::equal(a, b, [](const SharedSet& x, const SharedSet& y) { return x == y || (x->type == y->type && x->owner == y->owner); });
}

// Of what a zone was made of; never 0.
std::uint64_t file_mark(const std::vector<ReadFile>& files) {
  std::string marks;
  for (const ReadFile& file : files) marks += std::to_string(file.content) + "\n";
  return content_mark(marks) | 1;
}

// What the journals say was published last.
Overlay recovered(const Journals& journals) {
  Overlay overlay;
  overlay.views = journals.views();
  const std::uint64_t mark = views_mark(overlay.views.get());
  journals.for_each([&](const ZoneJournal& journal) {
    const JournalState& state = journal.state();
    overlay.generation = std::max(overlay.generation, state.generation);
    for (const SharedLaid& laid : state.laid) {
      ManagedSet set{laid->owner, laid->type, laid->set, {}};
      // A choice that speaks of other views would show one's addresses to another.
      if (laid->choice.count != 0 && state.views_mark == mark) set.choice = dns::decode(laid->choice.view(), laid->type);
      overlay.sets.push_back(std::make_shared<const ManagedSet>(std::move(set)));
    }
  });
  std::ranges::sort(overlay.sets, [](const SharedSet& a, const SharedSet& b) {
    const auto owners = dns::canonical_order(a->owner, b->owner);
    return owners == 0 ? a->type < b->type : owners < 0;
  });
  return overlay;
}

}  // namespace

// One load or steering: what it found so far.
struct Store::Round {
  struct Told {
    ZoneReport report;
    const Held* held;   // null: removed
  };
  LoadWatcher& watcher;
  LoadSummary summary;
  Zones::iterator behind;   // the place in held_ behind the zone that was entered last: they come in order
  std::deque<Told> reports;
  std::vector<std::shared_ptr<const dns::Zone>> added;
  std::vector<dns::Name> removed;
};

Store::Store(const StoreOptions& options, Files& files, Journals* journals) : options_(options), files_(files), journals_(journals) {
  if (journals_ != nullptr) desired_ = recovered(*journals_);
  views_mark_ = views_mark(desired_.views.get());
}

LoadSummary Store::load(LoadWatcher& watcher) {
  const auto progress = [&](std::size_t done, std::size_t total) { watcher.progress(done, total); };
  // Nobody else alters the zones meanwhile: whoever gathers may make their versions.
  const Propose propose = [](std::shared_ptr<const dns::Zone> from, const dns::Change& change) { return dns::apply(from, change).value_or(nullptr); };
  return adopt(gather(survey(), options_, files_, progress, propose), watcher);
}

Survey Store::survey() const {
  Survey survey;
  survey.reserve(held_.size());
  for (const auto& [apex, held] : held_) survey.push_back(held.version);
  return survey;
}

LoadSummary Store::adopt(Gathered gathered, LoadWatcher& watcher) {
  Round round{watcher, {}, held_.begin(), {}, {}, {}};
  changed_.clear();
  homes_.clear();
  for (const std::string& words : gathered.found.troubles) watcher.trouble(words);
  for (GatheredZone& zone : gathered.zones) take(round, zone);
  std::vector<GatheredZone>().swap(gathered.zones);
  remove_missing(round, gathered.found);
  enter(round);     // names belong to the zones as they are now
  lay_all(round);
  enter(round);
  for (auto& [report, held] : round.reports) {
    round.summary.count(report.outcome);
    if (held != nullptr) report.zone = held->version->zone;
    watcher.zone(report);
  }
  tell_suspended(watcher);
  tell_faults(watcher);
  return round.summary;
}

SteerOutcome Store::steer(Overlay overlay, LoadWatcher& watcher) {
  changed_.clear();
  if (overlay.generation < steered_) return SteerOutcome::kLate;
  steered_ = overlay.generation;
  if (overlay.views != desired_.views) views_mark_ = views_mark(overlay.views.get());
  if (!same_owners(overlay.sets, desired_.sets)) homes_.clear();
  desired_ = std::move(overlay);
  if (journals_ != nullptr && !journals_->keep_views(desired_.views)) views_mark_ = 0;   // choices last as long as we do
  if (snapshot_ == nullptr) return SteerOutcome::kUnchanged;   // the first load will lay it
  Round round{watcher, {}, held_.begin(), {}, {}, {}};
  lay_all(round);
  enter(round);
  tell_suspended(watcher);
  tell_faults(watcher);
  return changed_.empty() ? SteerOutcome::kUnchanged : SteerOutcome::kChanged;
}

bool Store::tend(LoadWatcher& watcher) {
  const auto before = snapshot_;
  tell_faults(watcher);
  if (std::exchange(held_back_, false) && snapshot_ != nullptr) {
    changed_.clear();
    Round round{watcher, {}, held_.begin(), {}, {}, {}};
    lay_all(round);
    enter(round);
  }
  return snapshot_ != before;
}

void Store::take(Round& round, GatheredZone& gathered) {
  ZoneReport& report = gathered.report;
  const auto place = held_.try_emplace(round.behind, report.apex);
  round.behind = std::next(place);
  Held& held = place->second;
  const bool waited = held.fresh.has_value();
  HeldZone next = held.version == nullptr ? HeldZone{.apex = report.apex, .path = {}, .zone = nullptr, .laid = {}, .files = {}, .servers = nullptr} : *held.version;
  next.path = report.path;
  next.files = std::move(gathered.files);
  switch (report.outcome) {
    case ZoneOutcome::kUnchanged:
      // Touched, and the same: an image has to tell it from now on, if it can be made of what is served.
      if (!(next.files == held.version->files) && !held.published && next.laid.empty()) order_image(next);
      break;
    case ZoneOutcome::kLoaded:
      if (gathered.content == Content::kFirst) recall(held, next);
      report.warning = held.published ? counted_warning(held.in_file, report.zone->serial(), *held.published)
                                      : file_warning(held.in_file, report.zone->serial(), gathered.content);
      next.zone = report.zone;
      next.servers = std::move(gathered.servers);
      next.plain = next.files.size() == 1 && report.diagnostics.kept().empty();
      if (!report.imaged) order_image(next);
      if (!held.fresh) held.fresh = gathered.content;
      held.previous = held.version;
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
  if (held.fresh && !waited) fresh_.push_back(place);
  held.version = std::make_shared<const HeldZone>(std::move(next));
  round.reports.push_back({std::move(report), &held});
}

void Store::order_image(const HeldZone& fresh) {
  if (options_.images.empty() || !fresh.plain || fresh.files.front().stamp.size < options_.image_from) return;
  image_orders_.push_back({dns::Name(fresh.apex.view()), fresh.files.front(), fresh.zone});
}

void Store::remove_missing(Round& round, const Discovery& found) {
  auto named = [&, next = found.zones.begin()](dns::NameView apex) mutable {   // both are in order
    while (next != found.zones.end() && dns::canonical_order(next->apex, apex) < 0) ++next;
    return next != found.zones.end() && next->apex == apex;
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
    const Held* kept = nullptr;
    report.apex = at->first;
    report.path = version.path;
    if (unsure(version.path)) {
      report.outcome = version.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kKeptOld;
      HeldZone again = version;
      again.files.clear();
      at->second.version = std::make_shared<const HeldZone>(std::move(again));
      kept = &at->second;
      ++at;
    } else {
      report.outcome = ZoneOutcome::kRemoved;
      round.removed.emplace_back(at->first.view());
      laid_.erase(dns::Name(at->first.view()));
      if (at->second.fresh) std::erase(fresh_, at);
      at = held_.erase(at);
    }
    round.reports.push_back({std::move(report), kept});
  }
}

// A zone that this store has not served yet: what was published of it before?
void Store::recall(Held& held, HeldZone& next) const {
  const ZoneJournal* journal = journals_ == nullptr ? nullptr : journals_->find(dns::Name(next.apex.view()));
  if (journal == nullptr) return;
  const JournalState& state = journal->state();
  held.published = journal->lost() ? state.ceiling : state.serial;
  held.in_file = state.in_file;
  next.laid = state.laid;
  held.fresh = !journal->lost() && file_mark(next.files) == state.file_mark ? Content::kSame : Content::kOther;
}

// What the round has so far becomes the snapshot.
void Store::enter(Round& round) {
  if (snapshot_ == nullptr) snapshot_ = dns::Snapshot::of(std::exchange(round.added, {}));
  if (snapshot_->views() != desired_.views) {
    snapshot_ = snapshot_->with(round.added, round.removed, desired_.views);
  } else if (!round.added.empty() || !round.removed.empty()) {
    snapshot_ = snapshot_->with(round.added, round.removed);
  }
  round.added.clear();
  round.removed.clear();
}

// Names stay in their zones until zones come or go.
void Store::find_homes() {
  if (homes_.size() == desired_.sets.size()) return;
  homes_.clear();
  for (const SharedSet& set : desired_.sets) {
    const dns::Zone* zone = snapshot_->find(dns::Key(set->owner));
    homes_.push_back(zone == nullptr ? nullptr : &held_.find(zone->apex())->first);
  }
}

Store::Wanted Store::wanted_by_zone() {
  Wanted wanted;
  suspended_.clear();
  find_homes();
  const dns::CompactName* last = nullptr;
  std::vector<const SharedSet*>* of_last = nullptr;
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    const SharedSet& set = desired_.sets[i];
    if (homes_[i] == nullptr) {
      suspended_.push_back({set->owner, set->type, Obstacle::kNoZone});
      continue;
    }
    if (homes_[i] != last) of_last = &wanted[dns::Name(homes_[i]->view())];
    last = homes_[i];
    of_last->push_back(&set);
  }
  return wanted;
}

// In canonical order: the zones that steering speaks of, and those that came from their files. No others are looked at.
void Store::lay_all(Round& round) {
  Wanted wanted = wanted_by_zone();
  for (const dns::Name& apex : laid_) wanted[apex];
  const auto before = [](Zones::iterator a, Zones::iterator b) { return dns::canonical_order(a->first, b->first) < 0; };
  if (!std::ranges::is_sorted(fresh_, before)) std::ranges::sort(fresh_, before);   // some may have waited since an earlier round
  auto fresh = fresh_.begin();
  for (const auto& [apex, sets] : wanted) {
    const auto at = held_.find(apex);
    for (; fresh != fresh_.end() && before(*fresh, at); ++fresh) lay_over(round, (*fresh)->first, (*fresh)->second, {});
    if (fresh != fresh_.end() && *fresh == at) ++fresh;
    lay_over(round, at->first, at->second, sets);
  }
  for (; fresh != fresh_.end(); ++fresh) lay_over(round, (*fresh)->first, (*fresh)->second, {});
  std::erase_if(fresh_, [](Zones::iterator at) { return !at->second.fresh; });
  fresh_.shrink_to_fit();
}

// The zone as it came from its file, or as it is served, becomes what steering wants of it, under the serial that it then has.
void Store::lay_over(Round& round, dns::NameView apex, Held& held, WantedSets wanted) {
  if (held.version->zone == nullptr) return;   // failed: nothing to lay anything over
  const HeldZone& version = *held.version;
  if (wanted.empty() && version.laid.empty() && !held.published) return leave_alone(apex, held);
  // A pass over all names, which zones that nobody steers are spared.
  const auto servers = version.servers != nullptr || wanted.empty() ? version.servers : std::make_shared<const NameServers>(*version.zone);
  Laying laying = lay(*version.zone, servers.get(), held.fresh ? LaidSets{} : version.laid, wanted);
  std::ranges::move(laying.suspended, std::back_inserter(suspended_));
  const Next next = next_of(held, laying);
  dns::Change change{apex, std::move(laying.changes)};
  if (next.serial != version.zone->serial()) set_serial(change, *version.zone, next.serial);
  if (next.counted && !write_down(held, laying, change, next)) return hold_back(round, held);

  HeldZone after{version.apex, version.path, version.zone, std::move(laying.laid), version.files, servers, version.plain};
  if (!change.empty()) {
    auto applied = dns::apply(version.zone, change);
    dns::require(applied.has_value(), "a change made from a version applies to it");
    after.zone = std::move(*applied);
    round.added.push_back(after.zone);
  }
  if (!change.empty() || held.fresh) changed_.push_back({apex, next.serial});
  if (held.fresh) held.in_file = version.zone->serial();
  if (next.counted) held.published = next.serial;
  held.fresh.reset();
  held.previous.reset();
  after.laid.empty() ? void(laid_.erase(dns::Name(apex))) : void(laid_.insert(dns::Name(apex)));
  held.version = std::make_shared<const HeldZone>(std::move(after));
}

// A zone that steering has never touched, as it came from its file.
void Store::leave_alone(dns::NameView apex, Held& held) {
  if (!held.fresh) return;
  held.in_file = held.version->zone->serial();
  changed_.push_back({apex, held.in_file});
  held.fresh.reset();
  held.previous.reset();
}

// The serial under which `laying` is to be served, and whose it is.
Store::Next Store::next_of(const Held& held, const Laying& laying) {
  const HeldZone& version = *held.version;
  const dns::Serial now = version.zone->serial();
  if (!held.published && laying.laid.empty()) return {now, false};   // the file's alone
  const bool known = held.fresh && *held.fresh != Content::kFirst;
  const dns::Serial in_file = held.fresh ? now : held.in_file;
  const dns::Serial published = held.published ? *held.published : known ? held.in_file : now;
  const bool differs = known ? *held.fresh == Content::kOther || !all_alike(version.laid, laying.laid) : !laying.changes.empty();
  if (differs) return {dns::next_published(published, in_file), true};
  return {dns::later(in_file, published) ? in_file : published, true};
}

// Before it can be seen. `laying` has given its changes to `change`. False where it must not be seen.
bool Store::write_down(Held& held, const Laying& laying, const dns::Change& change, Next next) {
  if (journals_ == nullptr) return true;
  const HeldZone& version = *held.version;
  JournalStep step;
  step.generation = desired_.generation;
  step.serial = next.serial;
  step.in_file = held.fresh ? version.zone->serial() : held.in_file;
  step.file_mark = file_mark(version.files);
  step.views_mark = views_mark_;
  step.change.apex = dns::Name(version.apex.view());
  if (!held.fresh) step.change = change;
  ZoneJournal* journal = journals_->find(dns::Name(version.apex.view()));
  if (journal == nullptr) {
    const dns::Serial first = held.published.value_or(version.zone->serial());
    journal = journals_->begin({dns::Name(version.apex.view()), 0, first, step.in_file, step.file_mark, 0, {}, {}, {}});
  }
  if (journal == nullptr || !journal->may_publish(next.serial)) return false;
  const JournalState& state = journal->state();
  step.before = state.serial;
  journal->set_laid(step, laying.laid);
  const bool tells = state.serial != step.serial || state.in_file != step.in_file || state.file_mark != step.file_mark ||
                     state.views_mark != step.views_mark || !step.laid.empty() || !step.lifted.empty() || journal->lost();
  if (tells) journal->record(step);
  return true;
}

// What is served stays: a serial that nobody remembers must not be given out.
void Store::hold_back(Round& round, Held& held) {
  held_back_ = true;
  if (!held.fresh || held.previous == nullptr || held.previous->zone == nullptr) return;
  HeldZone again = *held.previous;
  again.files.clear();   // to be read again
  held.version = std::make_shared<const HeldZone>(std::move(again));
  held.fresh.reset();
  held.previous.reset();
  round.added.push_back(held.version->zone);
}

void Store::tell_suspended(LoadWatcher& watcher) {
  for (const SuspendedSet& set : suspended_) {
    if (std::ranges::find(suspended_told_, set) != suspended_told_.end()) continue;
    watcher.trouble(dns::to_text(set.owner) + " " + dns::to_text(set.type) + " cannot be steered, the zone file's own is served: " +
                    std::string(describe(set.obstacle)));
  }
  suspended_told_ = suspended_;
}

void Store::tell_faults(LoadWatcher& watcher) {
  if (journals_ == nullptr) return;
  std::vector<std::string> faults = journals_->tend();
  if (held_back_) faults.push_back("held back until the state directory can be written: what steering decided last");
  for (const std::string& fault : faults)
    if (std::ranges::find(faults_told_, fault) == faults_told_.end()) watcher.trouble("state directory: " + fault);
  faults_told_ = std::move(faults);
}

}  // namespace server
