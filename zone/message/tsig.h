// The TSIG record of a message (RFC 8945): finds it, splits it into its fields, gives the octets that its MAC covers to
// a MAC function, and appends a new one.
//
//     | header, ARCOUNT n | question ... | other records | key TSIG ANY 0: algorithm, time, fudge, MAC, ID, error |
//       '-- covered with ARCOUNT n-1 and the original ID --'  '-- covered without MAC and ID, names in lower case --'
//
// Pure: the MAC function is handed in (Mac), and so is the time. Nothing here compares or keeps secrets. No allocation.
#pragma once

#include <memory>
#include <optional>

#include "zone/message/message.h"

namespace dns {

inline constexpr std::size_t kMaxMac = 64;           // octets, of HMAC-SHA-512
inline constexpr std::uint16_t kTsigFudge = 300;     // seconds (RFC 8945 10)
inline constexpr std::size_t kMaxTsigKeyName = 127;  // octets: header, longest question and TSIG then fit 512

// The error field (RFC 8945 3).
enum class TsigError : std::uint16_t { kNone = 0, kBadSig = 16, kBadKey = 17, kBadTime = 18, kBadTrunc = 22 };

// The fields of a TSIG record. The names are copies; MAC and other data are borrowed.
struct TsigRecord {
  Name key, algorithm;
  std::uint64_t time = 0;  // when it was signed: seconds since 1970, 48 bits
  std::uint16_t fudge = kTsigFudge;
  Bytes mac{};
  std::uint16_t original_id = 0;
  TsigError error = TsigError::kNone;  // other values are kept as they are
  Bytes other{};                       // of BADTIME: the time of the server
};

// Computes one MAC. Whoever implements it has the key.
class Mac {
 public:
  virtual ~Mac() = default;
  virtual void add(Bytes octets) = 0;
  // Writes at most kMaxMac octets and returns their number; 0 if it cannot be computed. Once.
  virtual std::size_t finish(std::span<std::uint8_t, kMaxMac> out) = 0;
};

// A key, without its secret. Immutable; any thread.
class TsigKey {
 public:
  virtual ~TsigKey() = default;
  virtual NameView name() const = 0;
  virtual std::uint16_t number() const = 0;  // from 1; for access rules
  virtual NameView algorithm() const = 0;    // its name in messages, in lower case
  virtual std::size_t mac_size() const = 0;  // octets
  virtual std::unique_ptr<Mac> start() const = 0;
};

// All keys of a server. Immutable; any thread.
class TsigKeys {
 public:
  virtual ~TsigKeys() = default;
  virtual const TsigKey* find(NameView name) const = 0;  // null: unknown
  virtual bool equals(const TsigKeys& other) const = 0;  // the same names, algorithms and secrets
};

enum class TsigPresence : std::uint8_t {
  kNone,
  kLast,       // one, as the last record
  kMalformed,  // at another place, twice, with octets behind it, or not as RFC 8945 4.2 says; or the message is damaged
};

struct TsigSearch {
  TsigPresence presence = TsigPresence::kNone;
  std::size_t at = 0;  // of kLast: the offset of the record
};

// Looks for the record. O(records).
TsigSearch find_tsig(Bytes message);

// The fields of the record at `at`, which must be as find_tsig says. Nothing if it is not one.
std::optional<TsigRecord> read_tsig(Bytes message, std::size_t at);

// Adds what a MAC covers of a message whose TSIG record is at `end`, or will be there (RFC 8945 4.3.2). `additionals`
// is the number of additional records without TSIG.
void cover_message(Mac& mac, Bytes message, std::size_t end, std::uint16_t original_id, std::uint16_t additionals);
// Adds the fields of the record (RFC 8945 4.3.3).
void cover_variables(Mac& mac, const TsigRecord& record);
// Adds the fields that the MACs of later messages of a stream cover (RFC 8945 5.3.1).
void cover_timers(Mac& mac, const TsigRecord& record);
// Adds an earlier MAC with its length (RFC 8945 4.3.1, 5.3.1).
void cover_prior(Mac& mac, Bytes prior);

// Octets of the record.
std::size_t tsig_size(const TsigRecord& record);
// Appends the record to the message of `size` octets in `out`, which has room for it, and counts it. Returns the new
// size.
std::size_t append_tsig(MutableBytes out, std::size_t size, const TsigRecord& record);

}  // namespace dns
