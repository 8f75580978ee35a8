// The answer to a question about groups of spans, as JSON.
#pragma once

#include <string>
#include <vector>

#include "query/traces/span_groups.h"
#include "serve/api/answer_text.h"

namespace sextant::serve {

/// How a question was written; `by` and `of` are shown as they were given.
struct GroupTexts {
  std::vector<std::string> by;
  std::vector<std::string> of;
};

/// Members up to `groups_found`, within an object. Calls beyond those of `texts.of` are not shown.
Result<void> render_groups(const query::GroupQuestion& question, const GroupTexts& texts,
                           const data::AggregateEnd& found, AnswerText& answer);

}  // namespace sextant::serve
