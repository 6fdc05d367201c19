// Any octets as the saved state of an evaluator. The evaluator restores it or rejects it. A restored evaluator steers a
// world of every policy without an empty set. Its saved state restores to an evaluator with the same decisions. It
// requests its next evaluation only in the future.
#include "tests/support/steering.h"

namespace {

server::SteeringOptions every_policy() {
  server::SteeringOptions options = steered::three_links(server::Policy::kBestQuality);
  options.sla_classes = {{"voice", server::Bounds{0.150, 0.100}, {}, server::Bounds{0.01, 0.003}, 3, 5}};
  options.records[0].sla = 0;
  static constexpr const char* kNames[] = {"f.example.com", "w.example.com", "l.example.com"};
  static constexpr server::Policy kPolicies[] = {server::Policy::kFailover, server::Policy::kWeighted,
                                                 server::Policy::kLowestCostSla};
  for (std::size_t i = 0; i < 3; ++i) {
    options.records.push_back(options.records[0]);
    options.records.back().owner = *dns::parse_name(kNames[i]);
    options.records.back().policy = kPolicies[i];
  }
  const server::SteeringOptions pair = steered::router_pair();
  options.virtual_routers = pair.virtual_routers;
  options.records.push_back(pair.records[0]);
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const server::SteeringOptions options = every_policy();
  const std::string_view text = dns::as_text({data, size});
  steered::World world(options);
  if (!world.evaluator.restore(text, world.now, world.wall())) return 0;
  world.all_up();
  world.evaluate();
  dns::require(!world.decision.next || *world.decision.next > world.now, "the next evaluation is in the future");
  for (const server::ManagedRrsetPtr& set : world.decision.sets)
    dns::require(set->set.count > 0 || set->choice.has_value(), "no set is empty");
  steered::World next(options);
  next.all_up();
  const std::string saved = world.evaluator.save(world.now, world.wall());
  dns::require(next.evaluator.restore(saved, next.now, next.wall()).has_value(), "a saved state can be restored");
  next.evaluate();
  dns::require(steered::same(next.decision.sets, world.decision.sets), "a restored evaluator makes the same decisions");
  world.pass(std::chrono::seconds{600});
  return 0;
}
