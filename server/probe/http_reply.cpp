#include "server/probe/http_reply.h"

#include <algorithm>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "server/probe/measurements.h"

namespace server {
namespace {

namespace http = boost::beast::http;
constexpr unsigned kFirstFinalStatus = 200;
constexpr std::uint16_t kStatusOk = 200;

// The start of a body. Nothing is reserved for the length that the header announces.
struct BoundedBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool kRequest, class Fields>
    reader(http::header<kRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) { error = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      for (const boost::asio::const_buffer piece : boost::beast::buffers_range_ref(buffers))
        body_.append(static_cast<const char*>(piece.data()), std::min(piece.size(), kMaxHttpBody - body_.size()));
      return boost::beast::buffer_bytes(buffers);
    }

    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace

class HttpReply::Parser {
 public:
  explicit Parser(HttpExpectation expectation) : expectation_(std::move(expectation)) { begin(); }

  std::optional<ProbeResult> put(dns::Bytes octets) {
    pending_.insert(pending_.end(), octets.begin(), octets.end());
    while (true) {
      boost::system::error_code error;
      const std::size_t used = parser_->put(boost::asio::buffer(pending_), error);
      pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
      if (parser_->is_header_done() && status() < kFirstFinalStatus) {
        if (++interim_ > kMaxInterimAnswers) return failed("too many interim responses");
        begin();
        continue;
      }
      if (const auto decided = evaluate()) return decided;
      if (error && error != http::error::need_more) return failed("malformed response: " + error.message());
      if (pending_.empty() || used == 0) return std::nullopt;
    }
  }

  ProbeResult end() {
    if (!parser_->is_header_done())
      return failed(pending_.empty() && !parser_->got_some() ? "connection closed without a response"
                                                             : "response cut short");
    boost::system::error_code error;
    parser_->put_eof(error);
    if (const auto decided = evaluate()) return *decided;
    return failed(error ? "response cut short" : no_match());
  }

 private:
  void begin() {
    parser_.emplace();
    parser_->eager(true);
    parser_->body_limit(std::uint64_t{1} << 62);  // the body is bounded here; it need not be read to its end
  }

  unsigned status() const { return parser_->get().result_int(); }

  std::optional<ProbeResult> evaluate() {
    if (!parser_->is_header_done()) return std::nullopt;
    const auto expected = [this](unsigned found) {
      return expectation_.status.empty() ? found == kStatusOk
                                         : std::ranges::find(expectation_.status, found) != expectation_.status.end();
    };
    if (!expected(status())) return failed(words());
    if (matches()) return ProbeResult{.outcome = Outcome::kOk, .measurements = {}, .detail = words()};
    if (parser_->is_done() || body().size() == kMaxHttpBody) return failed(no_match());
    return std::nullopt;
  }

  // Searches only the new octets, so a body in many pieces costs no more than one in few.
  bool matches() {
    const std::size_t overlap = expectation_.match.empty() ? 0 : expectation_.match.size() - 1;
    const std::size_t from = searched_ > overlap ? searched_ - overlap : 0;
    searched_ = body().size();
    return expectation_.match.empty() || body().find(expectation_.match, from) != std::string::npos;
  }

  const std::string& body() const { return parser_->get().body(); }
  std::string words() const { return first_line(fmt::format("{} {}", status(), std::string(parser_->get().reason()))); }
  std::string no_match() const {
    return fmt::format("{}, but the body does not contain `{}`", words(), expectation_.match);
  }
  static ProbeResult failed(std::string detail) {
    return {.outcome = Outcome::kFailed, .measurements = {}, .detail = std::move(detail)};
  }

  HttpExpectation expectation_;
  std::optional<http::response_parser<BoundedBody>> parser_;
  std::vector<std::uint8_t> pending_;  // octets that the parser needs again together with the next ones
  std::size_t searched_ = 0;           // octets of the body that were searched
  unsigned interim_ = 0;
};

HttpReply::HttpReply(HttpExpectation expectation) : parser_(std::make_unique<Parser>(std::move(expectation))) {}
HttpReply::~HttpReply() = default;
std::optional<ProbeResult> HttpReply::put(dns::Bytes octets) { return parser_->put(octets); }
ProbeResult HttpReply::end() { return parser_->end(); }

}  // namespace server
