#include "server/steering/managed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "server/policy/words.h"
#include "zone/name/text.h"

namespace server {

namespace {

using At = ManagedFinding::At;

struct FaultRow {
  ManagedFault fault;
  Severity severity;
  std::string_view words;   // after the subject
};

constexpr std::array kFaults = {
    FaultRow{ManagedFault::kNotInZones, Severity::kError, "no zone here holds the name"},
    FaultRow{ManagedFault::kBelowCut, Severity::kError, "the name is delegated away, or redirected by a DNAME: it is not this zone's to answer"},
    FaultRow{ManagedFault::kNoDefaultSet, Severity::kError, "its zone has no set of this name and type, which is what is served while nothing is decided"},
    FaultRow{ManagedFault::kIsAlias, Severity::kError, "the name owns a CNAME, and so can have no addresses"},
    FaultRow{ManagedFault::kIsNameServer, Severity::kError, "NS records point at it, at"},
    FaultRow{ManagedFault::kAnsweredTwice, Severity::kError, "the same name, type and view are answered before"},
    FaultRow{ManagedFault::kNeverAllowed, Severity::kError, "never used: its link is of no class that the answer allows"},
    FaultRow{ManagedFault::kNothingAllowed, Severity::kError, "no member's link is of a class that it allows"},
    FaultRow{ManagedFault::kWrongFamily, Severity::kError, "an address is not of the answer's type"},
    FaultRow{ManagedFault::kNothingToJudge, Severity::kWarning, "the answer has an SLA, and nothing measures this member"},
    FaultRow{ManagedFault::kLinkDeprecated, Severity::kError, "in use after the date that it was to be given up"},
    FaultRow{ManagedFault::kLinkToEnd, Severity::kWarning, "in use, and to be given up"},
    FaultRow{ManagedFault::kLinkUnused, Severity::kWarning, "no member goes over it"},
    FaultRow{ManagedFault::kViewUnused, Severity::kWarning, "no answer is for it"},
    FaultRow{ManagedFault::kViewsOverlap, Severity::kError, "some of its clients are all in an earlier view:"},
    FaultRow{ManagedFault::kTooManyViews, Severity::kError, "there are more views than can be told apart"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFaults.size(); ++i) {
    if (static_cast<std::size_t>(kFaults[i].fault) != i) return false;
  }
  return kFaults.size() == static_cast<std::size_t>(ManagedFault::kTooManyViews) + 1;
}
static_assert(in_order());

const FaultRow& row(ManagedFault fault) { return kFaults[static_cast<std::size_t>(fault)]; }

bool is_allowed(const SteeringOptions& options, const AnswerOptions& answer, const MemberOptions& member) {
  const std::vector<LinkClass>& floor = answer.allowed_classes;
  return floor.empty() || (member.link && std::find(floor.begin(), floor.end(), options.links[*member.link].link_class) != floor.end());
}

// Whether every client of `narrow` is one of `wide`.
bool covers(const dns::Prefix& wide, const dns::Prefix& narrow) {
  return wide.size == narrow.size && wide.length <= narrow.length && dns::contains(wide, dns::Bytes(narrow.address.data(), narrow.size));
}

// Whether some clients that `later` lists can never be in it, as `earlier` has them.
bool shadows(const dns::View& earlier, const dns::View& later) {
  if (!earlier.local.empty() && earlier.local != later.local) return false;
  if (earlier.clients.empty()) return true;
  return std::any_of(later.clients.begin(), later.clients.end(), [&](const dns::Prefix& narrow) {
    return std::any_of(earlier.clients.begin(), earlier.clients.end(), [&](const dns::Prefix& wide) { return covers(wide, narrow); });
  });
}

class OptionsCheck {
 public:
  OptionsCheck(const SteeringOptions& options, std::chrono::year_month_day today) : options_(options), today_(today) {}

  std::vector<ManagedFinding> run() {
    for (std::size_t i = 0; i < options_.answers.size(); ++i) check_answer(i);
    for (std::size_t i = 0; i < options_.links.size(); ++i) check_link(i);
    for (std::size_t i = 0; i < options_.views.size(); ++i) check_view(i);
    return std::move(findings_);
  }

 private:
  void tell(ManagedFault fault, At at, std::size_t index, std::size_t member = 0, std::size_t other = 0) {
    findings_.push_back({fault, at, index, member, other, {}});
  }

  void check_answer(std::size_t index) {
    const AnswerOptions& answer = options_.answers[index];
    const auto [place, fresh] = seen_.try_emplace(answer_name(options_, index), index);
    if (!fresh) tell(ManagedFault::kAnsweredTwice, At::kAnswer, index, 0, place->second);
    std::size_t allowed = 0;
    for (std::size_t i = 0; i < answer.members.size(); ++i) {
      check_member(index, i);
      if (is_allowed(options_, answer, answer.members[i])) ++allowed;
    }
    if (allowed == 0 && !answer.members.empty()) tell(ManagedFault::kNothingAllowed, At::kAnswer, index);
  }

  void check_member(std::size_t index, std::size_t place) {
    const AnswerOptions& answer = options_.answers[index];
    const MemberOptions& member = answer.members[place];
    if (!is_allowed(options_, answer, member)) tell(ManagedFault::kNeverAllowed, At::kMember, index, place);
    const bool v6 = answer.type == dns::Type::AAAA;
    if (std::any_of(member.addresses.begin(), member.addresses.end(), [&](const auto& address) { return address.is_v6() != v6; })) {
      tell(ManagedFault::kWrongFamily, At::kMember, index, place);
    }
    const bool measured = member.link ? !options_.links[*member.link].probes.empty() : !member.checks.empty();
    if (answer.sla && !measured) tell(ManagedFault::kNothingToJudge, At::kMember, index, place);
  }

  bool is_used(std::size_t link) const {
    return std::any_of(options_.answers.begin(), options_.answers.end(), [&](const AnswerOptions& answer) {
      return std::any_of(answer.members.begin(), answer.members.end(), [&](const MemberOptions& member) { return member.link == link; });
    });
  }

  void check_link(std::size_t index) {
    const LinkOptions& link = options_.links[index];
    if (!is_used(index)) return tell(ManagedFault::kLinkUnused, At::kLink, index);
    if (link.deprecated) tell(today_ > *link.deprecated ? ManagedFault::kLinkDeprecated : ManagedFault::kLinkToEnd, At::kLink, index);
  }

  void check_view(std::size_t index) {
    if (index == dns::kMaxViews) tell(ManagedFault::kTooManyViews, At::kView, index);
    const bool used = std::any_of(options_.answers.begin(), options_.answers.end(), [&](const AnswerOptions& answer) { return answer.view == index; });
    if (!used) tell(ManagedFault::kViewUnused, At::kView, index);
    for (std::size_t earlier = 0; earlier < index; ++earlier) {
      if (!shadows(options_.views[earlier], options_.views[index])) continue;
      return tell(ManagedFault::kViewsOverlap, At::kView, index, 0, earlier);
    }
  }

  const SteeringOptions& options_;
  std::chrono::year_month_day today_;
  std::map<std::string, std::size_t> seen_;
  std::vector<ManagedFinding> findings_;
};

using Managed = std::multimap<dns::Name, std::size_t, dns::CanonicalLess>;   // answers by owner

std::optional<ManagedFault> fault_in(const dns::Snapshot& snapshot, const AnswerOptions& answer) {
  const dns::Key key{answer.owner.view()};
  const dns::Zone* zone = snapshot.find(key);
  if (zone == nullptr) return ManagedFault::kNotInZones;
  const dns::Lookup lookup = zone->find(key);
  if (lookup.covering) return ManagedFault::kBelowCut;
  if (lookup.node && lookup.node->has(dns::Type::CNAME)) return ManagedFault::kIsAlias;
  if (!lookup.node || !lookup.node->has(answer.type)) return ManagedFault::kNoDefaultSet;
  return std::nullopt;
}

// Tells of each managed name that `node`'s NS records point at.
void check_servers(const dns::NodeView& node, const Managed& managed, std::vector<ManagedFinding>& findings) {
  const std::optional<dns::RrsetView> servers = node.find(dns::Type::NS);
  if (!servers) return;
  for (const dns::Bytes rdata : *servers) {
    const auto target = dns::read_name(rdata);
    if (!target) continue;
    const auto range = managed.equal_range(dns::Name(*target));
    for (auto answer = range.first; answer != range.second; ++answer) {
      findings.push_back({ManagedFault::kIsNameServer, At::kAnswer, answer->second, 0, 0, node.owner()});
    }
  }
}

std::string subject_of(const SteeringOptions& options, const ManagedFinding& finding) {
  switch (finding.at) {
    case At::kAnswer: return answer_name(options, finding.index);
    case At::kMember: return answer_name(options, finding.index) + ":" + options.answers[finding.index].members[finding.member].name;
    case At::kLink: return "link " + options.links[finding.index].name;
    case At::kView: return "view " + options.views[finding.index].name;
  }
  return {};
}

}  // namespace

Severity severity(ManagedFault fault) { return row(fault).severity; }

std::string describe(const SteeringOptions& options, const ManagedFinding& finding) {
  std::string words = fmt::format("{}: {}", subject_of(options, finding), row(finding.fault).words);
  if (finding.fault == ManagedFault::kIsNameServer) words += fmt::format(" {}: glue in a parent could not follow", dns::to_text(finding.other));
  if (finding.fault == ManagedFault::kViewsOverlap) words += " " + options.views[finding.other_index].name;
  if (finding.at == At::kLink && options.links[finding.index].deprecated && finding.fault != ManagedFault::kLinkUnused) {
    const std::chrono::year_month_day date = *options.links[finding.index].deprecated;
    words += fmt::format(": {:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  }
  return words;
}

std::vector<ManagedFinding> check_options(const SteeringOptions& options, std::chrono::year_month_day today) {
  return OptionsCheck(options, today).run();
}

std::vector<ManagedFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot) {
  std::vector<ManagedFinding> findings;
  Managed managed;
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    managed.emplace(options.answers[i].owner, i);
    const std::optional<ManagedFault> fault = fault_in(snapshot, options.answers[i]);
    if (fault) findings.push_back({*fault, At::kAnswer, i, 0, 0, {}});
  }
  if (managed.empty()) return findings;
  for (const std::shared_ptr<const dns::Zone>& zone : snapshot.zones()) {
    zone->for_each([&](const dns::NodeView& node) {
      if (node.is_cut() || node.relative_owner().empty()) check_servers(node, managed, findings);
      return true;
    });
  }
  return findings;
}

}  // namespace server
