// The exporter against a gRPC server in this process that answers as it is told to.
#include "sextant/otlp_grpc.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <mutex>
#include <thread>

#include "base/waker.h"
#include "grpc/status.h"
#include "sextant/sextant.h"
#include "tests/support/certificates.h"

namespace sextant {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (buffer.Dump(&slices).ok()) {
    for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

struct GrpcReceived {
  std::string method;
  std::string body;
  std::multimap<std::string, std::string> metadata;
};

struct GrpcAnswer {
  grpc::Status status = grpc::Status::OK;
  std::string body = {};
  enum class Manner { kAnswer, kHang } manner = Manner::kAnswer;
};

/// Internally locked. Takes any unary call. Thread: one that serves them all.
class GrpcReceiver {
 public:
  using Handler = std::function<GrpcAnswer(const GrpcReceived&)>;
  explicit GrpcReceiver(Handler handler = {},
                        const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials())
      : handler_(std::move(handler)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.SetMaxReceiveMessageSize(-1);
    builder.RegisterAsyncGenericService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    expect_call();
    thread_ = std::thread([this] { serve(); });
  }
  ~GrpcReceiver() {
    server_->Shutdown(std::chrono::system_clock::now());
    thread_.join();
  }
  GrpcReceiver(const GrpcReceiver&) = delete;
  GrpcReceiver& operator=(const GrpcReceiver&) = delete;

  std::string url(const std::string& scheme = "http") const { return scheme + "://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  std::vector<GrpcReceived> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

 private:
  struct Call;
  enum class Event { kCalled, kRead, kFinished, kDone };
  /// What gRPC gives back when something has happened.
  struct Tag {
    Call* call;
    Event event;
  };
  struct Call {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    bool hangs = false;
    bool is_done = false;
    int events_left = 2;  // kFinished and kDone
    Tag called{this, Event::kCalled};
    Tag read{this, Event::kRead};
    Tag finished{this, Event::kFinished};
    Tag done{this, Event::kDone};
  };

  void expect_call() {
    Call* const call = new Call;
    ++calls_;
    call->context.AsyncNotifyWhenDone(&call->done);
    service_.RequestCall(&call->context, &call->stream, queue_.get(), queue_.get(), &call->called);
  }

  /// The last one is that which was expected when the server ended.
  void forget(Call* call) {
    delete call;
    if (--calls_ == 0) queue_->Shutdown();
  }

  void serve() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
      Call* const call = static_cast<Tag*>(tag)->call;
      switch (static_cast<Tag*>(tag)->event) {
        case Event::kCalled:
          if (!ok) {
            forget(call);  // the server ends
            break;
          }
          expect_call();
          call->stream.Read(&call->request, &call->read);
          break;
        case Event::kRead:
          answer(*call, ok);
          break;
        case Event::kDone:
          call->is_done = true;
          if (call->hangs) call->stream.Finish(grpc::Status::CANCELLED, &call->finished);
          [[fallthrough]];
        case Event::kFinished:
          if (--call->events_left == 0) forget(call);
      }
    }
  }

  void answer(Call& call, bool ok) {
    if (!ok) return call.stream.Finish(grpc::Status::CANCELLED, &call.finished);
    GrpcReceived received{call.context.method(), bytes_of(call.request), {}};
    for (const auto& [name, value] : call.context.client_metadata())
      received.metadata.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    const GrpcAnswer told = handler_ ? handler_(received) : GrpcAnswer{};
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      requests_.push_back(received);
    }
    call.hangs = told.manner == GrpcAnswer::Manner::kHang && !call.is_done;
    if (call.hangs) return;  // until the client gives up
    if (!told.status.ok()) return call.stream.Finish(told.status, &call.finished);
    grpc::Slice slice(told.body);
    call.response = grpc::ByteBuffer(&slice, 1);
    call.stream.WriteAndFinish(call.response, grpc::WriteOptions(), grpc::Status::OK, &call.finished);
  }

  const Handler handler_;
  int port_ = 0;
  int calls_ = 0;  // of the thread, once it runs
  mutable std::mutex mutex_;
  std::vector<GrpcReceived> requests_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

ExportResult send(const OtlpGrpcSettings& settings, Signal signal = Signal::kTraces, const std::string& body = "body") {
  return otlp_grpc(settings)->send({signal, 5, body}, Deadline::after(seconds(60)));
}
OtlpGrpcSettings settings_for(const GrpcReceiver& receiver) {
  OtlpGrpcSettings settings;
  settings.endpoint = receiver.url();
  return settings;
}

/// google.rpc.Status with a RetryInfo of these seconds and nanoseconds.
std::string retry_details(char delay_s, char delay_ns) {
  const std::string duration = std::string("\x08") + delay_s + "\x10" + delay_ns;
  const std::string info = std::string("\x0a") + static_cast<char>(duration.size()) + duration;
  const std::string type = "type.googleapis.com/google.rpc.RetryInfo";
  const std::string any =
      std::string("\x0a") + static_cast<char>(type.size()) + type + "\x12" + static_cast<char>(info.size()) + info;
  return std::string("\x08\x08\x1a") + static_cast<char>(any.size()) + any;
}

TEST(OtlpGrpc, CallsTheServiceOfEachSignal) {
  GrpcReceiver receiver;
  OtlpGrpcSettings settings = settings_for(receiver);
  settings.headers = {{"X-Key", "value"}};
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs})
    EXPECT_EQ(send(settings, signal).code, ExportCode::kTaken);
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].method, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  EXPECT_EQ(requests[1].method, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
  EXPECT_EQ(requests[2].method, "/opentelemetry.proto.collector.logs.v1.LogsService/Export");
  EXPECT_EQ(requests[0].body, "body");
  EXPECT_EQ(requests[0].metadata.find("x-key")->second, "value");
  EXPECT_THAT(requests[0].metadata.find("user-agent")->second, HasSubstr("sextant-cpp/"));
}

TEST(OtlpGrpc, TakesAnEndpointWithoutAScheme) {
  GrpcReceiver receiver;
  OtlpGrpcSettings settings;
  settings.endpoint = "127.0.0.1:" + std::to_string(receiver.port());
  EXPECT_EQ(send(settings).code, ExportCode::kTaken);
  EXPECT_EQ(otlp_grpc(settings)->name(), "otlp grpc " + receiver.url());
}

TEST(OtlpGrpc, PacksWhereItIsAskedTo) {
  GrpcReceiver receiver;
  OtlpGrpcSettings settings = settings_for(receiver);
  settings.compression = Compression::kGzip;
  const std::string body(100'000, 'b');
  EXPECT_EQ(send(settings, Signal::kTraces, body).code, ExportCode::kTaken);
  EXPECT_EQ(receiver.requests().at(0).body, body);
}

TEST(OtlpGrpc, ReadsPartialSuccess) {
  GrpcReceiver receiver([](const GrpcReceived&) {
    return GrpcAnswer{grpc::Status::OK, std::string("\x0a\x09\x08\x02\x12\x05"
                                                    "words",
                                                    11)};
  });
  const ExportResult result = send(settings_for(receiver));
  EXPECT_EQ(result.code, ExportCode::kTaken);
  EXPECT_EQ(result.rejected, 2u);
  EXPECT_EQ(result.message, "words");
}

TEST(OtlpGrpc, SendsAgainWhatOtlpSaysToSendAgain) {
  for (int code = 1; code <= 16; ++code) {
    GrpcReceiver receiver([&](const GrpcReceived&) {
      return GrpcAnswer{grpc::Status(static_cast<grpc::StatusCode>(code), "told so\nand more")};
    });
    const ExportResult result = send(settings_for(receiver));
    const bool again = code == 1 || code == 4 || code == 10 || code == 11 || code == 14 || code == 15;
    EXPECT_EQ(result.code, again ? ExportCode::kRetry : ExportCode::kRefused) << code << " " << result.message;
    EXPECT_THAT(result.message, HasSubstr("told so"));
    EXPECT_THAT(result.message, Not(HasSubstr("more")));
  }
}

TEST(OtlpGrpc, SendsAgainAnExhaustedReceiverThatSaysWhen) {
  GrpcReceiver receiver([](const GrpcReceived&) {
    return GrpcAnswer{grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full", retry_details(3, 0))};
  });
  const ExportResult result = send(settings_for(receiver));
  EXPECT_EQ(result.code, ExportCode::kRetry);
  EXPECT_EQ(result.retry_after, seconds(3));
  EXPECT_EQ(result.message, "answered RESOURCE_EXHAUSTED full");
}

TEST(OtlpGrpc, IsToldThatNobodyListens) {
  const test::Port down;
  OtlpGrpcSettings settings;
  settings.endpoint = down.url();
  const ExportResult result = send(settings);
  EXPECT_EQ(result.code, ExportCode::kRetry);
  EXPECT_THAT(result.message, HasSubstr("answered UNAVAILABLE"));
}

TEST(OtlpGrpc, EndsAtItsDeadline) {
  GrpcReceiver receiver([](const GrpcReceived&) { return GrpcAnswer{{}, {}, GrpcAnswer::Manner::kHang}; });
  const ExportResult result =
      otlp_grpc(settings_for(receiver))->send({Signal::kTraces, 1, "x"}, Deadline::after(milliseconds(50)));
  EXPECT_EQ(result.code, ExportCode::kRetry);
}

TEST(OtlpGrpc, IsCalledOffByItsDescriptor) {
  Waker cancel;
  GrpcReceiver receiver([&](const GrpcReceived&) {
    cancel.wake();
    return GrpcAnswer{{}, {}, GrpcAnswer::Manner::kHang};
  });
  const Deadline deadline(Deadline::Clock::now() + std::chrono::hours(1), cancel.descriptor());
  const ExportResult result = otlp_grpc(settings_for(receiver))->send({Signal::kTraces, 1, "x"}, deadline);
  EXPECT_EQ(result.code, ExportCode::kRetry);
  EXPECT_THAT(result.message, HasSubstr("answered CANCELLED"));
}

TEST(OtlpGrpc, IsNotKeptByAServerThatAcceptsAndSaysNothing) {
  test::Port half_open;
  half_open.listen_without_accepting();
  OtlpGrpcSettings settings;
  settings.endpoint = half_open.url();
  EXPECT_EQ(otlp_grpc(settings)->send({Signal::kTraces, 1, "x"}, Deadline::after(milliseconds(50))).code,
            ExportCode::kRetry);
}

TEST(OtlpGrpc, IsNotHurtByAServerThatSpeaksNoGrpc) {
  test::Receiver receiver(
      [](const test::Received&) { return test::Answer{0, {}, "nonsense", test::Answer::Manner::kRaw}; });
  OtlpGrpcSettings settings;
  settings.endpoint = receiver.url();
  const ExportResult result = otlp_grpc(settings)->send({Signal::kTraces, 1, "x"}, Deadline::after(milliseconds(200)));
  EXPECT_EQ(result.code, ExportCode::kRetry);
}

TEST(OtlpGrpc, RefusesAnAnswerThatIsTooLong) {
  GrpcReceiver receiver([](const GrpcReceived&) { return GrpcAnswer{{}, std::string(kHttpBodyBytesMax + 1, 'x')}; });
  const ExportResult result = send(settings_for(receiver));
  EXPECT_EQ(result.code, ExportCode::kRefused);
  EXPECT_THAT(result.message, HasSubstr("answered RESOURCE_EXHAUSTED"));
}

TEST(OtlpGrpc, SaysWhatIsWrongWithItsSettings) {
  OtlpGrpcSettings settings;
  settings.endpoint = "ftp://127.0.0.1:1";
  EXPECT_EQ(send(settings).message,
            "'ftp://127.0.0.1:1' is no address of a gRPC receiver: one begins with http:// or https://");
  settings.endpoint = "http://";
  EXPECT_THAT(send(settings).message, HasSubstr("is no address"));
  settings.endpoint = "https://127.0.0.1:4317";
  settings.ca_file = "/nowhere/ca.pem";
  EXPECT_EQ(send(settings).message,
            "the authorities' file '/nowhere/ca.pem' cannot be opened: No such file or directory");
  test::Folder folder;
  settings.ca_file.clear();
  settings.client_certificate_file = folder.write_text("empty.pem", "");
  EXPECT_EQ(send(settings).message, "the client's certificate '" + settings.client_certificate_file + "' is empty");
  const std::pair<std::pair<std::string, std::string>, const char*> headers[] = {
      {{"a b", "x"}, "the header 'a b' must consist of letters, digits, '-', '_' and '.'"},
      {{"", "x"}, "the header '' must consist of"},
      {{"grpc-timeout", "x"}, "the header 'grpc-timeout' is gRPC's own"},
      {{"X-A", "wörd"}, "the value of the header 'X-A' must be printable ASCII"},
      {{"X-A", "a\nb"}, "the value of the header 'X-A' must be printable ASCII"}};
  for (const auto& [header, problem] : headers) {
    OtlpGrpcSettings wrong;
    wrong.headers = {header};
    const ExportResult result = send(wrong);
    EXPECT_EQ(result.code, ExportCode::kRefused);
    EXPECT_THAT(result.message, HasSubstr(problem));
  }
}

TEST(OtlpGrpc, NamesNoSecret) {
  GrpcReceiver receiver([](const GrpcReceived& received) {
    return GrpcAnswer{
        grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "bad " + received.metadata.find("authorization")->second)};
  });
  OtlpGrpcSettings settings = settings_for(receiver);
  settings.headers = {{"Authorization", "Bearer secret-key"}};
  EXPECT_EQ(send(settings).message, "answered UNAUTHENTICATED bad Bearer ***");
  settings.endpoint = "http://user:hidden-word@127.0.0.1:1";
  EXPECT_THAT(otlp_grpc(settings)->name(), Not(HasSubstr("hidden-word")));
}

TEST(OtlpGrpc, SpeaksTlsBothWays) {
  const test::Identity authority = test::make_identity({"authority"});
  const test::Identity server = test::make_identity({"server"}, &authority);
  const test::Identity client = test::make_identity({"client"}, &authority);
  const test::Identity stranger = test::make_identity({"stranger"});
  test::Folder folder;
  OtlpGrpcSettings settings;
  settings.ca_file = test::write_certificate(folder, "ca.pem", authority);
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = test::read_file(settings.ca_file);
  options.pem_key_cert_pairs.push_back({test::read_file(test::write_key(folder, "server.key", server)),
                                        test::read_file(test::write_certificate(folder, "server.pem", server))});
  GrpcReceiver receiver({}, grpc::SslServerCredentials(options));
  settings.endpoint = receiver.url("https");
  EXPECT_EQ(send(settings).code, ExportCode::kRetry);  // shows no certificate
  settings.client_certificate_file = test::write_certificate(folder, "client.pem", client);
  settings.client_key_file = test::write_key(folder, "client.key", client);
  const ExportResult taken = send(settings);
  EXPECT_EQ(taken.code, ExportCode::kTaken) << taken.message;
  settings.ca_file = test::write_certificate(folder, "stranger.pem", stranger);
  const ExportResult untrusted = send(settings);
  EXPECT_EQ(untrusted.code, ExportCode::kRetry);
  EXPECT_EQ(receiver.requests().size(), 1u);
}

TEST(OtlpGrpc, LosesNothingWhereTheReceiverComesBack) {
  set_diagnostic_level(LogLevel::kOff);
  std::atomic<int> left{2};
  GrpcReceiver receiver([&](const GrpcReceived&) {
    return left.fetch_sub(1) > 0 ? GrpcAnswer{grpc::Status(grpc::StatusCode::UNAVAILABLE, "later")} : GrpcAnswer{};
  });
  Options options;
  options.sampler = always_on();
  options.exporters = {otlp_grpc(settings_for(receiver))};
  options.export_settings.retry_pause = milliseconds(1);
  auto sdk = Sdk::start(std::move(options));
  ASSERT_TRUE(sdk);
  for (int i = 0; i < 100; ++i) tracer("test").start("span").end();
  EXPECT_TRUE(sdk->flush(seconds(60)).complete);
  EXPECT_EQ(sdk->stats().exporters[0].sent, 100u);
  set_diagnostic_level(LogLevel::kWarn);
}

TEST(OtlpGrpc, SaysThatItDoesNotWorkInTheChildOfAFork) {
  GrpcReceiver receiver;
  const ExporterPtr exporter = otlp_grpc(settings_for(receiver));
  const Batch batch{Signal::kTraces, 1, "x"};
  ASSERT_EQ(exporter->send(batch, Deadline::after(seconds(60))).code, ExportCode::kTaken);
  const pid_t child = fork();
  if (child == 0) {
    const ExportResult result = exporter->send(batch, Deadline::after(seconds(60)));
    _exit(result.code == ExportCode::kRefused && result.message.find("child of a fork") != std::string::npos ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(exporter->send(batch, Deadline::after(seconds(60))).code, ExportCode::kTaken);
}

TEST(RetryInfo, IsFoundAmongDetailsAndBounded) {
  using grpc_client::retry_info;
  EXPECT_EQ(retry_info(retry_details(2, 0)), milliseconds(2'000));
  EXPECT_EQ(retry_info(retry_details(0, 0)), milliseconds(0));
  EXPECT_EQ(retry_info(""), std::nullopt);
  EXPECT_EQ(retry_info("\xff\xff"), std::nullopt);
  EXPECT_EQ(retry_info("\x08\x08\x12\x04"
                       "full"),
            std::nullopt);
  std::string long_one = retry_details(2, 0);
  EXPECT_EQ(retry_info(long_one.replace(long_one.find("RetryInfo"), 9, "ErrorInfo")), std::nullopt);
}

}  // namespace
}  // namespace sextant
