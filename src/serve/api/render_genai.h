// What spans mean to an agent, as JSON: the line a step shows, and the whole view with its messages.
#pragma once

#include <optional>

#include "base/codec/json_writer.h"
#include "data/genai/reader.h"
#include "data/genai/step_view.h"

namespace sextant::serve {

/// The members of Step that say what it is: title, detail, kind, agent, model, tokens, first_token_ns. `facts` absent:
/// the span says nothing of an agent's.
void render_step_facts(data::GenAiReader& reader, uint32_t row, const std::optional<data::StepFacts>& facts,
                       JsonWriter& json);

/// A StepView, or null when the span says nothing of an agent's.
void render_step_view(data::GenAiReader& reader, uint32_t row, data::Depth depth, JsonWriter& json);

}  // namespace sextant::serve
