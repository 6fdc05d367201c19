// The startup report of `waymark serve`, and the errors of zone files at each load.
//
// The report goes to standard output: startup time, zones, addresses, and a dig command that the server answers. The
// diagnostics of zone files go to standard error, in the format of `check`. If the log format is JSON, the report and
// each diagnostic are one JSON object per line. The server calls it on the store's thread only, which does not wait for
// a reader of this output.
#pragma once

#include <optional>
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
  // `config` is the server's configuration; both must outlive this object.
  StartupReport(const server::LoadedConfig& config, server::LineWriter& standard_error)
      : config_(config), format_(config.options.log.format), standard_error_(standard_error) {}

  void on_zone(const server::ZoneReport& report) override;
  void on_error(const std::string&) override {}  // the server has logged it
  void on_progress(std::size_t done, std::size_t total) override;
  std::string config_error(const dns::Snapshot& zones) override;
  void on_ready(const server::StartupInfo& info) override;

 private:
  void print_diagnostics(const dns::Diagnostics& diagnostics, const dns::Sources& sources) const;
  bool waits_for(const server::ListenAddress& address) const;
  std::string ready_text(const server::StartupInfo& info) const;
  std::string ready_json(const server::StartupInfo& info) const;

  const server::LoadedConfig& config_;
  const server::LogFormat format_;
  server::LineWriter& standard_error_;
  std::optional<server::LineWriter> standard_output_;  // from `on_ready` on
  Progress progress_;
  ExampleQuery example_;
};

}  // namespace tools
