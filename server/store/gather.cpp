#include "server/store/gather.h"

#include <algorithm>
#include <iterator>

#include "server/image/images.h"
#include "server/runtime/crew.h"
#include "server/runtime/share.h"
#include "zone/file/load.h"
#include "zone/check/check.h"

namespace server {
namespace {

constexpr std::size_t kSerialFromEnd = 20;   // the SOA's RDATA ends in five numbers of 32 bits (RFC 1035 3.3.13)

constexpr std::size_t kProposed = 500;       // sets of one proposal: about a millisecond of the writer

struct Gathering {
  const StoreOptions& options;
  const Propose& propose;
  const dns::ParallelExecutor& parallel;
};

const HeldZone* find_held(const Survey& survey, dns::NameView apex) {
  const auto before = [](const auto& held, dns::NameView name) { return dns::canonical_order(held->apex, name) < 0; };
  const auto at = std::lower_bound(survey.begin(), survey.end(), apex, before);
  return at != survey.end() && (*at)->apex == apex ? at->get() : nullptr;
}

// First by what the system says of the files, then, where that differs, by their content. The files with their stamps
// of now; nothing where one has changed.
std::optional<std::vector<ReadFile>> unchanged(const HeldZone& held, const std::string& path, Files& disk) {
  if (held.zone == nullptr || held.files.empty() || held.path != path) return std::nullopt;
  std::vector<ReadFile> files = held.files;
  for (ReadFile& file : files) {
    const auto stamp = disk.stamp(file.path);
    if (!stamp) return std::nullopt;
    if (*stamp == file.stamp) continue;
    if (stamp->size != file.stamp.size) return std::nullopt;
    ContentMark mark;
    const auto read = disk.read_parts(file.path, [&](std::string_view part) { return mark.add(part), true; });
    if (!read || mark.finish() != file.content) return std::nullopt;
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
Content compare(const HeldZone& held, const dns::Zone& fresh) {
  const auto same = [&](const dns::SetChange& set) {
    if (set.type == dns::kClientChoiceType) return true;
    if (set.type == dns::Type::SOA) return differ_in_serial_only(set.before, set.after);
    const auto laid = place(held.laid, set.owner, set.type);
    return laid != held.laid.end() && order(**laid, set.owner, set.type) == 0 && (*laid)->original == set.after;
  };
  const dns::Change change = dns::diff(*held.zone, fresh);
  const auto differing = std::ranges::count_if(change.sets, [&](const dns::SetChange& set) { return !same(set); });
  if (differing != 0) return Content::kOther;
  // A steered set that equals the file's new one, but not the file's old one, does not show in the difference.
  const bool originals_stand = std::ranges::all_of(held.laid, [&](const SharedLaid& laid) {
    const auto node = fresh.find_exact(laid->owner);
    const auto set = node ? node->find(laid->type) : std::nullopt;
    return set && dns::Rrset(*set) == laid->original;
  });
  return originals_stand ? Content::kSame : Content::kOther;
}

// `zone` with `change`, in steps that hold up nobody who waits for the writer.
std::shared_ptr<const dns::Zone> propose_all(std::shared_ptr<const dns::Zone> zone, dns::Change change, const Propose& propose) {
  for (std::span<dns::SetChange> left(change.sets); zone != nullptr && !left.empty();) {
    std::size_t count = std::min(left.size(), kProposed);
    while (count < left.size() && left[count].owner == left[count - 1].owner) ++count;
    dns::Change step{change.apex, {}};
    step.sets.assign(std::make_move_iterator(left.begin()), std::make_move_iterator(left.begin() + static_cast<std::ptrdiff_t>(count)));
    left = left.subspan(count);
    zone = propose(std::move(zone), step);
  }
  return zone;
}

// The new file as a change to what is served. False where the zone is to be built.
bool follow(const ZoneFile& file, const HeldZone& held, Files& files, const Gathering& gathering, GatheredZone& result) {
  ContentMark mark;
  std::optional<dns::Change> change;
  FileStamp stamp;
  {
    dns::IncrementalFileLoader follower(*held.zone);
    const auto read = files.read_parts(file.path, [&](std::string_view part) { return mark.add(part), follower.take(part); });
    if (!read) return false;
    stamp = *read;
    change = follower.finish();
  }
  if (!change) return false;
  const auto zone = propose_all(held.zone, std::move(*change), gathering.propose);
  if (zone == nullptr || !dns::check(*zone, 1, SIZE_MAX, gathering.parallel).empty()) {
    result.set_aside = zone;
    return false;
  }
  result.report.zone = zone;
  result.report.outcome = ZoneOutcome::kLoaded;
  result.files = {{file.path, stamp, mark.finish()}};
  return true;
}

bool may_follow(const ZoneFile& file, const HeldZone* held, Files& files, const Gathering& gathering) {
  if (!gathering.propose || held == nullptr || held->zone == nullptr || !held->plain || held->path != file.path) return false;
  const auto stamp = files.stamp(file.path);
  return stamp && stamp->size >= gathering.options.follow_from;
}

// What follows from the zone, however it was made.
void derive(GatheredZone& result, const HeldZone* held) {
  const dns::Zone& zone = *result.report.zone;
  if (held != nullptr && held->servers != nullptr) result.servers = std::make_shared<const NameServers>(zone);
  if (held != nullptr && held->zone != nullptr) result.content = compare(*held, zone);
}

// The zone of its image, at its first load.
bool recall(const ZoneFile& file, const HeldZone* held, Files& files, const Gathering& gathering, GatheredZone& result) {
  if (gathering.options.images.empty() || (held != nullptr && held->zone != nullptr)) return false;
  auto recalled = Images(gathering.options.images).recall(file, files, gathering.parallel);
  if (!recalled) {
    result.report.image_fault = std::move(recalled.error());
    return false;
  }
  result.report.zone = std::move(recalled->zone);
  result.report.outcome = ZoneOutcome::kLoaded;
  result.files = {std::move(recalled->file)};
  result.report.imaged = true;
  return true;
}

GatheredZone parse(const ZoneFile& file, const HeldZone* held, Files& files, const Gathering& gathering) {
  GatheredZone result;
  ZoneReport& report = result.report;
  report.apex = file.apex;
  report.path = file.path;
  if (recall(file, held, files, gathering, result)) return result;
  if (may_follow(file, held, files, gathering) && follow(file, *held, files, gathering, result)) {
    derive(result, held);
    return result;
  }
  ZoneReader reader(files, gathering.options.include_scope);
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, report.diagnostics, gathering.parallel);
  report.zone = std::move(loaded.zone);
  report.outcome = report.zone == nullptr ? ZoneOutcome::kFailed : ZoneOutcome::kLoaded;
  if (!report.diagnostics.kept().empty()) report.sources = std::move(loaded.sources);
  result.files = reader.files_read();
  if (report.zone != nullptr) derive(result, held);
  return result;
}

}  // namespace

std::size_t load_threads(const StoreOptions& options) {
  return std::min(options.load_threads != 0 ? options.load_threads : allowed_cpus().size(), kMaxLoadThreads);
}

std::string file_warning(dns::Serial before, dns::Serial after, Content content) {
  const std::string old_words = std::to_string(before.value), new_words = std::to_string(after.value);
  if (content == Content::kFirst || dns::later(after, before)) return {};
  if (after != before)
    return "the serial went from " + old_words + " back to " + new_words + ": secondaries will not follow until it is later than the old one";
  if (content == Content::kSame) return {};
  return "the records changed and the serial is still " + new_words + ": secondaries will not notice";
}

std::string counted_warning(dns::Serial before, dns::Serial after, dns::Serial published) {
  if (after == before || dns::later(after, before)) return {};
  return "the file's serial went from " + std::to_string(before.value) + " back to " + std::to_string(after.value) +
         ": counting on from " + std::to_string(published.value);
}

Gathered gather(Survey survey, const StoreOptions& options, Files& files, const Progress& progress, const Propose& propose) {
  Gathered gathered{discover(options, files), {}, std::move(survey)};
  const std::vector<ZoneFile>& found = gathered.found.zones;
  gathered.zones = std::vector<GatheredZone>(found.size());
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const HeldZone* held = find_held(gathered.survey, found[i].apex);
    auto same = held == nullptr ? std::nullopt : unchanged(*held, found[i].path, files);
    if (!same) {
      changed.push_back(i);
      continue;
    }
    GatheredZone& zone = gathered.zones[i];
    zone.report.apex = found[i].apex;
    zone.report.path = found[i].path;
    zone.report.outcome = ZoneOutcome::kUnchanged;
    zone.files = std::move(*same);
  }
  const std::size_t threads = load_threads(options);
  Crew crew(threads, {"loader", std::nullopt, 0});
  const dns::ParallelExecutor parallel = crew.parallel();
  share_out(
      changed.size(), threads,
      [&](std::size_t i) {
        const ZoneFile& file = found[changed[i]];
        gathered.zones[changed[i]] = parse(file, find_held(gathered.survey, file.apex), files, {options, propose, parallel});
      },
      [&](std::size_t done) { progress(done, changed.size()); });
  return gathered;
}

}  // namespace server
