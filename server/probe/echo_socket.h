// ICMP echo over one socket a family, whoever probes: however many checks there are, a reply is read once.
//
// A ping socket where net.ipv4.ping_group_range lets us have one, else a raw one (CAP_NET_RAW). Source, device and DSCP
// go with each packet as control messages, so that sockets which were opened before privileges were dropped serve
// checks that came later. Replies are told apart by their token and count only from the address asked, on the device
// asked.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <unordered_map>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "server/probe/echo_packet.h"
#include "server/probe/options.h"

namespace server {

class EchoSocket {
 public:
  using OnReply = std::function<void()>;
  using Token = std::uint64_t;

  EchoSocket(boost::asio::io_context& context, EchoFamily family);

  boost::system::error_code open();  // does nothing where it is open
  bool is_open() const { return descriptor_.is_open(); }

  // On an open socket. Sends a request, and remembers whom to call when its reply comes; `forget` before the caller
  // goes. 0: `error` says why not.
  Token send(const CheckOptions& check, OnReply on_reply, boost::system::error_code& error);
  void forget(Token token) { waiting_.erase(token); }

 private:
  struct Waiting {
    boost::asio::ip::address target;
    unsigned device = 0;  // index; 0: any
    OnReply on_reply;
  };
  void listen();
  void read_all();
  bool read_one();

  boost::asio::posix::stream_descriptor descriptor_;
  EchoFamily family_;
  EchoFraming framing_ = EchoFraming::kMessage;
  std::uint16_t identifier_, sequence_ = 0;
  std::mt19937_64 random_;
  std::unordered_map<Token, Waiting> waiting_;
  bool listening_ = false;
};

}  // namespace server
