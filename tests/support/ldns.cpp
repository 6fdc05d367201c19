#include "tests/support/ldns.h"

#include <stdbool.h>  // before ldns, whose headers define bool, true and false as macros where it has not been seen

#include <memory>
#include <string>

#include <ldns/ldns.h>

namespace test {
namespace {

struct Free {
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_rdf* field) const { ldns_rdf_deep_free(field); }
  void operator()(ldns_buffer* buffer) const { ldns_buffer_free(buffer); }
};

constexpr std::size_t kBuffer = 65536;
constexpr std::uint32_t kTtl = 3600;

}  // namespace

std::optional<std::vector<std::uint8_t>> ldns_rdata(std::string_view type, std::string_view text) {
  const std::unique_ptr<ldns_rdf, Free> origin(ldns_dname_new_frm_str("example."));
  const std::string line = "owner.example. 3600 IN " + std::string(type) + ' ' + std::string(text);
  ldns_rr* read = nullptr;
  if (ldns_rr_new_frm_str(&read, line.c_str(), kTtl, origin.get(), nullptr) != LDNS_STATUS_OK) return std::nullopt;
  const std::unique_ptr<ldns_rr, Free> record(read);
  const std::unique_ptr<ldns_buffer, Free> out(ldns_buffer_new(kBuffer));
  if (ldns_rr_rdata2buffer_wire(out.get(), record.get()) != LDNS_STATUS_OK) return std::nullopt;
  const std::uint8_t* octets = ldns_buffer_begin(out.get());
  return std::vector<std::uint8_t>(octets, octets + ldns_buffer_position(out.get()));
}

}  // namespace test
