// Control messages for one sendmsg, one behind the other (cmsg(3)). No allocation: 256 octets are enough.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace server {

inline constexpr std::size_t kControlSize = 256;  // octets, also of the buffer of a receiver

class ControlMessages {
 public:
  // The caller adds no more than fits: 256 octets have room for the source address, the traffic class and the hop
  // limit.
  template <class T>
  void add(int level, int type, const T& value) {
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(sizeof value);
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(&octets_[size_], &header, sizeof header);
    std::memcpy(&octets_[size_ + CMSG_LEN(0)], &value, sizeof value);
    size_ += CMSG_SPACE(sizeof value);
  }

  void* data() { return octets_.data(); }
  std::size_t size() const { return size_; }

 private:
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> octets_{};
  std::size_t size_ = 0;
};

}  // namespace server
