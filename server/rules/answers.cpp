#include "server/rules/answers.h"

#include <map>
#include <set>

#include "zone/name/text.h"
#include "zone/field/text.h"

namespace server {
namespace {

using Fault = ConfigFault;

constexpr std::size_t kMaxMembers = 255;   // slots name their variants by an octet

// Which policies have a key; a letter each, in the order of Policy: failover weighted all lowest-cost-sla best-quality static.
struct PolicyKey { std::string_view key, policies; };
constexpr std::string_view kPolicyLetters = "FWALBS";
constexpr PolicyKey kPolicyKeys[] = {
    {"prefer", "F"}, {"pick", "W"}, {"sticky", "W"}, {"transfer-as", "WFLB"}, {"min-class", "FWALB"}, {"sla", "FWALB"}, {"if-none", "FWALB"},
    {"all-down", "FWALB"}, {"all-down-hold", "FWALB"}, {"min-up", "FWALB"}, {"hold-down", "FWALB"}, {"failback-delay", "FWALB"},
    {"dampen.transitions", "FWALB"}, {"dampen.within", "FWALB"}, {"dampen.hold", "FWALB"},
    {"migrate.from", "FLB"}, {"migrate.to", "FLB"}, {"migrate.percent", "FLB"},
};

class Rules {
 public:
  Rules(const AnswerDraft& draft, const AnswerOptions& answer, const std::vector<LinkOptions>& links, Faults& faults)
      : draft_(draft), answer_(answer), links_(links), faults_(faults) {}

  void check() {
    if (draft_.written.faulty) return;
    check_members();
    check_keys();
    check_policy();
    check_migration();
    check_counts();
    if (answer_.ttl_min > answer_.ttl_max) faults_.tell(Fault::kTtlOrder, draft_.written.mark("ttl.min"), "ttl.min is above ttl.max");
  }

 private:
  void check_members() {
    if (draft_.members.empty() && answer_.policy != Policy::kStatic && !draft_.written.has("members"))
      faults_.tell(Fault::kMissingKey, draft_.written.at, "this answer has no members", "only policy = \"static\" can do without: it then says that there is no address");
    else if (draft_.members.empty() && answer_.policy != Policy::kStatic)
      faults_.tell(Fault::kEmptyList, draft_.written.mark("members"), "members lists nobody");
    for (std::size_t i = 0; i < draft_.members.size(); ++i) {
      if (draft_.members[i].written.faulty) continue;
      check_addresses(draft_.members[i]);
      check_twice(i);
      check_link(i);
      check_member_keys(draft_.members[i]);
    }
  }

  void check_addresses(const MemberDraft& member) {
    if (!draft_.written.has("type")) return;
    const bool is_ipv6 = answer_.type == dns::Type::AAAA;
    for (std::size_t i = 0; i < member.options.addresses.size(); ++i)
      if (member.options.addresses[i].is_v6() != is_ipv6)
        faults_.tell(Fault::kWrongFamily, member.addresses[i], member.options.addresses[i].to_string() + " is not an " + (is_ipv6 ? "IPv6" : "IPv4") + " address",
                     std::string("type = \"") + (is_ipv6 ? "A" : "AAAA") + "\"");
  }

  void check_twice(std::size_t i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (draft_.members[j].written.faulty) continue;
      MemberOptions unnamed = answer_.members[i];
      unnamed.name = answer_.members[j].name;
      const bool same_name = answer_.members[i].name == answer_.members[j].name;
      if (same_name) faults_.tell(Fault::kMemberTwice, draft_.members[i].written.mark("name"), "this answer has a member " + unnamed.name + " already");
      else if (unnamed == answer_.members[j]) faults_.tell(Fault::kMemberTwice, draft_.members[i].written.at, "the same as " + unnamed.name + " in all but its name");
    }
  }

  // Links that the policy compares, that an SLA class judges, or whose class is asked for.
  void check_link(std::size_t i) {
    const Written& written = draft_.members[i].written;
    const auto link = answer_.members[i].link;
    if (written.has("link") && !link) return;   // told: there is no such link
    const bool compared = answer_.policy == Policy::kLowestCostSla || answer_.policy == Policy::kBestQuality ||
                          (answer_.policy == Policy::kFailover && answer_.prefer != Prefer::kOrder);
    if (!answer_.allowed_classes.empty() && !link)
      return faults_.tell(Fault::kNeverUsable, written.at, "never chosen: min-class asks for a link, and it has none");
    if (!link) {
      if (compared || draft_.sla.given()) faults_.tell(Fault::kLinkMissing, written.at, "no link, which this answer compares or judges");
      return;
    }
    const LinkOptions& of = links_[*link];
    if (!answer_.allowed_classes.empty() && std::ranges::find(answer_.allowed_classes, of.link_class) == answer_.allowed_classes.end())
      faults_.tell(Fault::kNeverUsable, draft_.members[i].link.at, "never chosen: the class of link " + of.name + " is not in min-class");
    if (of.probes.empty() && (draft_.sla.given() || answer_.policy == Policy::kBestQuality))
      faults_.tell(Fault::kLinkMissing, draft_.members[i].link.at, "link " + of.name + " has no monitor, so that nothing is measured");
  }

  void check_member_keys(const MemberDraft& member) {
    const Written& written = member.written;
    if (written.has("weight") && answer_.policy != Policy::kWeighted)
      faults_.tell(Fault::kWithoutEffect, written.mark_key("weight"), "weight has no effect: the policy is not \"weighted\"");
    if (written.has("target") && !written.has("monitor"))
      faults_.tell(Fault::kWithoutEffect, written.mark_key("target"), "target has no effect: the member has no monitor");
    if (answer_.policy != Policy::kStatic) return;
    for (const std::string_view key : {"router", "link", "monitor"})
      if (written.has(key)) faults_.tell(Fault::kStaticWithHealth, written.mark_key(key), std::string(key) + ": a static answer does not look at health");
  }

  void check_keys() {
    const char policy = kPolicyLetters[static_cast<std::size_t>(answer_.policy)];
    for (const PolicyKey& row : kPolicyKeys)
      if (row.policies.find(policy) == std::string_view::npos) without_effect(row.key, "this policy has no such key");
    if (answer_.policy != Policy::kWeighted && !answer_.migrate) without_effect("transfer-as", "all clients get the same set");
    if (answer_.all_down != AllDown::kLastGood) without_effect("all-down-hold", "all-down is not \"last-good\"");
    if (!draft_.sla.given()) without_effect("if-none", "there is no sla");
  }

  void check_policy() {
    const auto last_resort = [&](const MemberOptions& member) { return member.link && links_[*member.link].last_resort; };
    if (answer_.policy == Policy::kLowestCostSla && !draft_.sla.given())
      faults_.tell(Fault::kMissingKey, draft_.written.mark("policy"), "lowest-cost-sla needs an SLA class: sla");
    if (answer_.if_none == IfNone::kLastResort && draft_.sla.given() && std::ranges::none_of(answer_.members, last_resort))
      faults_.tell(Fault::kNoLastResort, draft_.written.mark("if-none"), "no member's link is a last resort", "last-resort = true in the link");
  }

  void check_migration() {
    static constexpr std::string_view kKeys[] = {"migrate.from", "migrate.to", "migrate.percent"};
    const auto given = std::ranges::count_if(kKeys, [&](std::string_view key) { return draft_.written.has(key); });
    const std::string_view* const first = std::ranges::find_if(kKeys, [&](std::string_view key) { return draft_.written.has(key); });
    if (given != 0 && given != std::ssize(kKeys))
      faults_.tell(Fault::kMigration, draft_.written.mark_key(*first), "a migration has from, to and percent");
    else if (given != 0 && draft_.migrate_from.text == draft_.migrate_to.text)
      faults_.tell(Fault::kMigration, draft_.migrate_to.at, "a migration leads to another member");
  }

  void check_counts() {
    if (draft_.members.size() > kMaxMembers)
      faults_.tell(Fault::kTooMany, draft_.members[kMaxMembers].written.at, "there are more than " + std::to_string(kMaxMembers) + " members");
    if (answer_.min_up > draft_.members.size() && !draft_.members.empty())
      faults_.tell(Fault::kTooReliable, draft_.written.mark("min-up"), "min-up is " + std::to_string(answer_.min_up) + ", of " + std::to_string(draft_.members.size()) + " members");
    const auto weightless = [](const MemberOptions& member) { return member.weight == 0; };
    if (answer_.policy == Policy::kWeighted && !answer_.members.empty() && std::ranges::all_of(answer_.members, weightless))
      faults_.tell(Fault::kNoWeight, draft_.written.mark("members"), "all members have weight 0");
  }

  void without_effect(std::string_view key, std::string_view why) {
    if (draft_.written.has(key) && !told_.contains(draft_.written.mark_key(key).offset)) {
      faults_.tell(Fault::kWithoutEffect, draft_.written.mark_key(key), std::string(key) + " has no effect: " + std::string(why));
      told_.insert(draft_.written.mark_key(key).offset);
    }
  }

  const AnswerDraft& draft_;
  const AnswerOptions& answer_;
  const std::vector<LinkOptions>& links_;
  Faults& faults_;
  std::set<std::uint64_t> told_;   // a key that has no effect for two reasons is told once
};

void check_answer_twice(const SteeringDraft& draft, Faults& faults) {
  using Managed = std::pair<dns::Type, std::string_view>;   // of an owner: by type and view
  std::map<dns::NameView, std::set<Managed>, dns::CanonicalLess> seen;
  for (const AnswerDraft& answer : draft.answers) {
    const AnswerOptions& options = answer.options;
    const bool is_new = seen[options.owner].emplace(options.type, answer.view.text).second;
    if (!is_new && answer.written.has("name") && answer.written.has("type"))
      faults.tell(Fault::kAnswerTwice, answer.written.mark("name"), dns::to_text(options.owner) + " " + dns::to_text(options.type) + " is managed by an earlier answer");
  }
}

// Names of what is referred to.
struct Used {
  std::set<std::string, std::less<>> virtual_routers, monitors, links, sla_classes, views;
};

Used used_by(const SteeringDraft& draft) {
  Used used;
  for (const LinkDraft& link : draft.links) used.monitors.insert(link.monitor.text);
  for (const AnswerDraft& answer : draft.answers) {
    used.views.insert(answer.view.text);
    used.sla_classes.insert(answer.sla.text);
    for (const MemberDraft& member : answer.members) {
      used.links.insert(member.link.text);
      for (const Reference& monitor : member.monitors) used.monitors.insert(monitor.text);
      for (const Reference& router : member.routers) used.virtual_routers.insert(router.text.substr(0, router.text.find(':')));
    }
  }
  return used;
}

template <class Draft>
void check_used(const std::vector<Draft>& drafts, const std::set<std::string, std::less<>>& used, std::string_view noun, Faults& faults) {
  for (const Draft& draft : drafts)
    if (!used.contains(draft.options.name))
      faults.tell(Fault::kUnused, draft.written.at, "nothing refers to the " + std::string(noun) + " " + draft.options.name);
}

std::string date_text(std::chrono::year_month_day day) {
  const auto digits = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(day.year())) + "-" + digits(static_cast<unsigned>(day.month())) + "-" + digits(static_cast<unsigned>(day.day()));
}

void check_date(const LinkDraft& link, std::optional<std::chrono::year_month_day> today, Faults& faults) {
  const auto day = link.options.deprecated;
  if (!day) return;
  const bool passed = today && *today > *day;
  faults.tell(passed ? Fault::kDeprecated : Fault::kStillDeprecated, link.written.mark("deprecated"),
              "link " + link.options.name + (passed ? " was to go out of use on " : " goes out of use on ") + date_text(*day));
}

}  // namespace

void check_answers(const SteeringDraft& draft, const SteeringOptions& resolved, Faults& faults) {
  check_answer_twice(draft, faults);
  for (std::size_t i = 0; i < draft.answers.size(); ++i) Rules(draft.answers[i], resolved.answers[i], resolved.links, faults).check();
}

void check_use(const SteeringDraft& draft, std::optional<std::chrono::year_month_day> today, Faults& faults) {
  const Used used = used_by(draft);
  check_used(draft.virtual_routers, used.virtual_routers, "virtual router", faults);
  check_used(draft.monitors, used.monitors, "monitor", faults);
  check_used(draft.links, used.links, "link", faults);
  check_used(draft.sla_classes, used.sla_classes, "SLA class", faults);
  check_used(draft.views, used.views, "view", faults);
  for (const LinkDraft& link : draft.links)
    if (used.links.contains(link.options.name)) check_date(link, today, faults);
}

}  // namespace server
