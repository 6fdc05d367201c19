// Any octets as a configuration: each fault has a place inside the text, there is no exception, and no value is out of
// range. A configuration without errors is consistent: every index refers to an element, and no record lacks members
// unless its policy allows it.
#include <algorithm>
#include <cstdlib>

#include "server/config/config.h"
#include "server/zonefiles/reader.h"
#include "tests/support/memory_files.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_member(const server::SteeringOptions& steering, const server::RecordOptions& record,
                  const server::MemberOptions& member) {
  require(!member.name.empty() && !member.addresses.empty());
  for (const auto& address : member.addresses) require(address.is_v6() == (record.type == dns::Type::AAAA));
  for (const server::RouterRequirement& requirement : member.routers) {
    require(requirement.virtual_router < steering.virtual_routers.size());
    require(requirement.router < steering.virtual_routers[requirement.virtual_router].routers.size());
  }
  require(!member.link || *member.link < steering.links.size());
}

void check_record(const server::SteeringOptions& steering, const server::RecordOptions& record) {
  require(record.type == dns::Type::A || record.type == dns::Type::AAAA);
  require(record.ttl_min >= 1 && record.ttl_min <= record.ttl_max);
  require(!record.view || *record.view < steering.views.size());
  require(!record.sla || *record.sla < steering.sla_classes.size());
  require(record.policy == server::Policy::kStatic || !record.members.empty());
  require(record.policy != server::Policy::kLowestCostSla || record.sla);
  require(record.members.empty() || record.min_up <= record.members.size());
  if (record.migrate)
    require(std::max(record.migrate->from, record.migrate->to) < record.members.size() &&
            record.migrate->from != record.migrate->to);
  for (const server::MemberOptions& member : record.members) check_member(steering, record, member);
}

void check_steering(const server::Options& options) {
  const server::SteeringOptions& steering = options.steering;
  require(steering.empty() || !options.state.empty());
  require(steering.views.size() <= dns::kMaxViews);
  for (const server::VirtualRouterOptions& router : steering.virtual_routers)
    require(router.vrid != 0 && !router.vips.empty() && !router.routers.empty() && !router.sources.empty() &&
            !router.interface.empty());
  for (const server::LinkOptions& link : steering.links)
    require(link.probes.empty() || link.reliability <= link.probes.size());
  for (const server::RecordOptions& record : steering.records) check_record(steering, record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  server::MemoryFiles files;
  files.write("waymark.toml", std::string(dns::as_text({data, size})));
  server::ZoneFileReader reader(files, server::IncludeScope::kInside);
  dns::Diagnostics diagnostics;
  const auto loaded =
      server::load_config("waymark.toml", reader, diagnostics, std::chrono::year(2030) / 1 / 1, server::Secrets::kSkip);
  require(loaded.has_value());
  for (const dns::Diagnostic& fault : diagnostics.kept()) {
    require(fault.at.offset <= size);
    require(!dns::render(fault, loaded->sources, {}).empty());
  }
  require(loaded->options.responder.udp_size_max >= dns::kClassicUdpSize && loaded->options.listen.tcp.workers > 0);
  require(loaded->records.size() == loaded->options.steering.records.size());
  if (diagnostics.errors() == 0) check_steering(loaded->options);
  return 0;
}
