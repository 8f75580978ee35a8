#include "tests/support/net/grpc_client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iterator>

namespace sextant::testing {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return text;
  for (const auto& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace

struct GrpcClient::Impl {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<grpc::GenericStub> stub;
};

GrpcClient::GrpcClient(const GrpcClientSettings& settings) : impl_(std::make_unique<Impl>()) {
  auto credentials = grpc::InsecureChannelCredentials();
  if (!settings.ca_file.empty()) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = read(settings.ca_file);
    if (!settings.certificate_file.empty()) {
      options.pem_cert_chain = read(settings.certificate_file);
      options.pem_private_key = read(settings.key_file);
    }
    credentials = grpc::SslCredentials(options);
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // tests must not share a connection
  impl_->channel = grpc::CreateCustomChannel(settings.address, credentials, arguments);
  impl_->stub = std::make_unique<grpc::GenericStub>(impl_->channel);
}

GrpcClient::~GrpcClient() = default;

GrpcAnswer GrpcClient::call(const std::string& method, const std::string& body, const GrpcCallSettings& settings) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(settings.deadline_ms));
  if (settings.compression == GrpcCallSettings::Compression::kGzip)
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  if (settings.compression == GrpcCallSettings::Compression::kDeflate) {
    context.set_compression_algorithm(GRPC_COMPRESS_DEFLATE);
  }
  for (const auto& [name, value] : settings.metadata) context.AddMetadata(name, value);
  const grpc::Slice slice(body);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::CompletionQueue queue;
  const auto reader = impl_->stub->PrepareUnaryCall(&context, method, request, &queue);
  reader->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  reader->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return {.code = status.error_code(),
          .message = status.error_message(),
          .details = status.error_details(),
          .body = text_of(response)};
}

GrpcAnswer GrpcClient::call_without_message(const std::string& method) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(GrpcCallSettings{}.deadline_ms));
  grpc::CompletionQueue queue;
  const auto stream = impl_->stub->PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  queue.Next(&tag, &ok);
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return {
      .code = status.error_code(), .message = status.error_message(), .details = status.error_details(), .body = {}};
}

}  // namespace sextant::testing
