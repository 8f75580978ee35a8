// The team of examples/quickstart: spans made by hand after OpenTelemetry's GenAI conventions, with agents in parallel,
// retries, a retrieval and conversations. The case is the number of the incident it works on.

import OpenAI from '../../../examples/quickstart/node_modules/openai/index.mjs';

import { randomFrom } from '../../../examples/fake_model/random.mjs';
import { incidents } from '../../../examples/quickstart/story.mjs';
import { startTelemetry } from '../lib/telemetry.mjs';

const incident = incidents.find((each) => each.service === process.argv[2]);
const telemetry = startTelemetry({ serviceName: 'on-call-team' });
// As in the program itself, telemetry stands before the first tracer is asked for.
const { Team } = await import('../../../examples/quickstart/agents.mjs');
const { inConversation } = await import('../../../examples/quickstart/genai.mjs');
const client = new OpenAI({ apiKey: 'not-needed', maxRetries: 0 });
const team = new Team({ client, incident, random: randomFrom('tests') });
let text = null;
let error = null;
await inConversation('conv-tests-1', async () => {
  const { question, follow_up: followUp } = incident;
  try {
    const answer = await team.ask(question);
    text = await team.ask(followUp, [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]);
  } catch (caught) {
    error = caught.message;
  }
});
await telemetry.finish({ asked: [], text, error });
