#include "server/store/store.h"

#include <algorithm>

#include "server/runtime/ordered.h"
#include "zone/file/load.h"
#include "zone/name/text.h"
#include "zone/snapshot/builder.h"
#include "zone/snapshot/change.h"

namespace server {
namespace {

std::size_t thread_count(std::size_t asked) {
  return asked != 0 ? std::min(asked, kMaxLoadThreads) : std::min(allowed_cpus().size(), kMaxLoadThreads);
}

// Ours, but without data: what stands for a zone that could not be loaded.
std::shared_ptr<const dns::Zone> placeholder(const dns::Name& apex) { return dns::ZoneBuilder(apex).finish().zone; }

struct Parsed {
  ZoneReport report;
  std::vector<ReadFile> files;
};

Parsed parse(const ZoneFile& file, Files& files, IncludeScope scope) {
  Parsed parsed;
  parsed.report.apex = file.apex;
  parsed.report.path = file.path;
  ZoneReader reader(files, scope);
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, parsed.report.diagnostics);
  parsed.report.zone = std::move(loaded.zone);
  if (!parsed.report.diagnostics.kept().empty()) parsed.report.sources = std::move(loaded.sources);
  parsed.files = reader.files_read();
  return parsed;
}

void count(LoadSummary& summary, ZoneOutcome outcome) {
  switch (outcome) {
    case ZoneOutcome::kLoaded: ++summary.loaded; return;
    case ZoneOutcome::kUnchanged: ++summary.unchanged; return;
    case ZoneOutcome::kKeptOld: ++summary.kept_old; return;
    case ZoneOutcome::kFailed: ++summary.failed; return;
    case ZoneOutcome::kRemoved: ++summary.removed; return;
  }
}

}  // namespace

// One load: what it found so far.
struct Store::Round {
  LoadWatcher& watcher;
  LoadSummary summary;
  std::vector<std::shared_ptr<const dns::Zone>> added;
  std::vector<dns::Name> removed;

  void tell(const ZoneReport& report) {
    count(summary, report.outcome);
    watcher.zone(report);
  }
};

Store::Store(const StoreOptions& options, Files& files) : options_(options), files_(files) {}

LoadSummary Store::load(LoadWatcher& watcher) {
  Round round{watcher, {}, {}, {}};
  const Discovery found = discover(options_, files_);
  for (const std::string& words : found.troubles) watcher.trouble(words);
  std::vector<const ZoneFile*> changed;
  for (const ZoneFile& file : found.zones) {
    const auto held = held_.find(file.apex);
    if (held != held_.end() && unchanged(held->second, file.path)) {
      ZoneReport report;
      report.apex = file.apex;
      report.path = file.path;
      report.outcome = ZoneOutcome::kUnchanged;
      report.zone = held->second.zone;
      round.tell(report);
    } else {
      changed.push_back(&file);
    }
  }
  in_order(
      changed.size(), thread_count(options_.load_threads),
      [&](std::size_t i) { return parse(*changed[i], files_, options_.include_scope); },
      [&](std::size_t i, Parsed parsed) {
        take(round, parsed.report, std::move(parsed.files));
        watcher.progress(i + 1, changed.size());
      });
  remove_missing(round, found);
  publish(round);
  return round.summary;
}

// First by what the system says of the files, then, where that differs, by their content.
bool Store::unchanged(Held& held, const std::string& path) {
  if (held.zone == nullptr || held.files.empty() || held.path != path) return false;
  for (ReadFile& file : held.files) {
    const auto stamp = files_.stamp(file.path);
    if (!stamp) return false;
    if (*stamp == file.stamp) continue;
    if (stamp->size != file.stamp.size) return false;
    const auto content = files_.read(file.path);
    if (!content || content_mark(content->text->text()) != file.content) return false;
    file.stamp = content->stamp;
  }
  return true;
}

void Store::take(Round& round, ZoneReport& report, std::vector<ReadFile> files) {
  Held& held = held_[report.apex];
  held.path = report.path;
  if (report.zone == nullptr) {
    held.files.clear();
    report.zone = held.zone;
    report.outcome = held.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kKeptOld;
    if (held.zone == nullptr) round.added.push_back(placeholder(report.apex));
    return round.tell(report);
  }
  if (held.zone != nullptr) report.warning = version_warning(*held.zone, *report.zone);
  report.outcome = ZoneOutcome::kLoaded;
  held.zone = report.zone;
  held.files = std::move(files);
  round.added.push_back(report.zone);
  round.tell(report);
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
    ZoneReport report;
    report.apex = at->first;
    report.path = at->second.path;
    if (unsure(at->second.path)) {
      report.outcome = at->second.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kKeptOld;
      report.zone = at->second.zone;
      at->second.files.clear();
      ++at;
    } else {
      report.outcome = ZoneOutcome::kRemoved;
      round.removed.push_back(at->first);
      at = held_.erase(at);
    }
    round.tell(report);
  }
}

void Store::publish(Round& round) {
  if (snapshot_ == nullptr) {
    snapshot_ = dns::Snapshot::of(std::move(round.added));
  } else if (!round.added.empty() || !round.removed.empty()) {
    snapshot_ = snapshot_->with(round.added, round.removed);
  }
}

std::string version_warning(const dns::Zone& before, const dns::Zone& after) {
  const dns::Serial old_serial = before.serial(), new_serial = after.serial();
  if (dns::later(new_serial, old_serial)) return {};
  if (new_serial != old_serial) {
    return "the serial went from " + std::to_string(old_serial.value) + " back to " + std::to_string(new_serial.value) +
           ": secondaries will not follow until it is later than the old one";
  }
  if (dns::diff(before, after).empty()) return {};
  return "the records changed and the serial is still " + std::to_string(new_serial.value) + ": secondaries will not notice";
}

}  // namespace server
