// Control messages of one sendmsg, written one behind the other (cmsg(3)): no allocation, room for 256 octets of them.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace server {

inline constexpr std::size_t kControlSize = 256;  // octets, of a receiver's buffer as well

class ControlMessages {
 public:
  // The caller adds no more than the room holds: 256 octets take each address, class and limit that IP knows.
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
