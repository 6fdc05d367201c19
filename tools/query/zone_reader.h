// Reads the messages of a zone transfer (RFC 5936 2.2) and checks that they are a whole zone. For `query`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/keys/tsig_client.h"
#include "zone/message/parsed.h"

namespace tools {

class ZoneReader {
 public:
  // `key`: null if the request was not signed. `client` has signed it otherwise, and must stay.
  explicit ZoneReader(server::TsigClient* client) : client_(client) {}

  enum class Step : std::uint8_t {
    kMore,
    kComplete,
    kRefused,  // the first message has an RCODE
    kFailed,   // see `fault`
  };
  // Takes the next message.
  Step read(dns::Bytes octets);
  // The messages that are certain: with a key, those up to the last signature. Each once.
  std::vector<dns::ParsedMessage> take() { return std::exchange(certain_, {}); }
  const std::string& fault() const { return fault_; }
  std::uint64_t records() const { return records_; }
  std::uint64_t messages() const { return messages_; }

 private:
  Step fail(std::string why);
  Step read_records(const std::vector<dns::ParsedRecord>& records);

  server::TsigClient* client_;
  std::optional<dns::ParsedRecord> soa_;  // the first record
  std::vector<dns::ParsedMessage> waiting_, certain_;
  std::string fault_;
  std::uint64_t records_ = 0, messages_ = 0;
};

}  // namespace tools
