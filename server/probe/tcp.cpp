#include "server/probe/kinds.h"
#include "server/probe/socket.h"
#include "server/reply/measures.h"

namespace server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class TcpAttempt : public Attempt {
 public:
  TcpAttempt(asio::io_context& context, const CheckOptions& check, Report report)
      : Attempt(context, check, std::move(report)), socket_(context) {}

 private:
  void run() override {
    if (const error_code error = open_for(socket_, check())) return fail(error);
    socket_.async_connect({check().target, port_of(monitor())}, [self = self<TcpAttempt>()](const error_code& error) {
      if (self->done()) return;
      if (error) return self->fail(error);
      const Duration round_trip = self->elapsed();
      self->succeed(to_text(round_trip), round_trip);
    });
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  asio::ip::tcp::socket socket_;
};

}  // namespace

std::shared_ptr<Attempt> make_tcp(asio::io_context& context, const CheckOptions& check, Report report) {
  return std::make_shared<TcpAttempt>(context, check, std::move(report));
}

}  // namespace server
