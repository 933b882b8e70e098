// Both SDKs of the Model Context Protocol for JavaScript: over standard streams and HTTP.

import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { ENDLESS, TEXT, answers, check, done, stops } from './common.mjs';

const { QWENCTL, TOKEN_FILE, QWENCTL_HOME, QWENCTL_URL, QWEN_API_URL, QWEN_AUTH_URL } = process.env;
const program = {
  command: QWENCTL,
  args: ['--token-file', TOKEN_FILE, 'mcp', '--allow-ask'],
  env: { HOME: QWENCTL_HOME, QWEN_API_URL, QWEN_AUTH_URL },
};
const url = new URL(`${QWENCTL_URL}/mcp`);
const info = { name: 'test', version: '1' };
const newest = { versionNegotiation: { mode: 'auto' } };

for (const [how, client, transport] of [
  ['sdk, standard streams', new OldClient(info), new OldStdio(program)],
  ['sdk, HTTP', new OldClient(info), new OldHttp(url)],
  ['client, standard streams', new Client(info, newest), new StdioClientTransport(program)],
  ['client, HTTP', new Client(info, newest), new StreamableHTTPClientTransport(url)],
]) {
  await client.connect(transport);
  check(`${how}: the server`, client.getServerVersion()?.name === 'qwenctl');
  const { tools } = await client.listTools();
  check(`${how}: tools`, tools.map(tool => tool.name).join() === 'search_chats,list_chats,read_chat,ask');
  const call = (name, args) => client.callTool({ name, arguments: args });

  const asked = await call('ask', { message: `${TEXT} ${how}` });
  const { chat_id, content } = asked.structuredContent;
  check(`${how}: ask`, answers(content, `${TEXT} ${how}`));
  const listed = await call('list_chats', {});
  check(`${how}: list`, listed.structuredContent.chats.some(row => row.chat_id === chat_id));
  const found = await call('search_chats', { query: 'tiếng' });
  check(`${how}: search`, found.structuredContent.results.some(hit => hit.chat_id === chat_id));
  const read = await call('read_chat', { chat_id });
  check(`${how}: read`, read.structuredContent.messages[0].content === `${TEXT} ${how}`);
  const wrong = await call('read_chat', { chat_id, colour: 'red' });
  check(`${how}: a wrong argument`, wrong.isError && wrong.content[0].text.includes('colour'));

  const uri = `qwenctl://chats/${chat_id}`;
  const { resources } = await client.listResources();
  check(`${how}: resources`, resources.some(resource => resource.uri === uri));
  const resource = await client.readResource({ uri });
  check(`${how}: a resource`, JSON.parse(resource.contents[0].text).chat_id === chat_id);

  const stopped = await stops();
  const leave = new AbortController();
  const options = { signal: leave.signal };
  const arguments_ = { name: 'ask', arguments: { message: ENDLESS, chat_id } };
  const endless = how.startsWith('sdk')
    ? client.callTool(arguments_, undefined, options)
    : client.callTool(arguments_, options);
  endless.catch(() => {});
  await stopped.begun();
  leave.abort();
  check(`${how}: an aborted call stops the model`, await stopped());
  await client.close();
}
done();
