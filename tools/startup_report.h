// The startup report of `waymark serve`, and the errors of zone files at each load.
//
// The report goes to standard output: startup time, zones, addresses, and a dig command that the server answers. The
// diagnostics of zone files go to standard error, in the format of `check`. If the log format is JSON, the report and
// each diagnostic are one JSON object per line. The server calls it on the store's thread only.
#pragma once

#include <string>

#include "server/config/config.h"
#include "server/server.h"
#include "tools/cli/terminal.h"

namespace tools {

// A query that the zones answer, for the report. A friendlier name has a higher rank.
struct ExampleQuery {
  int rank = 0;      // 0: none
  std::string name;  // absolute
  std::string type;
};

class StartupReport final : public server::ServerObserver {
 public:
  // `config` is the server's configuration and must outlive this object.
  explicit StartupReport(const server::LoadedConfig& config) : config_(config), format_(config.options.log.format) {}

  void on_zone(const server::ZoneReport& report) override;
  void on_error(const std::string&) override {}  // the server has logged it
  void on_progress(std::size_t done, std::size_t total) override;
  std::string config_error(const dns::Snapshot& zones) override;
  void on_ready(const server::StartupInfo& info) override;

 private:
  void print_diagnostics(const dns::Diagnostics& diagnostics, const dns::Sources& sources) const;
  void print_ready(const server::StartupInfo& info) const;
  void print_ready_json(const server::StartupInfo& info) const;

  const server::LoadedConfig& config_;
  const server::LogFormat format_;
  Progress progress_;
  ExampleQuery example_;
};

}  // namespace tools
