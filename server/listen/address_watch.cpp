#include "server/listen/address_watch.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "server/listen/socket.h"
#include "server/runtime/descriptor.h"

namespace server {

bool is_local(const ListenAddress& endpoint) {
  const FileDescriptor socket(::socket(endpoint.address_size == 16 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return false;
  ListenAddress any_port = endpoint;
  any_port.port = 0;
  sockaddr_storage address;
  const socklen_t size = to_sockaddr(any_port, address);
  return size != 0 && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

AddressWatch::AddressWatch(std::vector<ListenAddress> endpoints, IsPresent is_present)
    : is_present_(std::move(is_present)) {
  for (ListenAddress& endpoint : endpoints) endpoints_.emplace_back(std::move(endpoint), true);
}

std::vector<AddressWatch::Change> AddressWatch::update() {
  std::vector<Change> changes;
  for (auto& [endpoint, present] : endpoints_)
    if (is_present_(endpoint) != present) {
      present = !present;
      changes.push_back({endpoint, present});
    }
  return changes;
}

std::vector<ListenAddress> AddressWatch::absent() const {
  std::vector<ListenAddress> absent;
  for (const auto& [endpoint, present] : endpoints_)
    if (!present) absent.push_back(endpoint);
  return absent;
}

}  // namespace server
