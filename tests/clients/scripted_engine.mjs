// An OpenAI-compatible model server that plays a scripted model: it reads a file with the client's own tools,
// writes another one, runs a command, and finishes with what it has read. Prints its address.

import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';

// What agents get wrong: quotes, backslashes, tags, other alphabets, many lines.
export const CONTENT = `It's "quoted" \\ and \\n stays; </arg></tool_call> 你好 🙂 $HOME \`x\`\n${'line\n'.repeat(300)}`;

const text = (content) => {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('\n');
};

// The first tool that has one of these names, in any case.
function tool(tools, names) {
  for (const name of names) {
    const found = tools.find((tool) => tool.function.name.toLowerCase() === name);
    if (found) return found.function;
  }
  return undefined;
}

// Arguments for `tool`: the given ones by their usual names, and something for each other one it requires.
function fill(tool, given) {
  const { properties = {}, required = [] } = tool.parameters;
  const values = {};
  for (const [names, value] of given) {
    const name = names.find((name) => name in properties);
    if (!name) throw new Error(`${tool.name} takes none of ${names}: ${Object.keys(properties)}`);
    values[name] = properties[name].type === 'array' ? ['bash', '-c', value] : value;
  }
  for (const name of required) {
    const { type, enum: known } = properties[name] ?? {};
    values[name] ??= known?.[0] ?? { number: 1, integer: 1, boolean: false, array: [], object: {} }[type] ?? 'x';
  }
  return { name: tool.name, arguments: JSON.stringify(values) };
}

const PATH = ['file_path', 'filePath', 'path'];
const COMMAND = ['command', 'cmd'];

// The next step of the model: a text, or calls.
function step({ messages, tools = [], response_format }) {
  const task = messages.map((message) => text(message.content)).join('\n').match(/TASK in (\S+)/);
  const shell = tool(tools, ['bash', 'exec_command', 'shell_command', 'shell', 'local_shell', 'run_shell_command']);
  const read = tool(tools, ['read', 'read_file', 'view']);
  const write = tool(tools, ['write', 'write_file', 'create_file']);
  if (response_format?.type === 'json_schema') return { text: '{"name": "Ada", "age": 36}' };
  // Titles, summaries and the like.
  if (!task || (!shell && !read)) return { text: 'A title' };
  const place = task[1].replace(/[.,;"'\])]+$/, '');
  const run = (command) => fill(shell, [[COMMAND, command]]);
  const results = messages.filter((message) => message.role === 'tool');
  const last = text(results.at(-1)?.content);
  const reads = (file) => (read ? fill(read, [[PATH, `${place}/${file}`]]) : run(`cat ${place}/${file}`));
  switch (results.length) {
    case 0:
      return { text: 'I read both files.', calls: [reads('one.txt'), reads('two.txt')] };
    case 2: {
      const seen = results.map((result) => text(result.content));
      if (!seen[0].includes('NEEDLE-1') || !seen[1].includes('NEEDLE-2')) return { text: `FAILED: ${seen}` };
      const quoted = `'${CONTENT.replaceAll("'", "'\\''")}'`;
      return {
        calls: [
          write
            ? fill(write, [[PATH, `${place}/out.txt`], [['content'], CONTENT]])
            : run(`printf %s ${quoted} > ${place}/out.txt`),
        ],
      };
    }
    case 3:
      return { calls: [run(`wc -l < ${place}/out.txt; ls ${place}/missing`)] };
    case 4:
      return { text: last.includes('301') ? 'The answer is NEEDLE-1 and NEEDLE-2.' : `FAILED: ${last}` };
    default:
      return { text: 'FAILED: too many steps' };
  }
}

// What the engine was sent, for tests.
const seen = { requests: 0, tools: 0 };

function answer(body, response) {
  seen.requests += 1;
  seen.tools = Math.max(seen.tools, body.tools?.length ?? 0);
  let said;
  try {
    said = step(body);
  } catch (fault) {
    said = { text: `FAILED: ${fault.message}` };
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choice, more = {}) =>
    response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: choice ? [{ index: 0, ...choice }] : [], ...more })}\n\n`);
  for (const piece of said.text?.match(/.{1,7}/gs) ?? []) send({ delta: { content: piece } });
  (said.calls ?? []).forEach((call, index) => {
    send({ delta: { tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: call.name, arguments: '' } }] } });
    for (const piece of call.arguments.match(/.{1,99}/gs)) send({ delta: { tool_calls: [{ index, function: { arguments: piece } }] } });
  });
  send({ delta: {}, finish_reason: said.calls ? 'tool_calls' : 'stop' });
  send(undefined, { usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } });
  response.end('data: [DONE]\n\n');
}

if (process.argv[2] === 'content') {
  writeFileSync(process.argv[3], CONTENT);
} else {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += piece));
    request.on('end', () => {
      if (request.method === 'POST') return answer(JSON.parse(body), response);
      const document = request.url === '/seen' ? seen : { object: 'list', data: [{ id: 'scripted', object: 'model' }] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
}
