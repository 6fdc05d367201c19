// ICMP echo over one socket per family, shared by all checks: a reply is read once, however many checks there are.
//
// A ping socket if net.ipv4.ping_group_range permits it, otherwise a raw one (CAP_NET_RAW). Source, device and DSCP are
// set per packet by control messages, so a socket that was opened before privileges were dropped also serves checks
// that are added later. Replies are identified by their token, and count only from the requested address on the
// requested device.
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

  boost::system::error_code open();  // does nothing if it is open
  bool is_open() const { return descriptor_.is_open(); }

  // Sends a request; the socket must be open. `on_reply` is called with its reply; the caller must call `forget` before
  // it is destroyed. Returns 0 on an error, which is in `error`.
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
