// One export request as a unary call of gRPC whose request and answer are bytes: no generated code is needed.
#include "sextant/otlp_grpc.h"
#include "base/read_file.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>
#include <vector>

#include "export/answer.h"
#include "grpc/status.h"
#include "net/url.h"
#include "otlp/partial_success.h"
#include "sextant/version.h"

namespace sextant {
namespace grpc_client {
namespace {

// Of the connection: a receiver that is back is found within seconds.
constexpr int kReconnectMsMin = 200;
constexpr int kReconnectMsMax = 5'000;

const char* method_of(Signal signal) noexcept {
  switch (signal) {
    case Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    default:
      return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
  }
}

std::string with_scheme(std::string endpoint) {
  return endpoint.find("://") == std::string::npos ? "http://" + endpoint : endpoint;
}

/// The names that metadata may have (gRPC over HTTP/2, "Custom-Metadata").
std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

constexpr std::size_t kPemBytesMax = std::size_t{4} << 20;

Result<std::string> read_pem(const std::string& path, const char* what) {
  Result<std::string> text = read_file(path, kPemBytesMax);
  const std::string named = std::string(what) + " '" + path + "' ";
  if (!text) return Error{named + text.error()};
  if (text->empty()) return Error{named + "is empty"};
  if (text->size() > kPemBytesMax) return Error{named + "is longer than 4 MiB"};
  return text;
}

/// One call while it runs. Pinned: gRPC holds its address.
struct Call {
  ::grpc::ClientContext context;
  ::grpc::ByteBuffer request;
  ::grpc::ByteBuffer response;
  ::grpc::Status status;
};

gpr_timespec in_ms(std::int64_t ms) noexcept {
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

bool called_off(const Deadline& deadline) noexcept {
  pollfd entry{deadline.cancel_descriptor(), POLLIN, 0};
  return poll(&entry, 1, 0) > 0;
}

std::string bytes_of(const ::grpc::ByteBuffer& buffer) {
  std::vector<::grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const ::grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

/// Thread-confined.
class OtlpGrpc final : public Exporter {
 public:
  explicit OtlpGrpc(OtlpGrpcSettings settings) : settings_(std::move(settings)) {
    settings_.endpoint = with_scheme(settings_.endpoint);
    if (settings_.name.empty()) settings_.name = "otlp grpc " + net::without_secrets(settings_.endpoint);
  }

  ~OtlpGrpc() override { close(); }
  OtlpGrpc(const OtlpGrpc&) = delete;
  OtlpGrpc& operator=(const OtlpGrpc&) = delete;

  bool wants(Signal signal) const noexcept override {
    return signal == Signal::kTraces    ? settings_.traces
           : signal == Signal::kMetrics ? settings_.metrics
                                        : settings_.logs;
  }
  std::string name() const override { return settings_.name; }
  ExportResult send(const Batch& batch, const Deadline& deadline) override;

 private:
  std::string open();
  void close();
  Result<std::shared_ptr<::grpc::ChannelCredentials>> credentials(const std::string& scheme) const;
  void prepare(Call& call, const Batch& batch, const Deadline& deadline) const;
  void run(Call& call, const char* method, const Deadline& deadline);
  std::string problem_of_headers() const;

  OtlpGrpcSettings settings_;
  pid_t process_ = 0;  // in which the channel was made
  std::unique_ptr<::grpc::GenericStub> stub_;
  std::unique_ptr<::grpc::CompletionQueue> queue_;  // one call at a time
};

/// Makes the channel, where there is none. Empty: there is one.
std::string OtlpGrpc::open() {
  if (stub_ != nullptr) return {};
  const Result<net::Url> url = net::parse_url(settings_.endpoint);
  if (!url) return url.error();
  const auto trusted = credentials(url->scheme);
  if (!trusted) return trusted.error();
  ::grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(kUserAgent);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kHttpBodyBytesMax));
  process_ = getpid();
  queue_ = std::make_unique<::grpc::CompletionQueue>();
  stub_ = std::make_unique<::grpc::GenericStub>(::grpc::CreateCustomChannel(url->authority(), *trusted, arguments));
  return {};
}

/// In the child of a fork nothing of it may be touched: it is left behind.
void OtlpGrpc::close() {
  if (stub_ == nullptr) return;
  if (process_ != getpid()) {
    static_cast<void>(stub_.release());
    static_cast<void>(queue_.release());
    return;
  }
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
  }
}

Result<std::shared_ptr<::grpc::ChannelCredentials>> OtlpGrpc::credentials(const std::string& scheme) const {
  if (scheme == "http") return ::grpc::InsecureChannelCredentials();
  if (scheme != "https") {
    return Error{"'" + net::without_secrets(settings_.endpoint) +
                 "' is no address of a gRPC receiver: one begins with http:// or https://"};
  }
  ::grpc::SslCredentialsOptions options;
  const std::string& key =
      settings_.client_key_file.empty() ? settings_.client_certificate_file : settings_.client_key_file;
  const std::pair<const std::string&, std::string*> files[] = {
      {settings_.ca_file, &options.pem_root_certs},
      {settings_.client_certificate_file, &options.pem_cert_chain},
      {key, &options.pem_private_key}};
  static constexpr const char* kWhat[] = {"the authorities' file", "the client's certificate", "the client's key"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (files[i].first.empty()) continue;
    Result<std::string> text = read_pem(files[i].first, kWhat[i]);
    if (!text) return Error{text.error()};
    *files[i].second = std::move(*text);
  }
  return ::grpc::SslCredentials(options);
}

/// gRPC ends the process for metadata that cannot be sent, so that it is looked at before.
std::string OtlpGrpc::problem_of_headers() const {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (const auto& header : settings_.headers) {
    const std::string name = lower(header.first);
    if (name.empty() || name.find_first_not_of(kLetters) != std::string::npos)
      return "the header '" + exporting::one_line(header.first) + "' must consist of letters, digits, '-', '_' and '.'";
    if (name.rfind("grpc-", 0) == 0 || name == "te" || name == "content-type")
      return "the header '" + header.first + "' is gRPC's own and cannot be set";
    const bool printable =
        std::all_of(header.second.begin(), header.second.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable) return "the value of the header '" + header.first + "' must be printable ASCII";
  }
  return {};
}

void OtlpGrpc::prepare(Call& call, const Batch& batch, const Deadline& deadline) const {
  call.context.set_deadline(in_ms(static_cast<std::int64_t>(deadline.left().count())));
  for (const auto& [name, value] : settings_.headers) call.context.AddMetadata(lower(name), value);
  if (settings_.compression == Compression::kGzip) call.context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  ::grpc::Slice slice(batch.body.data(), batch.body.size());
  call.request = ::grpc::ByteBuffer(&slice, 1);
}

/// Until the call has ended, which it does at its deadline. Why: gRPC's queues cannot be polled beside a descriptor,
/// and its callbacks, which could wake one, end threads of their own in a way that is not safe in 1.51; so the
/// descriptor is looked at between short waits.
void OtlpGrpc::run(Call& call, const char* method, const Deadline& deadline) {
  constexpr std::int64_t kLookMs = 20;
  const auto reader = stub_->PrepareUnaryCall(&call.context, method, call.request, queue_.get());
  reader->StartCall();
  reader->Finish(&call.response, &call.status, &call);
  void* tag = nullptr;
  bool ok = false;
  while (queue_->AsyncNext(&tag, &ok, in_ms(kLookMs)) == ::grpc::CompletionQueue::TIMEOUT) {
    if (called_off(deadline)) call.context.TryCancel();
  }
}

ExportResult OtlpGrpc::send(const Batch& batch, const Deadline& deadline) {
  if (stub_ != nullptr && process_ != getpid()) {
    return {ExportCode::kRefused, "gRPC does not work in the child of a fork: start the SDK there, or use otlp_http()"};
  }
  if (std::string problem = problem_of_headers(); !problem.empty()) return {ExportCode::kRefused, std::move(problem)};
  if (std::string problem = open(); !problem.empty()) return {ExportCode::kRetry, std::move(problem)};
  Call call;
  prepare(call, batch, deadline);
  run(call, method_of(batch.signal), deadline);
  if (!call.status.ok()) {
    ExportResult result = judge(call.status);
    result.message = exporting::without_values(std::move(result.message), settings_.headers);
    return result;
  }
  const otlp::PartialSuccess partial = otlp::read_partial_success(bytes_of(call.response));
  return {ExportCode::kTaken, exporting::without_values(exporting::one_line(partial.message), settings_.headers),
          partial.rejected};
}

}  // namespace
}  // namespace grpc_client

ExporterPtr otlp_grpc(OtlpGrpcSettings settings) {
  return std::make_shared<grpc_client::OtlpGrpc>(std::move(settings));
}

}  // namespace sextant
