// Threads and order of events. Each completion queue belongs to one thread; a call stays on its queue:
//
//   wait for a call → on_call → read the message → on_request → (responder, any thread) → finish
//
// Connections are accepted here and handed to the library. Why: its own listener (1.51) stops accepting for good once
// the process was out of descriptors, and has no limit on connections.
#include "base/net/grpc_server.h"

#include <grpc/support/log.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/core/guarded.h"
#include "base/net/grpc_connections.h"
#include "base/net/listener.h"

namespace sextant {
namespace net_detail {

/// Internally locked. Lifetime: as long as the server, or any responder, lives.
struct GrpcCore {
  GrpcCore(GrpcServerSettings s, GrpcHandler& h, MemoryLedger& l, const Clock& c)
      : settings(std::move(s)), handler(h), ledger(l), clock(c) {}

  const GrpcServerSettings settings;
  GrpcHandler& handler;
  MemoryLedger& ledger;
  const Clock& clock;
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> accept_failures{0};
  std::atomic<uint64_t> calls{0};
  std::atomic<uint64_t> deadlines_missed{0};

  /// Held shared while an operation is given to the library, exclusively to say that no more may be: giving one to a
  /// queue that was shut down aborts the process.
  std::shared_mutex running_mutex;
  bool running = true;

  GrpcConnections connections;
  Guarded<std::unordered_set<GrpcCall*>> reading;  // calls that wait for their message
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
};

/// Reaches the fields of the library's buffer that say how a message is coded: the library leaves the coding to us but
/// does not show the header grpc-encoding to handlers. ProtoBufferReader's protected members are the way it offers.
class RawMessage : private grpc::ProtoBufferReader {
 public:
  explicit RawMessage(grpc::ByteBuffer& buffer) : ProtoBufferReader(&buffer), is_valid_(status().ok()) {}

  std::optional<GrpcEncoding> encoding() {
    if (!is_valid_) return std::nullopt;
    switch (reader()->buffer_in->data.raw.compression) {
      case GRPC_COMPRESS_NONE:
        return GrpcEncoding::kIdentity;
      case GRPC_COMPRESS_GZIP:
        return GrpcEncoding::kGzip;
      case GRPC_COMPRESS_DEFLATE:
        return GrpcEncoding::kDeflate;
      default:
        return std::nullopt;
    }
  }
  void copy_to(std::string& message) {
    const void* data = nullptr;
    int size = 0;
    while (Next(&data, &size)) message.append(static_cast<const char*>(data), static_cast<size_t>(size));
  }

 private:
  bool is_valid_;
};

/// One call. Its steps follow each other on its queue's thread, but for the answer. Owned by its pending operation
/// (self_) and by its responder.
class GrpcCall : public std::enable_shared_from_this<GrpcCall> {
 public:
  GrpcCall(GrpcCore& core, grpc::ServerCompletionQueue& queue) : core_(core), queue_(queue), stream_(&context_) {}

  /// Asks the library for the next call. Requires: core.running_mutex is held, or the server is starting.
  void wait() {
    self_ = shared_from_this();
    given_.store(true, std::memory_order_release);
    core_.service.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }
  /// The pending operation ended.
  void completed(bool ok, const std::shared_ptr<GrpcCore>& core);
  void finish(grpc::Status status, std::optional<std::string> message = std::nullopt);
  bool is_answered() const { return answered_; }
  uint64_t deadline_nanos() const { return deadline_nanos_; }
  void cancel() { context_.TryCancel(); }

 private:
  enum class Step : uint8_t { kWaiting, kReading, kFinishing };

  void begin();
  void message_read(bool ok, const std::shared_ptr<GrpcCore>& core);
  bool start(const std::function<void()>& operation);
  void note_head();

  GrpcCore& core_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  grpc::ByteBuffer buffer_;
  GrpcCallHead head_;
  Step step_ = Step::kWaiting;
  std::atomic<bool> given_{false};
  std::atomic<bool> answered_{false};
  uint64_t deadline_nanos_ = ~0ULL;
  std::shared_ptr<GrpcCall> self_;
};

namespace {

grpc::Status to_grpc(const GrpcStatus& status) {
  return {static_cast<grpc::StatusCode>(status.code), status.message, status.details};
}

/// "ipv4:127.0.0.1:5000" → "127.0.0.1:5000". The library percent-encodes the brackets of IPv6.
std::string plain_peer(std::string peer) {
  peer.erase(0, peer.find(':') + 1);
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"%5B", "["}, {"%5D", "]"}}) {
    if (const size_t at = peer.find(from); at != std::string::npos) peer.replace(at, from.size(), to);
  }
  return peer;
}

}  // namespace

/// Gives an operation to the library unless the server has ended. The call stays alive until the operation has ended.
bool GrpcCall::start(const std::function<void()>& operation) {
  const std::shared_lock lock(core_.running_mutex);
  if (!core_.running) return false;
  self_ = shared_from_this();
  given_.store(true, std::memory_order_release);
  operation();
  return true;
}

void GrpcCall::completed(bool ok, const std::shared_ptr<GrpcCore>& core) {
  // The library orders this after start(); the flag says so to ThreadSanitizer, which cannot see into the library.
  (void)given_.load(std::memory_order_acquire);
  const auto alive = std::move(self_);
  switch (step_) {
    case Step::kWaiting:
      if (!ok) return;  // the server stops
      {
        const std::shared_lock lock(core_.running_mutex);
        if (core_.running) std::make_shared<GrpcCall>(core_, queue_)->wait();
      }
      return begin();
    case Step::kReading:
      return message_read(ok, core);
    case Step::kFinishing:
      return;
  }
}

void GrpcCall::note_head() {
  head_.method = context_.method();
  head_.peer = plain_peer(context_.peer());
  for (const auto& [name, value] : context_.client_metadata()) {
    head_.metadata.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  const auto names = context_.auth_context()->FindPropertyValues("x509_common_name");
  if (!names.empty()) head_.client_subject = std::string(names.front().data(), names.front().size());
}

void GrpcCall::begin() {
  ++core_.calls;
  note_head();
  std::optional<GrpcStatus> refused;
  try {
    refused = core_.handler.on_call(head_);
  } catch (...) {
    refused = GrpcStatus{.code = static_cast<int32_t>(GrpcCode::kInternal), .message = "the call could not be handled"};
  }
  if (refused) return finish(to_grpc(*refused));
  step_ = Step::kReading;
  deadline_nanos_ = core_.clock.steady_nanos() + core_.settings.message_deadline_ms * kNanosPerMillisecond;
  core_.reading.lock()->insert(this);
  if (!start([this] { stream_.Read(&buffer_, this); })) core_.reading.lock()->erase(this);
}

void GrpcCall::message_read(bool ok, const std::shared_ptr<GrpcCore>& core) {
  core_.reading.lock()->erase(this);
  if (!ok) {
    core_.connections.call_was_broken(head_.peer);
    return finish({grpc::StatusCode::INVALID_ARGUMENT, "the call carried no message"});
  }
  core_.connections.call_was_whole(head_.peer);
  GrpcRequest request;
  {
    RawMessage raw(buffer_);
    const auto encoding = raw.encoding();
    if (!encoding) return finish({grpc::StatusCode::UNIMPLEMENTED, "the message's encoding is not known here"});
    request.encoding = *encoding;
    if (!core_.ledger.reserve(buffer_.Length(), request.hold)) {
      return finish(to_grpc(core_.handler.on_memory_full(head_)));
    }
    request.message.reserve(buffer_.Length());
    raw.copy_to(request.message);
  }
  buffer_.Clear();
  request.head = std::move(head_);
  try {
    core_.handler.on_request(request, GrpcResponder(core, shared_from_this()));
  } catch (...) {
    finish({grpc::StatusCode::INTERNAL, "the call could not be handled"});
  }
}

void GrpcCall::finish(grpc::Status status, std::optional<std::string> message) {
  if (answered_.exchange(true)) return;
  step_ = Step::kFinishing;
  start([&] {
    if (!message) return stream_.Finish(status, this);
    const grpc::Slice slice(*message);
    stream_.WriteAndFinish(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions().set_no_compression(), status, this);
  });
}

}  // namespace net_detail

using net_detail::GrpcCall;
using net_detail::GrpcCore;

// --- What handlers hold ---

namespace {

void drop(const std::shared_ptr<GrpcCall>& call) {
  if (call) call->finish({grpc::StatusCode::INTERNAL, "the request was dropped inside the server"});
}

}  // namespace

GrpcResponder::GrpcResponder(std::shared_ptr<GrpcCore> core, std::shared_ptr<GrpcCall> call)
    : core_(std::move(core)), call_(std::move(call)) {}

GrpcResponder& GrpcResponder::operator=(GrpcResponder&& other) noexcept {
  drop(call_);
  call_ = std::move(other.call_);  // before the core, which must live longer
  core_ = std::move(other.core_);
  return *this;
}

GrpcResponder::~GrpcResponder() {
  drop(call_);
}

void GrpcResponder::answer(std::string message) {
  if (const auto call = std::exchange(call_, nullptr)) call->finish(grpc::Status::OK, std::move(message));
}

void GrpcResponder::fail(const GrpcStatus& status) {
  if (const auto call = std::exchange(call_, nullptr)) call->finish(net_detail::to_grpc(status));
}

// --- The server ---

struct GrpcServer::Impl {
  explicit Impl(std::shared_ptr<GrpcCore> shared) : core(std::move(shared)) {}

  Result<void> start();
  void configure(grpc::ServerBuilder& builder);
  void accept_loop(const std::stop_token& stop);
  bool accept_one();
  void sweep();
  void serve(grpc::ServerCompletionQueue& queue);

  std::shared_ptr<GrpcCore> core;
  net_detail::Listener listener;
  int wake = -1;  // eventfd that ends the accepting thread
  bool stopped = false;
  std::vector<std::jthread> threads;
  std::jthread accepting;
};

namespace {

Result<std::string> read_pem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file && !file.eof()) return fail(ErrorCode::kInvalidArgument, "TLS file {} cannot be read", path);
  if (text.find("-----BEGIN") == std::string::npos) {
    return fail(ErrorCode::kInvalidArgument, "TLS file {} is missing or not in PEM form", path);
  }
  return text;
}

Result<std::shared_ptr<grpc::ServerCredentials>> credentials_of(const TlsSettings& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  auto request = tls.client_ca_file.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                            : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  grpc::SslServerCredentialsOptions options(request);
  std::string key = TRY(read_pem(tls.key_file));
  std::string certificate = TRY(read_pem(tls.certificate_file));
  options.pem_key_cert_pairs.push_back({std::move(key), std::move(certificate)});
  if (!tls.client_ca_file.empty()) options.pem_root_certs = TRY(read_pem(tls.client_ca_file));
  return grpc::SslServerCredentials(options);
}

}  // namespace

void GrpcServer::Impl::configure(grpc::ServerBuilder& builder) {
  const GrpcServerSettings& settings = core->settings;
  builder.SetMaxReceiveMessageSize(static_cast<int>(std::min<uint64_t>(settings.message_bytes_max, INT32_MAX)));
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(kGrpcStreamsMax));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(kGrpcMetadataBytesMax));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, static_cast<int>(kHeadDeadlineMs));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(kGrpcKeepaliveMs));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(kGrpcKeepaliveAnswerMs));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(kGrpcPingIntervalMs));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, static_cast<int>(kGrpcPingStrikesMax));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(kGrpcIdleMs));
  grpc::ResourceQuota quota("sextant");
  quota.Resize(std::max<uint64_t>(kGrpcMemoryBytesMin, settings.message_bytes_max * 3));
  builder.SetResourceQuota(quota);
  builder.RegisterAsyncGenericService(&core->service);
}

Result<void> GrpcServer::Impl::start() {
  // Why: the library writes a line on standard error for each failed handshake; whoever can connect could fill a disk.
  // What keeps the server from starting comes back as an error; the rest is counted.
  gpr_set_log_function([](gpr_log_func_args*) {});
  const auto credentials = TRY(credentials_of(core->settings.tls));
  listener = TRY(net_detail::listen_on(core->settings.address));
  wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  grpc::ServerBuilder builder;
  configure(builder);
  const uint32_t cores = std::max(1U, std::thread::hardware_concurrency());
  const uint32_t count = core->settings.threads > 0 ? core->settings.threads : cores;
  for (uint32_t i = 0; i < count; ++i) core->queues.push_back(builder.AddCompletionQueue());
  using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  core->acceptor = builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, credentials);
  core->server = builder.BuildAndStart();
  if (!core->server || wake < 0) return fail(ErrorCode::kInvalidArgument, "gRPC cannot start: check its TLS files");
  for (const auto& queue : core->queues) {
    for (uint32_t i = 0; i < kGrpcCallsWaiting; ++i) std::make_shared<GrpcCall>(*core, *queue)->wait();
    threads.emplace_back([this, &queue] { serve(*queue); });
  }
  accepting = std::jthread([this](const std::stop_token& stop) { accept_loop(stop); });
  return {};
}

void GrpcServer::Impl::serve(grpc::ServerCompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<GrpcCall*>(tag)->completed(ok, core);
}

void GrpcServer::Impl::accept_loop(const std::stop_token& stop) {
  bool pause = false;
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> waiting = {pollfd{.fd = wake, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = listener.descriptor, .events = POLLIN, .revents = 0}};
    // Out of descriptors the waiting connection stays readable: only the wake-up is listened to for a moment.
    poll(waiting.data(), pause ? 1 : 2, static_cast<int>(pause ? kAcceptPauseMs : core->settings.sweep_interval_ms));
    if (stop.stop_requested()) return;
    pause = (waiting[1].revents & POLLIN) != 0 && !accept_one();
    sweep();
  }
}

/// False when the process is out of descriptors or memory.
bool GrpcServer::Impl::accept_one() {
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof(peer);
  const int descriptor =
      accept4(listener.descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return true;
    ++core->accept_failures;
    return false;
  }
  if (!net_detail::descriptor_allowed(descriptor)) {
    ++core->refused;
    close(descriptor);
    return true;
  }
  ++core->accepted;
  core->connections.opened(descriptor, peer);
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = listener.descriptor;
  connection.fd = descriptor;
  core->acceptor->HandleNewConnection(&connection);
  return true;
}

/// Ends calls whose message does not come.
void GrpcServer::Impl::sweep() {
  const uint64_t now = core->clock.steady_nanos();
  auto reading = core->reading.lock();
  for (auto call = reading->begin(); call != reading->end();) {
    if ((*call)->deadline_nanos() > now) {
      ++call;
      continue;
    }
    ++core->deadlines_missed;
    (*call)->cancel();  // its read ends without a message
    call = reading->erase(call);
  }
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(GrpcServerSettings settings, GrpcHandler& handler,
                                                      MemoryLedger& ledger, const Clock& clock) {
  auto server = std::unique_ptr<GrpcServer>(
      new GrpcServer(std::make_unique<Impl>(std::make_shared<GrpcCore>(std::move(settings), handler, ledger, clock))));
  TRY(server->impl_->start());
  return server;
}

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() {
  stop(std::chrono::milliseconds(0));
}

const std::string& GrpcServer::address() const {
  return impl_->listener.address;
}
uint16_t GrpcServer::port() const {
  return impl_->listener.port;
}

GrpcServerStats GrpcServer::stats() const {
  const GrpcCore& core = *impl_->core;
  return {.connections_accepted = core.accepted,
          .connections_refused = core.refused,
          .accept_failures = core.accept_failures,
          .calls = core.calls,
          .deadlines_missed = core.deadlines_missed};
}

void GrpcServer::stop(std::chrono::milliseconds deadline) {
  Impl& server = *impl_;
  if (std::exchange(server.stopped, true)) return;
  server.accepting.request_stop();
  if (server.wake >= 0) eventfd_write(server.wake, 1);
  if (server.accepting.joinable()) server.accepting.join();
  if (server.listener.descriptor >= 0) close(server.listener.descriptor);
  if (server.wake >= 0) close(server.wake);
  if (server.core->server) server.core->server->Shutdown(std::chrono::system_clock::now() + deadline);
  {
    const std::unique_lock lock(server.core->running_mutex);
    server.core->running = false;
  }
  for (const auto& queue : server.core->queues) queue->Shutdown();
  if (server.threads.empty()) {  // starting failed: nobody else empties the queues
    for (const auto& queue : server.core->queues) server.serve(*queue);
  }
  server.threads.clear();
}

}  // namespace sextant
