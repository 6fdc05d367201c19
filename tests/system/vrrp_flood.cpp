// Sends Ethernet frames from an interface as fast as possible or at a fixed rate, to load a receiver.
//
//     vrrp_flood INTERFACE SECONDS RATE < FRAMES      RATE in frames a second, 0: as fast as possible
//
// FRAMES has one frame a line in hexadecimal. The program sends them in turn and prints their number. It needs
// CAP_NET_RAW.
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Frame = std::vector<std::uint8_t>;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMinEthernet = 14;

std::vector<Frame> read_frames(std::istream& in) {
  std::vector<Frame> frames;
  for (std::string line; std::getline(in, line);) {
    Frame frame;
    for (std::size_t at = 0; at + 1 < line.size(); at += 2) {
      frame.push_back(static_cast<std::uint8_t>(std::stoul(line.substr(at, 2), nullptr, 16)));
    }
    if (frame.size() >= kMinEthernet) frames.push_back(std::move(frame));
  }
  return frames;
}

int open_sender(const char* interface) {
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  const int bypass = 1;
  if (fd < 0 || address.sll_ifindex == 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("vrrp_flood");
    std::exit(1);
  }
  ::setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass);  // faster if the kernel supports it
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: vrrp_flood INTERFACE SECONDS RATE < FRAMES\n";
    return 2;
  }
  std::vector<Frame> frames = read_frames(std::cin);
  const double seconds = std::stod(argv[2]), rate = std::stod(argv[3]);
  if (frames.empty()) return 2;
  const int fd = open_sender(argv[1]);

  std::array<iovec, kBatch> vectors{};
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::uint64_t sent = 0;
  const auto began = Clock::now();
  const auto end = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      Frame& frame = frames[(sent + i) % frames.size()];
      vectors[i] = {frame.data(), frame.size()};
    }
    const int count = ::sendmmsg(fd, messages.data(), kBatch, 0);
    if (count > 0) {
      sent += static_cast<std::uint64_t>(count);
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds{50});  // the queue is full
    }
    if (rate > 0)
      std::this_thread::sleep_until(began + std::chrono::duration<double>(static_cast<double>(sent) / rate));
  }
  const double taken = std::chrono::duration<double>(Clock::now() - began).count();
  std::cout << sent << " frames in " << taken << " s, " << static_cast<std::uint64_t>(static_cast<double>(sent) / taken)
            << "/s\n";
  return 0;
}
