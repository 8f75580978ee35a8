#include "data/genai/words.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "data/genai/limits.h"

namespace sextant::data {
namespace {

using enum StepKind;

// Lower case, in alphabetical order (checked below): words of gen_ai.operation.name, OpenInference, OpenLLMetry, the
// Vercel AI SDK's operation ids, Langfuse, LangSmith, MLflow, Claude Code.
constexpr KindWord kKindWords[] = {
    {"agent", kAgent, "invoke_agent"},
    {"agent_step", kOther, "agent_step"},
    {"ai.embed", kOther, ""},
    {"ai.embed.doembed", kEmbeddings, "embeddings"},
    {"ai.embedmany", kOther, ""},
    {"ai.embedmany.doembed", kEmbeddings, "embeddings"},
    {"ai.generateobject", kAgent, "invoke_agent"},
    {"ai.generateobject.dogenerate", kModel, "chat"},
    {"ai.generatetext", kAgent, "invoke_agent"},
    {"ai.generatetext.dogenerate", kModel, "chat"},
    {"ai.rerank", kOther, ""},
    {"ai.rerank.dorerank", kRetrieval, "rerank"},
    {"ai.streamobject", kAgent, "invoke_agent"},
    {"ai.streamobject.dostream", kModel, "chat"},
    {"ai.streamtext", kAgent, "invoke_agent"},
    {"ai.streamtext.dostream", kModel, "chat"},
    {"ai.toolcall", kTool, "execute_tool"},
    {"apply_guardrail", kGuard, "apply_guardrail"},
    {"chain", kWorkflow, "invoke_workflow"},
    {"chat", kModel, "chat"},
    {"chat_model", kModel, "chat"},
    {"completion", kModel, "text_completion"},
    {"create_agent", kAgent, "create_agent"},
    {"create_memory", kOther, "create_memory"},
    {"create_memory_store", kOther, "create_memory_store"},
    {"delete_memory", kOther, "delete_memory"},
    {"delete_memory_store", kOther, "delete_memory_store"},
    {"embed", kEmbeddings, "embeddings"},
    {"embedding", kEmbeddings, "embeddings"},
    {"embeddings", kEmbeddings, "embeddings"},
    {"evaluator", kOther, ""},
    {"execute_task", kOther, "execute_task"},
    {"execute_tool", kTool, "execute_tool"},
    {"fetch_response", kOther, "fetch_response"},
    {"function", kTool, "execute_tool"},
    {"generate_content", kModel, "generate_content"},
    {"generation", kModel, "chat"},
    {"guard", kGuard, "guard"},
    {"guardrail", kGuard, "guardrail"},
    {"handoff", kHandoff, "handoff"},
    {"interaction", kAgent, "invoke_agent"},
    {"invoke_agent", kAgent, "invoke_agent"},
    {"invoke_workflow", kWorkflow, "invoke_workflow"},
    {"llm", kModel, "chat"},
    {"llm_request", kModel, "chat"},
    {"memory", kOther, ""},
    {"plan", kOther, "plan"},
    {"prompt", kOther, ""},
    {"query_memory", kRetrieval, "query_memory"},
    {"rerank", kRetrieval, "rerank"},
    {"reranker", kRetrieval, "rerank"},
    {"response", kModel, "chat"},
    {"retrieval", kRetrieval, "retrieval"},
    {"retriever", kRetrieval, "retrieval"},
    {"search_memory", kRetrieval, "search_memory"},
    {"task", kOther, ""},
    {"text_completion", kModel, "text_completion"},
    {"tool", kTool, "execute_tool"},
    {"update_memory", kOther, "update_memory"},
    {"upsert_memory", kOther, "upsert_memory"},
    {"workflow", kWorkflow, "invoke_workflow"},
};
static_assert(std::ranges::is_sorted(kKindWords, {}, &KindWord::word));

struct Alias {
  std::string_view alias;
  std::string_view word;
};

// Values of gen_ai.provider.name on the right; on the left also the values themselves, so that other cases of them are
// found. Spellings: OpenTelemetry's deprecated gen_ai.system, OpenInference, OpenLLMetry, the Vercel AI SDK.
constexpr Alias kProviders[] = {
    {"amazon", "aws.bedrock"},
    {"amazon-bedrock", "aws.bedrock"},
    {"anthropic", "anthropic"},
    {"aws", "aws.bedrock"},
    {"aws.bedrock", "aws.bedrock"},
    {"az.ai.inference", "azure.ai.inference"},
    {"az.ai.openai", "azure.ai.openai"},
    {"azure", "azure.ai.openai"},
    {"azure-openai", "azure.ai.openai"},
    {"azure.ai.inference", "azure.ai.inference"},
    {"azure.ai.openai", "azure.ai.openai"},
    {"azure_openai", "azure.ai.openai"},
    {"bedrock", "aws.bedrock"},
    {"cohere", "cohere"},
    {"deepseek", "deepseek"},
    {"gcp.gemini", "gcp.gemini"},
    {"gcp.gen_ai", "gcp.gen_ai"},
    {"gcp.vertex_ai", "gcp.vertex_ai"},
    {"gemini", "gcp.gemini"},
    {"google", "gcp.gemini"},
    {"google.generative-ai", "gcp.gemini"},
    {"google.vertex", "gcp.vertex_ai"},
    {"groq", "groq"},
    {"ibm.watsonx.ai", "ibm.watsonx.ai"},
    {"mistral", "mistral_ai"},
    {"mistral_ai", "mistral_ai"},
    {"mistralai", "mistral_ai"},
    {"moonshot", "moonshot_ai"},
    {"moonshot_ai", "moonshot_ai"},
    {"openai", "openai"},
    {"perplexity", "perplexity"},
    {"vertex_ai", "gcp.vertex_ai"},
    {"vertexai", "gcp.vertex_ai"},
    {"watsonx", "ibm.watsonx.ai"},
    {"x_ai", "x_ai"},
    {"xai", "x_ai"},
};
static_assert(std::ranges::is_sorted(kProviders, {}, &Alias::alias));

constexpr Alias kFinishReasons[] = {
    {"content-filter", "content_filter"},
    {"content_filter", "content_filter"},
    {"end_turn", "stop"},
    {"error", "error"},
    {"function_call", "tool_call"},
    {"length", "length"},
    {"max_tokens", "length"},
    {"stop", "stop"},
    {"tool-calls", "tool_call"},
    {"tool_call", "tool_call"},
    {"tool_calls", "tool_call"},
    {"tool_use", "tool_call"},
};
static_assert(std::ranges::is_sorted(kFinishReasons, {}, &Alias::alias));

/// A short word in lower case, without JSON quotes; empty when it is too long to be in any table.
class Word {
 public:
  explicit Word(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    if (text.size() > kWordBytesMax) return;
    for (char c : text) letters_[size_++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::string_view view() const { return {letters_.data(), size_}; }

 private:
  std::array<char, kWordBytesMax> letters_{};
  size_t size_ = 0;
};

template <size_t Size>
const Alias* find_alias(const Alias (&table)[Size], std::string_view word) {
  const auto* found = std::ranges::lower_bound(table, word, {}, &Alias::alias);
  return found != std::end(table) && found->alias == word ? found : nullptr;
}

}  // namespace

std::string_view to_string(StepKind kind) {
  static constexpr std::string_view kTexts[] = {"agent",     "workflow", "model", "embeddings", "tool",
                                                "retrieval", "handoff",  "guard", "other"};
  return kTexts[static_cast<uint8_t>(kind)];
}

const KindWord* find_kind_word(std::string_view text) {
  const Word word(text);
  const auto* found = std::ranges::lower_bound(kKindWords, word.view(), {}, &KindWord::word);
  return found != std::end(kKindWords) && found->word == word.view() ? found : nullptr;
}

std::string_view provider_name(std::string_view text) {
  const Word word(text);
  // The AI SDK adds the API after a dot: "openai.responses", "google.vertex.chat".
  for (std::string_view left = word.view(); !left.empty();) {
    if (const Alias* alias = find_alias(kProviders, left)) return alias->word;
    const size_t dot = left.rfind('.');
    left = left.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return text;
}

std::string_view finish_reason(std::string_view text) {
  const Alias* alias = find_alias(kFinishReasons, Word(text).view());
  return alias != nullptr ? alias->word : text;
}

}  // namespace sextant::data
