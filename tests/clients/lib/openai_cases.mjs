// The conversations that every instrumentation of the `openai` client goes through, by name.

import * as talk from './conversation.mjs';

export const openaiCases = {
  chat: (client) => talk.chat(client),
  chat_stream: (client) => talk.chatStreaming(client),
  reasoning: (client) => talk.reasoning(client),
  tools: (client) => talk.toolLoop(client),
  tools_stream: (client) => talk.toolLoop(client, { stream: true }),
  two_turns: (client) => talk.twoTurns(client),
  parallel: (client) => talk.parallel(client),
  refused: (client) => talk.refused(client),
  embeddings: (client) => talk.embeddings(client),
  responses: (client) => talk.responses(client),
  responses_stream: (client) => talk.responses(client, { stream: true }),
};

export function caseFrom(argv, cases) {
  const name = argv[2];
  if (!Object.hasOwn(cases, name)) throw new Error(`unknown case '${name}', known: ${Object.keys(cases).join(', ')}`);
  return cases[name];
}
