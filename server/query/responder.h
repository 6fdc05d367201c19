// From the octets of a query and its client to the octets of the reply, for all transports. Listeners in listen/ call
// it.
//
//     parse -> filter (filter.h: an ordered list of stages) -> look up -> plan -> write_fast, or solve and render ->
//     count
//
// A batch goes through each step together: all are parsed and classified, all are looked up together so that their
// cache misses overlap, then each is answered. A single query is a batch of one.
//
// Each worker has one responder: it owns the scratch space of a query (an Answer, the keys and lookups of the batch,
// the compression table) and uses the worker's counters. It allocates only at construction. It does not lock, log or
// throw.
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

// The address of a client or of the server: IPv4 as four octets, IPv6 as sixteen.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t address_size = 0;  // 4 or 16
  std::uint16_t port = 0;
};

struct Inbound {
  dns::Bytes bytes;
  Endpoint client;
  Endpoint local;  // the address of the server that was asked; its port is not used
  Transport transport = Transport::kUdp;
};

inline constexpr std::size_t kMaxNsid = 128;  // octets; a longer one would leave too little of 512 octets

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

  // Writes the reply into `out` (65,535 octets on TCP; at least udp_size_max on UDP) and returns its size; 0: no reply.
  std::size_t respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out);

  struct Slot {
    Inbound inbound;
    dns::MutableBytes out;
    std::size_t size = 0;  // result: octets of the reply, 0 for no reply
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
  Reply render(const Slot& slot, const dns::Query& query, dns::MutableBytes out);
  Reply reply(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup, const dns::Snapshot& snapshot);
  dns::ResponseEdns response_edns(const dns::Query& query, std::uint16_t extended_error);
  dns::Bytes prebuilt_opt(const dns::Query& query) const;
  void count(const Slot& slot, dns::Rcode rcode);
  void count_fast(std::span<const Slot> batch, std::size_t count);

  // Immutable after construction.
  std::uint16_t udp_size_max_;
  std::string nsid_;
  ChaosResponder chaos_;
  // The OPT records of replies without an error, by whether the query has DO and NSID.
  struct PrebuiltOpt {
    std::array<std::uint8_t, dns::kOptSize + 4 + kMaxNsid> octets;
    std::size_t size = 0;
  };
  std::array<PrebuiltOpt, 4> prebuilt_opts_;
  Counters& counters_;

  // Scratch space of one batch, and of one query.
  std::unique_ptr<QueryState[]> states_;
  std::unique_ptr<dns::BatchLookup[]> starts_;  // of states_, by index
  std::unique_ptr<dns::Answer> answer_;
  std::unique_ptr<dns::Compression> compression_;
  std::unique_ptr<std::uint8_t[]> largest_;  // kMaxMessage octets: a reply as it would be over TCP
  std::array<std::uint8_t, dns::kMaxResponseOptions> edns_options_{};
};

}  // namespace server
