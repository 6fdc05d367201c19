#include "tools/query/signature.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "zone/base/suggest.h"
#include "zone/name/text.h"

namespace tools {
namespace {

struct KeyText {
  const server::TsigAlgorithm* algorithm = &server::kTsigAlgorithms.front();
  std::string name, rest;
};

// A word before the first ':' is an algorithm if it is one, or if another ':' follows a name behind it. Base64 and
// names have no ':'; a path may have one.
std::optional<KeyText> split(const std::string& text) {
  KeyText parts;
  const std::size_t first = text.find(':');
  if (first == std::string::npos) return std::nullopt;
  std::size_t start = 0;
  if (const auto* const algorithm = server::find_algorithm(text.substr(0, first))) {
    parts.algorithm = algorithm;
    start = first + 1;
  }
  const std::size_t end = text.find(':', start);
  if (end == std::string::npos || end == start || end + 1 == text.size()) return std::nullopt;
  parts.name = text.substr(start, end - start);
  parts.rest = text.substr(end + 1);
  return parts;
}

// "hmac-sha265:name:secret" has a misspelt algorithm.
std::string_view nearest_algorithm(std::string_view name) {
  if (!name.starts_with("hmac-")) return {};
  std::vector<std::string_view> words;
  for (const server::TsigAlgorithm& algorithm : server::kTsigAlgorithms) words.push_back(algorithm.word);
  return dns::nearest_word(name, words);
}

}  // namespace

dns::Result<std::shared_ptr<const server::KeyRing>, std::string> parse_key(const std::string& text, SecretFrom from) {
  const auto parts = split(text);
  if (!parts)
    return dns::Failure(std::string(from == SecretFrom::kFile ? "--key: write NAME:FILE or ALGORITHM:NAME:FILE"
                                                              : "-y: write NAME:SECRET or ALGORITHM:NAME:SECRET"));
  if (const std::string_view near = nearest_algorithm(parts->name); !near.empty() && parts->rest.contains(':'))
    return dns::Failure(fmt::format("unknown algorithm `{}`; did you mean `{}`?", parts->name, near));
  const auto name = dns::parse_name(parts->name);
  if (!name || name->size() > dns::kMaxTsigKeyName)
    return dns::Failure(fmt::format("`{}` is not the name of a key", parts->name));
  if (!server::is_available(*parts->algorithm))
    return dns::Failure(fmt::format("OpenSSL on this host does not support {}", parts->algorithm->word));
  std::string secret_text = parts->rest;
  if (from == SecretFrom::kFile) {
    const auto read = server::read_secret_file(parts->rest);
    if (!read) return dns::Failure(fmt::format("{} {}", parts->rest, read.error()));
    secret_text = *read;
  }
  auto secret = server::parse_secret(secret_text);
  if (!secret) return dns::Failure(fmt::format("the secret of key {} is {}", parts->name, secret.error()));
  std::vector<server::KeyOptions> keys;
  keys.push_back({*name, parts->algorithm, std::move(*secret)});
  return std::make_shared<const server::KeyRing>(std::move(keys));
}

const dns::TsigKey& key_of(const server::KeyRing& ring, const std::string& text) {
  const dns::TsigKey* const key = ring.find(*dns::parse_name(split(text)->name));
  dns::require(key != nullptr, "the ring has the key");
  return *key;
}

}  // namespace tools
