#include <optional>

#include "server/config/rules.h"

namespace server {
namespace {

using Error = ConfigError;

struct MonitorType {
  ProbeKind kind;
  bool tls;
  std::uint16_t port;
};

// In the order of monitor_types().
constexpr MonitorType kMonitorTypes[] = {
    {ProbeKind::kIcmp, false, 0},  {ProbeKind::kTcp, false, 0},  {ProbeKind::kHttp, false, 80},
    {ProbeKind::kHttp, true, 443}, {ProbeKind::kDns, false, 53}, {ProbeKind::kStamp, false, 862},
    {ProbeKind::kExec, false, 0},  {ProbeKind::kFile, false, 0},
};

// The monitor's options, with what its type implies.
MonitorOptions monitor_of(const MonitorDraft& draft) {
  MonitorOptions options = draft.options;
  const MonitorType& type = kMonitorTypes[draft.type];
  options.kind = type.kind;
  options.tls = type.tls;
  if (options.port == 0) options.port = type.port;
  if (options.kind == ProbeKind::kDns && options.query_type == dns::Type{}) options.query_type = dns::Type::SOA;
  return options;
}

// The index in `candidates` of the object that `reference` names; reports an error if there is none.
template <class Target>
std::optional<std::size_t> find_named(const Reference& reference, const std::vector<Target>& candidates,
                                      std::string_view noun, ConfigErrors& errors) {
  std::vector<std::string_view> names;
  for (const Target& candidate : candidates) {
    if (candidate.options.name == reference.text) return names.size();
    names.push_back(candidate.options.name);
  }
  std::string help = did_you_mean(reference.text, names);
  if (help.empty())
    help = names.empty() ? "no " + std::string(noun) + " is defined" : "known names: " + list_words(names);
  errors.add(Error::kNoSuchReference, reference.at, "no " + std::string(noun) + " is named '" + reference.text + "'",
             std::move(help));
  return std::nullopt;
}

class DraftResolver {
 public:
  DraftResolver(const SteeringDraft& draft, ConfigErrors& errors) : draft_(draft), errors_(errors) {}

  SteeringOptions resolve() {
    SteeringOptions options{.mode = draft_.mode,
                            .initial_round = draft_.initial_round,
                            .programs = draft_.programs,
                            .virtual_routers = {},
                            .links = {},
                            .sla_classes = {},
                            .views = {},
                            .records = {}};
    for (const VirtualRouterDraft& draft : draft_.virtual_routers)
      options.virtual_routers.push_back(virtual_router(draft));
    for (const LinkDraft& draft : draft_.links) options.links.push_back(link(draft));
    for (const SlaDraft& draft : draft_.sla_classes) options.sla_classes.push_back(draft.options);
    for (const ViewDraft& draft : draft_.views) options.views.push_back(draft.options);
    for (const RecordDraft& draft : draft_.records) options.records.push_back(record(draft));
    return options;
  }

 private:
  template <class Target>
  std::optional<std::size_t> find(const Reference& reference, const std::vector<Target>& candidates,
                                  std::string_view noun) {
    return find_named(reference, candidates, noun, errors_);
  }

  template <class Target>
  std::optional<std::size_t> find_given(const Reference& reference, const std::vector<Target>& candidates,
                                        std::string_view noun) {
    return reference.given() ? find(reference, candidates, noun) : std::nullopt;
  }

  VirtualRouterOptions virtual_router(const VirtualRouterDraft& draft) {
    VirtualRouterOptions options = draft.options;
    for (const RouterDraft& router : draft.routers) options.routers.push_back(router.options);
    if (find_given(draft.local_router, draft.routers, "router")) options.local_router = draft.local_router.text;
    if (options.fifo_instance.empty() && !options.fifo.empty()) options.fifo_instance = options.name;
    return options;
  }

  LinkOptions link(const LinkDraft& draft) {
    LinkOptions options = draft.options;
    const auto monitor = find_given(draft.monitor, draft_.monitors, "monitor");
    if (!monitor) return options;
    CheckOptions check{
        .monitor = monitor_of(draft_.monitors[*monitor]), .target = {}, .source = draft.source, .device = draft.device};
    for (const auto& target : draft.targets) {
      check.target = target;
      options.probes.push_back(check);
    }
    if (draft.targets.empty()) options.probes.push_back(check);  // a file or a program that needs no address
    return options;
  }

  RecordOptions record(const RecordDraft& draft) {
    RecordOptions options = draft.options;
    options.view = find_given(draft.view, draft_.views, "view");
    options.sla = find_given(draft.sla, draft_.sla_classes, "SLA class");
    if (!draft.section.has("ttl.min")) options.ttl_min = std::min(options.ttl_min, options.ttl_max);
    for (const MemberDraft& member : draft.members) options.members.push_back(member_of(member));
    if (options.migrate) {
      options.migrate->from = find_given(draft.migrate_from, draft.members, "member").value_or(0);
      options.migrate->to = find_given(draft.migrate_to, draft.members, "member").value_or(0);
    }
    return options;
  }

  MemberOptions member_of(const MemberDraft& draft) {
    MemberOptions options = draft.options;
    for (const Reference& reference : draft.routers)
      if (const auto requirement = router(reference)) options.routers.push_back(*requirement);
    options.link = find_given(draft.link, draft_.links, "link");
    for (const Reference& reference : draft.monitors) {
      const auto monitor = find(reference, draft_.monitors, "monitor");
      if (!monitor) continue;
      for (const auto& target : draft.targets.empty() ? draft.options.addresses : draft.targets)
        options.checks.push_back(
            {.monitor = monitor_of(draft_.monitors[*monitor]), .target = target, .source = {}, .device = {}});
    }
    return options;
  }

  // "lan-gw", "lan-gw:rtr-a"
  std::optional<RouterRequirement> router(const Reference& reference) {
    const std::size_t colon = reference.text.find(':');
    const Reference first{reference.text.substr(0, colon), {reference.at.offset, reference.at.length}};
    const auto virtual_router = find(first, draft_.virtual_routers, "virtual router");
    if (!virtual_router) return std::nullopt;
    RouterRequirement requirement{.virtual_router = *virtual_router, .need = RouterNeed::kHasActive, .router = 0};
    if (colon == std::string::npos) return requirement;
    const Reference second{reference.text.substr(colon + 1), reference.at};
    const auto router = find(second, draft_.virtual_routers[*virtual_router].routers, "router");
    if (!router) return std::nullopt;
    requirement.need = RouterNeed::kActive;
    requirement.router = *router;
    return requirement;
  }

  const SteeringDraft& draft_;
  ConfigErrors& errors_;
};

constexpr std::string_view kDefaultTemplate = "default";

// Whether `earlier` matches all requests that `later` matches.
bool matches_all_of(const dns::AccessRule& earlier, const dns::AccessRule& later) {
  const bool all_transports =
      earlier.transports == 0 || (later.transports != 0 && (later.transports & ~earlier.transports) == 0);
  return all_transports && (later.operations & ~earlier.operations) == 0 && covers_all(earlier.clients, later.clients);
}

class PolicyResolver {
 public:
  PolicyResolver(const ZonesDraft& draft, ConfigErrors& errors)
      : draft_(draft), errors_(errors), used_acls_(draft.acls.size()), used_templates_(draft.templates.size()) {}

  std::shared_ptr<const dns::ZonePolicies> resolve() {
    std::vector<Policy> of_templates;
    for (const TemplateDraft& each : draft_.templates) of_templates.push_back(policy(each.acl));
    Policy others;
    for (std::size_t i = 0; i < of_templates.size(); ++i) {
      if (draft_.templates[i].options.name != kDefaultTemplate) continue;
      others = of_templates[i];
      used_templates_[i] = true;
    }
    std::vector<std::pair<dns::Name, Policy>> zones;
    for (const ZoneDraft& zone : draft_.zones) {
      Policy own = others;
      if (const auto named = template_of(zone)) own = of_templates[*named];
      if (!zone.acl.empty()) own = policy(zone.acl);
      if (own != others) zones.emplace_back(zone.zone.apex, std::move(own));
    }
    report_unused(draft_.templates, used_templates_, "template");
    report_unused(draft_.acls, used_acls_, "access rule");
    if (others == nullptr && zones.empty()) return nullptr;
    return std::make_shared<const dns::ZonePolicies>(std::move(zones), std::move(others));
  }

 private:
  using Policy = dns::ZonePolicies::Policy;

  std::optional<std::size_t> template_of(const ZoneDraft& zone) {
    if (!zone.policy_template.given()) return std::nullopt;
    const auto named = find_named(zone.policy_template, draft_.templates, "template", errors_);
    if (named) used_templates_[*named] = true;
    return named;
  }

  Policy policy(const std::vector<Reference>& acl) {
    std::vector<dns::AccessRule> rules;
    std::vector<const AclDraft*> earlier;
    for (const Reference& reference : acl) {
      const auto named = find_named(reference, draft_.acls, "access rule", errors_);
      if (!named) continue;
      const AclDraft& draft = draft_.acls[*named];
      used_acls_[*named] = true;
      check_used(draft, reference, earlier);
      earlier.push_back(&draft);
      if (rules.size() < dns::kMaxAccessRules) rules.push_back(draft.options.rule);
      else
        errors_.add(Error::kTooMany, reference.at,
                    "more than " + std::to_string(dns::kMaxAccessRules) + " access rules of one zone");
    }
    return rules.empty() ? nullptr : std::make_shared<const dns::ZonePolicy>(std::move(rules));
  }

  void check_used(const AclDraft& draft, const Reference& reference, const std::vector<const AclDraft*>& earlier) {
    for (const AclDraft* each : earlier) {
      if (draft.section.has_errors || each->section.has_errors ||
          !matches_all_of(each->options.rule, draft.options.rule))
        continue;
      errors_.add(Error::kRuleNeverUsed, reference.at,
                  "never used: the earlier rule " + each->options.name + " matches all requests of this rule",
                  "put " + draft.options.name + " before " + each->options.name + ", or remove one of them");
      return;
    }
  }

  template <class Draft>
  void report_unused(const std::vector<Draft>& drafts, const std::vector<bool>& used, std::string_view noun) {
    for (std::size_t i = 0; i < drafts.size(); ++i)
      if (!used[i])
        errors_.add(Error::kUnused, drafts[i].section.at,
                    std::string(noun) + " " + drafts[i].options.name + " is not used");
  }

  const ZonesDraft& draft_;
  ConfigErrors& errors_;
  std::vector<bool> used_acls_, used_templates_;
};

}  // namespace

SteeringOptions resolve(const SteeringDraft& draft, ConfigErrors& errors) {
  return DraftResolver(draft, errors).resolve();
}

std::shared_ptr<const dns::ZonePolicies> resolve_policies(const ZonesDraft& draft, ConfigErrors& errors) {
  return PolicyResolver(draft, errors).resolve();
}

}  // namespace server
