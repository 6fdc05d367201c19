// Keys: the HMAC of each algorithm against RFC 4231 and RFC 2202, secrets from text and from files, and the ring.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/keys.h"

using namespace server;

namespace {

std::string hex(dns::Bytes octets) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t octet : octets) text.append({kDigits[octet >> 4], kDigits[octet & 15]});
  return text;
}

std::string hmac(std::string_view algorithm, std::vector<std::uint8_t> secret, std::string_view data) {
  const KeyRing ring({{.name = dns::test::name_of("k."),
                       .algorithm = find_algorithm(algorithm),
                       .secret = Secret(std::move(secret))}});
  const auto mac = ring.find(dns::test::name_of("K."))->start();
  mac->add(dns::as_bytes(data.substr(0, data.size() / 2)));
  mac->add(dns::as_bytes(data.substr(data.size() / 2)));
  std::array<std::uint8_t, dns::kMaxMac> out;
  return hex(dns::Bytes(out).first(mac->finish(out)));
}

struct Vector {
  std::string_view algorithm;
  std::uint8_t secret;
  std::size_t times;
  std::string data;
  std::string_view mac;
};

}  // namespace

TEST_CASE("keys: HMAC test cases 1, 3 and 6 of RFC 4231, and 1 of RFC 2202") {
  const std::string hi = "Hi There", dd(50, '\xdd'), large = "Test Using Larger Than Block-Size Key - Hash Key First";
  const Vector vectors[] = {
      {"hmac-sha224", 0x0b, 20, hi, "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22"},
      {"hmac-sha256", 0x0b, 20, hi, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"hmac-sha384", 0x0b, 20, hi,
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
      {"hmac-sha512", 0x0b, 20, hi,
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
       "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
      {"hmac-sha224", 0xaa, 20, dd, "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea"},
      {"hmac-sha256", 0xaa, 20, dd, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"hmac-sha384", 0xaa, 20, dd,
       "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"},
      {"hmac-sha512", 0xaa, 20, dd,
       "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
       "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
      {"hmac-sha224", 0xaa, 131, large, "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e"},
      {"hmac-sha256", 0xaa, 131, large, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"hmac-sha384", 0xaa, 131, large,
       "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
      {"hmac-sha512", 0xaa, 131, large,
       "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
       "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
      {"hmac-sha1", 0x0b, 20, hi, "b617318655057264e28bc0b6fb378c8ef146be00"},
      {"hmac-md5", 0x0b, 16, hi, "9294727a3638bb1c13f48ef8158bfc9d"},
  };
  for (const Vector& vector : vectors) {
    CAPTURE(vector.algorithm);
    CHECK(hmac(vector.algorithm, std::vector<std::uint8_t>(vector.times, vector.secret), vector.data) == vector.mac);
    CHECK(vector.mac.size() == 2 * find_algorithm(vector.algorithm)->mac_size);
  }
}

TEST_CASE("keys: a secret is base64 of 1 to 512 octets; errors do not show it") {
  const struct {
    std::string text;
    std::string expected;  // hexadecimal, or the error
  } rows[] = {
      {"Zm9vYmFy", "666f6f626172"},
      {"Zm9vYmE=", "666f6f6261"},
      {"Zm9vYg==\n", "666f6f62"},
      {" Zm9v\r\n\tYmFy ", "666f6f626172"},
      {"+/+/", "fbffbf"},
      {"", "empty"},
      {" \n", "empty"},
      {"Zm9vYg", "not complete base64"},
      {"Zm9vY", "not complete base64"},
      {"Zm9vYmFy====", "not complete base64"},
      {"Zm9v!mFy", "not base64"},
      {"Zm9vYg==Zm9v", "not base64"},
      {std::string(684, 'A') + "AA==", "longer than 512 bytes"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto secret = parse_secret(row.text);
    CHECK((secret ? hex(secret->octets()) : secret.error()) == row.expected);
  }
  CHECK(parse_secret(std::string(680, 'A') + "AAA=")->octets().size() == 512);
}

TEST_CASE("keys: a secret file is a file that only its owner can read") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "waymark_secret_test";
  std::ofstream(path) << "Zm9vYmFy\n";
  const auto with_mode = [&](mode_t mode) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const auto text = read_secret_file(path.string());
    return text ? *text : text.error();
  };
  CHECK(with_mode(0600) == "Zm9vYmFy\n");
  CHECK(with_mode(0400) == "Zm9vYmFy\n");
  CHECK(with_mode(0640) == "can be read or written by other users");
  CHECK(with_mode(0602) == "can be read or written by other users");
  std::ofstream(path) << std::string(kMaxSecretFile + 1, 'A');
  CHECK(with_mode(0600) == "has more than 4096 bytes");
  std::filesystem::remove(path);
  CHECK(read_secret_file(path.string()).error() == "cannot be opened: No such file or directory");
  CHECK(read_secret_file(path.parent_path().string()).error() == "is not a file");
}

TEST_CASE("keys: the ring finds keys by name, ignoring case; rings are equal if all of their keys are") {
  using test::key_of;
  const auto ring = test::ring_of({key_of("b."), key_of("a.example."), key_of("c.", "hmac-md5")});
  CHECK(ring->find(dns::test::name_of("A.example."))->name() == dns::test::name_of("a.example.").view());
  CHECK(ring->find(dns::test::name_of("c."))->algorithm() == dns::test::name_of("hmac-md5.sig-alg.reg.int.").view());
  CHECK(ring->find(dns::test::name_of("example.")) == nullptr);
  for (const std::string_view name : {"a.example.", "b.", "c."})
    CHECK(ring->find(dns::test::name_of(name))->number() > 0);
  CHECK(ring->equals(*test::ring_of({key_of("a.example."), key_of("b."), key_of("c.", "hmac-md5")})));
  CHECK_FALSE(ring->equals(*test::ring_of({key_of("a.example."), key_of("b.")})));
  CHECK_FALSE(test::ring_of({key_of("a.")})->equals(*test::ring_of({key_of("a.", "hmac-sha256", 8)})));
  CHECK_FALSE(test::ring_of({key_of("a.")})->equals(*test::ring_of({key_of("a.", "hmac-sha512")})));
  for (const TsigAlgorithm& algorithm : kTsigAlgorithms) CHECK(is_available(algorithm));
}
