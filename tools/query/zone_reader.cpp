#include "tools/query/zone_reader.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace tools {

ZoneReader::Step ZoneReader::fail(std::string why) {
  fault_ = std::move(why);
  return Step::kFailed;
}

ZoneReader::Step ZoneReader::read(dns::Bytes octets) {
  ++messages_;
  if (client_ != nullptr) {
    const server::TsigFault fault = client_->verify(octets, server::unix_time());
    if (fault == server::TsigFault::kRejected)
      return fail(fmt::format("{}: {}", server::describe(fault), server::describe(client_->error())));
    if (fault != server::TsigFault::kNone) return fail(std::string(server::describe(fault)));
  }
  auto message = dns::read_message(octets);
  if (!message) return fail(fmt::format("message {} is malformed", messages_));
  const std::uint16_t rcode = message->header.rcode();
  waiting_.push_back(std::move(*message));
  Step step = Step::kMore;
  if (rcode != 0) step = messages_ == 1 ? Step::kRefused : fail(fmt::format("message {} reports an error", messages_));
  else step = read_records(waiting_.back().section(dns::Section::kAnswer));
  if (client_ != nullptr && !client_->is_complete())
    return step == Step::kMore ? step : fail("the last message is not signed");
  std::ranges::move(waiting_, std::back_inserter(certain_));
  waiting_.clear();
  return step;
}

ZoneReader::Step ZoneReader::read_records(const std::vector<dns::ParsedRecord>& records) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    const dns::ParsedRecord& record = records[i];
    ++records_;
    if (!soa_) {
      if (record.type != dns::Type::SOA) return fail("the first record is not an SOA");
      soa_ = record;
      continue;
    }
    if (record.type != dns::Type::SOA) continue;
    if (record.owner.view() != soa_->owner.view() || record.rdata != soa_->rdata)
      return fail("the zone has a second SOA that differs from the first");
    if (i + 1 != records.size()) return fail("there are records behind the end of the zone");
    return Step::kComplete;
  }
  return Step::kMore;
}

}  // namespace tools
