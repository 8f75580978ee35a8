#include "sampling/strategy_json.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "base/json_reader.h"

namespace sextant::sampling {
namespace {

using Piece = JsonReader::Piece;

constexpr double kRateMax = 1e9;

/// A rule as its members come, in any order.
struct Members {
  std::string type;
  std::optional<double> param;
  std::optional<double> max_traces_per_second;
};

/// Thread-confined.
class StrategyReader {
 public:
  StrategyReader(std::string_view json, std::string_view service, std::size_t operations_max)
      : reader_(json), service_(service), operations_max_(operations_max) {}

  Result<StrategyText> read();

 private:
  struct Service {
    std::string name;
    StrategyText strategy;
  };

  template <class Member>
  void object(Piece piece, Member member);
  template <class Item>
  void list(Piece piece, Item item);
  void ignore(Piece piece);
  double number(Piece piece, double most);
  std::string text(Piece piece);

  bool file_member(const std::string& key, Piece piece);
  bool answer_member(const std::string& key, Piece piece);
  Service service(Piece piece);
  void operations(Piece piece, std::vector<OperationText>& out);
  bool rule_member(const std::string& key, Piece piece, Members& members);
  RuleText rule_of(const Members& members);
  std::optional<RuleText> nested_rule(const std::string& key, Piece piece);
  void operation_sampling(Piece piece);
  void answer_operation(Piece piece, std::vector<OperationText>& out);
  StrategyText chosen();
  void wrong(std::string what);

  JsonReader reader_;
  const std::string_view service_;
  const std::size_t operations_max_;
  std::string problem_;
  std::optional<StrategyText> own_;      // of the file, for this service
  std::optional<StrategyText> default_;  // of the file
  std::optional<RuleText> rule_;         // of the answer
  std::optional<StrategyText> by_operation_;
};

/// The first problem is kept.
void StrategyReader::wrong(std::string what) {
  if (!problem_.empty()) return;
  problem_ = "line " + std::to_string(reader_.line()) + ", column " + std::to_string(reader_.column()) + ": " +
             std::move(what);
}

/// Calls member(key, piece) for each; what that returns false for is skipped.
template <class Member>
void StrategyReader::object(Piece piece, Member member) {
  if (piece != Piece::kObject) return wrong("an object is expected");
  while (problem_.empty()) {
    const Piece next = reader_.next();
    if (next == Piece::kObjectEnd) return;
    if (next != Piece::kKey) return wrong("");
    const std::string key = reader_.text();
    const Piece value = reader_.next();
    if (!member(key, value)) ignore(value);
  }
}

template <class Item>
void StrategyReader::list(Piece piece, Item item) {
  if (piece != Piece::kList) return wrong("a list is expected");
  while (problem_.empty()) {
    const Piece next = reader_.next();
    if (next == Piece::kListEnd || next == Piece::kBad) return;
    item(next);
  }
}

void StrategyReader::ignore(Piece piece) {
  if (!reader_.skip(piece)) wrong("");
}

double StrategyReader::number(Piece piece, double most) {
  double value = -1;
  const std::string& digits = reader_.text();
  if (piece == Piece::kNumber) std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (value >= 0 && value <= most) return value;
  wrong(most == 1 ? "a number from 0 to 1 is expected" : "a number from 0 to 1000000000 is expected");
  return 0;
}

std::string StrategyReader::text(Piece piece) {
  if (piece == Piece::kText) return reader_.text();
  wrong("a text is expected");
  return {};
}

Result<StrategyText> StrategyReader::read() {
  object(reader_.next(),
         [this](const std::string& key, Piece piece) { return file_member(key, piece) || answer_member(key, piece); });
  if (problem_.empty() && reader_.next() != Piece::kEnd) wrong("");
  if (const std::string bad = reader_.problem(); !bad.empty()) return Error{bad};
  if (!problem_.empty()) return Error{problem_};
  if (by_operation_) return *by_operation_;
  if (rule_) return StrategyText{*rule_, {}, 0, {}};
  if (own_ || default_) return chosen();
  return Error{"there is no strategy in it: default_strategy, an entry of service_strategies for '" +
               std::string(service_) +
               "', or one of probabilisticSampling, rateLimitingSampling and operationSampling is expected"};
}

/// The operations of the default strategy hold for every service that does not name them itself.
StrategyText StrategyReader::chosen() {
  if (!own_) return *default_;
  StrategyText strategy = *own_;
  if (!default_) return strategy;
  for (const OperationText& operation : default_->operations) {
    if (strategy.operations.size() < operations_max_) strategy.operations.push_back(operation);
  }
  return strategy;
}

bool StrategyReader::file_member(const std::string& key, Piece piece) {
  if (key == "default_strategy") {
    default_ = service(piece).strategy;
  } else if (key == "service_strategies") {
    list(piece, [this](Piece item) {
      Service one = service(item);
      if (one.name == service_) own_ = std::move(one.strategy);
    });
  } else {
    return false;
  }
  return true;
}

StrategyReader::Service StrategyReader::service(Piece piece) {
  Service service;
  Members members;
  object(piece, [&](const std::string& key, Piece value) {
    if (key == "service") {
      service.name = text(value);
    } else if (key == "operation_strategies") {
      operations(value, service.strategy.operations);
    } else {
      return rule_member(key, value, members);
    }
    return true;
  });
  service.strategy.rule = rule_of(members);
  return service;
}

void StrategyReader::operations(Piece piece, std::vector<OperationText>& out) {
  list(piece, [&](Piece item) {
    OperationText operation;
    Members members;
    object(item, [&](const std::string& key, Piece value) {
      if (key != "operation") return rule_member(key, value, members);
      operation.operation = text(value);
      return true;
    });
    operation.rule = rule_of(members);
    if (out.size() < operations_max_) out.push_back(std::move(operation));
  });
}

bool StrategyReader::rule_member(const std::string& key, Piece piece, Members& members) {
  if (key == "type") {
    members.type = text(piece);
  } else if (key == "param") {
    members.param = number(piece, kRateMax);
  } else if (key == "max_traces_per_second") {
    members.max_traces_per_second = number(piece, kRateMax);
  } else {
    return false;
  }
  return true;
}

RuleText StrategyReader::rule_of(const Members& members) {
  RuleText rule;
  rule.max_traces_per_second = members.max_traces_per_second;
  rule.param = members.param.value_or(0);
  if (members.type != "probabilistic" && members.type != "ratelimiting")
    wrong("the strategy's type is '" + members.type + "': probabilistic or ratelimiting is expected");
  if (!members.param) wrong("the strategy has no param");
  if (members.type == "ratelimiting") {
    rule.kind = RuleText::Kind::kRate;
  } else if (rule.param > 1) {
    wrong("the param of a probabilistic strategy is above 1");
  }
  return rule;
}

/// `"probabilisticSampling": {"samplingRate": 0.1}` or `"rateLimitingSampling": {"maxTracesPerSecond": 5}`. `null` is
/// what some servers write for a member that is not there.
std::optional<RuleText> StrategyReader::nested_rule(const std::string& key, Piece piece) {
  const bool share = key == "probabilisticSampling";
  if (piece == Piece::kNull) return std::nullopt;
  RuleText rule;
  rule.kind = share ? RuleText::Kind::kShare : RuleText::Kind::kRate;
  object(piece, [&](const std::string& member, Piece value) {
    if (member != (share ? "samplingRate" : "maxTracesPerSecond")) return false;
    rule.param = number(value, share ? 1 : kRateMax);
    return true;
  });
  return rule;
}

/// A service's share counts more than its rate. `strategyType` says nothing that the others do not.
bool StrategyReader::answer_member(const std::string& key, Piece piece) {
  if (key == "operationSampling") {
    if (piece == Piece::kNull) return true;
    operation_sampling(piece);
  } else if (key == "probabilisticSampling") {
    if (auto rule = nested_rule(key, piece)) rule_ = rule;
  } else if (key == "rateLimitingSampling") {
    const auto rule = nested_rule(key, piece);
    if (rule && !rule_) rule_ = rule;
  } else {
    return false;
  }
  return true;
}

void StrategyReader::operation_sampling(Piece piece) {
  StrategyText strategy;
  object(piece, [&](const std::string& key, Piece value) {
    if (key == "defaultSamplingProbability") {
      strategy.rule.param = number(value, 1);
    } else if (key == "defaultLowerBoundTracesPerSecond") {
      strategy.lower_bound = number(value, kRateMax);
    } else if (key == "defaultUpperBoundTracesPerSecond") {
      // 0 is what servers write that know no such bound.
      if (const double bound = number(value, kRateMax); bound > 0) strategy.upper_bound = bound;
    } else if (key == "perOperationStrategies" && value != Piece::kNull) {
      list(value, [&](Piece item) { answer_operation(item, strategy.operations); });
    } else {
      return false;
    }
    return true;
  });
  by_operation_ = std::move(strategy);
}

void StrategyReader::answer_operation(Piece piece, std::vector<OperationText>& out) {
  OperationText operation;
  std::optional<RuleText> rule;
  object(piece, [&](const std::string& key, Piece value) {
    if (key == "operation") {
      operation.operation = text(value);
    } else if (key == "probabilisticSampling" || key == "rateLimitingSampling") {
      if (const auto read = nested_rule(key, value); read && !rule) rule = read;
    } else {
      return false;
    }
    return true;
  });
  if (!rule) return wrong("the operation has neither probabilisticSampling nor rateLimitingSampling");
  operation.rule = *rule;
  if (out.size() < operations_max_) out.push_back(std::move(operation));
}

}  // namespace

Result<StrategyText> read_strategy(std::string_view json, std::string_view service, std::size_t operations_max) {
  return StrategyReader(json, service, operations_max).read();
}

}  // namespace sextant::sampling
