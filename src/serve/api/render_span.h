// Whole spans, the tree they form, and the rows of a run's tree, as JSON (shapes: openapi.json).
#pragma once

#include "base/core/result.h"
#include "data/genai/reader.h"
#include "query/traces/trace.h"
#include "serve/api/answer_text.h"
#include "serve/api/value_cut.h"

namespace sextant::serve {

/// The names of the wire's numbers; a number that a newer client sent is "unspecified" or "unset".
std::string_view span_kind_name(int32_t kind);
std::string_view status_name(int32_t status);

/// An array of all rows. Where values of attributes are cut, what is made of whole ones (messages, a tool's arguments
/// and result) is left out.
Result<void> render_spans(const query::Trace& trace, AnswerText& answer, ValueCut cut = {});
/// One TreeNode: the root, or a node without a name that holds several roots. Needs no stack, however deep.
Result<void> render_tree(const query::Trace& trace, AnswerText& answer);
/// An array of Step, one a span id.
Result<void> render_steps(const query::Trace& trace, AnswerText& answer);

}  // namespace sextant::serve
