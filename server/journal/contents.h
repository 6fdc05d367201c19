// All that a journal says: its zones as they were published last, their histories, and the table of views. A value.
//
// The thread that writes the journal keeps one up to date, so that it can write a checkpoint without asking anybody.
#pragma once

#include <map>
#include <string>

#include "server/journal/record.h"
#include "zone/name/name.h"

namespace server {

// How much later the serial of a zone becomes of whose serials nothing is known: more than a journal is likely to have
// counted, and less than a year of serials of the form YYYYMMDDnn.
inline constexpr std::uint32_t kLostSerials = 65'536;

struct JournalZone {
  ZoneState state;
  dns::History history;
  bool serial_unknown = false;  // its records are lost
};

using JournalZones = std::map<dns::Name, JournalZone, dns::CanonicalLess>;

struct JournalContents {
  JournalZones zones;
  std::string views;               // views_text.h; empty: none
  std::size_t history_octets = 0;  // of all zones
};

inline constexpr std::size_t kZoneHistoryOctets = 1UL << 20;  // of one zone in a checkpoint
inline constexpr std::size_t kHistoryOctets = 64UL << 20;     // of all zones

// Changes the state to the one after the step.
void apply_step(ZoneState& state, const JournalStep& step);
// The same where it is known what is overridden after it.
void apply_step(ZoneState& state, const JournalStep& step, OverriddenRrsets overridden);
void apply_reservation(ZoneState& state, const Reservation& reservation);

// Each makes the contents what they are after the record.
void apply_step(JournalContents& contents, const JournalStep& step);
void apply_reservation(JournalContents& contents, const Reservation& reservation);
void apply_zone(JournalContents& contents, ZoneRecord zone);
// A record of any kind. The kinds without a zone do nothing.
void apply_record(JournalContents& contents, const JournalRecord& record);

}  // namespace server
