// The TSIG keys of a server: an immutable set, found by name.
//
// Each key has one HMAC context of OpenSSL that has been given the secret. A MAC starts as a copy of it, so the secret
// is prepared once and not for each message. Any thread may start MACs. A ring belongs to the policies of a snapshot
// (zone/snapshot/policy.h): a reload replaces keys and access rules in one step.
#pragma once

#include <memory>
#include <vector>

#include "server/keys/algorithm.h"
#include "server/keys/secret.h"

namespace server {

struct KeyOptions {
  dns::Name name;  // at most kMaxTsigKeyName octets
  const TsigAlgorithm* algorithm = &kTsigAlgorithms.front();
  Secret secret;

  friend bool operator==(const KeyOptions&, const KeyOptions&) = default;
};

inline constexpr std::size_t kMaxKeys = 10'000;

class KeyRing final : public dns::TsigKeys {
 public:
  // At most kMaxKeys, with different names. Throws std::runtime_error if this host's OpenSSL does not have an
  // algorithm.
  explicit KeyRing(std::vector<KeyOptions> keys);
  ~KeyRing() override;

  const dns::TsigKey* find(dns::NameView name) const override;  // O(log keys)
  bool equals(const TsigKeys& other) const override;

 private:
  class Key;
  std::vector<std::unique_ptr<const Key>> keys_;  // in canonical order of their names
};

// True if the algorithm works on this host: some forbid HMAC with MD5.
bool is_available(const TsigAlgorithm& algorithm);

}  // namespace server
