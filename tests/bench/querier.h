// Sends questions to the responder as a UDP worker does: in batches of 32, octets to octets.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "server/query/responder.h"

namespace dns::test {

class Querier {
 public:
  Querier() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots_[i].out = {&out_[i * kRoom], kRoom};
      slots_[i].inbound.client = {
          .address = {198, 51, 100, static_cast<std::uint8_t>(i)}, .address_size = 4, .port = 5353};
      slots_[i].inbound.local = {.address = {192, 0, 2, 53}, .address_size = 4, .port = 53};
    }
  }

  // Returns the octets of all answers.
  std::size_t ask(std::span<const std::vector<std::uint8_t>> questions, const Snapshot& snapshot) {
    std::size_t octets = 0;
    for (std::size_t at = 0; at < questions.size(); at += kBatch) {
      const std::size_t count = std::min(kBatch, questions.size() - at);
      for (std::size_t i = 0; i < count; ++i) slots_[i].inbound.bytes = questions[at + i];
      responder_.respond({slots_.data(), count}, snapshot);
      for (std::size_t i = 0; i < count; ++i) octets += slots_[i].size;
    }
    return octets;
  }

 private:
  static constexpr std::size_t kBatch = 32, kRoom = 2048;

  server::Counters counters_;
  server::Responder responder_{{}, counters_};
  std::array<server::Responder::Slot, kBatch> slots_{};
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(kBatch * kRoom);
};

}  // namespace dns::test
