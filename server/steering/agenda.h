// Which answers have to be judged: those that depend on what changed, and those whose own time has come.
//
//     facts, links, orders --compared with the last ones--> sources that changed --Plan's index--> answers
//     judged(answer, next) ------------------------------------------ due when its time comes -----> answers
//
// So an event costs what hangs on it, whatever else is managed. What moves with every probe (round trips, losses) touches only
// answers that are judged by measures. An answer that was never judged is due. A value; one thread.
#pragma once

#include "server/policy/links.h"

namespace server {

class Agenda {
 public:
  explicit Agenda(const Plan& plan);   // outlives it and its copies

  void look_at(const Facts& facts);
  void look_at(const Standing& before, const Standing& now);
  void link_judged(std::size_t link, const LinkStatus& before, const LinkStatus& now);

  bool is_due(std::size_t answer, Instant now) const { return due_[answer] <= now; }
  void judged(std::size_t answer, std::optional<Instant> next) { due_[answer] = next.value_or(Instant::max()); }
  std::optional<Instant> next() const;   // when the first is due

 private:
  // What answers are judged by, of a router and of a check.
  struct SeenRouter {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;

    friend bool operator==(const SeenRouter&, const SeenRouter&) = default;
  };
  struct SeenCheck {
    Health health = Health::kUnknown;
    unsigned contrary = 0;
    std::optional<Instant> may_change;
    std::string detail;   // where it is down
    Quality quality;
  };
  enum class What : std::uint8_t { kAll, kMeasured };

  void touch(const std::vector<std::size_t>& answers, What what);
  void look_at_check(std::size_t check, const CheckState& state);

  const Plan* plan_;
  std::vector<SeenRouter> routers_;
  std::vector<SeenCheck> checks_;
  std::vector<Instant> due_;   // by answer; the beginning of time: at once
};

}  // namespace server
