// Typical uses of the OpenAI SDK for Node: list, create, stream, abort, errors, retries, responses.

import OpenAI from 'openai';
import { ENDLESS, LIMITED_KEY, TEXT, answers, check, done, rejected, stops, streamed } from './common.mjs';

const statuses = [];
const client = new OpenAI({
  maxRetries: 5,
  fetch: async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  },
});
const question = (text, more) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: text }], ...more });
const ask = (text, more, options) => client.chat.completions.create(question(text, more), options);

const all = async list => {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
};

const models = (await all(client.models.list())).map(model => model.id);
check('models are listed', models.includes('local-echo-max') && models.includes('gpt-4o'));
check('a model is shown', (await client.models.retrieve('local-echo-max')).object === 'model');

const whole = await ask(TEXT);
check('a whole answer', answers(whole.choices[0].message.content, TEXT));
check('its usage', whole.usage.total_tokens > whole.usage.prompt_tokens);

const chunks = await all(await ask(TEXT, { stream: true, stream_options: { include_usage: true } }));
check('a stream', streamed(chunks.map(chunk => chunk.choices[0]?.delta.content), TEXT));
check('its usage', chunks.at(-1).usage.total_tokens > 0);

const runner = client.chat.completions.stream(question(TEXT));
check("the SDK's own accumulator", answers(await runner.finalContent(), TEXT));

for (const leave of ['abort', 'break']) {
  const stopped = await stops();
  const controller = new AbortController();
  const stream = await ask(ENDLESS, { stream: true }, { signal: controller.signal });
  for await (const chunk of stream) {
    if (!chunk.choices[0].delta.content) continue;
    if (leave === 'break') break;
    controller.abort();
  }
  check(`a stream that is left by ${leave} stops the upstream`, await stopped());
}
const early = await stops();
const controller = new AbortController();
const unread = ask(ENDLESS, {}, { signal: controller.signal });
await early.begun();
controller.abort();
await rejected(OpenAI.APIUserAbortError, unread);
check('an abandoned answer stops the upstream', await early());

statuses.length = 0;
let error = await rejected(OpenAI.RateLimitError, ask('[[fault:F33]]', { model: 'local-echo-flash' }));
check('a quota is a RateLimitError', error.code === 'insufficient_quota' && error.type === 'insufficient_quota');
check('and is not tried again for hours', statuses.join() === '429' && Number(error.headers.get('retry-after')) > 60);
error = await rejected(OpenAI.BadRequestError, ask('x', { tool_choice: 'required' }));
check('a bad request names its parameter', error.param === 'tool_choice');
error = await rejected(OpenAI.InternalServerError, ask('[[fault:F39]]'));
check('a browser check', error.code === 'browser_check');
error = await rejected(OpenAI.NotFoundError, client.embeddings.create({ model: 'x', input: 'y' }));
check('an unknown route is a NotFoundError', error.requestID);
const page = client.withOptions({ defaultHeaders: { Origin: 'https://evil.example' } });
error = await rejected(OpenAI.AuthenticationError, page.models.list());
check('a foreign page is an AuthenticationError', error.code === 'invalid_api_key');

// Two concurrent prompts to one chat: the second gets 409, and the SDK retries.
const first = client.chat.completions.create(question('1'), { headers: { 'X-Qwen-Chat-Id': 'new' } });
const chat = (await first.asResponse()).headers.get('x-qwen-chat-id');
const metadata = { chat_id: chat };
const begun = await ask('[[slow:50]][[lorem:30]]', { stream: true, metadata });
const rest = begun[Symbol.asyncIterator]();
await rest.next();
statuses.length = 0;
const again = ask(TEXT, { metadata });
while (!(await rest.next()).done);
check('the SDK retries after 409', answers((await again).choices[0].message.content, TEXT));
check('after it was refused', statuses[0] === 409 && statuses.at(-1) === 200);

// One request per second: the second one gets 429 with `Retry-After`.
statuses.length = 0;
const limited = client.withOptions({ apiKey: LIMITED_KEY });
await limited.models.list();
await limited.models.list();
check('the SDK retries after 429', statuses.includes(429) && statuses.at(-1) === 200);

const response = await client.responses.create({ model: 'gpt-4o', input: TEXT, instructions: 'Be brief.' });
check('a response', answers(response.output_text, `Be brief.\n\n${TEXT}`) && response.status === 'completed');
const events = await all(await client.responses.create({ model: 'gpt-4o', input: TEXT, stream: true }));
check('its events', events[0].type === 'response.created' && events.at(-1).type === 'response.completed');
const deltas = events.filter(event => event.type === 'response.output_text.delta');
check('its deltas', streamed(deltas.map(event => event.delta), TEXT));
const kept = await client.responses.create({ model: 'gpt-4o', input: 'one', store: true });
const followed = await client.responses.create({ model: 'gpt-4o', input: TEXT, previous_response_id: kept.id });
check('a stored response is followed', answers(followed.output_text, TEXT));
error = await rejected(OpenAI.NotFoundError,
  client.responses.create({ model: 'gpt-4o', input: 'x', previous_response_id: response.id }));
check('one that is not stored is not', error.code === 'previous_response_not_found');

done();
