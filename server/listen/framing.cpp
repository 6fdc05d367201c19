#include "server/listen/framing.h"

#include <cstring>

namespace server {

FrameSplit split_frames(dns::Bytes input, std::span<dns::Bytes> messages) {
  FrameSplit split;
  while (split.messages < messages.size() && input.size() - split.octets >= kLengthPrefix) {
    const std::size_t size = dns::load16(&input[split.octets]);
    if (size < dns::kHeaderSize) {
      split.state = FrameSplit::State::kBroken;
      break;
    }
    if (input.size() - split.octets - kLengthPrefix < size) break;
    messages[split.messages++] = input.subspan(split.octets + kLengthPrefix, size);
    split.octets += kLengthPrefix + size;
  }
  return split;
}

void FrameWriter::append(dns::Bytes message) {
  std::memmove(start_ + size_ + kLengthPrefix, message.data(), message.size());
  dns::store16(start_ + size_, static_cast<std::uint16_t>(message.size()));
  size_ += kLengthPrefix + message.size();
}

}  // namespace server
