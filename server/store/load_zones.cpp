#include "server/store/load_zones.h"

#include <algorithm>
#include <iterator>

#include "server/image/images.h"
#include "server/runtime/thread_pool.h"
#include "server/store/plan_overlay.h"
#include "zone/check/check.h"
#include "zone/file/load.h"

namespace server {
namespace {

constexpr std::size_t kMaxChangesPerStep = 500;  // RRsets of one step: about a millisecond of the writer's time

struct LoadContext {
  const StoreOptions& options;
  const ApplyOnWriter& apply_on_writer;
  const dns::ParallelExecutor& parallel;
};

const StoredZone* find_stored(const ZoneTable& zone_table, dns::NameView apex) {
  const auto before = [](const auto& stored, dns::NameView name) {
    return dns::canonical_order(stored->apex, name) < 0;
  };
  const auto at = std::lower_bound(zone_table.begin(), zone_table.end(), apex, before);
  return at != zone_table.end() && (*at)->apex == apex ? at->get() : nullptr;
}

// Compares the stamps of the files first and, where these differ, their content. Returns the files with their present
// stamps; nothing if a file has changed, or if the zone may no longer include it.
std::optional<std::vector<ReadFile>> unchanged(const StoredZone& stored, const std::string& path, IncludeScope scope,
                                               Files& disk) {
  if (stored.zone == nullptr || stored.files.empty() || stored.path != path) return std::nullopt;
  std::vector<ReadFile> files = stored.files;
  ZoneFileReader reader(disk, scope);
  for (std::size_t i = 1; i < files.size(); ++i)
    if (!reader.may_include(path, files[i].path)) return std::nullopt;
  for (ReadFile& file : files) {
    const auto stamp = disk.stamp(file.path);
    if (!stamp) return std::nullopt;
    if (*stamp == file.stamp) continue;
    if (stamp->size != file.stamp.size) return std::nullopt;
    ContentHash hash;
    const auto read = disk.read_parts(file.path, [&](std::string_view part) { return hash.add(part), true; });
    if (!read || hash.finish() != file.content) return std::nullopt;
    file.stamp = *read;
  }
  return files;
}

bool differ_in_serial_only(const dns::Rrset& a, const dns::Rrset& b) {
  if (a.ttl != b.ttl || a.count != 1 || b.count != 1 || a.packed.size() != b.packed.size()) return false;
  const std::size_t serial = a.packed.size() - kSerialFromEnd, behind = serial + 4;
  const dns::Bytes left(a.packed), right(b.packed);
  return dns::equal(left.first(serial), right.first(serial)) && dns::equal(left.subspan(behind), right.subspan(behind));
}

// The served version with its overridden RRsets restored would be the old zone file. Client choices come from failover
// only.
ContentChange compare_content(const StoredZone& stored, const dns::Zone& loaded, const dns::Change& change) {
  const auto same = [&](const dns::RrsetChange& set) {
    if (set.type == dns::kClientChoiceType) return true;
    if (set.type == dns::Type::SOA) return differ_in_serial_only(set.before, set.after);
    const OverriddenRrsetPtr overridden = stored.overridden.find(set.owner, set.type);
    return overridden != nullptr && overridden->original == set.after;
  };
  const auto differing = std::ranges::count_if(change.sets, [&](const dns::RrsetChange& set) { return !same(set); });
  if (differing != 0) return ContentChange::kChanged;
  // An overridden RRset that is equal to the file's new one, but not to the old one, does not show in the difference.
  const bool originals_same = std::ranges::all_of(stored.overridden, [&](const OverriddenRrsetPtr& overridden) {
    const auto node = loaded.find_exact(overridden->owner);
    const auto set = node ? node->find(overridden->type) : std::nullopt;
    return set && dns::Rrset(*set) == overridden->original;
  });
  return originals_same ? ContentChange::kSame : ContentChange::kChanged;
}

// Applies `change` to `zone` in small steps, because the writer has other work. Null if it does not apply.
void apply_in_steps(std::shared_ptr<const dns::Zone>& zone, dns::Change change, const ApplyOnWriter& apply_on_writer) {
  for (std::span<dns::RrsetChange> left(change.sets); zone != nullptr && !left.empty();) {
    std::size_t count = std::min(left.size(), kMaxChangesPerStep);
    while (count < left.size() && left[count].owner == left[count - 1].owner) ++count;
    dns::Change step{change.apex, {}};
    step.sets.assign(std::make_move_iterator(left.begin()),
                     std::make_move_iterator(left.begin() + static_cast<std::ptrdiff_t>(count)));
    left = left.subspan(count);
    zone = apply_on_writer(std::move(zone), step);
  }
}

// Reads the new file as a change to the served version. False if the zone must be built.
bool load_incremental(const ZoneFile& file, const StoredZone& stored, Files& files, const LoadContext& context,
                      ZoneLoadResult& result) {
  ContentHash hash;
  std::optional<dns::Change> change;
  FileStamp stamp;
  {
    dns::IncrementalFileLoader follower(*stored.zone);
    const auto read =
        files.read_parts(file.path, [&](std::string_view part) { return hash.add(part), follower.take(part); });
    if (!read) return false;
    stamp = *read;
    change = follower.finish();
  }
  if (!change) return false;
  std::shared_ptr<const dns::Zone>& zone = result.rejected;  // until it is checked
  zone = stored.zone;
  apply_in_steps(zone, std::move(*change), context.apply_on_writer);
  if (zone == nullptr || !dns::check(*zone, 1, SIZE_MAX, context.parallel).empty()) return false;
  result.files = {{file.path, stamp, hash.finish()}};
  result.report.zone = std::move(zone);
  result.report.outcome = ZoneOutcome::kLoaded;
  return true;
}

bool can_load_incremental(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context) {
  if (!context.apply_on_writer || stored == nullptr || stored->zone == nullptr || !stored->plain ||
      stored->path != file.path)
    return false;
  const auto stamp = files.stamp(file.path);
  return stamp && stamp->size >= context.options.incremental_min_size;
}

// For built zones and for changed ones.
void finish_zone(ZoneLoadResult& result, const StoredZone* stored) {
  const dns::Zone& zone = *result.report.zone;
  if (stored != nullptr && stored->servers != nullptr) result.servers = std::make_shared<const NameServers>(zone);
  if (stored == nullptr || stored->zone == nullptr) return;
  const dns::Change change = dns::diff(*stored->zone, zone);
  result.content = compare_content(*stored, zone, change);
  result.step = dns::to_step(change, kMaxHistoryStep);
}

// At the first load of a zone only.
bool load_from_image(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context,
                     ZoneLoadResult& result) {
  if (context.options.images.empty() || (stored != nullptr && stored->zone != nullptr)) return false;
  auto image = Images(context.options.images).load(file, files, context.parallel);
  if (!image) {
    result.report.image_error = std::move(image.error());
    return false;
  }
  result.report.zone = std::move(image->zone);
  result.report.outcome = ZoneOutcome::kLoaded;
  result.files = {std::move(image->file)};
  result.report.from_image = true;
  return true;
}

void parse_zone(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context,
                ZoneLoadResult& result) {
  ZoneReport& report = result.report;
  if (load_from_image(file, stored, files, context, result)) return;
  if (can_load_incremental(file, stored, files, context) && load_incremental(file, *stored, files, context, result))
    return finish_zone(result, stored);
  ZoneFileReader reader(files, context.options.include_scope);
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, report.diagnostics, context.parallel);
  report.zone = std::move(loaded.zone);
  report.outcome = report.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kLoaded;
  if (!report.diagnostics.kept().empty()) report.sources = std::move(loaded.sources);
  result.files = reader.files_read();
  if (report.zone != nullptr) finish_zone(result, stored);
}

// A lack of memory, also of memory beside the zone itself, is a failure of this zone only.
void parse_or_fail(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context,
                   ZoneLoadResult& result) {
  try {
    return parse_zone(file, stored, files, context, result);
  } catch (const std::bad_alloc&) {
    ZoneReport& report = result.report;
    if (report.zone != nullptr) result.rejected = std::move(report.zone);
    report.zone = nullptr;
    report.outcome = ZoneOutcome::kFailed;
    dns::report_shortage(report.sources, file.path, "there is not enough memory to load it", report.diagnostics);
  }
}

}  // namespace

std::size_t load_threads(const StoreOptions& options) {
  return std::min(options.load_threads != 0 ? options.load_threads : allowed_cpus().size(), kMaxLoadThreads);
}

std::string serial_warning(dns::Serial before, dns::Serial after, ContentChange content) {
  const std::string old_words = std::to_string(before.value), new_words = std::to_string(after.value);
  if (content == ContentChange::kNew || dns::later(after, before)) return {};
  if (after != before)
    return "the serial went from " + old_words + " back to " + new_words +
           ": secondaries do not transfer the zone until the serial is higher than the old one";
  if (content == ContentChange::kSame) return {};
  return "the records changed, but the serial is still " + new_words + ": secondaries do not transfer the zone";
}

std::string managed_serial_warning(dns::Serial before, dns::Serial after, dns::Serial published) {
  if (after == before || dns::later(after, before)) return {};
  return "the file's serial went from " + std::to_string(before.value) + " back to " + std::to_string(after.value) +
         ": continuing from the published serial " + std::to_string(published.value);
}

void load_zones(LoadResult& load_result, const StoreOptions& options, Files& files, const Progress& progress,
                const ApplyOnWriter& apply_on_writer) {
  load_result.policies = options.policies;
  load_result.found = discover(options, files);
  const std::vector<ZoneFile>& found = load_result.found.zones;
  load_result.zones = std::vector<ZoneLoadResult>(found.size());
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < found.size(); ++i) {
    ZoneLoadResult& zone = load_result.zones[i];
    zone.report.apex = found[i].apex;  // here, so that also a zone for which no memory is left has its name
    zone.report.path = found[i].path;
    const StoredZone* stored = find_stored(load_result.zone_table, found[i].apex);
    auto same = stored == nullptr ? std::nullopt : unchanged(*stored, found[i].path, options.include_scope, files);
    if (!same) {
      changed.push_back(i);
      continue;
    }
    zone.report.outcome = ZoneOutcome::kUnchanged;
    zone.files = std::move(*same);
  }
  ThreadPool thread_pool(load_threads(options), {"loader", std::nullopt, 0});
  const dns::ParallelExecutor parallel = thread_pool.parallel();
  thread_pool.for_each(
      changed.size(),
      [&](std::size_t i) {
        const ZoneFile& file = found[changed[i]];
        parse_or_fail(file, find_stored(load_result.zone_table, file.apex), files, {options, apply_on_writer, parallel},
                      load_result.zones[changed[i]]);
      },
      [&](std::size_t done) { progress(done, changed.size()); });
}

}  // namespace server
