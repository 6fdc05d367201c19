// The key of a signed query: from the command line, in the form of dig, or from a file.
#pragma once

#include <memory>
#include <string>

#include "server/keys/key_ring.h"

namespace tools {

enum class SecretFrom : std::uint8_t {
  kText,  // [ALGORITHM:]NAME:SECRET, the secret in base64
  kFile,  // [ALGORITHM:]NAME:FILE, a file that only its owner can read
};

// A ring with one key. The error is a message for the user; it has no secret.
dns::Result<std::shared_ptr<const server::KeyRing>, std::string> parse_key(const std::string& text, SecretFrom from);

// The only key of a ring that parse_key has made, by the same text.
const dns::TsigKey& key_of(const server::KeyRing& ring, const std::string& text);

}  // namespace tools
