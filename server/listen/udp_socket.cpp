#include "server/listen/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <thread>
#include <utility>

namespace server {
namespace {

class KernelUdpSocket final : public UdpSocket {
 public:
  explicit KernelUdpSocket(FileDescriptor socket) : socket_(std::move(socket)) {}

  int receive(std::span<mmsghdr> messages, int flags) override {
    return ::recvmmsg(socket_.get(), messages.data(), static_cast<unsigned>(messages.size()), flags, nullptr);
  }
  int send(std::span<mmsghdr> messages) override {
    return ::sendmmsg(socket_.get(), messages.data(), static_cast<unsigned>(messages.size()), MSG_DONTWAIT);
  }
  void set_gro(int enabled) override { ::setsockopt(socket_.get(), SOL_UDP, UDP_GRO, &enabled, sizeof enabled); }
  // On an unconnected socket shutdown() returns an error. It still wakes the blocked receiver, now and later, because
  // Linux marks the socket first.
  void shut_down() override { ::shutdown(socket_.get(), SHUT_RD); }
  void pause(std::chrono::milliseconds time) override { std::this_thread::sleep_for(time); }

 private:
  FileDescriptor socket_;
};

}  // namespace

std::unique_ptr<UdpSocket> udp_socket(FileDescriptor socket) {
  return std::make_unique<KernelUdpSocket>(std::move(socket));
}

}  // namespace server
