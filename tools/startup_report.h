// What a person, or a log collector, is told while the server starts and reloads.
//
// The first lines stand on standard output: time to ready, zones, addresses, and a dig line to paste that is answered.
// Faults of zone files go to standard error, as `check` shows them; with the log in JSON all of it is one object a
// line. Called by the server on its store's thread only.
#pragma once

#include <string>

#include "server/config/config.h"
#include "server/server.h"
#include "tools/cli/terminal.h"

namespace tools {

// A question that the zones answer, to paste: the friendlier the name, the higher its rank.
struct ExampleQuery {
  int rank = 0;      // 0: none
  std::string name;  // absolute
  std::string type;
};

class StartupReport final : public server::ServerObserver {
 public:
  // `config` is what is served by, and outlives it.
  explicit StartupReport(const server::LoadedConfig& config) : config_(config), format_(config.options.log.format) {}

  void on_zone(const server::ZoneReport& report) override;
  void on_error(const std::string&) override {}  // the log has said it
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
