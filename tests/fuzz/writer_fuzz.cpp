// Octets as names that are written into a message one after the other. Each name reads back unchanged, with any
// compression pointers. What it shares with the question has the case of the question.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "zone/message/parsed.h"
#include "zone/message/writer.h"

namespace {

// The next name from the octets: one length for each label, limited to short labels, so that names have common
// suffixes.
dns::Name next_name(dns::Bytes& octets) {
  dns::Name name;
  while (!octets.empty() && octets[0] != 0) {
    const std::size_t length = 1 + octets[0] % 8;
    if (octets.size() < length) break;
    std::vector<std::uint8_t> label{static_cast<std::uint8_t>(length)};
    for (std::size_t i = 0; i < length; ++i) label.push_back(octets[i]);
    octets = octets.subspan(length);
    const auto longer = dns::join(label, name);
    if (!longer) break;
    name = *longer;
  }
  if (!octets.empty()) octets = octets.subspan(1);
  return name;
}

// True if the labels that `read` does not share with the question have the case of `written`.
bool has_case_of(dns::NameView read, dns::NameView written, dns::NameView asked) {
  std::size_t own = 0;
  while (!asked.is_within(written.drop(own))) ++own;
  const std::size_t size = written.size() - written.drop(own).size();
  return std::ranges::equal(read.bytes().first(size), written.bytes().first(size));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto compression = std::make_unique<dns::Compression>();
  static std::vector<std::uint8_t> buffer(dns::kMaxMessage);
  dns::Bytes octets(data, size);
  const dns::Name asked = next_name(octets);
  std::vector<std::pair<dns::Name, dns::Name>> written;
  std::size_t end = 0;
  {
    dns::Writer writer(dns::MutableBytes(buffer).first(size % 4 == 0 ? 600 : buffer.size()), *compression);
    dns::require(writer.question({asked, dns::Type::A, dns::Class::IN}), "a question fits");
    while (!octets.empty()) {
      const dns::Name owner = next_name(octets), target = next_name(octets);
      std::vector<std::uint8_t> packed(2);
      dns::store16(packed.data(), static_cast<std::uint16_t>(target.size()));
      packed.insert(packed.end(), target.view().data(), target.view().data() + target.size());
      if (writer.rrset(owner, {dns::Type::NS, 1, 60, packed.data()}, 60)) written.emplace_back(owner, target);
    }
    end = writer.size();
    writer.finish(0, dns::Flag::kQr, {1, static_cast<std::uint16_t>(written.size()), 0, 0});
  }
  const auto message = dns::read_message(dns::Bytes(buffer).first(end));
  dns::require(message.has_value() && message->trailing == 0, "a written message can be parsed");
  const auto& records = message->section(dns::Section::kAnswer);
  dns::require(records.size() == written.size(), "the message contains every record");
  for (std::size_t i = 0; i < written.size(); ++i) {
    const dns::Name& owner = written[i].first;
    dns::require(records[i].owner == owner, "owner");
    dns::require(has_case_of(records[i].owner, owner, asked), "case of the owner");
    const auto target = dns::read_name(records[i].rdata);
    dns::require(target.has_value() && *target == written[i].second.view(), "target");
    dns::require(has_case_of(*target, written[i].second, asked), "case of the target");
  }
  return 0;
}
