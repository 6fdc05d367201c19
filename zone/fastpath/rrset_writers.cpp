#include "zone/fastpath/rrset_writers.h"

namespace dns {

std::size_t write_set_without_names(const OutputSpace& space, const RecordHead& head, const RrsetView& set) {
  const std::uint8_t* record = set.packed;  // as in a message, the length precedes the RDATA
  std::uint8_t* out = space.message + space.at;
  const std::uint8_t* const end = space.message + space.limit;
  for (std::size_t left = set.count; left > 0; --left) {
    const std::size_t size = 2U + load16(record);
    if (RecordHead::kSize + size > static_cast<std::size_t>(end - out)) return 0;
    head.write(out);
    copy_octets(out + RecordHead::kSize, record, size);
    record += size;
    out += RecordHead::kSize + size;
  }
  return static_cast<std::size_t>(out - space.message);
}

std::size_t write_unrelated_servers(const OutputSpace& space, const RecordHead& head, const RrsetView& servers,
                                    NameView question) {
  const std::uint8_t* name = servers.packed + 2;
  const std::size_t size = load16(servers.packed);
  std::size_t label = 1U + name[0];
  const std::size_t rest_size = size - label;
  // Compression never makes a name longer, and no server name is longer than the rest of the first and one label: there
  // is enough space.
  if (size <= 1 || rest_size <= 1 || !differ_at_end({name, size}, question.bytes()) ||
      servers.count * (RecordHead::kSize + 2 + rest_size + kMaxLabel + 1) > space.limit - space.at)
    return 0;
  std::uint8_t* out = space.message + space.at;
  head.write(out);
  copy_octets(out + RecordHead::kSize, servers.packed, 2 + size);
  out += RecordHead::kSize + 2 + label;
  const auto pointer = static_cast<std::uint16_t>(kPointer | (out - space.message));
  const std::uint8_t* const rest = name + label;
  out += rest_size;
  name += size + 2;
  for (std::size_t left = servers.count - 1U; left > 0; --left) {
    label = 1U + name[0];
    if (load16(name - 2) != label + rest_size || !same(name + label, rest, rest_size)) return 0;
    head.write(out);
    out += RecordHead::kSize;
    store16(out, static_cast<std::uint16_t>(label + 2));
    copy_octets(out + 2, name, label);
    out += 2 + label;
    store16(out, pointer);
    out += 2;
    name += label + rest_size + 2;
  }
  return static_cast<std::size_t>(out - space.message);
}

}  // namespace dns
