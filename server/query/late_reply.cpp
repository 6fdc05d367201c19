#include "server/query/late_reply.h"

#include <utility>

namespace server {

LateRequest::LateRequest(const RequestView& request, std::unique_ptr<ReplyRoute> route)
    : octets_(request.inbound.bytes.begin(), request.inbound.bytes.end()),
      client_(request.inbound.client),
      transport_(request.inbound.transport),
      key_(request.key == nullptr ? dns::NameView() : request.key->name()),
      reply_max_(request.out.size()),
      deadline_(std::chrono::steady_clock::now() + kLateTimeout),
      route_(std::move(route)) {
  if (request.session != nullptr) session_ = *request.session;
}

bool LateRequest::is_expired() const { return std::chrono::steady_clock::now() > deadline_; }

bool LateRequest::reply(std::vector<std::uint8_t> message) {
  const std::unique_ptr<ReplyRoute> route = std::exchange(route_, nullptr);
  dns::require(message.size() <= reply_max_ && message.size() >= dns::kHeaderSize, "the reply has a possible size");
  if (route == nullptr || is_expired()) return false;
  if (session_) {
    const std::size_t size = message.size();
    message.resize(size + session_->reserve());
    const std::size_t whole = session_->sign(message, size);
    if (whole == 0) return false;
    message.resize(whole);
  }
  return route->send(std::move(message));
}

std::optional<LateRequest> take_request(const RequestView& request) {
  if (request.port == nullptr) return std::nullopt;
  auto route = request.port->route(request.inbound);
  if (route == nullptr) return std::nullopt;
  return LateRequest(request, std::move(route));
}

}  // namespace server
