// Any octets as a message with a TSIG record. What is found can be read; taken off and appended again, it is the same.
// The covered octets are those of the message and of the record.
#include <array>
#include <cstdint>
#include <vector>

#include "zone/base/result.h"
#include "zone/message/tsig.h"

namespace {

class CountingMac final : public dns::Mac {
 public:
  void add(dns::Bytes octets) override {
    for (const std::uint8_t octet : octets) sum_ = sum_ * 31 + octet;
    size += octets.size();
  }
  std::size_t finish(std::span<std::uint8_t, dns::kMaxMac> out) override {
    dns::store64(out.data(), sum_);
    return 8;
  }
  std::size_t size = 0;

 private:
  std::uint64_t sum_ = 0;
};

std::uint64_t sum_of(dns::Bytes message, const dns::TsigRecord& record, std::size_t at) {
  CountingMac mac;
  dns::cover_message(mac, message, at, record.original_id, 0);
  dns::cover_variables(mac, record);
  dns::cover_prior(mac, record.mac);
  const std::size_t expected =
      at + record.key.size() + record.algorithm.size() + 6 + 8 + 4 + record.other.size() + 2 + record.mac.size();
  dns::require(mac.size == expected, "everything is covered once");
  std::array<std::uint8_t, dns::kMaxMac> out;
  mac.finish(out);
  return dns::load64(out.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dns::Bytes message(data, size);
  const dns::TsigSearch search = dns::find_tsig(message);
  if (search.presence != dns::TsigPresence::kLast) return 0;
  const auto record = dns::read_tsig(message, search.at);
  dns::require(record.has_value() && search.at < size, "what is found can be read");
  std::vector<std::uint8_t> again(data, data + search.at);
  dns::store16(&again[10], static_cast<std::uint16_t>(dns::load16(&again[10]) - 1));
  again.resize(search.at + dns::tsig_size(*record));
  if (again.size() > dns::kMaxMessage) return 0;  // its names were compressed
  dns::require(dns::append_tsig(again, search.at, *record) == again.size(), "the size is known before");
  const dns::TsigSearch found = dns::find_tsig(again);
  dns::require(found.presence == dns::TsigPresence::kLast && found.at == search.at, "it is found again");
  const auto same = dns::read_tsig(again, found.at);
  dns::require(same.has_value() && same->key == record->key && same->algorithm == record->algorithm &&
                   same->time == record->time && same->fudge == record->fudge && dns::equal(same->mac, record->mac) &&
                   same->error == record->error && dns::equal(same->other, record->other),
               "it has the same fields");
  dns::require(sum_of(message, *record, search.at) == sum_of(again, *same, found.at), "it covers the same octets");
  return 0;
}
