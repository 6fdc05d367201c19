#include <map>
#include <set>

#include "server/config/rules.h"
#include "server/config/values.h"
#include "server/steering/words.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/weighted_slots.h"

namespace server {
namespace {

using Error = ConfigError;

constexpr std::size_t kMaxMembers = 255;  // a slot stores its variant in one octet

// The policies that have a key; one letter per policy, in the order of Policy: failover weighted all lowest-cost-sla
// best-quality static.
struct PolicyKey {
  std::string_view key, policies;
};
constexpr std::string_view kPolicyLetters = "FWALBS";
constexpr PolicyKey kPolicyKeys[] = {
    {"prefer", "F"},
    {"pick", "W"},
    {"sticky", "W"},
    {"transfer-as", "WFLB"},
    {"min-class", "FWALB"},
    {"sla", "FWALB"},
    {"if-none", "FWALB"},
    {"all-down", "FWALB"},
    {"all-down-hold", "FWALB"},
    {"min-up", "FWALB"},
    {"hold-down", "FWALB"},
    {"failback-delay", "FWALB"},
    {"dampen.transitions", "FWALB"},
    {"dampen.within", "FWALB"},
    {"dampen.hold", "FWALB"},
    {"migrate.from", "FLB"},
    {"migrate.to", "FLB"},
    {"migrate.percent", "FLB"},
};

class RecordRules {
 public:
  RecordRules(const RecordDraft& draft, const RecordOptions& record, const std::vector<LinkOptions>& links,
              ConfigErrors& errors)
      : draft_(draft), record_(record), links_(links), errors_(errors) {}

  void check() {
    if (draft_.section.has_errors) return;
    check_members();
    check_keys();
    check_policy();
    check_migration();
    check_counts();
    check_shares();
    if (record_.ttl_min > record_.ttl_max)
      errors_.add(Error::kTtlOrder, draft_.section.value_span("ttl.min"), "ttl.min is larger than ttl.max");
  }

 private:
  void check_members() {
    if (draft_.members.empty() && record_.policy != Policy::kStatic && !draft_.section.has("members"))
      errors_.add(Error::kMissingKey, draft_.section.at, "this record has no members",
                  "add members; only policy = \"static\" allows a record without members");
    else if (draft_.members.empty() && record_.policy != Policy::kStatic)
      errors_.add(Error::kEmptyList, draft_.section.value_span("members"), "members is an empty list");
    for (std::size_t i = 0; i < draft_.members.size(); ++i) {
      if (draft_.members[i].section.has_errors) continue;
      check_addresses(draft_.members[i]);
      check_twice(i);
      check_link(i);
      check_member_keys(draft_.members[i]);
    }
  }

  void check_addresses(const MemberDraft& member) {
    if (!draft_.section.has("type")) return;
    const bool is_ipv6 = record_.type == dns::Type::AAAA;
    for (std::size_t i = 0; i < member.options.addresses.size(); ++i)
      if (member.options.addresses[i].is_v6() != is_ipv6)
        errors_.add(Error::kWrongFamily, member.addresses[i],
                    member.options.addresses[i].to_string() + " is not an " + (is_ipv6 ? "IPv6" : "IPv4") + " address",
                    std::string("use it in a record of type = \"") + (is_ipv6 ? "A" : "AAAA") + "\"");
  }

  void check_twice(std::size_t i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (draft_.members[j].section.has_errors) continue;
      MemberOptions unnamed = record_.members[i];
      unnamed.name = record_.members[j].name;
      const bool same_name = record_.members[i].name == record_.members[j].name;
      if (same_name)
        errors_.add(Error::kMemberTwice, draft_.members[i].section.value_span("name"),
                    "this record already has a member " + unnamed.name);
      else if (unnamed == record_.members[j])
        errors_.add(Error::kMemberTwice, draft_.members[i].section.at,
                    "this member is the same as " + unnamed.name + " except for its name");
    }
  }

  // A member needs a link if the policy compares links, if an SLA class applies, or if link classes are required.
  void check_link(std::size_t i) {
    const SectionSource& section = draft_.members[i].section;
    const auto link = record_.members[i].link;
    if (section.has("link") && !link) return;  // already reported: there is no such link
    const bool compared = record_.policy == Policy::kLowestCostSla || record_.policy == Policy::kBestQuality ||
                          (record_.policy == Policy::kFailover && record_.prefer != Prefer::kOrder);
    if (!record_.allowed_classes.empty() && !link)
      return errors_.add(Error::kNeverUsable, section.at,
                         "never used: min-class requires a link, and this member has none");
    if (!link) {
      if (compared || draft_.sla.given())
        errors_.add(Error::kLinkMissing, section.at,
                    "this member needs a link: the policy or the SLA class of the record uses links");
      return;
    }
    const LinkOptions& of = links_[*link];
    if (!record_.allowed_classes.empty() &&
        std::ranges::find(record_.allowed_classes, of.link_class) == record_.allowed_classes.end())
      errors_.add(Error::kNeverUsable, draft_.members[i].link.at,
                  "never used: the class of link " + of.name + " is not in min-class");
    if (of.probes.empty() && (draft_.sla.given() || record_.policy == Policy::kBestQuality))
      errors_.add(Error::kLinkMissing, draft_.members[i].link.at,
                  "link " + of.name + " has no monitor and is not measured");
  }

  void check_member_keys(const MemberDraft& member) {
    const SectionSource& section = member.section;
    if (section.has("weight") && record_.policy != Policy::kWeighted)
      errors_.add(Error::kWithoutEffect, section.key_span("weight"),
                  "weight has no effect: the policy is not \"weighted\"");
    if (section.has("monitor") &&
        std::ranges::any_of(member.targets.empty() ? member.options.addresses : member.targets, is_link_local))
      errors_.add(Error::kBadAddress, section.value_span(member.targets.empty() ? "address" : "target"),
                  "a link-local address cannot be probed without an interface",
                  "give the member a target, or a link with this target and a device");
    if (section.has("target") && !section.has("monitor"))
      errors_.add(Error::kWithoutEffect, section.key_span("target"), "target has no effect: the member has no monitor");
    if (record_.policy != Policy::kStatic) return;
    for (const std::string_view key : {"router", "link", "monitor"})
      if (section.has(key))
        errors_.add(Error::kStaticWithHealth, section.key_span(key),
                    std::string(key) + " has no effect: policy \"static\" ignores health");
  }

  void check_keys() {
    const char policy = kPolicyLetters[static_cast<std::size_t>(record_.policy)];
    for (const PolicyKey& row : kPolicyKeys)
      if (row.policies.find(policy) == std::string_view::npos) without_effect(row.key, "this policy does not use it");
    if (record_.policy != Policy::kWeighted && !record_.migrate)
      without_effect("transfer-as", "all clients get the same records");
    if (record_.all_down != AllDown::kLastGood) without_effect("all-down-hold", "all-down is not \"last-good\"");
    if (!draft_.sla.given()) without_effect("if-none", "the record has no sla");
  }

  void check_policy() {
    const auto last_resort = [&](const MemberOptions& member) {
      return member.link && links_[*member.link].last_resort;
    };
    if (record_.policy == Policy::kLowestCostSla && !draft_.sla.given())
      errors_.add(Error::kMissingKey, draft_.section.value_span("policy"),
                  "policy \"lowest-cost-sla\" needs an SLA class", "add sla = \"NAME\"");
    if (record_.if_none == IfNone::kLastResort && draft_.sla.given() &&
        std::ranges::none_of(record_.members, last_resort))
      errors_.add(Error::kNoLastResort, draft_.section.value_span("if-none"), "no member has a last-resort link",
                  "add last-resort = true to a link");
  }

  void check_migration() {
    static constexpr std::string_view kKeys[] = {"migrate.from", "migrate.to", "migrate.percent"};
    const auto given = std::ranges::count_if(kKeys, [&](std::string_view key) { return draft_.section.has(key); });
    const std::string_view* const first =
        std::ranges::find_if(kKeys, [&](std::string_view key) { return draft_.section.has(key); });
    if (given != 0 && given != std::ssize(kKeys))
      errors_.add(Error::kMigration, draft_.section.key_span(*first), "migrate needs from, to and percent");
    else if (given != 0 && draft_.migrate_from.text == draft_.migrate_to.text)
      errors_.add(Error::kMigration, draft_.migrate_to.at, "migrate.from and migrate.to must be different members");
  }

  void check_counts() {
    if (draft_.members.size() > kMaxMembers)
      errors_.add(Error::kTooMany, draft_.members[kMaxMembers].section.at,
                  "more than " + std::to_string(kMaxMembers) + " members");
    if (record_.min_up > draft_.members.size() && !draft_.members.empty())
      errors_.add(Error::kTooReliable, draft_.section.value_span("min-up"),
                  "min-up is " + std::to_string(record_.min_up) + ", but the number of members is " +
                      std::to_string(draft_.members.size()));
    const auto weightless = [](const MemberOptions& member) { return member.weight == 0; };
    if (record_.policy == Policy::kWeighted && !record_.members.empty() &&
        std::ranges::all_of(record_.members, weightless))
      errors_.add(Error::kNoWeight, draft_.section.value_span("members"), "all members have weight 0");
  }

  // Warns of members whose weight is so small that they get no clients while all members are usable.
  void check_shares() {
    const std::size_t count = record_.members.size();
    if (record_.policy != Policy::kWeighted || record_.pick != Pick::kOne || count == 0 ||
        count > dns::kMaxWeightedMembers)
      return;
    std::vector<dns::WeightedMember> shares;
    for (const MemberOptions& member : record_.members)
      shares.push_back({dns::member_key(member.name), member.weight, member.weight});
    const dns::Slots slots = dns::assign_slots(shares);
    for (std::size_t i = 0; i < count; ++i) {
      const bool has_share = std::ranges::find(slots, static_cast<std::uint8_t>(i)) != slots.end();
      if (record_.members[i].weight > 0 && !has_share)
        errors_.add(Error::kWithoutShare, draft_.members[i].section.value_span("weight"),
                    "no client gets " + record_.members[i].name +
                        " while the other members are usable: its weight is too small for one of 256 parts",
                    "raise its weight, or lower the others");
    }
  }

  void without_effect(std::string_view key, std::string_view why) {
    if (draft_.section.has(key) && !reported_.contains(draft_.section.key_span(key).offset)) {
      errors_.add(Error::kWithoutEffect, draft_.section.key_span(key),
                  std::string(key) + " has no effect: " + std::string(why));
      reported_.insert(draft_.section.key_span(key).offset);
    }
  }

  const RecordDraft& draft_;
  const RecordOptions& record_;
  const std::vector<LinkOptions>& links_;
  ConfigErrors& errors_;
  std::set<std::uint64_t> reported_;  // a key without effect for two reasons is reported once
};

void check_record_twice(const SteeringDraft& draft, ConfigErrors& errors) {
  using Managed = std::pair<dns::Type, std::string_view>;  // the records of one owner, by type and view
  std::map<dns::NameView, std::set<Managed>, dns::CanonicalLess> seen;
  for (const RecordDraft& record : draft.records) {
    const RecordOptions& options = record.options;
    const bool is_new = seen[options.owner].emplace(options.type, record.view.text).second;
    if (!is_new && record.section.has("name") && record.section.has("type"))
      errors.add(
          Error::kRecordTwice, record.section.value_span("name"),
          dns::to_text(options.owner) + " " + dns::to_text(options.type) + " is already managed by an earlier section");
  }
}

// The number of different answers that a record can have at a time.
std::size_t answers_of(const RecordOptions& record) {
  if (record.policy == Policy::kWeighted && record.pick == Pick::kOne)
    return std::max<std::size_t>(record.members.size(), 1);
  return record.migrate ? 2 : 1;
}

// The records of one name and type are one set: its answers are limited, and clients outside its views get none.
void check_names(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors) {
  struct Name {
    std::size_t first = 0, answers = 0;
    bool only_in_views = true;
  };
  std::map<dns::NameView, std::map<dns::Type, Name>, dns::CanonicalLess> names;
  for (std::size_t i = 0; i < resolved.records.size(); ++i) {
    const RecordOptions& record = resolved.records[i];
    if (draft.records[i].section.has_errors) continue;
    Name& name = names[record.owner].try_emplace(record.type, Name{.first = i}).first->second;
    const bool fitted = name.answers <= dns::kMaxVariants;
    name.answers += answers_of(record);
    name.only_in_views = name.only_in_views && record.view.has_value();
    if (fitted && name.answers > dns::kMaxVariants)
      errors.add(Error::kTooMany, draft.records[i].section.value_span("name"),
                 "the records of " + managed_name(record.owner, record.type) + " have more than " +
                     std::to_string(dns::kMaxVariants) + " different answers",
                 "use fewer members or views, or pick = \"all\"");
  }
  for (const auto& [owner, types] : names) {
    for (const auto& [type, name] : types) {
      if (!name.only_in_views) continue;
      errors.add(Error::kOnlyInViews, draft.records[name.first].section.value_span("name"),
                 "clients outside the views of " + managed_name(resolved.records[name.first].owner, type) +
                     " get no address: it has no record without a view");
    }
  }
}

// The names that are referred to.
struct Used {
  std::set<std::string, std::less<>> virtual_routers, monitors, links, sla_classes, views;
};

Used used_by(const SteeringDraft& draft) {
  Used used;
  for (const LinkDraft& link : draft.links) used.monitors.insert(link.monitor.text);
  for (const RecordDraft& record : draft.records) {
    used.views.insert(record.view.text);
    used.sla_classes.insert(record.sla.text);
    for (const MemberDraft& member : record.members) {
      used.links.insert(member.link.text);
      for (const Reference& monitor : member.monitors) used.monitors.insert(monitor.text);
      for (const Reference& router : member.routers)
        used.virtual_routers.insert(router.text.substr(0, router.text.find(':')));
    }
  }
  return used;
}

template <class Draft>
void check_used(const std::vector<Draft>& drafts, const std::set<std::string, std::less<>>& used, std::string_view noun,
                ConfigErrors& errors) {
  for (const Draft& draft : drafts)
    if (!used.contains(draft.options.name))
      errors.add(Error::kUnused, draft.section.at, std::string(noun) + " " + draft.options.name + " is not used");
}

std::string date_text(std::chrono::year_month_day day) {
  const auto digits = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(day.year())) + "-" + digits(static_cast<unsigned>(day.month())) + "-" +
         digits(static_cast<unsigned>(day.day()));
}

void check_date(const LinkDraft& link, std::optional<std::chrono::year_month_day> today, ConfigErrors& errors) {
  const auto day = link.options.deprecated;
  if (!day) return;
  const bool passed = today && *today > *day;
  errors.add(passed ? Error::kDeprecated : Error::kStillDeprecated, link.section.value_span("deprecated"),
             "link " + link.options.name +
                 (passed ? " is in use after its deprecated date " : " is in use until its deprecated date ") +
                 date_text(*day));
}

}  // namespace

void check_record_rules(const SteeringDraft& draft, const SteeringOptions& resolved, ConfigErrors& errors) {
  check_record_twice(draft, errors);
  check_names(draft, resolved, errors);
  for (std::size_t i = 0; i < draft.records.size(); ++i)
    RecordRules(draft.records[i], resolved.records[i], resolved.links, errors).check();
}

void check_unused_sections(const SteeringDraft& draft, std::optional<std::chrono::year_month_day> today,
                           ConfigErrors& errors) {
  const Used used = used_by(draft);
  check_used(draft.virtual_routers, used.virtual_routers, "virtual router", errors);
  check_used(draft.monitors, used.monitors, "monitor", errors);
  check_used(draft.links, used.links, "link", errors);
  check_used(draft.sla_classes, used.sla_classes, "SLA class", errors);
  check_used(draft.views, used.views, "view", errors);
  for (const LinkDraft& link : draft.links)
    if (used.links.contains(link.options.name)) check_date(link, today, errors);
}

}  // namespace server
