// What people have ordered: drain, force, freeze, each until an instant or until taken back. Outlives restarts and reloads.
//
// Subjects are named as people name them; an order whose subject a reload took away is kept, and reported as without effect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace server {

enum class OrderKind : std::uint8_t {
  kDrain,    // a link, a member ("www.example.com/A:via-a"; "*:via-a" in all answers) or a router ("lan-gw:rtr-a"): not chosen while any other is usable
  kDown,     // the same subjects: as if it had failed
  kUp,       // as if it were healthy
  kForce,    // an answer is to be `member`, whatever its health
  kFreeze,   // an answer stays as it is; subject "*": all
};

struct Order {
  OrderKind kind{};
  std::string subject;
  std::string member;                                             // kForce
  std::optional<std::chrono::system_clock::time_point> until;     // wall clock: it outlives the process
  std::string by;                                                 // who gave it: user name or number of the peer

  friend bool operator==(const Order&, const Order&) = default;
};

}  // namespace server
