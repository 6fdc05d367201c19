// Any octets as netlink datagrams: nothing outside them is read, and an unknown interface is not usable.
#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "server/vrrp/netlink_sync.h"

namespace {

// Delivers the input once, as one datagram.
class OneDatagram : public server::NetlinkChannel {
 public:
  explicit OneDatagram(dns::Bytes octets) : octets_(octets) {}
  dns::Result<std::size_t, int> receive(std::span<std::uint8_t> buffer) override {
    if (octets_.empty()) return dns::Failure<int>(EAGAIN);
    const std::size_t size = std::min(octets_.size(), buffer.size());
    std::copy_n(octets_.begin(), size, buffer.begin());
    octets_ = {};
    return size;
  }
  dns::Result<void, int> send(dns::Bytes) override { return {}; }
  std::uint32_t port() const override { return 0; }

 private:
  dns::Bytes octets_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  server::HostAddresses host;
  const std::vector<boost::asio::ip::address> vips{boost::asio::ip::make_address("192.0.2.1")};
  dns::Bytes rest(data, size);
  while (const auto message = server::take_netlink_message(rest)) host.apply(message->type, message->body);
  if (host.state_of(vips) == server::VipState::kUnknown || host.is_usable(0)) std::abort();
  OneDatagram channel({data, size});
  const server::Instant now{std::chrono::hours{1}};
  server::NetlinkSync sync(channel, now);
  sync.advance(now);
  sync.advance(now + std::chrono::seconds{1});
  if (sync.current() != nullptr) std::abort();  // no dump was complete
  return 0;
}
