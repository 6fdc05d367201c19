#include "server/keys/key_ring.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace server {
namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// Null: not possible on this host.
MacContext keyed_context(const TsigAlgorithm& algorithm, dns::Bytes secret) {
  const std::unique_ptr<EVP_MAC, FreeMac> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (hmac == nullptr) return nullptr;
  MacContext context(EVP_MAC_CTX_new(hmac.get()));
  std::string digest = algorithm.digest;  // the parameter is not const
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                   OSSL_PARAM_construct_end()};
  if (context == nullptr || EVP_MAC_init(context.get(), secret.data(), secret.size(), parameters) != 1) return nullptr;
  return context;
}

class HmacMac final : public dns::Mac {
 public:
  explicit HmacMac(const EVP_MAC_CTX* keyed) : context_(EVP_MAC_CTX_dup(keyed)), valid_(context_ != nullptr) {}

  void add(dns::Bytes octets) override {
    valid_ = valid_ && (octets.empty() || EVP_MAC_update(context_.get(), octets.data(), octets.size()) == 1);
  }
  std::size_t finish(std::span<std::uint8_t, dns::kMaxMac> out) override {
    std::size_t size = 0;
    return valid_ && EVP_MAC_final(context_.get(), out.data(), &size, out.size()) == 1 ? size : 0;
  }

 private:
  MacContext context_;
  bool valid_;
};

}  // namespace

class KeyRing::Key final : public dns::TsigKey {
 public:
  Key(KeyOptions options, std::uint16_t number)
      : options_(std::move(options)),
        number_(number),
        keyed_(keyed_context(*options_.algorithm, options_.secret.octets())) {
    dns::require(options_.name.size() <= dns::kMaxTsigKeyName, "names of keys are short enough");
    if (keyed_ == nullptr)
      throw std::runtime_error("OpenSSL on this host does not support " + std::string(options_.algorithm->word));
  }

  dns::NameView name() const override { return options_.name.view(); }
  std::uint16_t number() const override { return number_; }
  dns::NameView algorithm() const override { return options_.algorithm->name(); }
  std::size_t mac_size() const override { return options_.algorithm->mac_size; }
  std::unique_ptr<dns::Mac> start() const override { return std::make_unique<HmacMac>(keyed_.get()); }
  const KeyOptions& options() const { return options_; }

 private:
  KeyOptions options_;
  std::uint16_t number_;
  MacContext keyed_;
};

KeyRing::KeyRing(std::vector<KeyOptions> keys) {
  dns::require(keys.size() <= kMaxKeys, "there are at most kMaxKeys keys");
  std::ranges::sort(keys, dns::CanonicalLess(), &KeyOptions::name);
  for (KeyOptions& key : keys)
    keys_.push_back(std::make_unique<const Key>(std::move(key), static_cast<std::uint16_t>(keys_.size() + 1)));
}

KeyRing::~KeyRing() = default;

const dns::TsigKey* KeyRing::find(dns::NameView name) const {
  const auto at =
      std::ranges::lower_bound(keys_, name, dns::CanonicalLess(), [](const auto& key) { return key->name(); });
  return at != keys_.end() && (*at)->name() == name ? at->get() : nullptr;
}

bool KeyRing::equals(const TsigKeys& other) const {
  const auto* const ring = dynamic_cast<const KeyRing*>(&other);
  return ring != nullptr && std::ranges::equal(keys_, ring->keys_, [](const auto& a, const auto& b) {
           return a->options() == b->options();
         });
}

bool is_available(const TsigAlgorithm& algorithm) {
  const std::uint8_t octet = 0;
  return keyed_context(algorithm, {&octet, 1}) != nullptr;
}

}  // namespace server
