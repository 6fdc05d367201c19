#include "zone/snapshot/record_lines.h"

#include "zone/field/rdata_text.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/client_choice.h"

namespace dns {
namespace {

bool has_record(const Rrset& set, std::uint32_t ttl, Bytes rdata) {
  if (set.ttl != ttl) return false;
  for (const Bytes other : set.view())
    if (compare_rdata(set.type, other, rdata) == 0) return true;
  return false;
}

void append_missing(std::vector<RecordLine>& lines, char sign, const RrsetChange& change, const Rrset& from,
                    const Rrset& other) {
  for (const Bytes rdata : from.view()) {
    if (has_record(other, from.ttl, rdata)) continue;
    std::string record =
        to_text(change.owner.view()) + "\t" + std::to_string(from.ttl) + "\tIN\t" + to_text(change.type) + "\t";
    append_rdata(record, change.type, rdata);
    lines.push_back({sign, std::move(record)});
  }
}

}  // namespace

std::vector<RecordLine> record_lines(const Change& change) {
  std::vector<RecordLine> lines;
  for (const RrsetChange& set : change.sets) {
    if (set.type == kClientChoiceType) continue;
    append_missing(lines, '-', set, set.before, set.after);
    append_missing(lines, '+', set, set.after, set.before);
  }
  return lines;
}

}  // namespace dns
