#include "zone/rr/rdata.h"

#include "zone/base/ascii.h"
#include "zone/rr/measure.h"
#include "zone/rr/table.h"

namespace dns {
namespace {

bool has_names(const TypeRow& row) {
  for (const FieldRow& field : row.fields)
    if (field.kind == FieldKind::kName) return true;
  return false;
}

// A6 has its name behind a suffix of variable size, if the prefix length is not 0.
RdataNames names_of_a6(Bytes rdata) {
  RdataNames names;
  if (rdata[0] == 0) return names;
  const std::size_t at = 1 + (128U - rdata[0] + 7) / 8;
  names.at[names.count++] = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(rdata.size() - at)};
  return names;
}

bool is_in_name(const RdataNames& names, std::size_t offset) {
  for (std::size_t i = 0; i < names.count; ++i)
    if (offset >= names.at[i].offset && offset < std::size_t{names.at[i].offset} + names.at[i].size) return true;
  return false;
}

}  // namespace

Result<void, RdataError> check_rdata(Type type, Bytes rdata) {
  if (rdata.size() > kMaxRdata) return Failure(RdataError{RdataErrorKind::kTrailing, kMaxRdata});
  const TypeRow* row = find_row(type);
  if (row == nullptr) return {};
  std::size_t at = 0;
  for (const FieldRow& field : row->fields) {
    const Result<std::size_t, RdataError> size = measure_field(field.kind, rdata, at);
    if (!size) return Failure(size.error());
    at += *size;
  }
  if (at != rdata.size()) return Failure(RdataError{RdataErrorKind::kTrailing, at});
  return check_rule(row->rules.check, rdata);
}

RdataNames names_of(Type type, Bytes rdata) {
  const TypeRow* row = find_row(type);
  if (row == nullptr || !has_names(*row)) return type == Type::A6 ? names_of_a6(rdata) : RdataNames{};
  RdataNames names{.compressible = row->rules.names_compressible};
  std::size_t at = 0;
  for (std::size_t i = 0; i < row->fields.count; ++i) {
    const FieldKind kind = row->fields.at[i].kind;
    const bool last = i + 1 == row->fields.count;
    if (kind != FieldKind::kName) {
      if (last || names.count > 0) break;  // in all types names are adjacent fields
      at += trusted_size(kind, rdata, at);
      continue;
    }
    const std::size_t size = last ? rdata.size() - at : NameView::trusted(rdata.data() + at).size();
    names.at[names.count++] = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(size)};
    at += size;
  }
  return names;
}

bool has_compressible_names(Type type) {
  const TypeRow* row = find_row(type);
  return row != nullptr && row->rules.names_compressible;
}

// Both RDATA are equal up to their first difference; therefore a name in one is a name in the other. The length of a
// label is below 'A' and folding does not change it.
int compare_rdata(Type type, Bytes a, Bytes b) {
  const TypeRow* row = find_row(type);
  if (row == nullptr || !row->rules.names_folded) return compare(a, b);
  const RdataNames names = names_of(type, a);
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (a[i] == b[i]) continue;
    if (!is_in_name(names, i)) return a[i] < b[i] ? -1 : 1;
    if (fold(a[i]) != fold(b[i])) return fold(a[i]) < fold(b[i]) ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

std::optional<NameView> additional_target(Type type, Bytes rdata) {
  const TypeRow* row = find_row(type);
  if (row == nullptr || !row->rules.additional) return std::nullopt;
  const RdataNames names = names_of(type, rdata);
  const NameView target = NameView::trusted(rdata.data() + names.at[0].offset, names.at[0].size);
  if (target.is_root()) return std::nullopt;
  return target;
}

Soa read_soa(Bytes rdata) {
  Soa soa{};
  soa.mname = NameView::trusted(rdata.data());
  soa.rname = NameView::trusted(rdata.data() + soa.mname.size());
  const std::uint8_t* numbers = rdata.data() + soa.mname.size() + soa.rname.size();
  soa.serial = load32(numbers);
  soa.refresh = load32(numbers + 4);
  soa.retry = load32(numbers + 8);
  soa.expire = load32(numbers + 12);
  soa.minimum = load32(numbers + 16);
  return soa;
}

}  // namespace dns
