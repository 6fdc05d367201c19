#include "server/query/chaos.h"

namespace server {
namespace {

constexpr std::size_t kMaxString = 255;  // octets of one string of a TXT record

enum class Field : std::uint8_t { kVersion, kIdentity };

struct Row {
  std::string_view name;  // wire form; the end of the literal is the octet of the root
  Field field;
};

constexpr Row kRows[] = {
    {"\7version\4bind", Field::kVersion},
    {"\7version\6server", Field::kVersion},
    {"\2id\6server", Field::kIdentity},
    {"\10hostname\4bind", Field::kIdentity},
};

std::vector<std::uint8_t> packed_txt(std::string_view text) {
  if (text.empty()) return {};
  text = text.substr(0, kMaxString);
  std::vector<std::uint8_t> packed(3);
  dns::store16(packed.data(), static_cast<std::uint16_t>(text.size() + 1));
  packed[2] = static_cast<std::uint8_t>(text.size());
  packed.insert(packed.end(), text.begin(), text.end());
  return packed;
}

const Row* find_row(dns::NameView name) {
  for (const Row& row : kRows)
    if (name == dns::NameView::trusted(dns::as_bytes(row.name).data(), row.name.size() + 1)) return &row;
  return nullptr;
}

}  // namespace

ChaosResponder::ChaosResponder(std::string_view version, std::string_view identity)
    : version_(packed_txt(version)), identity_(packed_txt(identity)) {}

void ChaosResponder::answer(const dns::Question& question, dns::Answer& answer) const {
  answer.clear();
  const Row* row = find_row(question.name);
  const std::vector<std::uint8_t>* text = row == nullptr                  ? nullptr
                                          : row->field == Field::kVersion ? &version_
                                                                          : &identity_;
  if (text == nullptr || text->empty()) {
    answer.rcode = dns::Rcode::REFUSED;
    answer.extended_error = dns::ExtendedError::kProhibited;
    return;
  }
  answer.authoritative = true;
  if (question.type != dns::Type::TXT && question.type != dns::Type::ANY) return;
  const dns::RrsetView set{dns::Type::TXT, 1, 0, text->data()};
  answer.add({dns::Section::kAnswer, question.name, set, 0});
}

}  // namespace server
