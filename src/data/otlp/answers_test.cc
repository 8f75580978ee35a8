// Tests of the answers a receiver gives: bytes written out by hand from the .proto files.
#include "data/otlp/answers.h"

#include <gtest/gtest.h>

namespace sextant::data {
namespace {

TEST(ExportResponse, LeavesPartialSuccessOutWhenAllWasKept) {
  EXPECT_EQ(encode_export_traces_response(OtlpEncoding::kProtobuf, 0, ""), "");
  EXPECT_EQ(encode_export_traces_response(OtlpEncoding::kJson, 0, ""), "{}");
}

TEST(ExportResponse, CountsAndNamesWhatWasRefused) {
  EXPECT_EQ(encode_export_traces_response(OtlpEncoding::kProtobuf, 300, "no"), "\x0A\x07\x08\xAC\x02\x12\x02no");
  EXPECT_EQ(encode_export_traces_response(OtlpEncoding::kJson, 300, "no"),
            R"({"partialSuccess":{"rejectedSpans":"300","errorMessage":"no"}})");
  EXPECT_EQ(encode_export_traces_response(OtlpEncoding::kJson, 0, "careful"),
            R"({"partialSuccess":{"errorMessage":"careful"}})");
}

TEST(RpcStatus, CarriesRetryInfo) {
  const RpcStatus plain{RpcCode::kInvalidArgument, "bad", {}};
  EXPECT_EQ(encode_rpc_status(OtlpEncoding::kProtobuf, plain),
            "\x08\x03\x12\x03"
            "bad");
  EXPECT_EQ(encode_rpc_status(OtlpEncoding::kJson, plain), R"({"code":3,"message":"bad"})");
  const RpcStatus later{RpcCode::kUnavailable, "", 5};
  const std::string type = "type.googleapis.com/google.rpc.RetryInfo";
  EXPECT_EQ(encode_rpc_status(OtlpEncoding::kProtobuf, later),
            "\x08\x0E\x1A\x30\x0A\x28" + type + "\x12\x04\x0A\x02\x08\x05");
  EXPECT_EQ(encode_rpc_status(OtlpEncoding::kJson, later),
            R"({"code":14,"message":"","details":[{"@type":")" + type + R"(","retryDelay":"5s"}]})");
}

TEST(RpcStatus, MapsOurErrorsToWhatClientsRetry) {
  EXPECT_EQ(rpc_code(ErrorCode::kDiskFull), RpcCode::kUnavailable);
  EXPECT_EQ(rpc_code(ErrorCode::kResourceExhausted), RpcCode::kResourceExhausted);
  EXPECT_EQ(rpc_code(ErrorCode::kTooLarge), RpcCode::kInvalidArgument);
  EXPECT_EQ(rpc_code(ErrorCode::kUnsupported), RpcCode::kUnimplemented);
}

}  // namespace
}  // namespace sextant::data
