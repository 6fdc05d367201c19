#include "server/probe/http_reply.h"

#include <algorithm>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "server/probe/measurements.h"
#include "zone/base/ascii.h"

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

constexpr std::string_view kBlanks = " \t";

// The position after the empty line that ends the header, or npos. Lines end with LF or CRLF. Lines before `from` have
// been searched.
std::size_t find_header_end(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != text.npos; at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return text.npos;
}

// Calls `use` with each line, without its end, up to the empty line.
template <class Use>
void for_each_line(std::string_view header, const Use& use) {
  while (true) {
    const std::size_t end = header.find('\n');
    std::string_view line = header.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    use(line);
    header.remove_prefix(end + 1);
  }
}

// The field's name, in any case, without the spaces that some servers write before the colon.
std::string_view field_name(std::string_view line) {
  const std::string_view name = line.substr(0, std::min(line.find(':'), line.size()));
  return name.substr(0, name.find_last_not_of(kBlanks) + 1);
}

// Writes what browsers and curl accept in the strict form that Beast requires: a space after a status without a reason
// phrase (RFC 9112 4), CRLF after each line (2.2), no space before a colon (5.1), and no Content-Length beside
// Transfer-Encoding, which overrides it (6.3).
std::string strict_header(std::string_view header) {
  bool has_transfer_encoding = false;
  for_each_line(header, [&](std::string_view line) {
    has_transfer_encoding = has_transfer_encoding || dns::equal_fold(field_name(line), "Transfer-Encoding");
  });
  std::string strict;
  for_each_line(header, [&](std::string_view line) {
    const std::string_view name = field_name(line);
    if (strict.empty()) {
      strict = line;
      if (std::ranges::count(line, ' ') == 1) strict += ' ';
    } else if (kBlanks.contains(line.front()) || !line.contains(':')) {
      strict += line;  // the rest of the field before, or malformed
    } else if (has_transfer_encoding && dns::equal_fold(name, "Content-Length")) {
      return;
    } else {
      strict.append(name).append(line.substr(line.find(':')));
    }
    strict += "\r\n";
  });
  return strict + "\r\n";
}

}  // namespace

class HttpReply::Parser {
 public:
  explicit Parser(HttpExpectation expectation) : expectation_(std::move(expectation)) { begin(); }

  std::optional<ProbeResult> put(dns::Bytes octets) {
    pending_.insert(pending_.end(), octets.begin(), octets.end());
    while (true) {
      if (!parser_->is_header_done()) {
        if (const auto malformed = take_header()) return malformed;
        if (!parser_->is_header_done()) return std::nullopt;
        if (status() < kFirstFinalStatus) {
          if (++interim_ > kMaxInterimAnswers) return failed("too many interim responses");
          begin();
          continue;
        }
      }
      boost::system::error_code error;
      const std::size_t used = pending_.empty() ? 0 : parser_->put(boost::asio::buffer(pending_), error);
      pending_.erase(0, used);
      if (const auto decided = evaluate()) return decided;
      if (error && error != http::error::need_more) return failed("malformed response: " + error.message());
      if (pending_.empty() || used == 0) return std::nullopt;
    }
  }

  ProbeResult end() {
    if (!parser_->is_header_done())
      return failed(pending_.empty() && interim_ == 0 ? "connection closed without a response" : "response cut short");
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
    parser_->header_limit(2 * kMaxHttpHeader);    // the strict form has at most two octets more a line
    searched_header_ = 0;
  }

  // Gives the parser the header once it is whole. A result is an error.
  std::optional<ProbeResult> take_header() {
    constexpr std::string_view kProtocol = "HTTP/";
    const std::string_view text = pending_;
    if (!text.starts_with(kProtocol.substr(0, text.size()))) return failed("malformed response: not HTTP/1");
    const std::size_t end = find_header_end(text, searched_header_);
    if (std::min(end, text.size()) > kMaxHttpHeader)
      return failed(fmt::format("malformed response: the header has more than {} octets", kMaxHttpHeader));
    if (end == text.npos) {
      searched_header_ = text.size() - std::min<std::size_t>(text.size(), 2);  // "\n\r" may have been received
      return std::nullopt;
    }
    const std::string strict = strict_header(text.substr(0, end));
    pending_.erase(0, end);
    boost::system::error_code error;
    parser_->eager(false);
    parser_->put(boost::asio::buffer(strict), error);
    parser_->eager(true);
    if (!parser_->is_header_done()) return failed("malformed response: " + error.message());
    return std::nullopt;
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
  std::string pending_;              // octets that the parser needs again together with the next ones
  std::size_t searched_header_ = 0;  // octets of the header in which its end was searched
  std::size_t searched_ = 0;         // octets of the body that were searched
  unsigned interim_ = 0;
};

HttpReply::HttpReply(HttpExpectation expectation) : parser_(std::make_unique<Parser>(std::move(expectation))) {}
HttpReply::~HttpReply() = default;
std::optional<ProbeResult> HttpReply::put(dns::Bytes octets) { return parser_->put(octets); }
ProbeResult HttpReply::end() { return parser_->end(); }

}  // namespace server
