// The orders in force, and what the subjects that people type mean.
//
// On one subject there is at most one order of a family: drain, down and up replace one another, so do two forces and two
// freezes. Orders outlive the plan: one whose subject a reload took away stays, without effect, until it ends or is taken back.
//
//     isp-a                      a link
//     lan-gw:rtr-a               a router of a virtual router
//     www.example.com:via-a      a member, in every answer of the name; www.example.com/A@closed:via-a in one; *:via-a in all
//     www.example.com            every answer of the name; with /TYPE and @VIEW one of them; * all
//
// Names are compared without regard to case and to the last dot. Pure; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/policy/admin.h"
#include "server/policy/options.h"
#include "zone/base/result.h"

namespace server {

using WallTime = std::chrono::system_clock::time_point;

enum class OrderFamily : std::uint8_t { kHealth, kForce, kFreeze };

OrderFamily family(OrderKind kind);
std::string_view word(OrderKind kind);

// "drain isp-a until 2026-11-22T21:00:00Z by root"
std::string to_text(const Order& order);
// RFC 3339 in UTC with milliseconds, and back; nothing where it is not that.
std::string to_text(WallTime time);
std::optional<WallTime> parse_time(std::string_view text);

class OrderBook {
 public:
  explicit OrderBook(std::vector<Order> orders = {}) : orders_(std::move(orders)) {}

  void place(Order order);
  // What was taken back: nothing where there was no such order.
  std::optional<Order> take_back(OrderFamily of, std::string_view subject);
  // Takes those whose time is over, and gives them.
  std::vector<Order> expire(WallTime wall);
  std::optional<WallTime> next_end() const;
  const std::vector<Order>& all() const { return orders_; }

 private:
  std::vector<Order> orders_;
};

// A typed subject as orders name it: possibly several. The error is words with the nearest subject that there is.
using Subjects = dns::Result<std::vector<std::string>, std::string>;
Subjects health_subjects(const SteeringOptions& options, std::string_view typed);   // links, routers, members
Subjects answer_subjects(const SteeringOptions& options, std::string_view typed);   // answers by answer_name; "*" stays "*"

// Indices of the answers that a typed name means; empty: none.
std::vector<std::size_t> answers_named(const SteeringOptions& options, std::string_view typed);

// "there is no link, virtual router or managed name `ispa`; did you mean `isp-a`?"
std::string unknown_subject(const SteeringOptions& options, std::string_view typed);

// Whether anything in `options` is what the order names.
bool has_effect(const SteeringOptions& options, const Order& order);

}  // namespace server
