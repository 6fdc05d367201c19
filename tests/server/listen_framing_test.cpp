#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "server/listen/framing.h"

using State = server::FrameSplit::State;

namespace {

// Frames of the given sizes, each filled with its own octet.
std::vector<std::uint8_t> stream_of(std::initializer_list<std::size_t> sizes) {
  std::vector<std::uint8_t> stream;
  std::uint8_t fill = 1;
  for (const std::size_t size : sizes) {
    stream.push_back(static_cast<std::uint8_t>(size >> 8));
    stream.push_back(static_cast<std::uint8_t>(size));
    stream.insert(stream.end(), size, fill++);
  }
  return stream;
}

server::FrameSplit split(const std::vector<std::uint8_t>& stream) {
  std::array<dns::Bytes, 4> messages;
  return server::split_frames(stream, messages);
}

}  // namespace

TEST_CASE("framing: finds whole messages, keeps a partial message, stops at an invalid length") {
  struct Row {
    std::vector<std::uint8_t> stream;
    server::FrameSplit expected;
  };
  auto cut = stream_of({12, 20});
  cut.pop_back();
  auto one_octet = stream_of({12});
  one_octet.push_back(0);
  const Row rows[] = {
      {{}, {0, 0, State::kOrderly}},
      {{0}, {0, 0, State::kOrderly}},
      {{0, 0}, {0, 0, State::kBroken}},
      {{0, 11}, {0, 0, State::kBroken}},
      {{0, 12}, {0, 0, State::kOrderly}},
      {{0xff, 0xff, 1, 2}, {0, 0, State::kOrderly}},
      {stream_of({12}), {1, 14, State::kOrderly}},
      {one_octet, {1, 14, State::kOrderly}},
      {cut, {1, 14, State::kOrderly}},
      {stream_of({12, 20, 13}), {3, 51, State::kOrderly}},
      {stream_of({12, 3, 13}), {1, 14, State::kBroken}},
      {stream_of({12, 12, 12, 12, 12}), {4, 56, State::kOrderly}},  // the array has room for four
      {stream_of({65535}), {1, 65537, State::kOrderly}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.stream.size());
    CHECK((split(row.stream) == row.expected));
  }
}

TEST_CASE("framing: a stream in two parts gives the same messages") {
  const std::vector<std::uint8_t> stream = stream_of({12, 17, 300, 12});
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    std::vector<std::size_t> sizes;
    std::vector<std::uint8_t> held;
    for (const auto& part : {std::vector(stream.begin(), stream.begin() + static_cast<long>(at)),
                             std::vector(stream.begin() + static_cast<long>(at), stream.end())}) {
      held.insert(held.end(), part.begin(), part.end());
      std::array<dns::Bytes, 8> messages;
      const server::FrameSplit found = server::split_frames(held, messages);
      for (std::size_t i = 0; i < found.messages; ++i) sizes.push_back(messages[i].size());
      held.erase(held.begin(), held.begin() + static_cast<long>(found.octets));
    }
    CHECK(sizes == std::vector<std::size_t>{12, 17, 300, 12});
    CHECK(held.empty());
  }
}

TEST_CASE("framing: split_frames returns the messages that FrameWriter wrote, with overlapping memory") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 200; ++round) {
    constexpr std::size_t kStep = 600;
    std::vector<std::uint8_t> memory(8 * kStep);
    std::vector<std::vector<std::uint8_t>> wanted;
    for (std::size_t i = 0; i < 8; ++i) {
      wanted.emplace_back(12 + random() % (kStep - 14), static_cast<std::uint8_t>(i + 1));
      std::ranges::copy(wanted.back(), memory.begin() + static_cast<long>(i * kStep + server::kLengthPrefix));
    }
    server::FrameWriter writer(memory.data());
    for (std::size_t i = 0; i < 8; ++i) writer.append({&memory[i * kStep + server::kLengthPrefix], wanted[i].size()});
    std::array<dns::Bytes, 9> messages;
    const server::FrameSplit found = server::split_frames(writer.octets(), messages);
    REQUIRE(found.messages == 8);
    CHECK(found.octets == writer.octets().size());
    for (std::size_t i = 0; i < 8; ++i) CHECK(dns::equal(messages[i], wanted[i]));
  }
}
