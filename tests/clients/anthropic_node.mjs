// Typical uses of the Anthropic SDK for Node.

import Anthropic from '@anthropic-ai/sdk';
import { ENDLESS, TEXT, answers, check, done, rejected, stops, streamed } from './common.mjs';

const client = new Anthropic({ maxRetries: 0 });
const question = (text, more) => ({
  model: 'gpt-4o', max_tokens: 4000, messages: [{ role: 'user', content: text }], ...more,
});

const message = await client.messages.create(question(TEXT));
check('a whole message', answers(message.content[0].text, TEXT) && message.stop_reason === 'end_turn');

const pieces = [];
const stream = client.messages.stream(question(TEXT)).on('text', piece => pieces.push(piece));
check("the SDK's accumulator", (await stream.finalMessage()).content[0].text === message.content[0].text);
check('a stream', streamed(pieces, TEXT));

const stopped = await stops();
const endless = client.messages.stream(question(ENDLESS));
for await (const event of endless) {
  if (event.type === 'content_block_delta') break;
}
check('a stream that is left stops the upstream', await stopped());

const thinking = await client.messages.create(question(TEXT, { thinking: { type: 'enabled', budget_tokens: 1024 } }));
check('thinking', thinking.content.map(block => block.type).join() === 'thinking,text');
let error = await rejected(Anthropic.RateLimitError, client.messages.create(question('[[fault:F33]]', { model: 'local-echo-flash' })));
check('a quota is a RateLimitError', error.error.error.type === 'rate_limit_error' && error.requestID);
error = await rejected(Anthropic.BadRequestError, client.messages.create(question(' ')));
check('an empty prompt is a BadRequestError', error.error.type === 'error');

done();
