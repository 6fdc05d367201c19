#include "tests/bench/workloads.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/support/query_bytes.h"
#include "tests/support/zone_from_text.h"
#include "zone/snapshot/nsec3_chain.h"
#include "zone/snapshot/weighted_slots.h"

namespace dns::test {
namespace {

constexpr std::size_t kHosters = 20000;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t limit) { return (state_ = mix_bits(state_ + 1)) % limit; }

 private:
  std::uint64_t state_;
};

// A unique name for each index, made of a few syllables.
std::string label_of(std::uint64_t index) {
  static constexpr std::string_view kSyllables[] = {"an", "bel", "cor", "dra", "el",  "fin", "gal", "hu",
                                                    "il", "jo",  "ker", "lum", "mar", "nor", "os",  "pra"};
  Random random(index);
  std::string label;
  for (std::uint64_t left = 1 + random.below(4); left > 0; --left)
    label += kSyllables[random.below(std::size(kSyllables))];
  label += '-';
  for (; index > 0; index /= 26) label += static_cast<char>('a' + index % 26);
  return label + 'x';
}

// No `label_of` contains a digit.
std::string absent_label(Random& random) {
  std::string label;
  for (std::uint64_t left = 6 + random.below(10); left > 0; --left) label += static_cast<char>('a' + random.below(26));
  return label.insert(label.size() / 2, std::to_string(random.below(1000)));
}

std::string ipv4(std::uint64_t seed) {
  const std::uint64_t hash = mix_bits(seed);
  return "10." + std::to_string(hash % 256) + '.' + std::to_string(hash / 256 % 256) + '.' +
         std::to_string(hash / 65536 % 256);
}

std::string ipv6(std::uint64_t seed) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "2001:db8:";
  for (int shift = 0; shift < 16; shift += 4) text += kDigits[mix_bits(seed) >> shift & 15];
  return text + "::1";
}

class QuestionWriter {
 public:
  explicit QuestionWriter(Workload& workload, std::uint16_t edns_flags = 0)
      : workload_(&workload), edns_flags_(edns_flags) {}
  void ask(const std::string& name, Type type) {
    const auto id = static_cast<std::uint16_t>(workload_->questions.size() * 7919);
    QueryBytes query{.name = name, .type = type, .id = id};
    query.edns = QueryBytes::Edns{};
    query.edns->flags = edns_flags_;
    workload_->questions.push_back(octets_of(query));
  }

 private:
  Workload* workload_;
  std::uint16_t edns_flags_;
};

constexpr std::string_view kApex =
    "@ 3600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ 3600 IN NS ns1\n@ 3600 IN NS ns2\nns1 3600 IN A "
    "192.0.2.1\nns2 3600 IN A 192.0.2.2\n";

std::string host(std::uint64_t i) { return "host" + std::to_string(1000 + i); }

std::shared_ptr<const Snapshot> small_zone() {
  std::string text(kApex);
  for (std::uint64_t i = 0; i < 100; ++i) text += host(i) + " 3600 IN A " + ipv4(i) + '\n';
  return Snapshot::of({zone_of("small.example.", text)});
}

Workload small(const std::shared_ptr<const Snapshot>& snapshot, const WorkloadSizes& sizes) {
  Workload workload{"small", snapshot, {}};
  QuestionWriter questions(workload);
  Random random(1);
  for (std::size_t i = 0; i < sizes.questions; ++i) questions.ask(host(random.below(100)) + ".small.example.", Type::A);
  return workload;
}

Workload small_nx(const std::shared_ptr<const Snapshot>& snapshot, const WorkloadSizes& sizes) {
  Workload workload{"small-nx", snapshot, {}};
  QuestionWriter questions(workload);
  Random random(2);
  for (std::size_t i = 0; i < sizes.questions; ++i)
    questions.ask(absent_label(random) + ".small.example.", random.below(4) == 0 ? Type::AAAA : Type::A);
  return workload;
}

std::string delegation(std::uint64_t i, bool secure) {
  const std::string name = label_of(i);
  const std::uint64_t hash = mix_bits(i + 77);
  std::string text;
  if (hash % 10 < 3) {
    text += name + " 86400 IN NS ns1." + name + '\n' + name + " 86400 IN NS ns2." + name + '\n';
    text += "ns1." + name + " 86400 IN A " + ipv4(i) + "\nns2." + name + " 86400 IN A " + ipv4(i + 1) + '\n';
    if (hash / 10 % 3 == 0) text += "ns1." + name + " 86400 IN AAAA " + ipv6(i) + '\n';
  } else {
    const std::string hoster = ".hoster" + std::to_string(hash / 10 % kHosters) + ".net.\n";
    text += name + " 86400 IN NS ns1" + hoster + name + " 86400 IN NS ns2" + hoster;
  }
  if (secure)
    text += name + " 86400 IN DS 4711 13 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
  return text;
}

// A signature whose octets mean nothing.
std::string signature(const std::string& owner, const std::string& type, std::uint64_t seed) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = owner + " 3600 IN RRSIG " + type + " 13 2 86400 20360101000000 20260101000000 4711 @ ";
  for (std::uint64_t i = 0; i < 84; ++i) text += kDigits[mix_bits(seed * 84 + i) % kDigits.size()];
  return text + "AA==\n";
}

std::string nsec3_records(const std::vector<std::string>& names) {
  const std::uint8_t parameters[] = {1, 0, 0, 0, 0};
  std::vector<std::string> labels;
  for (const std::string& name : names) {
    const Nsec3Label label = nsec3_label(Nsec3Parameters(parameters).hash(name_of(name)));
    labels.emplace_back(label.begin(), label.end());
  }
  std::ranges::sort(labels);
  std::string text = "@ 3600 IN NSEC3PARAM 1 0 0 -\n";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    text += labels[i] + " 3600 IN NSEC3 1 1 0 - " + labels[(i + 1) % labels.size()] + " NS DS RRSIG\n";
    text += signature(labels[i], "NSEC3", i);
  }
  return text;
}

void ask_registry(QuestionWriter& questions, const WorkloadSizes& sizes) {
  static constexpr std::array kTypes = {Type::A,    Type::A,    Type::A,    Type::A,  Type::A,   Type::A,
                                        Type::AAAA, Type::AAAA, Type::AAAA, Type::MX, Type::TXT, Type::NS};
  Random random(3);
  for (std::size_t i = 0; i < sizes.questions; ++i) {
    const Type type = kTypes[random.below(kTypes.size())];
    if (random.below(5) == 0) questions.ask(absent_label(random) + ".tld.", type);
    else
      questions.ask((random.below(2) == 0 ? "" : "www.") + label_of(random.below(sizes.delegations)) + ".tld.", type);
  }
}

Workload tld(const WorkloadSizes& sizes) {
  std::string text(kApex);
  for (std::size_t i = 0; i < sizes.delegations; ++i) text += delegation(i, (mix_bits(i + 77) >> 32) % 20 == 0);
  Workload workload{"tld", Snapshot::of({zone_of("tld.", text)}), {}};
  QuestionWriter questions(workload);
  ask_registry(questions, sizes);
  return workload;
}

Workload signed_registry(const WorkloadSizes& sizes) {
  std::string text(kApex);
  std::vector<std::string> names{"tld."};
  for (const char* const type : {"SOA", "NS"}) text += signature("@", type, 1);
  for (std::size_t i = 0; i < sizes.delegations; ++i) {
    const bool secure = (mix_bits(i + 77) >> 32) % 5 < 3;
    text += delegation(i, secure);
    if (!secure) continue;
    names.push_back(label_of(i) + ".tld.");
    text += signature(label_of(i), "DS", i);
  }
  Workload workload{"signed-registry", Snapshot::of({zone_of("tld.", text + nsec3_records(names))}), {}};
  QuestionWriter questions(workload, 0x8000);
  ask_registry(questions, sizes);
  return workload;
}

std::shared_ptr<const Zone> hosted_zone(std::uint64_t i) {
  const std::string apex = label_of(i) + ".test.", a = ipv4(i), aaaa = ipv6(i);
  return zone_of(apex,
                 "$TTL 3600\n@ SOA ns1.hoster.test. hostmaster.hoster.test. 1 7200 3600 1209600 300\n"
                 "@ NS ns1.hoster.test.\n@ NS ns2.hoster.test.\n@ A " +
                     a + "\n@ AAAA " + aaaa +
                     "\n@ MX 10 mail\n@ MX 20 mx.hoster.test.\n"
                     "@ TXT \"v=spf1 mx a:mail." +
                     apex + " -all\"\nwww A " + a + "\nwww AAAA " + aaaa + "\nmail A " + ipv4(i + 1) +
                     "\nftp CNAME www\n"
                     "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:postmaster@" +
                     apex + "\"\n");
}

Workload hosting(const WorkloadSizes& sizes) {
  std::vector<std::shared_ptr<const Zone>> zones;
  for (std::size_t i = 0; i < sizes.zones; ++i) zones.push_back(hosted_zone(i));
  Workload workload{"hosting", Snapshot::of(std::move(zones)), {}};
  QuestionWriter questions(workload);
  Random random(4);
  struct Row {
    std::uint64_t below;  // of a hundred questions
    std::string_view prefix;
    Type type;
  };
  static constexpr Row kRows[] = {{30, "www.", Type::A}, {45, "www.", Type::AAAA}, {65, "", Type::A},
                                  {75, "", Type::AAAA},  {85, "", Type::MX},       {95, "", Type::TXT}};
  for (std::size_t i = 0; i < sizes.questions; ++i) {
    const std::string apex = label_of(random.below(sizes.zones)) + ".test.";
    const std::uint64_t kind = random.below(100);
    const Row* row = nullptr;
    for (const Row& one : kRows)
      if (row == nullptr && kind < one.below) row = &one;
    if (row != nullptr) questions.ask(std::string(row->prefix) + apex, row->type);
    else questions.ask(absent_label(random) + '.' + apex, Type::A);
  }
  return workload;
}

}  // namespace

std::vector<Workload> make_workloads(const WorkloadSizes& sizes) {
  const std::shared_ptr<const Snapshot> zone = small_zone();
  std::vector<Workload> all;
  all.push_back(small(zone, sizes));
  all.push_back(small_nx(zone, sizes));
  all.push_back(tld(sizes));
  all.push_back(signed_registry(sizes));
  all.push_back(hosting(sizes));
  return all;
}

}  // namespace dns::test
