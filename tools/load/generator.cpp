#include "tools/load/generator.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "tools/load/in_flight.h"
#include "tools/load/target.h"

namespace tools {
namespace {

// True if `reply` answers `request`: QR is set, and the question is the same in every octet.
bool answers(dns::Bytes reply, dns::Bytes request) {
  if ((reply[2] & dns::Flag::kQr >> 8) == 0 || dns::load16(reply.data() + 4) != 1) return false;
  std::size_t end = dns::kHeaderSize;  // of the request's question, which is well-formed
  while (request[end] != 0) end += 1U + request[end];
  end += 5;
  return reply.size() >= end &&
         std::memcmp(reply.data() + dns::kHeaderSize, request.data() + dns::kHeaderSize, end - dns::kHeaderSize) == 0;
}

}  // namespace

void LoadResult::merge(const LoadResult& other) {
  sent += other.sent;
  answered += other.answered;
  lost += other.lost;
  unexpected += other.unexpected;
  refused += other.refused;
  truncated += other.truncated;
  octets += other.octets;
  for (std::size_t i = 0; i < rcodes.size(); ++i) rcodes[i] += other.rcodes[i];
  latencies.merge(other.latencies);
  behind.merge(other.behind);
  elapsed = std::max(elapsed, other.elapsed);
}

std::optional<std::uint16_t> InFlight::begin(std::uint32_t question, LoadClock::time_point due) {
  Slot& slot = slots_[next_ % kMaxInFlight];
  if (slot.busy) return std::nullopt;
  slot = {due, question, next_, true};
  ++size_;
  return next_++;
}

std::optional<InFlight::SentQuestion> InFlight::end(std::uint16_t id) {
  Slot& slot = slots_[id % kMaxInFlight];
  if (!slot.busy || slot.id != id) return std::nullopt;
  slot.busy = false;
  --size_;
  return SentQuestion{slot.question, slot.due};
}

std::size_t InFlight::expire(LoadClock::time_point before) {
  std::size_t expired = 0;
  for (; oldest_ != next_; ++oldest_) {
    Slot& slot = slots_[oldest_ % kMaxInFlight];
    if (!slot.busy || slot.id != oldest_) continue;
    if (slot.due > before) break;
    slot.busy = false;
    --size_;
    ++expired;
  }
  return expired;
}

void LoadStats::take(InFlight& flight, dns::Bytes reply, LoadClock::time_point at) {
  const auto sent = reply.size() < dns::kHeaderSize ? std::nullopt : flight.end(dns::load16(reply.data()));
  if (sent) --in_flight;
  if (!sent || !answers(reply, questions_[sent->question])) {
    ++result.unexpected;
    if (sent) ++result.lost;
    return;
  }
  ++result.answered;
  result.octets += reply.size();
  if ((reply[2] & dns::Flag::kTc >> 8) != 0) ++result.truncated;
  ++result.rcodes[reply[3] & 0x0f];
  result.latencies.add(at - sent->due);
  last_answer_ = std::max(last_answer_, at);
}

void LoadStats::expire(InFlight& flight, LoadClock::time_point before) {
  const std::size_t expired = flight.expire(before);
  result.lost += expired;
  in_flight -= expired;
}

dns::Result<LoadResult, std::string> run_load(const QuestionList& questions, const LoadOptions& options) {
  const auto target = resolve_target(options.server, options.protocol);
  if (!target) return dns::Failure(target.error());
  std::vector<LoadResult> parts(options.threads);
  std::vector<std::string> faults(options.threads);
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.threads; ++i)
      threads.emplace_back([&, i] {
        const std::size_t first = questions.size() * i / options.threads;
        try {
          parts[i] = options.protocol == Protocol::kUdp ? run_udp(questions, options, *target, first)
                                                        : run_tcp(questions, options, *target, first);
        } catch (const std::exception& fault) {
          faults[i] = fault.what();
        }
      });
  }
  for (const std::string& fault : faults)
    if (!fault.empty()) return dns::Failure(fault);
  LoadResult all;
  for (const LoadResult& part : parts) all.merge(part);
  return all;
}

}  // namespace tools
