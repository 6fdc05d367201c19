#include "server/store/load_zones.h"

#include <algorithm>
#include <iterator>

#include "server/image/images.h"
#include "server/runtime/parallel_for.h"
#include "server/runtime/thread_pool.h"
#include "zone/check/check.h"
#include "zone/file/load.h"

namespace server {
namespace {

constexpr std::size_t kSerialFromEnd = 20;  // the SOA's RDATA ends in five numbers of 32 bits (RFC 1035 3.3.13)

constexpr std::size_t kMaxChangesPerStep = 500;  // sets of one proposal: about a millisecond of the writer

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

// First by what the system says of the files, then, where that differs, by their content. The files with their stamps
// of now; nothing where one has changed.
std::optional<std::vector<ReadFile>> unchanged(const StoredZone& stored, const std::string& path, Files& disk) {
  if (stored.zone == nullptr || stored.files.empty() || stored.path != path) return std::nullopt;
  std::vector<ReadFile> files = stored.files;
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

// `served` with its steered sets put back would be the old zone file; a choice is steering's altogether.
ContentChange compare_content(const StoredZone& stored, const dns::Zone& loaded) {
  const auto same = [&](const dns::SetChange& set) {
    if (set.type == dns::kClientChoiceType) return true;
    if (set.type == dns::Type::SOA) return differ_in_serial_only(set.before, set.after);
    const auto overridden = find_position(stored.overridden, set.owner, set.type);
    return overridden != stored.overridden.end() && compare_key(**overridden, set.owner, set.type) == 0 &&
           (*overridden)->original == set.after;
  };
  const dns::Change change = dns::diff(*stored.zone, loaded);
  const auto differing = std::ranges::count_if(change.sets, [&](const dns::SetChange& set) { return !same(set); });
  if (differing != 0) return ContentChange::kChanged;
  // A steered set that equals the file's new one, but not the file's old one, does not show in the difference.
  const bool originals_same = std::ranges::all_of(stored.overridden, [&](const OverriddenRrsetPtr& overridden) {
    const auto node = loaded.find_exact(overridden->owner);
    const auto set = node ? node->find(overridden->type) : std::nullopt;
    return set && dns::Rrset(*set) == overridden->original;
  });
  return originals_same ? ContentChange::kSame : ContentChange::kChanged;
}

// `zone` with `change`, in steps that hold up nobody who waits for the writer.
std::shared_ptr<const dns::Zone> apply_in_steps(std::shared_ptr<const dns::Zone> zone, dns::Change change,
                                                const ApplyOnWriter& apply_on_writer) {
  for (std::span<dns::SetChange> left(change.sets); zone != nullptr && !left.empty();) {
    std::size_t count = std::min(left.size(), kMaxChangesPerStep);
    while (count < left.size() && left[count].owner == left[count - 1].owner) ++count;
    dns::Change step{change.apex, {}};
    step.sets.assign(std::make_move_iterator(left.begin()),
                     std::make_move_iterator(left.begin() + static_cast<std::ptrdiff_t>(count)));
    left = left.subspan(count);
    zone = apply_on_writer(std::move(zone), step);
  }
  return zone;
}

// The new file as a change to what is served. False where the zone is to be built.
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
  const auto zone = apply_in_steps(stored.zone, std::move(*change), context.apply_on_writer);
  if (zone == nullptr || !dns::check(*zone, 1, SIZE_MAX, context.parallel).empty()) {
    result.rejected = zone;
    return false;
  }
  result.report.zone = zone;
  result.report.outcome = ZoneOutcome::kLoaded;
  result.files = {{file.path, stamp, hash.finish()}};
  return true;
}

bool can_load_incremental(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context) {
  if (!context.apply_on_writer || stored == nullptr || stored->zone == nullptr || !stored->plain ||
      stored->path != file.path)
    return false;
  const auto stamp = files.stamp(file.path);
  return stamp && stamp->size >= context.options.incremental_min_size;
}

// What follows from the zone, however it was made.
void finish_zone(ZoneLoadResult& result, const StoredZone* stored) {
  const dns::Zone& zone = *result.report.zone;
  if (stored != nullptr && stored->servers != nullptr) result.servers = std::make_shared<const NameServers>(zone);
  if (stored != nullptr && stored->zone != nullptr) result.content = compare_content(*stored, zone);
}

// The zone of its image, at its first load.
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

ZoneLoadResult parse_zone(const ZoneFile& file, const StoredZone* stored, Files& files, const LoadContext& context) {
  ZoneLoadResult result;
  ZoneReport& report = result.report;
  report.apex = file.apex;
  report.path = file.path;
  if (load_from_image(file, stored, files, context, result)) return result;
  if (can_load_incremental(file, stored, files, context) && load_incremental(file, *stored, files, context, result)) {
    finish_zone(result, stored);
    return result;
  }
  ZoneFileReader reader(files, context.options.include_scope);
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, report.diagnostics, context.parallel);
  report.zone = std::move(loaded.zone);
  report.outcome = report.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kLoaded;
  if (!report.diagnostics.kept().empty()) report.sources = std::move(loaded.sources);
  result.files = reader.files_read();
  if (report.zone != nullptr) finish_zone(result, stored);
  return result;
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
           ": secondaries will not follow until it is later than the old one";
  if (content == ContentChange::kSame) return {};
  return "the records changed and the serial is still " + new_words + ": secondaries will not notice";
}

std::string managed_serial_warning(dns::Serial before, dns::Serial after, dns::Serial published) {
  if (after == before || dns::later(after, before)) return {};
  return "the file's serial went from " + std::to_string(before.value) + " back to " + std::to_string(after.value) +
         ": counting on from " + std::to_string(published.value);
}

LoadResult load_zones(ZoneTable zone_table, const StoreOptions& options, Files& files, const Progress& progress,
                      const ApplyOnWriter& apply_on_writer) {
  LoadResult load_result{discover(options, files), {}, std::move(zone_table)};
  const std::vector<ZoneFile>& found = load_result.found.zones;
  load_result.zones = std::vector<ZoneLoadResult>(found.size());
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const StoredZone* stored = find_stored(load_result.zone_table, found[i].apex);
    auto same = stored == nullptr ? std::nullopt : unchanged(*stored, found[i].path, files);
    if (!same) {
      changed.push_back(i);
      continue;
    }
    ZoneLoadResult& zone = load_result.zones[i];
    zone.report.apex = found[i].apex;
    zone.report.path = found[i].path;
    zone.report.outcome = ZoneOutcome::kUnchanged;
    zone.files = std::move(*same);
  }
  const std::size_t threads = load_threads(options);
  ThreadPool thread_pool(threads, {"loader", std::nullopt, 0});
  const dns::ParallelExecutor parallel = thread_pool.parallel();
  parallel_for(
      changed.size(), threads,
      [&](std::size_t i) {
        const ZoneFile& file = found[changed[i]];
        load_result.zones[changed[i]] = parse_zone(file, find_stored(load_result.zone_table, file.apex), files,
                                                   {options, apply_on_writer, parallel});
      },
      [&](std::size_t done) { progress(done, changed.size()); });
  return load_result;
}

}  // namespace server
