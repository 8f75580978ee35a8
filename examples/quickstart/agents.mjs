// The team: a supervisor that asks an analyst and a researcher at the same time and lets a writer put it together. Each
// agent is the same loop: ask the model, run the tools it wants, until it answers.

import { setTimeout as delay } from 'node:timers/promises';

import { chat, embed, executeTool, invokeAgent, retrieve } from './genai.mjs';

// An agent that still wants tools after this many rounds goes in circles.
const roundsMax = 6;
const attemptsMax = 3;
const embeddingModel = 'text-embedding-3-small';

export class Team {
  /** `random` is a function that gives numbers in [0, 1): how long tools take and which of them fail. */
  constructor({ client, incident, random }) {
    this.client = client;
    this.incident = incident;
    this.random = random;
    this.agents = agentsOf(this);
  }

  /** One run: the answer to a question asked in the conversation `earlier` (messages before it). */
  ask(question, earlier = []) {
    return this.#invoke('supervisor', question, earlier);
  }

  #invoke(name, task, earlier = []) {
    const agent = this.agents[name];
    return invokeAgent(name, agent.description, task, () =>
      this.#loop(agent, [...earlier, { role: 'user', content: task }]),
    );
  }

  async #loop(agent, conversation) {
    const messages = [{ role: 'system', content: agent.prompt }, ...conversation];
    for (let round = 0; round < roundsMax; round += 1) {
      const completion = await this.#complete(agent, messages);
      const { message } = completion.choices[0];
      if (!message.tool_calls?.length) return message.content;
      messages.push({ role: 'assistant', content: message.content, tool_calls: message.tool_calls });
      const results = await Promise.all(message.tool_calls.map((call) => this.#runTool(agent, call)));
      messages.push(...results);
    }
    throw new Error(`${agent.name} did not come to an end in ${roundsMax} rounds`);
  }

  /** Asks the model; a refusal that passes is asked again. */
  async #complete(agent, messages) {
    const tools = Object.values(agent.tools).map(({ run, ...definition }) => ({
      type: 'function',
      function: definition,
    }));
    const request = {
      model: agent.model,
      temperature: agent.temperature,
      messages: [...messages],
      ...(tools.length && { tools }),
    };
    if (agent.stream) Object.assign(request, { stream: true, stream_options: { include_usage: true } });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await chat(this.client, request, (firstToken) => send(this.client, request, firstToken));
      } catch (error) {
        if (attempt === attemptsMax || !(error.status === 429 || error.status >= 500)) throw error;
        await delay(150 * attempt);
      }
    }
  }

  /** Runs a tool, again if it fails; in the end the model is told of the failure and must do without. */
  async #runTool(agent, call) {
    const answer = (result) => ({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(result) });
    const tool = agent.tools[call.function.name];
    if (!tool) return answer({ error: `there is no tool ${call.function.name}` });
    const args = JSON.parse(call.function.arguments);
    if (tool.delegate) return answer(await this.#invoke(tool.delegate, args.task));
    for (let attempt = 1; ; attempt += 1) {
      try {
        return answer(await executeTool(tool, call, () => tool.run(args, attempt)));
      } catch (error) {
        if (attempt === attemptsMax) return answer({ error: error.message });
        await delay(80 * attempt);
      }
    }
  }

  /** Something takes a while. */
  pause(low, high) {
    return delay(low + this.random() * (high - low));
  }

  async search(query, limit) {
    return retrieve('runbooks', query, limit, async () => {
      const { runbooks } = this.incident;
      const request = {
        model: embeddingModel,
        input: [query, ...runbooks.map((each) => `${each.title} ${each.text}`)],
        encoding_format: 'float',
      };
      const answer = await embed(embeddingModel, () => this.client.embeddings.create(request));
      const [asked, ...vectors] = answer.data.map((each) => each.embedding);
      await this.pause(30, 90);
      const scored = runbooks.map((each, index) => ({
        ...each,
        score: Number(similarity(asked, vectors[index]).toFixed(4)),
      }));
      return scored.sort((a, b) => b.score - a.score).slice(0, limit);
    });
  }
}

/** Makes the request; a stream is put together as it comes in. */
async function send(client, request, firstToken) {
  const answer = await client.chat.completions.create(request);
  if (!request.stream) return answer;
  const whole = { choices: [{ message: { role: 'assistant', content: '' }, finish_reason: null }] };
  for await (const chunk of answer) {
    Object.assign(whole, { id: chunk.id, model: chunk.model, usage: chunk.usage ?? whole.usage });
    const [choice] = chunk.choices;
    if (choice?.delta.content) {
      if (whole.choices[0].message.content === '') firstToken();
      whole.choices[0].message.content += choice.delta.content;
    }
    if (choice?.finish_reason) whole.choices[0].finish_reason = choice.finish_reason;
  }
  return whole;
}

function similarity(a, b) {
  return a.reduce((sum, each, index) => sum + each * b[index], 0);
}

function agentsOf(team) {
  const text = (description) => ({
    type: 'object',
    properties: { task: { type: 'string', description } },
    required: ['task'],
  });
  const ask = (name, description) => ({
    name: `ask_${name}`,
    description,
    parameters: text('What to find out or do'),
    delegate: name,
  });
  return {
    supervisor: {
      name: 'supervisor',
      description: 'Splits a question over the team and answers it',
      prompt:
        'You are the supervisor of an on-call team. Ask the analyst for numbers, the researcher for what is known, then the writer for the text.',
      model: 'gpt-4o',
      temperature: 0.2,
      tools: byName(
        ask('analyst', 'Reads metrics and deployments'),
        ask('researcher', 'Looks things up in the runbooks'),
        ask('writer', 'Writes what the team reads'),
      ),
    },
    analyst: {
      name: 'analyst',
      description: 'Reads metrics and deployments',
      prompt: 'You are the analyst of an on-call team. Use the tools, compare before and after, name numbers.',
      model: 'gpt-4o-mini',
      temperature: 0,
      tools: byName(queryMetrics(team), listDeployments(team)),
    },
    researcher: {
      name: 'researcher',
      description: 'Looks things up in the runbooks',
      prompt: 'You are the researcher of an on-call team. Search the runbooks and say which of them applies.',
      model: 'o4-mini',
      tools: byName(searchRunbooks(team)),
    },
    writer: {
      name: 'writer',
      description: 'Writes what the team reads',
      prompt: 'You are the writer of an on-call team. Write a short note: what happened, why, what to do now.',
      model: 'gpt-4.1-mini',
      temperature: 0.7,
      stream: true,
      tools: {},
    },
  };
}

function byName(...tools) {
  return Object.fromEntries(tools.map((tool) => [tool.name, tool]));
}

function queryMetrics(team) {
  const parameters = {
    type: 'object',
    properties: { query: { type: 'string' }, minutes: { type: 'integer', minimum: 5, maximum: 240 } },
    required: ['query'],
  };
  const run = async ({ query }, attempt) => {
    await team.pause(120, 380);
    if (attempt <= team.incident.metric_failures) throw new Error('metrics backend: upstream timed out after 300 ms');
    return { query, series: team.incident.series };
  };
  return { name: 'query_metrics', description: 'Runs a PromQL query', parameters, run };
}

function listDeployments(team) {
  const parameters = { type: 'object', properties: { service: { type: 'string' } }, required: ['service'] };
  const run = async ({ service }) => {
    await team.pause(40, 160);
    return { service, deployments: team.incident.deployments };
  };
  return { name: 'list_deployments', description: 'Deployments of a service, newest first', parameters, run };
}

function searchRunbooks(team) {
  const parameters = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };
  const run = ({ query }) => team.search(query, 2);
  return { name: 'search_runbooks', description: 'Finds runbooks by meaning', parameters, run };
}
