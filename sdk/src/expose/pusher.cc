#include "expose/pusher.h"

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/percent.h"
#include "base/thread_name.h"
#include "net/url.h"

namespace sextant::expose {
namespace {

constexpr std::size_t kErrorBytesMax = 256;  // of what a gateway says

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

bool is_label_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_word_character) &&
         !(name[0] >= '0' && name[0] <= '9');
}

/// RFC 4648, part 5, without padding.
std::string base64_for_urls(std::string_view bytes) {
  std::string out = base64(bytes);
  out.resize(std::min(out.find('='), out.size()));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

/// `/name/value`. A path cannot hold an empty part nor one with '/', and `.` and `..` mean something else in it.
std::string path_part(std::string_view name, std::string_view value) {
  std::string part = "/";
  part += name;
  if (value.empty()) return part + "@base64/=";
  const bool plain = value.find('/') == std::string_view::npos && value != "." && value != "..";
  return plain ? part + "/" + percent_encoded(value) : part + "@base64/" + base64_for_urls(value);
}

std::string first_line(std::string_view text) {
  text = text.substr(0, std::min(text.find('\n'), kErrorBytesMax));
  return std::string(text);
}

}  // namespace

Result<std::string> push_address(const PushgatewayOptions& options) {
  const Result<net::Url> url = net::parse_url(options.url);
  if (!url) return Error{"the address of the Pushgateway: " + url.error()};
  if (options.job.empty()) return Error{"pushing needs a job: the service's name would be one"};
  std::string address = options.url;
  while (address.back() == '/') address.pop_back();
  address += "/metrics" + path_part("job", options.job);
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : options.labels) {
    if (!is_label_name(name) || name == "job") {
      return Error{"the pushed metrics' label '" + name +
                   "' is no name for one: letters, digits and '_' would be, but not 'job'"};
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return Error{"the pushed metrics' label '" + name + "' is there twice"};
    seen.push_back(name);
    address += path_part(name, value);
  }
  return address;
}

Result<std::unique_ptr<Pusher>> Pusher::start(const PushgatewayOptions& options, MetricsText text) {
  Result<std::string> address = push_address(options);
  if (!address) return Error{address.error()};
  std::unique_ptr<Pusher> pusher(new Pusher(options, std::move(*address), std::move(text)));
  if (options.interval.count() > 0) {
    pusher->thread_ = std::thread([raw = pusher.get()] {
      name_thread("sextant_push");
      raw->run();
    });
  }
  return pusher;
}

Pusher::Pusher(const PushgatewayOptions& options, std::string address, MetricsText text)
    : options_(options),
      address_(std::move(address)),
      text_(std::move(text)),
      transport_(options.transport != nullptr ? options.transport : plain_http()) {}

Pusher::~Pusher() {
  end_thread();
}

void Pusher::run() {
  std::int64_t due_ns = monotonic_ns() + std::chrono::nanoseconds(options_.interval).count();
  for (;;) {
    cancel_.wait_for(std::chrono::nanoseconds(due_ns - monotonic_ns()));
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
    }
    if (monotonic_ns() < due_ns) continue;
    push(Deadline(Deadline::Clock::now() + options_.timeout, cancel_.descriptor()));
    due_ns = monotonic_ns() + std::chrono::nanoseconds(options_.interval).count();
  }
}

bool Pusher::push(const Deadline& deadline) {
  const bool mine = begin(deadline);
  const std::string error =
      mine ? attempt(deadline.no_later_than(Deadline::Clock::now() + options_.timeout)) : "another push was under way";
  const std::lock_guard<std::mutex> lock(mutex_);
  if (mine) sending_ = false;
  sent_.notify_all();
  ++(error.empty() ? counts_.pushed : counts_.failed);
  if (error.empty()) return true;
  counts_.last_error = error;
  const bool called_off = stopping_ && deadline.cancel_descriptor() >= 0;
  if (!called_off) log_once_a_minute(LogLevel::kWarn, "metrics could not be pushed to the Pushgateway", error);
  return false;
}

/// Waits until nobody else pushes. False where that takes too long.
bool Pusher::begin(const Deadline& deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!sent_.wait_until(lock, deadline.until(), [this] { return !sending_; })) return false;
  sending_ = true;
  return true;
}

/// What went wrong; empty: nothing.
std::string Pusher::attempt(const Deadline& deadline) {
  const std::string body = text_(PrometheusFormat::kText);
  HttpRequest request;
  request.method = options_.replaces == PushReplaces::kGroup ? "PUT" : "POST";
  request.url = address_;
  request.headers = options_.headers;
  request.headers.emplace_back("Content-Type", prometheus_content_type(PrometheusFormat::kText));
  request.body = body;
  const Result<HttpResponse> response = transport_->send(request, deadline);
  if (!response) return response.error();
  if (response->status / 100 == 2) return {};
  return "it answered " + std::to_string(response->status) + ": " + first_line(response->body);
}

void Pusher::end_thread() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  cancel_.wake();
  thread_.join();
}

bool Pusher::stop(const Deadline& deadline) {
  if (std::exchange(ended_, true)) return true;
  end_thread();
  return push(deadline);
}

PushCounts Pusher::counts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

void Pusher::leave_in_child() noexcept {
  new (&thread_) std::thread;
  new (&mutex_) std::mutex;
  new (&sent_) std::condition_variable;
  ended_ = true;
}

}  // namespace sextant::expose
