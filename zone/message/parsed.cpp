#include "zone/message/parsed.h"

#include <algorithm>

namespace dns {
namespace {

// The names in the RDATA of types that senders may compress: octets before the first name, then the names.
struct NameLayout {
  Type type;
  std::uint8_t before;
  std::uint8_t names;
};

constexpr NameLayout kLayouts[] = {
    {Type::NS, 0, 1},  {Type::MD, 0, 1}, {Type::MF, 0, 1},    {Type::CNAME, 0, 1}, {Type::SOA, 0, 2},
    {Type::MB, 0, 1},  {Type::MG, 0, 1}, {Type::MR, 0, 1},    {Type::PTR, 0, 1},   {Type::MINFO, 0, 2},
    {Type::MX, 2, 1},  {Type::RP, 0, 2}, {Type::RT, 2, 1},    {Type::AFSDB, 2, 1}, {Type::PX, 2, 2},
    {Type::SRV, 6, 1}, {Type::KX, 2, 1}, {Type::DNAME, 0, 1},
};

void append(std::vector<std::uint8_t>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Result<std::vector<ParsedRecord>, ReadError> read_section(Bytes message, Reader& reader, std::size_t count) {
  std::vector<ParsedRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    const auto record = reader.record();
    if (!record) return Failure(record.error());
    auto rdata = expand_rdata(message, *record);
    if (!rdata) return Failure(rdata.error());
    records.push_back({record->owner, record->type, record->klass, record->ttl, std::move(*rdata)});
  }
  return records;
}

}  // namespace

Result<std::vector<std::uint8_t>, ReadError> expand_rdata(Bytes message, const MessageRecord& record) {
  std::vector<std::uint8_t> out;
  const auto* layout = std::ranges::find(kLayouts, record.type, &NameLayout::type);
  if (layout == std::end(kLayouts)) return std::vector<std::uint8_t>(record.rdata.begin(), record.rdata.end());
  Reader reader(message.first(record.rdata_at + record.rdata.size()), record.rdata_at);
  const auto before = reader.octets(layout->before);
  if (!before) return Failure(before.error());
  append(out, *before);
  for (unsigned i = 0; i < layout->names; ++i) {
    const auto name = reader.name();
    if (!name) return Failure(name.error());
    append(out, name->view().bytes());
  }
  append(out, *reader.octets(reader.left()));
  return out;
}

Result<ParsedMessage, ReadError> read_message(Bytes message) {
  Reader reader(message);
  const auto header = reader.header();
  if (!header) return Failure(header.error());
  ParsedMessage parsed;
  parsed.header = *header;
  for (unsigned i = 0; i < header->questions; ++i) {
    const auto name = reader.name();
    if (!name) return Failure(name.error());
    const auto type = reader.u16(), klass = reader.u16();
    if (!type || !klass) return Failure(ReadError::kTruncated);
    parsed.questions.push_back({*name, static_cast<Type>(*type), static_cast<Class>(*klass)});
  }
  const std::uint16_t counts[] = {header->answers, header->authorities, header->additionals};
  for (std::size_t section = 0; section < 3; ++section) {
    auto records = read_section(message, reader, counts[section]);
    if (!records) return Failure(records.error());
    parsed.sections[section] = std::move(*records);
  }
  parsed.trailing = reader.left();
  return parsed;
}

const ParsedRecord* ParsedMessage::opt() const {
  for (const ParsedRecord& record : section(Section::kAdditional))
    if (record.type == Type::OPT) return &record;
  return nullptr;
}

std::uint16_t ParsedMessage::rcode() const {
  const ParsedRecord* edns = opt();
  return static_cast<std::uint16_t>(header.rcode() | (edns == nullptr ? 0 : edns->ttl >> 24 << 4));
}

}  // namespace dns
