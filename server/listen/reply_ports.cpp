#include "server/listen/reply_ports.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace server {

struct UdpPort::State {
  std::mutex mutex;  // guards all that follows; sends run under it, and they never wait
  std::condition_variable changed;
  UdpSocket* socket = nullptr;  // null: closed
  Counters* counters = nullptr;
  std::size_t routes = 0;
};

class UdpPort::Route final : public ReplyRoute {
 public:
  Route(std::shared_ptr<State> state, const UdpRoute& to) : state_(std::move(state)), to_(to) {}

  ~Route() override {
    const std::lock_guard lock(state_->mutex);
    --state_->routes;
    state_->changed.notify_all();
  }

  bool send(std::vector<std::uint8_t> message) override {
    iovec octets{message.data(), message.size()};
    mmsghdr one{};
    msghdr& header = one.msg_hdr;
    header.msg_name = &to_.client;
    header.msg_namelen = to_.client_size;
    header.msg_iov = &octets;
    header.msg_iovlen = 1;
    if (to_.source_size != 0) {
      header.msg_control = to_.source.octets.data();
      header.msg_controllen = to_.source_size;
    }
    const std::lock_guard lock(state_->mutex);
    if (state_->socket == nullptr || state_->socket->send({&one, 1}) != 1) return false;
    state_->counters->late.add();
    return true;
  }

 private:
  std::shared_ptr<State> state_;  // shared with the port
  UdpRoute to_;
};

UdpPort::UdpPort(UdpSocket& socket, Counters& counters, std::function<UdpRoute(const Inbound&)> find)
    : state_(std::make_shared<State>()), find_(std::move(find)) {
  state_->socket = &socket;
  state_->counters = &counters;
}

UdpPort::~UdpPort() { close(std::chrono::milliseconds(0)); }

std::unique_ptr<ReplyRoute> UdpPort::route(const Inbound& inbound) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->socket == nullptr || state_->routes == kMaxLateUdp) return nullptr;
    ++state_->routes;
  }
  return std::make_unique<Route>(state_, find_(inbound));
}

void UdpPort::close(std::chrono::milliseconds timeout) {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, timeout, [this] { return state_->routes == 0; });
  state_->socket = nullptr;
}

struct TcpPort::Box {
  std::mutex mutex;            // guards all that follows
  std::function<void()> wake;  // empty: closed
  std::vector<TcpDelivery> waiting;

  // False if the worker has ended, or no memory is left.
  bool put(TcpDelivery delivery) noexcept {
    const std::lock_guard lock(mutex);
    if (wake == nullptr) return false;
    try {
      waiting.push_back(std::move(delivery));
      if (waiting.size() == 1) wake();
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }
};

class TcpPort::Route final : public ReplyRoute {
 public:
  Route(std::shared_ptr<Box> box, TcpPlace from) : box_(std::move(box)), from_(from) {}
  ~Route() override {
    if (!sent_) box_->put({from_, {}});
  }

  bool send(std::vector<std::uint8_t> message) override {
    sent_ = true;
    return box_->put({from_, std::move(message)});
  }

 private:
  std::shared_ptr<Box> box_;  // shared with the port
  TcpPlace from_;
  bool sent_ = false;
};

TcpPort::TcpPort(std::function<void()> wake) : box_(std::make_shared<Box>()) { box_->wake = std::move(wake); }

TcpPort::~TcpPort() { close(); }

std::unique_ptr<ReplyRoute> TcpPort::route(TcpPlace from) { return std::make_unique<Route>(box_, from); }

std::vector<TcpDelivery> TcpPort::take() {
  const std::lock_guard lock(box_->mutex);
  return std::exchange(box_->waiting, {});
}

void TcpPort::close() {
  const std::lock_guard lock(box_->mutex);
  box_->wake = nullptr;
  box_->waiting.clear();
}

}  // namespace server
