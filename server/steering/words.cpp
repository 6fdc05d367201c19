#include "server/steering/words.h"

#include <array>

#include "zone/name/text.h"

namespace server {

namespace {

// Entry i is the name of the state with number i.

constexpr std::array<std::string_view, 7> kVirtualRouter = {"unknown",   "active", "releasing", "suspect",
                                                            "no-active", "split",  "flapping"};
constexpr std::array<std::string_view, 4> kLink = {"unknown", "up", "degraded", "down"};
constexpr std::array<std::string_view, 5> kMember = {"unknown", "usable", "degraded", "drained", "down"};
constexpr std::array<std::string_view, 7> kAnswer = {"undecided", "normal", "failed-over", "degraded",
                                                     "all-down",  "frozen", "forced"};
constexpr std::array<std::string_view, 3> kHealth = {"unknown", "up", "down"};
constexpr std::array<std::string_view, 7> kLinkClass = {"mpls",     "ip-vpn", "sd-wan", "internet-vpn",
                                                        "internet", "lte",    "atm"};
constexpr std::array<std::string_view, 6> kPolicy = {"failover",        "weighted",     "all",
                                                     "lowest-cost-sla", "best-quality", "static"};

static_assert(kVirtualRouter.size() == static_cast<std::size_t>(VirtualRouterState::kFlapping) + 1);
static_assert(kLink.size() == static_cast<std::size_t>(LinkState::kDown) + 1);
static_assert(kMember.size() == static_cast<std::size_t>(MemberState::kDown) + 1);
static_assert(kAnswer.size() == static_cast<std::size_t>(RecordState::kForced) + 1);
static_assert(kHealth.size() == static_cast<std::size_t>(Health::kDown) + 1);
static_assert(kLinkClass.size() == static_cast<std::size_t>(LinkClass::kAtm) + 1);
static_assert(kPolicy.size() == static_cast<std::size_t>(Policy::kStatic) + 1);

template <class State, std::size_t N>
std::optional<State> find(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == word) return static_cast<State>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view word(VirtualRouterState state) { return kVirtualRouter[static_cast<std::size_t>(state)]; }
std::string_view word(LinkState state) { return kLink[static_cast<std::size_t>(state)]; }
std::string_view word(MemberState state) { return kMember[static_cast<std::size_t>(state)]; }
std::string_view word(RecordState state) { return kAnswer[static_cast<std::size_t>(state)]; }
std::string_view word(Health health) { return kHealth[static_cast<std::size_t>(health)]; }
std::string_view word(LinkClass link_class) { return kLinkClass[static_cast<std::size_t>(link_class)]; }
std::string_view word(Policy policy) { return kPolicy[static_cast<std::size_t>(policy)]; }

std::optional<LinkClass> link_class_of(std::string_view word) { return find<LinkClass>(kLinkClass, word); }
std::optional<Policy> policy_of(std::string_view word) { return find<Policy>(kPolicy, word); }
std::optional<LinkState> link_state_of(std::string_view word) { return find<LinkState>(kLink, word); }
std::optional<MemberState> member_state_of(std::string_view word) { return find<MemberState>(kMember, word); }
std::optional<RecordState> record_state_of(std::string_view word) { return find<RecordState>(kAnswer, word); }

std::string managed_name(const dns::Name& owner, dns::Type type) {
  std::string name = dns::to_text(owner);
  if (name.size() > 1) name.pop_back();
  return name + (type == dns::Type::AAAA ? "/AAAA" : "/A");
}

}  // namespace server
