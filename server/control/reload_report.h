// What a reload did, for `waymark reload`: the lines that it logs, and the places of what it refused.
//
// Filled by the main thread, then by the store's thread; a value.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace server {

struct ReloadReport {
  std::vector<std::string> lines;
  bool refused = false;  // a part of the new state is not in effect: the configuration, a zone or a managed name

  void add(std::string line) { lines.push_back(std::move(line)); }
  void refuse(std::string line) {
    refused = true;
    add(std::move(line));
  }
};

// A reload that somebody waits for. `done` is called once, on any thread, unless the server ends before.
struct ReloadRequest {
  ReloadReport report;
  std::function<void(const ReloadReport&)> done;  // empty: nobody waits
};
// Shared: the reload passes from thread to thread, some of them in closures that are copied.
using ReloadRequestPtr = std::shared_ptr<ReloadRequest>;

}  // namespace server
