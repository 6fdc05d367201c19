#include "server/query/reply_stream.h"

#include <utility>

#include "server/keys/tsig_session.h"

namespace server {
namespace {

class SignedStream final : public ReplyStream {
 public:
  SignedStream(std::unique_ptr<ReplyStream> stream, const TsigSession& session)
      : stream_(std::move(stream)), session_(session) {}

  Message next(dns::MutableBytes out) override {
    Message message = stream_->next(out.first(out.size() - session_.reserve()));
    if (message.kind == Message::Kind::kFailed) return message;
    message.size = session_.sign(out, message.size);
    return message.size == 0 ? Message{} : message;
  }

 private:
  std::unique_ptr<ReplyStream> stream_;
  TsigSession session_;
};

}  // namespace

std::unique_ptr<ReplyStream> sign_stream(std::unique_ptr<ReplyStream> stream, const TsigSession& session) {
  return std::make_unique<SignedStream>(std::move(stream), session);
}

}  // namespace server
