// A program that sends over gRPC.
#include <sextant/otlp_grpc.h>

int main() {
  return sextant::otlp_grpc({})->wants(sextant::Signal::kLogs) ? 0 : 1;
}
