// The listeners of UDP and TCP.
//
// UDP has a thread for each worker and address: worker number w of every address runs on CPU number w of this process.
// TCP has threads of their own, each with a socket of every address.
#pragma once

#include <memory>
#include <vector>

#include "server/listen/listeners.h"
#include "server/observe/log.h"

namespace server {

std::vector<std::unique_ptr<Listener>> standard_listeners(const ListenOptions& options, const Log& log);

// UDP threads for each address.
std::size_t udp_workers(const ListenOptions& options);

}  // namespace server
