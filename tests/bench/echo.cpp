// The reference for answering: a server that sends every question back as a response, over UDP and TCP.
//
//     echo PORT        on 127.0.0.1, until killed
//
// Its cost is the kernel's cost for this number of octets, which no server on the same path can avoid. UDP uses batches
// of 32 (recvmmsg blocks for the first packet and takes the others that are present). TCP uses epoll, and answers all
// messages of one read in one write.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <thread>

namespace {

constexpr std::size_t kBatch = 32, kSlot = 2048, kStream = 65537, kHeader = 12;
constexpr int kReceiveBuffer = 4 << 20, kBacklog = 4096;

int open_socket(int kind, std::uint16_t port) {
  const int socket = ::socket(AF_INET, kind, 0);
  const int one = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("echo");
    std::exit(1);
  }
  return socket;
}

void turn_round(std::uint8_t* message, std::size_t size) {
  if (size >= kHeader) message[2] |= 0x80;  // QR: a response
}

[[noreturn]] void echo_datagrams(int socket) {
  static std::array<std::array<std::uint8_t, kSlot>, kBatch> octets;
  static std::array<mmsghdr, kBatch> headers;
  static std::array<iovec, kBatch> parts;
  static std::array<sockaddr_in, kBatch> clients;
  for (;;) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {octets[i].data(), kSlot};
      headers[i].msg_hdr = {&clients[i], sizeof clients[i], &parts[i], 1, nullptr, 0, 0};
    }
    const int count = ::recvmmsg(socket, headers.data(), kBatch, MSG_WAITFORONE, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      parts[at].iov_len = headers[at].msg_len;
      turn_round(octets[at].data(), headers[at].msg_len);
    }
    for (int sent = 0; sent < count;) {
      const int more =
          ::sendmmsg(socket, &headers[static_cast<std::size_t>(sent)], static_cast<unsigned>(count - sent), 0);
      sent += more > 0 ? more : 1;
    }
  }
}

struct Stream {
  std::size_t have = 0;
  std::array<std::uint8_t, kStream> octets;
};

// False if the connection has ended.
bool serve(int socket, Stream& stream) {
  const ssize_t got = ::recv(socket, stream.octets.data() + stream.have, kStream - stream.have, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  stream.have += static_cast<std::size_t>(got);
  std::size_t whole = 0;
  while (stream.have - whole >= 2) {
    const std::size_t size = std::size_t{stream.octets[whole]} << 8 | stream.octets[whole + 1];
    if (stream.have - whole < size + 2) break;
    turn_round(&stream.octets[whole + 2], size);
    whole += size + 2;
  }
  if (whole != 0 && ::send(socket, stream.octets.data(), whole, MSG_NOSIGNAL) < static_cast<ssize_t>(whole))
    return false;
  stream.have -= whole;
  std::memmove(stream.octets.data(), stream.octets.data() + whole, stream.have);
  return true;
}

[[noreturn]] void echo_streams(int listener) {
  const int poll = ::epoll_create1(0);
  std::map<int, Stream> streams;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (std::array<epoll_event, 256> events;;) {
    const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket != listener) {
        if (serve(socket, streams[socket])) continue;
        ::close(socket);
        streams.erase(socket);
        continue;
      }
      for (int client; (client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
        event.data.fd = client;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
      }
    }
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "echo PORT\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::strtoul(words[1], nullptr, 10));
  const int datagrams = open_socket(SOCK_DGRAM, port), listener = open_socket(SOCK_STREAM | SOCK_NONBLOCK, port);
  if (::listen(listener, kBacklog) != 0) return 1;
  std::thread streams([listener] { echo_streams(listener); });
  echo_datagrams(datagrams);
}
