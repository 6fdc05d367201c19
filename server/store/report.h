// The outcome of a load for each zone, reported while the load runs.
#pragma once

#include <memory>
#include <string>

#include "zone/diagnostic/diagnostic.h"
#include "zone/name/compact_name.h"
#include "zone/snapshot/history.h"

namespace server {

enum class ZoneOutcome : std::uint8_t {
  kLoaded,     // new or changed, and now served
  kUnchanged,  // its files have not changed
  kKeptOld,    // its files have errors: the last good version is served
  kFailed,     // its files have errors and there is no earlier version: SERVFAIL is answered
  kRemoved,    // no longer configured or in the directory
};

struct ZoneReport {
  dns::CompactName apex;
  std::string path;
  ZoneOutcome outcome{};
  std::shared_ptr<const dns::Zone> zone;  // the served version; null for kFailed and kRemoved. Shared with the snapshot
  dns::Diagnostics diagnostics;
  dns::Sources sources;     // the texts that the diagnostics point into
  bool from_image = false;  // loaded from its memory image
  std::string image_error;  // why its image was not used ("the image is damaged"); may be empty
  std::string warning;      // about the serial ("the serial went from 7 back to 5: ..."); may be empty
};

struct LoadSummary {
  std::size_t loaded = 0, unchanged = 0, kept = 0, failed = 0, removed = 0;

  std::size_t served() const { return loaded + unchanged + kept; }
  void count(ZoneOutcome outcome) {
    switch (outcome) {
      case ZoneOutcome::kLoaded: ++loaded; return;
      case ZoneOutcome::kUnchanged: ++unchanged; return;
      case ZoneOutcome::kKeptOld: ++kept; return;
      case ZoneOutcome::kFailed: ++failed; return;
      case ZoneOutcome::kRemoved: ++removed; return;
    }
  }
  bool changed() const { return loaded + failed + removed != 0; }
  friend bool operator==(const LoadSummary&, const LoadSummary&) = default;
};

// A served zone and its last changes. A copy shares the steps, so any thread may read it.
struct ZoneHistory {
  dns::Serial serial;
  dns::History history;
};

// Receives the reports, on the thread that loads. A report is valid during the call.
class LoadObserver {
 public:
  virtual ~LoadObserver() = default;
  virtual void on_zone(const ZoneReport& report) = 0;
  // An error that belongs to no zone: a directory that cannot be read, two files for one zone, a file name that is not
  // a domain name.
  virtual void on_error(const std::string& words) = 0;
  virtual void on_progress(std::size_t done, std::size_t total) = 0;
};

}  // namespace server
