// The list of cases: which program, sent over which protocol, and what the server must make of it.

const all = ['input', 'output', 'cached_input', 'reasoning'];
const sums = ['input', 'output'];
const bothTools = ['get_weather', 'get_population'];
const loopTools = { tools: bothTools };

/** Every exporter of OpenTelemetry JS, with and without gzip. */
export const exporterCases = ['http/protobuf', 'http/json', 'grpc'].flatMap((protocol) =>
  ['none', 'gzip'].flatMap((compression) =>
    ['everything', 'many'].map((name) => ({
      name: `exporter ${protocol} ${compression}: ${name}`,
      file: 'everything.mjs',
      args: [name],
      transport: { protocol, compression },
    })),
  ),
);

const openaiCases = ['chat', 'chat_stream', 'reasoning', 'tools', 'tools_stream', 'two_turns', 'parallel'];
const streamed = ['chat_stream', 'tools_stream', 'parallel'];

/** Cases of one instrumentation; `special` overrides what is expected in single ones. */
function instrumentation({ name, file, args = [], transport, cases, usual, special = {} }) {
  return cases.map((each) => ({
    name: `${name}: ${each}`,
    file,
    args: [each, ...args],
    transport,
    expected: { ...usual, ...special[each] },
  }));
}

function forAll(cases, override) {
  return Object.fromEntries(cases.map((each) => [each, override]));
}

const team = { agents: ['supervisor', 'analyst', 'researcher', 'writer'], conversation: 'conv-tests-1' };
const teamTools = ['list_deployments', 'query_metrics', 'search_runbooks'];

export const genaiCases = [
  ...instrumentation({
    name: 'otel',
    file: 'quickstart.mjs',
    transport: { protocol: 'http/protobuf' },
    cases: ['checkout', 'search', 'mailer', 'reports', 'gateway'],
    usual: { dialect: 'otel', tokens: all, messages: 'answer', first_token: true, ...team, tools: teamTools },
    special: {
      checkout: { tools: [...teamTools, 'query_metrics'] },
      mailer: { tools: [...teamTools, 'query_metrics', 'query_metrics'] },
      reports: { refused: 1 },
      gateway: { refused: 1, state: 'error', messages: 'none', agents: ['supervisor', 'analyst', 'researcher'] },
    },
  }),
  ...instrumentation({
    name: 'otel_contrib',
    file: 'otel.mjs',
    transport: { protocol: 'grpc' },
    cases: [...openaiCases, 'embeddings', 'refused'],
    usual: { dialect: 'otel', tokens: sums, messages: 'none' },
    special: { refused: { refused: 1, state: 'error' } },
  }),
  ...instrumentation({
    name: 'openinference',
    file: 'openinference.mjs',
    transport: { protocol: 'http/json' },
    cases: [...openaiCases, 'responses', 'responses_stream', 'embeddings', 'agent'],
    // It has one name for the model, and writes the answering one there.
    usual: { dialect: 'openinference', tokens: all, messages: 'all', model: 'request_model' },
    special: {
      ...forAll(streamed, { tokens: [], model: null }),
      // The instrumentation joins parallel tool calls of a stream into one.
      tools_stream: { tokens: [], model: null, output: false },
      ...forAll(['responses', 'responses_stream'], { messages: 'none' }),
      embeddings: { tokens: [], model: null },
      agent: { ...loopTools, agents: ['travel_assistant'], conversation: 'session-41' },
    },
  }),
  ...instrumentation({
    name: 'openllmetry',
    file: 'openllmetry.mjs',
    args: ['now'],
    transport: { protocol: 'grpc', compression: 'gzip' },
    cases: [...openaiCases, 'responses', 'responses_stream'],
    usual: { dialect: 'openllmetry', tokens: sums, messages: 'all' },
    special: {
      ...forAll(streamed, { tokens: [] }),
      responses: { messages: 'none' },
      responses_stream: { tokens: [], model: null, messages: 'none' },
    },
  }),
  ...instrumentation({
    name: 'openllmetry_flat',
    file: 'openllmetry.mjs',
    args: ['flat'],
    transport: { protocol: 'http/protobuf', compression: 'gzip' },
    cases: openaiCases,
    usual: { dialect: 'openllmetry', tokens: sums, messages: 'text' },
    special: {
      ...forAll(streamed, { tokens: [] }),
      // An answer that only called tools stands in the history as the text "null".
      tools: { messages: 'none' },
      tools_stream: { tokens: [], messages: 'none' },
    },
  }),
  ...instrumentation({
    name: 'traceloop',
    file: 'traceloop.mjs',
    transport: { protocol: 'http/protobuf' },
    cases: ['workflow'],
    usual: {
      dialect: 'openllmetry',
      tokens: sums,
      messages: 'all',
      ...loopTools,
      agents: ['travel_assistant'],
      conversation: 'session-41',
    },
  }),
  ...['modern', 'legacy'].flatMap((style) =>
    instrumentation({
      name: style === 'modern' ? 'vercel' : 'vercel_legacy',
      file: 'vercel.mjs',
      args: [style],
      transport: style === 'modern' ? { protocol: 'http/json', compression: 'gzip' } : { protocol: 'http/protobuf' },
      cases: [
        'chat',
        'chat_stream',
        'reasoning',
        'tools',
        'tools_stream',
        'responses_tools',
        'responses_stream',
        'object',
        'embeddings',
        'refused',
      ],
      usual: {
        dialect: 'vercel',
        tokens: style === 'modern' ? ['input', 'output', 'cached_input'] : all,
        messages: 'answer',
        first_token: true,
        agents: ['travel_assistant'],
      },
      special: {
        ...forAll(['tools', 'tools_stream', 'responses_tools', 'responses_stream'], loopTools),
        embeddings: {
          messages: 'none',
          tokens: ['input'],
          model: null,
          agents: style === 'modern' ? [] : ['travel_assistant'],
        },
        refused: { messages: 'none', refused: 1, state: 'error' },
      },
    }),
  ),
];
