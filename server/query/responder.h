// Bytes and a client in, a reply out: the one way to an answer, whatever the transport. Listeners in listen/ call it.
//
//     parse -> filter (filter.h: an ordered list of stages) -> descend -> plan -> compose, or solve and render -> count
//
// A batch goes through it side by side: all are parsed and classified, all descend together with their cache misses
// overlapped, then each is answered. One query is a batch of one: there is no second way.
//
// One responder a worker: it owns the scratch space of a query (an Answer, the batch's keys and descents, the
// compression table) and its counters. It allocates when made and never after; nothing here locks, logs or throws.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "server/observe/counters.h"
#include "server/query/chaos.h"
#include "server/query/filter.h"
#include "zone/fastpath/fastpath.h"

namespace server {

enum class Transport : std::uint8_t { kUdp, kTcp };

// A client's or our own address: IPv4 as four octets, IPv6 as sixteen.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t address_size = 0;  // 4 or 16
  std::uint16_t port = 0;
};

struct Inbound {
  dns::Bytes bytes;
  Endpoint client;
  Endpoint local;  // the address of ours that was asked; its port does not matter
  Transport transport = Transport::kUdp;
};

inline constexpr std::size_t kMaxNsid = 128;  // octets; more would crowd out answers of 512 octets

struct ResponderOptions {
  std::uint16_t udp_size_max = dns::kDefaultUdpSize;  // octets, 512 to 4096
  std::string version;                                // answer to version.bind. CH TXT; empty: REFUSED
  std::string identity;                               // answer to id.server. and hostname.bind. CH TXT; empty: REFUSED
  std::string nsid;                                   // octets of the NSID option, at most kMaxNsid; empty: not sent
};

class Responder {
 public:
  Responder(const ResponderOptions& options, Counters& counters);
  ~Responder();

  // Writes the reply into `out` (65,535 octets on TCP; at least udp_size_max on UDP) and returns its size; 0: say
  // nothing.
  std::size_t respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out);

  struct Slot {
    Inbound inbound;
    dns::MutableBytes out;
    std::size_t size = 0;  // set: octets of the reply, 0 for silence
  };
  // The same for a batch of any size, all of one transport.
  void respond(std::span<Slot> batch, const dns::Snapshot& snapshot);

 private:
  struct QueryState;

  void respond_batch(std::span<Slot> batch, const dns::Snapshot& snapshot);
  static void parse(const Inbound& inbound, QueryState& state, dns::BatchLookup& entry);
  struct Reply {
    std::size_t size = 0;
    dns::Rcode rcode = dns::Rcode::NOERROR;
  };
  std::size_t reply_fast(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup,
                         const dns::ViewTable* views);
  Reply reply(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup, const dns::Snapshot& snapshot);
  dns::ResponseEdns response_edns(const dns::Query& query, std::uint16_t extended_error);
  dns::Bytes prebuilt_opt(const dns::Query& query) const;
  void count(const Slot& slot, dns::Rcode rcode);
  void count_fast(std::span<const Slot> batch, std::size_t count);

  // Immutable after construction.
  std::uint16_t udp_size_max_;
  std::string nsid_;
  ChaosResponder chaos_;
  // The OPT record of a reply without an error, ready: by whether DO and NSID were asked for.
  struct PrebuiltOpt {
    std::array<std::uint8_t, dns::kOptSize + 4 + kMaxNsid> octets;
    std::size_t size = 0;
  };
  std::array<PrebuiltOpt, 4> prebuilt_opts_;
  Counters& counters_;

  // Scratch of one batch, and of one query of it.
  std::unique_ptr<QueryState[]> states_;
  std::unique_ptr<dns::BatchLookup[]> starts_;  // of states_, by index
  std::unique_ptr<dns::Answer> answer_;
  std::unique_ptr<dns::Compression> compression_;
  std::array<std::uint8_t, dns::kMaxResponseOptions> edns_options_{};
};

}  // namespace server
