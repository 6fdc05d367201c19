#include <array>
#include <random>

#include <boost/asio/buffer.hpp>

#include "server/probe/dns_reply.h"
#include "server/probe/echo_socket.h"
#include "server/probe/measurements.h"
#include "server/probe/probe.h"
#include "server/probe/socket.h"
#include "server/probe/stamp.h"
#include "zone/message/message.h"

namespace server {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

class IcmpProbe : public Probe {
 public:
  IcmpProbe(asio::io_context& context, const CheckOptions& check, OnResult on_result, EchoSocket& socket)
      : Probe(context, check, std::move(on_result)), socket_(socket) {}

 private:
  void run() override {
    error_code error = socket_.open();
    if (error) return finish_unknown(error.message());  // not permitted: says nothing about the target
    token_ = socket_.send(check(), [self = self<IcmpProbe>()] { self->on_reply(); }, error);
    if (error) fail(error);
  }
  void close() override {
    if (token_ != 0) socket_.forget(std::exchange(token_, 0));
  }
  void on_reply() {
    token_ = 0;
    const Duration round_trip = elapsed();
    succeed(to_text(round_trip), round_trip);
  }

  EchoSocket& socket_;
  EchoSocket::Token token_ = 0;
};

// Sends one packet from its own socket and checks what comes back until a reply matches. A late reply to an earlier
// probe finds its socket closed, and also has another identity.
class DatagramProbe : public Probe {
 public:
  DatagramProbe(asio::io_context& context, const CheckOptions& check, OnResult on_result)
      : Probe(context, check, std::move(on_result)), socket_(context) {}

 private:
  virtual std::vector<std::uint8_t> request() = 0;
  // Nothing if the packet is not the reply.
  virtual std::optional<ProbeResult> evaluate(dns::Bytes packet, Duration round_trip) = 0;

  void run() override {
    error_code error = open_for(socket_, check(), port_of(monitor()));
    if (!error) socket_.send(asio::buffer(request()), 0, error);
    if (error) return fail(error);
    receive();
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  void receive() {
    socket_.async_receive(asio::buffer(packet_),
                          [self = self<DatagramProbe>()](const error_code& error, std::size_t size) {
                            if (self->done()) return;
                            if (error) return self->fail(error);
                            if (auto result = self->evaluate(dns::Bytes(self->packet_).first(size), self->elapsed()))
                              return self->finish(std::move(*result));
                            self->receive();
                          });
  }

  udp::socket socket_;
  std::array<std::uint8_t, dns::kDefaultUdpSize + kMaxStampSize> packet_;
};

class DnsProbe : public DatagramProbe {
 public:
  using DatagramProbe::DatagramProbe;

 private:
  std::vector<std::uint8_t> request() override {
    std::random_device random;
    question_ = {
        .id = static_cast<std::uint16_t>(random()), .name = monitor().query_name, .type = monitor().query_type};
    return encode(question_);
  }
  std::optional<ProbeResult> evaluate(dns::Bytes packet, Duration round_trip) override {
    auto result = evaluate_dns_reply(packet, question_, monitor().expect);
    if (result && result->outcome == Outcome::kOk) result->measurements.latency = round_trip;
    return result;
  }

  DnsProbeQuestion question_;
};

class StampProbe : public DatagramProbe {
 public:
  using DatagramProbe::DatagramProbe;

 private:
  std::vector<std::uint8_t> request() override {
    request_ = {.sequence = 0,
                .sent = ntp_time(std::chrono::system_clock::now())};  // each socket is a session of its own
    const auto packet = encode(request_);
    return {packet.begin(), packet.end()};
  }
  std::optional<ProbeResult> evaluate(dns::Bytes packet, Duration round_trip) override {
    const auto reply = parse_stamp_reply(packet, request_);
    if (!reply) return std::nullopt;
    // A residence time longer than the round trip is an error of the reflector: use the whole round trip.
    const Duration path = reply->residence <= round_trip ? round_trip - reply->residence : round_trip;
    return ProbeResult{
        .outcome = Outcome::kOk, .measurements = {.latency = path, .jitter = {}, .loss = {}}, .detail = to_text(path)};
  }

  StampRequest request_;
};

}  // namespace

std::shared_ptr<Probe> make_icmp(asio::io_context& context, const CheckOptions& check, OnResult on_result,
                                 EchoSocket& socket) {
  return std::make_shared<IcmpProbe>(context, check, std::move(on_result), socket);
}

std::shared_ptr<Probe> make_dns(asio::io_context& context, const CheckOptions& check, OnResult on_result) {
  return std::make_shared<DnsProbe>(context, check, std::move(on_result));
}

std::shared_ptr<Probe> make_stamp(asio::io_context& context, const CheckOptions& check, OnResult on_result) {
  return std::make_shared<StampProbe>(context, check, std::move(on_result));
}

}  // namespace server
