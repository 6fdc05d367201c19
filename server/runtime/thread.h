// Threads of the server: named for `top -H`, deaf to signals (the main thread hears them), pinned where they are
// workers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace server {

// The CPUs that this process may run on, ascending; at least one.
std::vector<int> allowed_cpus();

struct ThreadOptions {
  std::string name;        // at most 15 octets are kept
  std::optional<int> cpu;  // runs there only; a CPU that was taken away since is no error
  int niceness = 0;        // above 0: gives way to the threads of 0
};

std::jthread start_thread(const ThreadOptions& options, std::function<void()> body);

}  // namespace server
