#include "server/journal/journal.h"

#include <utility>

#include "server/journal/views_text.h"

namespace server {
namespace {

constexpr std::size_t kRecordOctets = 1UL << 20;  // of the changes of files in one record, about

bool not_after(dns::Serial a, dns::Serial b) { return a == b || dns::later(b, a); }

std::uint64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

DiskResult<std::unique_ptr<Journal>> Journal::open(std::unique_ptr<Disk> disk) {
  if (const auto locked = disk->lock(); !locked) return dns::Failure<std::string>(locked.error());
  auto recovery = recover(*disk);
  if (!recovery) return dns::Failure<std::string>(recovery.error());
  // Whether it can be written is better known now than at the first failover.
  const std::string probe = temporary_name("probe");
  if (const auto file = disk->create(probe); !file)
    recovery->faults.push_back("it cannot be written to: " + file.error());
  else (void)disk->remove(probe);
  return std::unique_ptr<Journal>(new Journal(std::move(disk), std::move(*recovery)));
}

Journal::Journal(std::unique_ptr<Disk> disk, Recovery recovery)
    : disk_(std::move(disk)),
      faults_(recovery.faults),
      unknown_zones_lost_(recovery.unknown_zones_lost),
      views_(parse_views(recovery.contents.views)),
      writer_(*disk_, recovery) {
  bool reserved = false;
  for (auto& [apex, zone] : recovery.contents.zones) {
    if (zone.serial_unknown) {
      unknown_.insert(apex);
      continue;
    }
    Zone& own = zones_[apex];
    own.state = std::move(zone.state);
    own.usable = own.state.serial;
    if (!zone.history.steps().empty()) histories_[apex] = std::move(zone.history);
    if (!own.state.managed || own.state.ceiling == own.state.serial) continue;
    // Usable once the clean end is not the last record any more: the next start must not believe it.
    own.asked = Asked{own.state.ceiling, 1};
    reserved = true;
  }
  if (reserved) post(OpenRecord{});
  writer_.tend();    // a checkpoint may be due
  writer_.settle();  // the disk was just read: it is not waited for longer than that
}

const ZoneState* Journal::find(const dns::Name& apex) const {
  const auto at = zones_.find(apex);
  return at == zones_.end() ? nullptr : &at->second.state;
}

dns::History Journal::take_history(const dns::Name& apex) {
  const auto at = histories_.find(apex);
  if (at == histories_.end()) return {};
  dns::History history = std::move(at->second);
  histories_.erase(at);
  return history;
}

Journal::Zone& Journal::zone_of(const dns::Name& apex, dns::Serial published) {
  const auto [place, added] = zones_.try_emplace(apex);
  Zone& zone = place->second;
  if (!added) return zone;
  zone.state.apex = apex;
  zone.state.serial = zone.state.ceiling = zone.usable = published;
  return zone;
}

JournalPosition Journal::post(JournalRecord record) {
  writer_.post(std::move(record), ++position_);
  return position_;
}

void Journal::take_progress(Zone& zone) const {
  if (!zone.asked || writer_.progress().written < zone.asked->position) return;
  zone.usable = zone.asked->ceiling;
  zone.asked.reset();
}

void Journal::reserve(Zone& zone, dns::Serial published, dns::Serial above) {
  Reservation reservation{zone.state.apex, zone.state.sequence + 1, published, {above.value + kReserve}};
  ReservationsRecord record;
  record.zones.push_back(reservation);
  const JournalPosition position = post(std::move(record));
  apply_reservation(zone.state, reservation);
  zone.asked = Asked{reservation.ceiling, position};
  writer_.settle();
  take_progress(zone);
}

bool Journal::may_publish(const dns::Name& apex, dns::Serial published, dns::Serial serial) {
  Zone& zone = zone_of(apex, published);
  // Until now its serials were those of a file: what was reserved for other ones is of no use.
  if (!zone.state.managed || zone.state.serial != published) {
    zone.usable = published;
    zone.asked.reset();
  }
  take_progress(zone);
  const bool covered = zone.asked && not_after(serial, zone.asked->ceiling);
  if (!not_after(serial, zone.usable)) {
    if (!covered) reserve(zone, published, serial);
    return not_after(serial, zone.usable);
  }
  if (!zone.asked && zone.usable.value - serial.value < kReserve / 2) reserve(zone, published, serial);
  return true;
}

bool Journal::set_overridden(JournalStep& step, const OverriddenRrsets& overridden) const {
  const ZoneState* state = find(step.apex);
  const auto add = [&](const OverriddenRrsetPtr& before, const OverriddenRrsetPtr& after) {
    if (after == nullptr) step.restored.emplace_back(before->owner, before->type);
    else if (before == nullptr || !serve_same(*before, *after)) step.overridden.push_back(after);
  };
  OverriddenRrsets::for_each_difference(state == nullptr ? OverriddenRrsets() : state->overridden, overridden, add);
  if (state == nullptr || !step.overridden.empty() || !step.restored.empty()) return true;
  ZoneSources sources = step.sources;
  sources.generation = state->sources.generation;  // alone it says nothing new
  return state->serial != step.to || state->managed != step.managed || !(state->sources == sources);
}

// The states change once their record is handed over: an exception before leaves both as they were.
JournalPosition Journal::commit(Producer producer, std::list<Step>& steps) {
  struct Next {
    Zone* zone;
    ZoneState state;
  };
  while (!steps.empty()) {
    CommitRecord record{milliseconds_now(), producer, {}};
    std::vector<Next> next;
    std::size_t octets = 0;
    auto step = steps.begin();
    for (; step != steps.end() && (producer != Producer::kFile || octets <= kRecordOctets); ++step) {
      Zone& zone = zone_of(step->step.apex, step->step.from);
      step->step.sequence = zone.state.sequence + 1;
      octets += step->step.change == nullptr ? 0 : step->step.change->size();
      next.push_back({&zone, zone.state});
      apply_step(next.back().state, step->step, step->overridden);
      record.steps.push_back(step->step);
    }
    post(std::move(record));
    for (Next& each : next) each.zone->state = std::move(each.state);
    steps.erase(steps.begin(), step);
  }
  writer_.settle();
  return position_;
}

void Journal::set_views(std::shared_ptr<const dns::ViewTable> views) {
  const bool same = views == views_ || views_hash(views.get()) == views_hash(views_.get());
  views_ = std::move(views);
  if (same) return;
  post(ViewsRecord{views_ == nullptr ? std::string() : views_text(*views_)});
}

std::vector<std::string> Journal::maintain() {
  writer_.tend();
  writer_.settle();
  const JournalWriter::Progress progress = writer_.progress();
  std::vector<std::string> errors;
  if (!progress.in_place)
    errors.push_back("another program deleted or replaced it; serials are not saved any more: restart the server");
  if (!progress.error.empty()) errors.push_back("the journal cannot be written: " + progress.error);
  return errors;
}

void Journal::close() {
  writer_.close();
  writer_.wait_until_idle();
}

}  // namespace server
