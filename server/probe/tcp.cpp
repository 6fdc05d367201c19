#include "server/probe/measurements.h"
#include "server/probe/probe.h"
#include "server/probe/socket.h"

namespace server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class TcpProbe : public Probe {
 public:
  TcpProbe(asio::io_context& context, const CheckOptions& check, OnResult on_result)
      : Probe(context, check, std::move(on_result)), socket_(context) {}

 private:
  void run() override {
    if (const error_code error = open_for(socket_, check())) return fail(error);
    socket_.async_connect({check().target, port_of(monitor())}, [self = self<TcpProbe>()](const error_code& error) {
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

std::shared_ptr<Probe> make_tcp(asio::io_context& context, const CheckOptions& check, OnResult on_result) {
  return std::make_shared<TcpProbe>(context, check, std::move(on_result));
}

}  // namespace server
