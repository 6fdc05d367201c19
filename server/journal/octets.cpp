#include "server/journal/octets.h"

namespace server {

void OctetWriter::rrset(const dns::Rrset& value) {
  type(value.type);
  u32(value.ttl);
  u16(value.count);
  bytes(value.packed);
}

void OctetWriter::overridden(const OverriddenRrset& value) {
  name(value.owner);
  type(value.type);
  rrset(value.set);
  rrset(value.choice);
}

bool OctetReader::take(std::size_t size) {
  if (failed_ || octets_.size() < size) {
    failed_ = true;
    return false;
  }
  at_ = octets_.data();
  octets_ = octets_.subspan(size);
  return true;
}

std::size_t OctetReader::count() {
  const std::size_t value = u32();
  if (value > octets_.size()) failed_ = true;
  return failed_ ? 0 : value;
}

dns::Name OctetReader::name() {
  const auto read = dns::read_name(octets_);
  if (!read) failed_ = true;
  if (failed_ || !take(read->size())) return {};
  return dns::Name(*read);
}

dns::Rrset OctetReader::rrset() {
  dns::Rrset value;
  value.type = type();
  value.ttl = u32();
  value.count = u16();
  std::size_t size = 0;
  for (std::size_t i = 0; i < value.count && !failed_; ++i) {
    if (octets_.size() < size + 2) failed_ = true;
    else size += 2U + dns::load16(octets_.data() + size);
  }
  if (take(size)) value.packed.assign(at_, at_ + size);
  return value;
}

OverriddenRrsetPtr OctetReader::overridden() {
  OverriddenRrset value;
  value.owner = name();
  value.type = type();
  value.set = rrset();
  value.choice = rrset();
  return std::make_shared<const OverriddenRrset>(std::move(value));
}

}  // namespace server
