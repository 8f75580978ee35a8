// Random OTLP messages, and their bytes in every order that protobuf allows.
#pragma once

#include <string>

#include "base/sys/random.h"
#include "otlp_trace.pb.h"

namespace sextant::test {

struct RandomTraces {
  int resources_max = 3;
  int scopes_max = 3;
  int spans_max = 4;
  int depth_max = 4;
  bool any_nan = true;  // NaNs of any bits; JSON knows one only
  bool negative_zero = true;
};

/// Valid telemetry in the form that a decoder and encoder keep: ids are set, resources, scopes and values are present,
/// nothing is empty that would be left out.
TracesData random_traces(SeededRandom& random, const RandomTraces& options);

/// The same message in another of its many wire forms: fields in any order, submessages in two pieces, unknown fields
/// between, varints longer than they need to be.
std::string scrambled(const google::protobuf::Message& message, SeededRandom& random);

}  // namespace sextant::test
