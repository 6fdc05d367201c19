// What a person, or a log collector, is told while the server starts and reloads.
//
// The first lines stand on standard output: time to ready, zones, addresses, and a dig line to paste that is answered.
// Faults of zone files go to standard error, as `check` shows them; with the log in JSON all of it is one object a line.
// Called by the server on its store's thread only.
#pragma once

#include <string>

#include "server/config/config.h"
#include "server/server.h"
#include "tools/terminal.h"

namespace tools {

// A question that the zones answer, to paste: the friendlier the name, the higher its rank.
struct Sample {
  int rank = 0;      // 0: none
  std::string name;  // absolute
  std::string type;
};

class Narrator final : public server::Watcher {
 public:
  // `config` is what is served by, and outlives it.
  explicit Narrator(const server::LoadedConfig& config) : config_(config), format_(config.options.log.format) {}

  void zone(const server::ZoneReport& report) override;
  void trouble(const std::string&) override {}  // the log has said it
  void progress(std::size_t done, std::size_t total) override;
  std::string objection(const dns::Snapshot& zones) override;
  void ready(const server::Ready& ready) override;

 private:
  void tell(const dns::Diagnostics& faults, const dns::Sources& sources) const;
  void print_ready(const server::Ready& ready) const;
  void print_ready_json(const server::Ready& ready) const;

  const server::LoadedConfig& config_;
  const server::LogFormat format_;
  Progress progress_;
  Sample sample_;
};

}  // namespace tools
