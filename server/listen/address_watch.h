// Which of the listen addresses this machine has: for `absent-addresses = "wait"`.
//
// A socket can be bound to an address that the machine does not have (IP_FREEBIND), and the kernel does not say when
// the address comes or goes. So `update` asks again. One thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "server/listen/endpoint.h"

namespace server {

// True if this machine has the address. Opens a socket; false also if that fails.
bool is_local(const ListenAddress& endpoint);

class AddressWatch {
 public:
  using IsPresent = std::function<bool(const ListenAddress&)>;

  explicit AddressWatch(std::vector<ListenAddress> endpoints, IsPresent is_present = is_local);

  struct Change {
    ListenAddress endpoint;
    bool present = false;
  };
  // Since the last call. The first one reports the addresses that are absent.
  std::vector<Change> update();
  std::vector<ListenAddress> absent() const;

 private:
  std::vector<std::pair<ListenAddress, bool>> endpoints_;  // and whether it was present
  IsPresent is_present_;
};

}  // namespace server
