// The questions that `sextant bench query` asks, with how each answer is checked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "wiring/bench/connection.h"
#include "wiring/bench/corpus_facts.h"

namespace sextant::wiring {

struct BenchQuestion {
  std::string path;
  /// Says what is wrong with the body of an answer 200.
  std::function<Result<void>(const std::string& body)> check;
};

/// One figure's questions: each call draws another one.
struct QuestionKind {
  std::string id;  // "query.attribute"
  std::function<BenchQuestion(SeededRandom&)> next;
};

/// Those of a corpus, "shape" or "agent". `growing`: spans besides the corpus arrive meanwhile, so that counts are
/// lower bounds. Lifetime: not longer than the facts.
std::vector<QuestionKind> bench_questions(const std::string& corpus, const CorpusFacts& facts, bool growing);

/// Whether all spans of the corpus are there, once each.
BenchQuestion count_question(const CorpusFacts& facts);

}  // namespace sextant::wiring
