#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/x509v3.h>

#include "server/probe/http_reply.h"
#include "server/probe/measurements.h"
#include "server/probe/probe.h"
#include "server/probe/socket.h"

namespace server {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Which file the authorities were read from, as far as it can be told from outside.
struct AuthorityFile {
  dev_t device = 0;
  ino_t inode = 0;
  std::pair<time_t, long> written{};

  friend bool operator==(const AuthorityFile&, const AuthorityFile&) = default;
};

std::optional<AuthorityFile> authority_file() {
  const char* const named = std::getenv(X509_get_default_cert_file_env());
  struct stat status{};
  if (::stat(named != nullptr ? named : X509_get_default_cert_file(), &status) != 0) return std::nullopt;
  return AuthorityFile{status.st_dev, status.st_ino, {status.st_mtim.tv_sec, status.st_mtim.tv_nsec}};
}

}  // namespace

struct TlsContexts::Both {
  std::optional<AuthorityFile> authorities;
  ssl::context verifying{ssl::context::tls_client};
  ssl::context trusting{ssl::context::tls_client};  // `verify = false`
};

TlsContexts::TlsContexts() = default;
TlsContexts::~TlsContexts() = default;

// A file that is missing for a moment changes nothing.
std::shared_ptr<TlsContexts::Both> TlsContexts::get() {
  const auto authorities = authority_file();
  if (both_ != nullptr && (!authorities || authorities == both_->authorities)) return both_;
  both_ = std::make_shared<Both>();
  both_->authorities = authorities;
  error_code ignored;  // without authorities no certificate is accepted; each probe reports that
  both_->verifying.set_default_verify_paths(ignored);
  both_->verifying.set_verify_mode(ssl::verify_peer, ignored);
  both_->trusting.set_verify_mode(ssl::verify_none, ignored);
  return both_;
}

namespace {

// Redirects are not followed: the response shows what this target does.
class HttpProbe : public Probe {
 public:
  HttpProbe(asio::io_context& context, const CheckOptions& check, OnResult on_result, TlsContexts& tls)
      : Probe(context, check, std::move(on_result)),
        socket_(context),
        reply_({.status = monitor().expect, .match = monitor().match}) {
    if (!monitor().tls) return;
    contexts_ = tls.get();
    tls_.emplace(socket_, monitor().verify ? contexts_->verifying : contexts_->trusting);
  }

 private:
  void run() override {
    if (const error_code error = open_for(socket_, check())) return fail(error);
    socket_.async_connect({check().target, port_of(monitor())}, [self = self<HttpProbe>()](const error_code& error) {
      if (self->done()) return;
      if (error) return self->fail(error);
      if (self->tls_) return self->start_handshake();
      self->send(self->socket_);
    });
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

  // Sets what the certificate must contain: the name or address in `host`, otherwise the target's address. Without it
  // OpenSSL accepts the certificate of any name, so a failure must end the probe. A name is also sent as SNI; an
  // address never is (RFC 6066 3).
  bool set_server_identity(SSL* session) {
    const HttpHost& host = monitor().host;
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);  // RFC 9525 6.3
    if (!host.name.empty())
      return SSL_set_tlsext_host_name(session, host.name.c_str()) == 1 &&
             SSL_set1_host(session, host.name.c_str()) == 1;
    const asio::ip::address& address = host.text.empty() ? check().target : host.address;
    const auto expect = [&](const auto& octets) {
      return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session), octets.data(), octets.size()) == 1;
    };
    if (address.is_v4()) return expect(address.to_v4().to_bytes());
    const asio::ip::address_v6 v6 = address.to_v6();
    return v6.is_v4_mapped() ? expect(asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_bytes())
                             : expect(v6.to_bytes());
  }

  void start_handshake() {
    if (!set_server_identity(tls_->native_handle())) return fail("TLS: cannot set the name to verify");
    tls_->async_handshake(ssl::stream_base::client, [self = self<HttpProbe>()](const error_code& error) {
      if (self->done()) return;
      if (error) return self->fail(self->handshake_words(error));
      self->send(*self->tls_);
    });
  }

  std::string handshake_words(const error_code& error) {
    const long verified = SSL_get_verify_result(tls_->native_handle());
    if (monitor().verify && verified != X509_V_OK)
      return fmt::format("certificate: {}", X509_verify_cert_error_string(verified));
    return fmt::format("TLS: {}", first_line(error.message()));
  }

  std::string request() const {
    std::string host = monitor().host.text;
    if (host.empty()) {
      const bool usual = port_of(monitor()) == (monitor().tls ? 443 : 80);
      const asio::ip::address& target = check().target;  // its scope means something on this host only
      host = target.is_v6() ? fmt::format("[{}]", asio::ip::address_v6(target.to_v6().to_bytes()).to_string())
                            : target.to_string();
      if (!usual) host += fmt::format(":{}", port_of(monitor()));
    }
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: waymark\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                       monitor().path, host);
  }

  template <class Stream>
  void send(Stream& stream) {
    request_ = request();
    asio::async_write(stream, asio::buffer(request_),
                      [self = self<HttpProbe>(), &stream](const error_code& error, std::size_t) {
                        if (self->done()) return;
                        if (error) return self->fail(error);
                        self->receive(stream);
                      });
  }

  template <class Stream>
  void receive(Stream& stream) {
    stream.async_read_some(
        asio::buffer(buffer_), [self = self<HttpProbe>(), &stream](const error_code& error, std::size_t size) {
          if (self->done()) return;
          auto result = size == 0 ? std::nullopt : self->reply_.put(dns::Bytes(self->buffer_).first(size));
          if (!result && error) result = self->ended(error);
          if (!result) return self->receive(stream);
          if (result->outcome == Outcome::kOk) result->measurements.latency = self->elapsed();
          self->finish(std::move(*result));
        });
  }

  // Many servers close a TLS connection without a close_notify; HTTP knows whether the response was complete.
  ProbeResult ended(const error_code& error) {
    if (error == asio::error::eof || error == ssl::error::stream_truncated) return reply_.end();
    return {.outcome = is_local_shortage(error) ? Outcome::kUnknown : Outcome::kFailed,
            .measurements = {},
            .detail = first_line(error.message())};
  }

  tcp::socket socket_;
  std::shared_ptr<TlsContexts::Both> contexts_;  // before tls_, which uses them
  std::optional<ssl::stream<tcp::socket&>> tls_;
  HttpReply reply_;
  std::string request_;
  std::array<std::uint8_t, 8192> buffer_;
};

}  // namespace

std::shared_ptr<Probe> make_http(asio::io_context& context, const CheckOptions& check, OnResult on_result,
                                 TlsContexts& tls) {
  return std::make_shared<HttpProbe>(context, check, std::move(on_result), tls);
}

}  // namespace server
