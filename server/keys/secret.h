// A shared secret: where it comes from, and how long it stays in memory.
//
// The octets are overwritten when a Secret is destroyed or replaced. There is no function that prints one. Error texts
// name the file and the reason, never what the file contains. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace server {

inline constexpr std::size_t kMaxSecret = 512;       // octets; more do not make a key stronger
inline constexpr std::size_t kShortSecret = 16;      // octets: a shorter secret can be guessed (RFC 8945 8)
inline constexpr std::size_t kMaxSecretFile = 4096;  // octets

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::vector<std::uint8_t> octets) : octets_(std::move(octets)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) {}
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  dns::Bytes octets() const { return octets_; }
  // In a time that depends only on the sizes.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  void clear();
  std::vector<std::uint8_t> octets_;
};

// Base64 (RFC 4648 4), with spaces and line ends between its characters: 1 to kMaxSecret octets. The error says what is
// wrong, without the text.
dns::Result<Secret, std::string> parse_secret(std::string_view text);

// Reads the text of a secret: a file of this host that only its owner can read or write (mode 0600 or less). The error
// says why it cannot be used.
dns::Result<std::string, std::string> read_secret_file(const std::string& path);

}  // namespace server
