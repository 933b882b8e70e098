// The tool loops of the SDKs for Node and of the AI SDK against `serve --engine` with a scripted model.

import { execSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';

import { check, done } from './common.mjs';

const url = process.env.ENGINE_SERVER;
const model = 'scripted';
const content = readFileSync(process.env.ENGINE_CONTENT, 'utf8');

const run = (command) => {
  try {
    return execSync(command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (fault) {
    return fault.stdout + fault.stderr;
  }
};
const functions = {
  read: [['path'], ({ path }) => readFileSync(path, 'utf8')],
  write: [['path', 'content'], ({ path, content }) => (writeFileSync(path, content), '')],
  bash: [['command'], ({ command }) => run(command)],
};
const schema = (keys) => ({
  type: 'object',
  properties: Object.fromEntries(keys.map((key) => [key, { type: 'string' }])),
  required: keys,
  additionalProperties: false,
});

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  writeFileSync(join(folder, 'one.txt'), '# NEEDLE-1\n');
  writeFileSync(join(folder, 'two.txt'), '# NEEDLE-2\n');
  return folder;
}

function finished(name, folder, answer) {
  check(name, answer.includes('NEEDLE-1 and NEEDLE-2'));
  check(`${name}: the file is equal to the byte`, readFileSync(join(folder, 'out.txt'), 'utf8') === content);
}

const task = (folder) => `TASK in ${folder} : read both files`;

const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
for (const stream of [false, true]) {
  const folder = place();
  const tools = Object.entries(functions).map(([name, [keys, work]]) => ({
    type: 'function',
    function: { name, parameters: schema(keys), parse: JSON.parse, function: work },
  }));
  const messages = [{ role: 'user', content: task(folder) }];
  const runner = openai.chat.completions.runTools({ model, messages, tools, stream });
  finished(`OpenAI runTools, streamed: ${stream}`, folder, await runner.finalContent());
}

const anthropic = new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 });
{
  const folder = place();
  const tools = Object.entries(functions).map(([name, [keys, work]]) => ({
    name,
    input_schema: schema(keys),
    run: work,
    parse: (input) => input,
  }));
  const messages = [{ role: 'user', content: task(folder) }];
  const message = await anthropic.beta.messages.toolRunner({ model, max_tokens: 1000, messages, tools });
  finished("Anthropic's toolRunner", folder, message.content.map((block) => block.text ?? '').join(''));
}

const compatible = createOpenAICompatible({ name: 'q', baseURL: `${url}/v1`, apiKey: 'none', includeUsage: true });
const claude = createAnthropic({ baseURL: `${url}/v1`, apiKey: 'none' });
for (const [name, provider] of [['chat', compatible], ['messages', claude]]) {
  const tools = Object.fromEntries(
    Object.entries(functions).map(([name, [keys, work]]) => [
      name,
      tool({ description: name, inputSchema: jsonSchema(schema(keys)), execute: async (input) => work(input) }),
    ]),
  );
  const options = (folder) => ({ model: provider(model), tools, stopWhen: stepCountIs(9), prompt: task(folder), maxRetries: 0 });
  let folder = place();
  finished(`AI SDK over ${name}`, folder, (await generateText(options(folder))).text);
  folder = place();
  const streamed = streamText(options(folder));
  finished(`AI SDK over ${name}, streamed`, folder, await streamed.text);
  check(`AI SDK over ${name}: usage`, (await streamed.totalUsage).inputTokens > 0);
}

done();
