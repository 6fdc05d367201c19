// Logs the outcome of a load for each zone, adds it to the report of a reload, and passes it on. The thread that loads.
#pragma once

#include <string>
#include <vector>

#include "server/control/reload_report.h"
#include "server/observe/log.h"
#include "server/store/report.h"

namespace server {

// A zone that clients do not get as its file has it.
struct ZoneFault {
  std::string zone;     // "example.com."
  std::string message;  // "zone example.com.: DIR/example.com.zone cannot be loaded; answering SERVFAIL"
};

class LoggingObserver : public LoadObserver {
 public:
  // kProblems: not each zone that was loaded without a finding.
  enum class Detail : std::uint8_t { kProblems, kEverything };
  // `report`: null if nobody asks for it.
  LoggingObserver(Log log, LoadObserver& next, Detail detail, ReloadReport* report = nullptr)
      : log_(std::move(log)), next_(next), detail_(detail), report_(report) {}

  void on_zone(const ZoneReport& report) override;
  void on_error(const std::string& words) override;
  void on_progress(std::size_t done, std::size_t total) override { next_.on_progress(done, total); }

  // Of the zones so far.
  std::vector<ZoneFault> take_faults() { return std::move(faults_); }

 private:
  void add_fault(const std::string& zone, std::string message);
  void say(spdlog::level::level_enum level, const std::string& line);
  void log_outcome(const ZoneReport& report);
  void log_warnings(const ZoneReport& report);

  Log log_;
  LoadObserver& next_;
  Detail detail_;
  std::vector<ZoneFault> faults_;
  ReloadReport* report_;
};

}  // namespace server
