#include <optional>
#include <set>

#include "server/config/rules.h"
#include "zone/name/text.h"

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
  const auto is_earlier = [&](std::uint16_t key) { return std::ranges::find(earlier.keys, key) != earlier.keys.end(); };
  const bool all_keys = earlier.keys.empty() || (!later.keys.empty() && std::ranges::all_of(later.keys, is_earlier));
  return all_transports && all_keys && (later.operations & ~earlier.operations) == 0 &&
         covers_all(earlier.clients, later.clients);
}

dns::Prefix host_prefix(const Endpoint& endpoint) {
  const dns::Bytes octets = dns::unmapped({endpoint.address.data(), endpoint.address_size});
  dns::Prefix prefix;
  std::ranges::copy(octets, prefix.address.begin());
  prefix.size = static_cast<std::uint8_t>(octets.size());
  prefix.length = static_cast<std::uint8_t>(8 * octets.size());
  return prefix;
}

// Makes the keys of a configuration: checks their names, algorithms and secrets.
class KeyResolver {
 public:
  KeyResolver(const ZonesDraft& draft, Secrets secrets, ConfigErrors& errors)
      : draft_(draft), secrets_(secrets), errors_(errors) {}

  std::shared_ptr<const KeyRing> resolve() {
    std::vector<KeyOptions> keys;
    std::set<dns::NameView, dns::CanonicalLess> seen;
    for (const KeyDraft& draft : draft_.keys) {
      if (keys.size() == kMaxKeys) {
        errors_.add(Error::kTooMany, draft.section.at, "more than " + std::to_string(kMaxKeys) + " keys");
        break;
      }
      if (draft.name.view().is_root() || draft.name.size() > dns::kMaxTsigKeyName) continue;  // reported by the reader
      if (!seen.insert(draft.name).second) {
        errors_.add(Error::kKeyTwice, draft.section.at,
                    "the key " + dns::to_text(draft.name) + " already has a section");
        continue;
      }
      const TsigAlgorithm& algorithm = kTsigAlgorithms[draft.algorithm];
      check_algorithm(draft, algorithm);
      if (!is_available(algorithm)) continue;
      // With an error the ring is not used; rules that name the key then give no further errors.
      keys.push_back({draft.name, &algorithm, secret_of(draft).value_or(Secret({0}))});
    }
    return keys.empty() ? nullptr : std::make_shared<const KeyRing>(std::move(keys));
  }

 private:
  void check_algorithm(const KeyDraft& draft, const TsigAlgorithm& algorithm) {
    const SourceSpan at = draft.section.value_span("algorithm");
    const std::string word(algorithm.word);
    if (!is_available(algorithm))
      errors_.add(Error::kWeakAlgorithm, at, "OpenSSL on this host does not support " + word);
    else if (algorithm.strength == Strength::kWeak && !draft.allow_weak)
      errors_.add(Error::kWeakAlgorithm, at, word + " is weak", "use hmac-sha256, or add: allow-weak = true");
    else if (algorithm.strength == Strength::kOld)
      errors_.add(Error::kOldKey, at, word + " is not recommended", "use hmac-sha256");
  }

  std::optional<Secret> secret_of(const KeyDraft& draft) {
    const bool inside = draft.section.has("secret"), file = draft.section.has("secret-file");
    if (draft.section.has_errors) return std::nullopt;
    if (inside == file) {
      errors_.add(Error::kSecretMissing, inside ? draft.section.key_span("secret") : draft.section.at,
                  inside ? "the key has both secret and secret-file" : "the key has no secret",
                  inside ? "remove one of them" : "add: secret-file = \"FILE\"");
      return std::nullopt;
    }
    return inside ? parse(draft, "secret", Error::kBadSecret, draft.secret) : read_file(draft);
  }

  std::optional<Secret> read_file(const KeyDraft& draft) {
    if (secrets_ == Secrets::kSkip) return std::nullopt;
    const auto text = read_secret_file(draft.secret_file);
    if (text) return parse(draft, "secret-file", Error::kSecretFile, *text);
    errors_.add(Error::kSecretFile, draft.section.value_span("secret-file"), draft.secret_file + " " + text.error(),
                "the file must belong to the user of the server and have mode 0600");
    return std::nullopt;
  }

  std::optional<Secret> parse(const KeyDraft& draft, std::string_view key, Error error, std::string_view text) {
    auto secret = parse_secret(text);
    const SourceSpan at = draft.section.key_span(key);
    if (!secret) {
      errors_.add(error, at, "the secret is " + secret.error(), "make one: openssl rand -base64 32");
      return std::nullopt;
    }
    if (secret->octets().size() < kShortSecret)
      errors_.add(Error::kOldKey, at, "the secret has only " + std::to_string(secret->octets().size()) + " bytes",
                  "make one of 32 bytes: openssl rand -base64 32");
    return std::move(*secret);
  }

  const ZonesDraft& draft_;
  Secrets secrets_;
  ConfigErrors& errors_;
};

class PolicyResolver {
 public:
  PolicyResolver(const ZonesDraft& draft, std::shared_ptr<const KeyRing> keys, ConfigErrors& errors)
      : draft_(draft),
        keys_(std::move(keys)),
        errors_(errors),
        used_acls_(draft.acls.size()),
        used_templates_(draft.templates.size()),
        used_remotes_(draft.remotes.size()) {}

  std::shared_ptr<const dns::ZonePolicies> resolve() {
    for (const RemoteDraft& remote : draft_.remotes) remotes_.push_back(rule_of(remote));
    for (const AclDraft& acl : draft_.acls) rules_.push_back(rules_of(acl));
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
    report_unused(draft_.remotes, used_remotes_, "remote");
    if (others == nullptr && zones.empty() && keys_ == nullptr) return nullptr;
    return std::make_shared<const dns::ZonePolicies>(std::move(zones), std::move(others), std::move(keys_));
  }

 private:
  using Policy = dns::ZonePolicies::Policy;

  // What a remote stands for in a rule.
  dns::AccessRule rule_of(const RemoteDraft& remote) {
    dns::AccessRule rule;
    const SourceSpan at = remote.section.value_span("addresses");
    if (std::ranges::any_of(remote.addresses, is_wildcard))
      errors_.add(Error::kBadAddress, at, "a remote has addresses of its own, not \"*\"");
    for (const ListenAddress& address : remote.addresses) rule.clients.push_back(host_prefix(address));
    if (remote.section.has("addresses") && remote.addresses.empty())
      errors_.add(Error::kEmptyList, at, "addresses is an empty list");
    rule.transports = remote.transports;
    if (remote.key.given()) add_key(remote.key, rule);
    return rule;
  }

  // One rule, or one for each remote: the first that matches decides, so they are as good as one.
  std::vector<dns::AccessRule> rules_of(const AclDraft& acl) {
    dns::AccessRule rule = acl.options.rule;
    rule.name = acl.options.name;
    for (const Reference& key : acl.keys) add_key(key, rule);
    if (acl.remotes.empty()) return {rule};
    for (const std::string_view other : {"clients", "keys", "transports"})
      if (acl.section.has(other))
        errors_.add(Error::kRemotesAndClients, acl.section.key_span(other),
                    "a rule with remotes has no " + std::string(other));
    std::vector<dns::AccessRule> rules;
    for (const Reference& reference : acl.remotes) {
      const auto named = find_named(reference, draft_.remotes, "remote", errors_);
      if (!named) continue;
      used_remotes_[*named] = true;
      rules.push_back(remotes_[*named]);
      rules.back().action = rule.action;
      rules.back().name = rule.name;
      rules.back().operations = rule.operations;
    }
    return rules;
  }

  // Names of keys are compared as domain names.
  void add_key(const Reference& reference, dns::AccessRule& rule) {
    const auto name = dns::parse_name(reference.text);
    const dns::TsigKey* const key = name && keys_ != nullptr ? keys_->find(*name) : nullptr;
    const auto same_name = [&](const KeyDraft& draft) { return name && draft.name == *name; };
    if (key != nullptr) rule.keys.push_back(key->number());
    else if (std::ranges::none_of(draft_.keys, same_name)) find_named(reference, draft_.keys, "key", errors_);
  }

  std::optional<std::size_t> template_of(const ZoneDraft& zone) {
    if (!zone.policy_template.given()) return std::nullopt;
    const auto named = find_named(zone.policy_template, draft_.templates, "template", errors_);
    if (named) used_templates_[*named] = true;
    return named;
  }

  Policy policy(const std::vector<Reference>& acl) {
    std::vector<dns::AccessRule> rules;
    std::vector<std::size_t> earlier;
    for (const Reference& reference : acl) {
      const auto named = find_named(reference, draft_.acls, "access rule", errors_);
      if (!named) continue;
      used_acls_[*named] = true;
      check_used(*named, reference, earlier);
      earlier.push_back(*named);
      if (rules.size() + rules_[*named].size() <= dns::kMaxAccessRules)
        rules.insert(rules.end(), rules_[*named].begin(), rules_[*named].end());
      else
        errors_.add(Error::kTooMany, reference.at,
                    "more than " + std::to_string(dns::kMaxAccessRules) + " access rules of one zone");
    }
    return rules.empty() ? nullptr : std::make_shared<const dns::ZonePolicy>(std::move(rules));
  }

  void check_used(std::size_t acl, const Reference& reference, const std::vector<std::size_t>& earlier) {
    const AclDraft& draft = draft_.acls[acl];
    for (const std::size_t each : earlier) {
      const AclDraft& before = draft_.acls[each];
      const auto is_covered = [&](const dns::AccessRule& rule) {
        return std::ranges::any_of(rules_[each], [&](const auto& other) { return matches_all_of(other, rule); });
      };
      if (draft.section.has_errors || before.section.has_errors || rules_[acl].empty() ||
          !std::ranges::all_of(rules_[acl], is_covered))
        continue;
      errors_.add(Error::kRuleNeverUsed, reference.at,
                  "never used: the earlier rule " + before.options.name + " matches all requests of this rule",
                  "put " + draft.options.name + " before " + before.options.name + ", or remove one of them");
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
  std::shared_ptr<const KeyRing> keys_;
  ConfigErrors& errors_;
  std::vector<bool> used_acls_, used_templates_, used_remotes_;
  std::vector<dns::AccessRule> remotes_;             // of draft_.remotes, by index
  std::vector<std::vector<dns::AccessRule>> rules_;  // of draft_.acls, by index
};

}  // namespace

SteeringOptions resolve(const SteeringDraft& draft, ConfigErrors& errors) {
  return DraftResolver(draft, errors).resolve();
}

std::shared_ptr<const KeyRing> resolve_keys(const ZonesDraft& draft, Secrets secrets, ConfigErrors& errors) {
  return KeyResolver(draft, secrets, errors).resolve();
}

std::shared_ptr<const dns::ZonePolicies> resolve_policies(const ZonesDraft& draft, std::shared_ptr<const KeyRing> keys,
                                                          ConfigErrors& errors) {
  return PolicyResolver(draft, std::move(keys), errors).resolve();
}

}  // namespace server
