// The messages of a zone transfer (RFC 5936 2.2): the SOA, all records of one version in canonical order, the SOA
// again.
//
// The records are those of the zone as it is stored: also glue and what is below zone cuts (RFC 5936 3.3 and 3.5). The
// addresses of names with client choices are those of everybody else. Names keep their case (3.4). The first message
// has the question, and OPT if the request had it; the others have records only. A message ends at kTransferFill
// octets, because no pointer leads to a name behind that. If its first record alone is larger, it may be as large as
// `out`.
//
// Between two messages it remembers a name, so it costs one descent for each message and no memory. One thread.
#pragma once

#include <optional>
#include <vector>

#include "zone/answer/render.h"
#include "zone/snapshot/zone.h"

namespace dns {

inline constexpr std::size_t kTransferFill = kMaxPointerOffset;  // octets

class TransferMessages {
 public:
  enum class Content : std::uint8_t {
    kZone,
    kSoa,  // only the first SOA: an answer to IXFR (RFC 1995 2 and 4)
  };
  // `zone` has an SOA and must outlive this; `query` and `edns` need not.
  TransferMessages(const Zone& zone, const Query& query, const ResponseEdns& edns, Content content);

  struct Written {
    std::size_t size = 0;  // octets in `out`
    bool last = false;
  };
  // Writes the next message into `out`. Call it until the last one. Nothing: a record does not fit into `out`.
  std::optional<Written> next(MutableBytes out);

  std::uint64_t records() const { return records_; }  // written so far

 private:
  enum class Part : std::uint8_t { kOpening, kZone, kClosing, kDone };

  void write_parts(Writer& writer);
  bool write_zone(Writer& writer);
  bool write_set(Writer& writer, NameView owner, const RrsetView& set);

  const Zone& zone_;
  Content content_;
  Name name_;  // of the question
  Query query_;
  std::vector<std::uint8_t> opt_;  // empty: there is none
  RrsetView soa_;
  Compression compression_;

  Part part_ = Part::kOpening;
  bool first_ = true;
  Name owner_;                // the next one
  std::size_t set_ = 0;       // of it
  std::uint16_t record_ = 0;  // of the set
  std::size_t offset_ = 0;    // of the record, in the packed RDATA
  std::uint64_t records_ = 0;
};

}  // namespace dns
