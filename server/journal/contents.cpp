#include "server/journal/contents.h"

#include <algorithm>

namespace server {
namespace {

// In order, each key once: a step from the disk may have anything.
std::vector<OverriddenRrsets::Edit> edits_of(const JournalStep& step) {
  using Edit = OverriddenRrsets::Edit;
  std::vector<Edit> edits;
  for (const OverriddenRrsetPtr& set : step.overridden) edits.push_back({&set->owner, set->type, set});
  for (const auto& [owner, type] : step.restored) edits.push_back({&owner, type, nullptr});
  std::ranges::stable_sort(edits, [](const Edit& a, const Edit& b) { return a.precedes(b); });
  const auto same = [](const Edit& a, const Edit& b) { return !a.precedes(b); };
  edits.erase(std::ranges::unique(edits, same).begin(), edits.end());
  return edits;
}

JournalZone& zone_of(JournalContents& contents, const dns::Name& apex) {
  JournalZone& zone = contents.zones[apex];
  zone.state.apex = apex;
  return zone;
}

void limit_history(JournalContents& contents) {
  contents.history_octets = dns::limit_histories(contents.history_octets, kHistoryOctets, [&](auto&& visit) {
    for (auto& [apex, zone] : contents.zones) visit(zone.history);
  });
}

}  // namespace

void apply_step(ZoneState& state, const JournalStep& step) {
  apply_step(state, step, state.overridden.with(edits_of(step)));
}

void apply_step(ZoneState& state, const JournalStep& step, OverriddenRrsets overridden) {
  state.managed = step.managed;
  state.sequence = step.sequence;
  state.serial = step.to;
  state.sources = step.sources;
  state.overridden = std::move(overridden);
}

void apply_reservation(ZoneState& state, const Reservation& reservation) {
  state.managed = true;
  state.sequence = reservation.sequence;
  state.serial = reservation.serial;
  state.ceiling = reservation.ceiling;
}

void apply_step(JournalContents& contents, const JournalStep& step) {
  JournalZone& zone = zone_of(contents, step.apex);
  apply_step(zone.state, step);
  contents.history_octets -= zone.history.octets();
  zone.history.add(step.change);
  zone.history.limit(kZoneHistoryOctets);
  contents.history_octets += zone.history.octets();
  limit_history(contents);
}

void apply_reservation(JournalContents& contents, const Reservation& reservation) {
  apply_reservation(zone_of(contents, reservation.apex).state, reservation);
}

void apply_zone(JournalContents& contents, ZoneRecord record) {
  JournalZone& zone = zone_of(contents, record.state.apex);
  contents.history_octets -= zone.history.octets();
  zone = {std::move(record.state), {}, false};
  for (const dns::HistoryStepPtr& step : record.history) zone.history.add(step);
  contents.history_octets += zone.history.octets();
}

void apply_record(JournalContents& contents, const JournalRecord& record) {
  if (const auto* commit = std::get_if<CommitRecord>(&record))
    for (const JournalStep& step : commit->steps) apply_step(contents, step);
  if (const auto* reservations = std::get_if<ReservationsRecord>(&record))
    for (const Reservation& zone : reservations->zones) apply_reservation(contents, zone);
  if (const auto* views = std::get_if<ViewsRecord>(&record)) contents.views = views->text;
  if (const auto* zone = std::get_if<ZoneRecord>(&record)) apply_zone(contents, *zone);
}

}  // namespace server
