// The half of the store that takes up what was loaded: a new version waits in its entry until it is published.
#include <algorithm>
#include <utility>

#include "server/store/store_update.h"
#include "zone/build/builder.h"

namespace server {
namespace {

// Zones whose policies stay the same keep their leaves in the snapshot.
bool same_policies(const std::shared_ptr<const dns::ZonePolicies>& a,
                   const std::shared_ptr<const dns::ZonePolicies>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

}  // namespace

std::shared_ptr<const dns::Zone> placeholder(dns::NameView apex) { return dns::ZoneBuilder(apex).finish().zone; }

std::uint64_t file_hash(const std::vector<ReadFile>& files) {
  std::string hashes;
  for (const ReadFile& file : files) hashes += std::to_string(file.content) + "\n";
  return content_hash(hashes) | 1;
}

LoadSummary Store::load(LoadObserver& observer) {
  const auto progress = [&](std::size_t done, std::size_t total) { observer.on_progress(done, total); };
  // This thread is the writer and waits here, so the loader may make versions itself.
  const ApplyOnWriter apply_on_writer = [](std::shared_ptr<const dns::Zone> from, const dns::Change& change) {
    return dns::apply(from, change).value_or(nullptr);
  };
  LoadResult load_result;
  load_result.zone_table = zone_table();
  load_zones(load_result, options_, files_, progress, apply_on_writer);
  return commit_load(std::move(load_result), observer);
}

ZoneTable Store::zone_table() const {
  ZoneTable zone_table;
  zone_table.reserve(entries_.size());
  for (const auto& [apex, entry] : entries_) zone_table.push_back(entry.version);
  return zone_table;
}

LoadSummary Store::commit_load(LoadResult load_result, LoadObserver& observer) {
  repair();
  producer_ = Producer::kFile;
  Update update{.observer = observer, .insert_hint = entries_.begin()};
  changed_.clear();
  if (!same_policies(policies_, load_result.policies)) policies_ = std::move(load_result.policies);
  for (const std::string& words : load_result.found.errors) observer.on_error(words);
  for (ZoneLoadResult& zone : load_result.zones) merge_loaded(update, zone);
  std::vector<ZoneLoadResult>().swap(load_result.zones);
  remove_missing(update, load_result.found);
  commit(update);  // first, because the overlay looks up names in the new set of zones
  publish_all(update);
  commit(update);
  for (auto& [report, entry] : update.reports) {
    update.summary.count(report.outcome);
    if (entry != nullptr) report.zone = served(*entry);
    observer.on_zone(report);
  }
  log_journal_errors(observer);
  return update.summary;
}

void Store::merge_loaded(Update& update, ZoneLoadResult& loaded) {
  ZoneReport& report = loaded.report;
  const auto place = entries_.try_emplace(update.insert_hint, report.apex);
  update.insert_hint = std::next(place);
  Entry entry = place->second;  // a copy: an exception leaves the zone as it was
  const bool waited = entry.pending.has_value();
  StoredZone next = entry.version == nullptr ? StoredZone{.apex = report.apex,
                                                          .path = {},
                                                          .zone = nullptr,
                                                          .overridden = {},
                                                          .files = {},
                                                          .servers = nullptr}
                                             : *entry.version;
  next.path = report.path;
  next.files = std::move(loaded.files);
  switch (report.outcome) {
    case ZoneOutcome::kUnchanged:
      // Touched, but with the same content: the image must have the new stamp. It is made of a zone without overlay
      // only.
      if (!(next.files == entry.version->files) && !entry.published && next.overridden.empty()) request_image(next);
      break;
    case ZoneOutcome::kLoaded:
      next.zone = report.zone;
      if (loaded.content == ContentChange::kNew) restore_from_journal(entry, next);
      report.warning = entry.published
                           ? managed_serial_warning(entry.file_serial, report.zone->serial(), *entry.published)
                           : serial_warning(entry.file_serial, report.zone->serial(), loaded.content);
      next.servers = std::move(loaded.servers);
      next.plain = next.files.size() == 1 && report.diagnostics.kept().empty();
      if (!report.from_image) request_image(next);
      if (waited) join_pending(entry, loaded);
      if (!entry.pending) entry.previous = entry.version;
      if (!entry.pending) entry.pending = loaded.content;
      if (!waited) entry.step = std::move(loaded.step);
      break;
    case ZoneOutcome::kKeptOld:
    case ZoneOutcome::kFailed:
    case ZoneOutcome::kRemoved:
      next.files.clear();
      if (next.zone != nullptr) report.outcome = ZoneOutcome::kKeptOld;
      if (next.zone == nullptr) update.added.push_back(placeholder(report.apex));
      break;
  }
  if (entry.pending) update.added.push_back(next.zone);
  if (entry.pending && !waited) pending_.push_back(place);
  entry.version = std::make_shared<const StoredZone>(std::move(next));
  update.reports.push_back({std::move(report), &place->second});
  place->second = std::move(entry);
}

// An earlier version that waits was never published: what it changed, this one changes as well.
void Store::join_pending(Entry& entry, const ZoneLoadResult& loaded) {
  if (entry.pending == ContentChange::kSame) entry.pending = loaded.content;
  if (entry.step == nullptr || loaded.step == nullptr) return entry.step.reset();
  const dns::Change changes[] = {dns::to_change(*entry.step, loaded.report.apex.view()),
                                 dns::to_change(*loaded.step, loaded.report.apex.view())};
  entry.step = dns::to_step(dns::condense(changes), kMaxHistoryStep);
}

void Store::request_image(const StoredZone& stored) {
  if (options_.images.empty() || !stored.plain || stored.files.front().stamp.size < options_.image_min_size) return;
  image_requests_.push_back({dns::Name(stored.apex.view()), stored.files.front(), stored.zone});
}

// Why zones without a file are kept: a path that cannot be read may contain them, and a directory that has become empty
// may be a file system that is not mounted. If the next load finds the directory empty again, the zones are removed.
// Empty text: they are removed now.
std::string Store::reason_to_keep(const Discovery& found) const {
  if (!found.unreadable.empty()) return found.unreadable.front() + " cannot be read";
  for (const std::string& directory : found.empty)
    if (std::ranges::find(empty_directories_, directory) == empty_directories_.end())
      return directory + " has no zone files; the next reload removes the zones if it still has none";
  return {};
}

void Store::remove_missing(Update& update, const Discovery& found) {
  auto named = [&, next = found.zones.begin()](dns::NameView apex) mutable {  // both are in canonical order
    while (next != found.zones.end() && dns::canonical_order(next->apex, apex) < 0) ++next;
    return next != found.zones.end() && next->apex == apex;
  };
  const std::string reason = reason_to_keep(found);
  std::size_t kept = 0;
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (named(at->first)) {
      ++at;
      continue;
    }
    const StoredZone& version = *at->second.version;
    ZoneReport report;
    const Entry* entry = nullptr;
    report.apex = at->first;
    report.path = version.path;
    if (!reason.empty()) {
      report.outcome = version.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kKeptOld;
      StoredZone again = version;
      again.files.clear();
      at->second.version = std::make_shared<const StoredZone>(std::move(again));
      entry = &at->second;
      ++kept;
      ++at;
    } else {
      report.outcome = ZoneOutcome::kRemoved;
      update.removed.emplace_back(at->first.view());
      overridden_zones_.erase(dns::Name(at->first.view()));
      if (at->second.pending) std::erase(pending_, at);
      history_octets_ -= at->second.history.octets();
      at = entries_.erase(at);
    }
    update.reports.push_back({std::move(report), entry});
  }
  if (kept > 0)
    update.observer.on_error("keeping " + std::to_string(kept) + (kept == 1 ? " zone" : " zones") +
                             " without a file: " + reason);
  empty_directories_ = found.empty;
}

// For a zone that this store has not served yet: takes up what an earlier process published.
void Store::restore_from_journal(Entry& entry, StoredZone& next) {
  if (journal_ == nullptr) return;
  const dns::Name apex(next.apex.view());
  if (journal_->is_serial_unknown(apex)) {
    entry.published = {next.zone->serial().value + kLostSerials};
    entry.file_serial = next.zone->serial();
    entry.pending = ContentChange::kChanged;
  }
  const ZoneState* const state = journal_->find(apex);
  if (state == nullptr) return;
  const bool same = file_hash(next.files) == state->sources.file_hash;
  dns::History history = journal_->take_history(apex);
  if (same && (state->managed || state->serial == next.zone->serial())) {
    history_octets_ += history.octets();
    entry.history = std::move(history);
  }
  if (!state->managed) return;
  entry.published = state->serial;
  entry.file_serial = state->sources.file_serial;
  next.overridden = state->overridden;
  entry.pending = same ? ContentChange::kSame : ContentChange::kChanged;
}

}  // namespace server
