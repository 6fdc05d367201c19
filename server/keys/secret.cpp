#include "server/keys/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/crypto.h>

#include "server/runtime/descriptor.h"

namespace server {
namespace {

constexpr unsigned kBitsOfCharacter = 6;
constexpr mode_t kOthers = 077;

// The value of a character of base64, or -1.
int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

dns::Failure<std::string> failure(const char* text) { return dns::Failure<std::string>(text); }

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  clear();
  octets_ = std::move(other.octets_);
  return *this;
}

Secret::~Secret() { clear(); }

void Secret::clear() {
  if (!octets_.empty()) OPENSSL_cleanse(octets_.data(), octets_.size());
  octets_.clear();
}

bool operator==(const Secret& a, const Secret& b) {
  return a.octets_.size() == b.octets_.size() &&
         (a.octets_.empty() || CRYPTO_memcmp(a.octets_.data(), b.octets_.data(), a.octets_.size()) == 0);
}

dns::Result<Secret, std::string> parse_secret(std::string_view text) {
  std::vector<std::uint8_t> octets;
  octets.reserve(text.size());  // so that no copy of a part stays behind
  std::uint32_t bits = 0;
  std::size_t characters = 0, padding = 0;
  for (const char c : text) {
    if (is_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = base64_value(c);
    if (value < 0 || padding != 0) {
      Secret cleared(std::move(octets));
      return failure("not base64");
    }
    bits = bits << kBitsOfCharacter | static_cast<std::uint32_t>(value);
    if (++characters % 4 != 1) octets.push_back(static_cast<std::uint8_t>(bits >> (6 - 2 * ((characters + 3) % 4))));
  }
  Secret secret(std::move(octets));
  if ((characters + padding) % 4 != 0 || padding > 2 || characters % 4 == 1) return failure("not complete base64");
  if (secret.octets().empty()) return failure("empty");
  if (secret.octets().size() > kMaxSecret) return failure("longer than 512 bytes");
  return secret;
}

dns::Result<std::string, std::string> read_secret_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return dns::Failure<std::string>("cannot be opened: " + std::string(std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return failure("is not a file");
  if ((status.st_mode & kOthers) != 0) return failure("can be read or written by other users");
  std::array<char, kMaxSecretFile + 1> text;
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return dns::Failure<std::string>("cannot be read: " + std::string(std::strerror(errno)));
  if (static_cast<std::size_t>(size) > kMaxSecretFile) return failure("has more than 4096 bytes");
  std::string secret(text.data(), static_cast<std::size_t>(size));
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

}  // namespace server
