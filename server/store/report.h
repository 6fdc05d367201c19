// What became of each zone at a load, told while it happens.
#pragma once

#include <memory>
#include <string>

#include "zone/diagnostic/diagnostic.h"
#include "zone/name/compact_name.h"
#include "zone/snapshot/zone.h"

namespace server {

enum class ZoneOutcome : std::uint8_t {
  kLoaded,     // new or changed, and now served
  kUnchanged,  // its files are what they were
  kKeptOld,    // its files have errors: the last good version goes on answering
  kFailed,     // its files have errors and there is no earlier version: answered with SERVFAIL
  kRemoved,    // no longer among the zones
};

struct ZoneReport {
  dns::CompactName apex;
  std::string path;
  ZoneOutcome outcome{};
  std::shared_ptr<const dns::Zone> zone;  // what is served now; null for kFailed and kRemoved. Shared with the snapshot
  dns::Diagnostics diagnostics;
  dns::Sources sources;     // what the diagnostics point into
  bool from_image = false;  // a loaded zone: taken from its image
  std::string image_error;  // why its image was not used ("it is damaged"); may be empty
  std::string warning;      // about the change of versions ("serial went back from 7 to 5"); may be empty
};

struct LoadSummary {
  std::size_t loaded = 0, unchanged = 0, kept_old = 0, failed = 0, removed = 0;

  std::size_t served() const { return loaded + unchanged + kept_old; }
  void count(ZoneOutcome outcome) {
    switch (outcome) {
      case ZoneOutcome::kLoaded: ++loaded; return;
      case ZoneOutcome::kUnchanged: ++unchanged; return;
      case ZoneOutcome::kKeptOld: ++kept_old; return;
      case ZoneOutcome::kFailed: ++failed; return;
      case ZoneOutcome::kRemoved: ++removed; return;
    }
  }
  bool changed() const { return loaded + failed + removed != 0; }
  friend bool operator==(const LoadSummary&, const LoadSummary&) = default;
};

// Who is told. Called on the thread that loads; a report is valid during the call.
class LoadObserver {
 public:
  virtual ~LoadObserver() = default;
  virtual void on_zone(const ZoneReport& report) = 0;
  // Trouble with no zone to blame: a directory that cannot be read, two files for one zone, a file name that is no
  // name.
  virtual void on_error(const std::string& words) = 0;
  virtual void on_progress(std::size_t done, std::size_t total) = 0;
};

}  // namespace server
