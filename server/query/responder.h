// From the octets of a query and its client to the octets of the reply, for all transports. Listeners in listen/ call
// it.
//
//     parse -> classify (classify.h) -> look up -> filters (filter.h) -> plan -> write_fast, or the handler of the
//     opcode (handler.h) -> filters -> count
//
// A request with a TSIG record (RFC 8945) is verified before the first filter, and its reply is signed behind the last
// one. What the filters and handlers may write leaves room for the signature.
//
// A batch goes through each step together: all are parsed and classified, all are looked up together so that their
// cache misses overlap, then each is answered. A single query is a batch of one.
//
// Each worker has one responder: it owns the scratch space of a query (the keys and lookups of the batch), the worker's
// handlers and filters, and uses the worker's counters. It allocates only at construction, for signatures, and where a
// handler returns a Stream or takes the request. It does not lock, log or throw.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "server/observe/counters.h"
#include "server/query/late_reply.h"
#include "server/query/reply_edns.h"
#include "server/query/request_tables.h"
#include "zone/fastpath/fastpath.h"

namespace server {

class Responder {
 public:
  // What handlers may use of the worker; see RequestView.
  struct Worker {
    ReplyPort* port = nullptr;
    Pins* pins = nullptr;
  };
  Responder(const ResponderOptions& options, Counters& counters, const RequestTables& tables = standard_tables())
      : Responder(options, counters, tables, Worker{}) {}
  Responder(const ResponderOptions& options, Counters& counters, const RequestTables& tables, Worker worker);
  ~Responder();

  // Writes the reply into `out` (65,535 octets on TCP; at least udp_size_max on UDP) and returns its size; 0: no reply.
  std::size_t respond(const Inbound& inbound, const dns::Snapshot& snapshot, dns::MutableBytes out);

  struct Slot {
    Inbound inbound;
    dns::MutableBytes out;
    std::size_t size = 0;  // result: octets of the reply, 0 for no reply
    // Set by a Stream and by Later; the worker takes the stream and sets `later` to false.
    std::unique_ptr<ReplyStream> stream{};
    bool later = false;
  };
  // The same for a batch of any size, all of one transport.
  void respond(std::span<Slot> batch, const dns::Snapshot& snapshot);

  // Tells the handlers that the server ends.
  void drain();

 private:
  struct QueryState;
  enum class FastPath : std::uint8_t { kNotTried, kTried };

  void respond_batch(std::span<Slot> batch, const dns::Snapshot& snapshot);
  void parse(const Inbound& inbound, QueryState& state, dns::BatchLookup& entry) const;
  Disposition classify_special(const Inbound& inbound, QueryState& state) const;
  Disposition read_zone(const Inbound& inbound, dns::ParsedQuery& parsed) const;
  std::size_t write_fast(const Slot& slot, const QueryState& state, const dns::ZoneLookup& lookup,
                         const dns::ViewTable* views, std::size_t limit) const;
  RequestView view_of(const Slot& slot, const QueryState& state, const dns::BatchLookup& start,
                      const dns::Snapshot& snapshot) const;
  void reply(Slot& slot, const QueryState& state, const dns::BatchLookup& start, const dns::Snapshot& snapshot,
             FastPath fast);
  RequestOutcome reply_signed(RequestView& request, const Slot& slot, const QueryState& state);
  RequestOutcome sign(RequestOutcome reply, const RequestView& request, const Slot& slot, std::size_t limit);
  RequestOutcome answer_filtered(RequestView& request, const Slot& slot, const QueryState& state,
                                 const Disposition& unfiltered);
  RequestOutcome answer(const RequestView& request, const Disposition& disposition);
  dns::Bytes prebuilt_opt(const dns::Query& query) const;
  void settle(Slot& slot, Drop);
  void settle(Slot& slot, const Sent& sent);
  void settle(Slot& slot, Stream& stream);
  void settle(Slot& slot, Later);
  void count_fast(std::span<const Slot> batch, std::size_t count);

  // Immutable after construction.
  std::uint16_t udp_size_max_;
  bool filter_all_ = false;  // some filter sees all requests
  // The OPT records of replies without an error, by whether the query has DO and NSID.
  struct PrebuiltOpt {
    std::array<std::uint8_t, dns::kOptSize + 4 + kMaxNsid> octets;
    std::size_t size = 0;
  };
  std::array<PrebuiltOpt, 4> prebuilt_opts_;
  Counters& counters_;
  UnixClock clock_;
  Worker worker_;

  ReplyEdns edns_;  // of errors
  struct Handler {
    dns::Operation operation{};
    std::unique_ptr<OpcodeHandler> handler;  // null: NOTIMP
  };
  static constexpr std::size_t kOpcodes = 16;  // of a field of four bits (RFC 1035 4.1.1)
  std::array<Handler, kOpcodes> handlers_;     // by opcode
  std::unique_ptr<OpcodeHandler> transfers_;   // of QUERY; null: NOTIMP
  std::vector<std::unique_ptr<Filter>> filters_;

  // Scratch space of one batch.
  std::unique_ptr<QueryState[]> states_;
  std::unique_ptr<dns::BatchLookup[]> starts_;  // of states_, by index
  TsigSession session_;                         // of one request
};

}  // namespace server
