// A page of another origin: the seed's own JavaScript works with the client's token; without one it
// cannot use the account.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LISTEN, pageWith, server, world } from "./pages.mjs";

/** As in the seed; only host, token and chat id are replaced. */
const SEED = `
fetch('http://localhost:5001/api/chats', {
    headers: {
        'Authorization': \`Bearer \${token}\`
    }
})
.then(res => res.json())
.then(data => {
    console.log('Chats:', data.data);
});

fetch('http://localhost:5001/api/chat/send', {
    method: 'POST',
    headers: {
        'Authorization': \`Bearer \${token}\`,
        'Content-Type': 'application/json'
    },
    body: JSON.stringify({
        chat_id: chatId,
        message: 'Hello AI!',
        model: 'qwen3-max',
        stream: false
    })
})
.then(res => res.json())
.then(data => {
    console.log('Response:', data.data.content);
});

fetch('http://localhost:5001/api/chat/quick', {
    method: 'POST',
    headers: {
        'Authorization': \`Bearer \${token}\`,
        'Content-Type': 'application/json'
    },
    body: JSON.stringify({
        message: 'Tell me a joke'
    })
})
.then(res => res.json())
.then(data => console.log(data.data.content));
`;

test("the seed's JavaScript works on a page of another origin with the client's token", async () => {
  const { server: bare, token } = await world.serverWithoutToken();
  const chat = (await bare.call("POST", "/api/chats", { title: "From elsewhere" }, token)).data.id;
  const values = `const token = ${JSON.stringify(token)}; const chatId = ${JSON.stringify(chat)};`;
  const address = await pageWith(`${LISTEN} ${values} ${SEED.replaceAll("http://localhost:5001", bare.url)}`);
  await world.browse({}, async (browser) => {
    await browser.open(address);
    const logged = await browser.until("return logged.length === 3 && logged");
    const [, chats] = logged.find(([words]) => words === "Chats:");
    assert.deepEqual(chats.map(({ id, title }) => [id, title]), [[chat, "From elsewhere"]]);
    const [, response] = logged.find(([words]) => words === "Response:");
    assert.match(response, /Hello AI!/);
    assert.ok(logged.some(([words]) => words.includes("Tell me a joke")), JSON.stringify(logged));
  });
});

test("without a token a page of another origin is refused and can read why", async () => {
  const ask = `
    const json = async (path, request) => {
      const response = await fetch(${JSON.stringify(server.url)} + path, request);
      return [response.status, (await response.json()).code, response.headers.get("x-request-id") !== null];
    };
    const send = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"message":"Spend it"}' };
    Promise.all([json("/api/chats"), json("/api/chat/quick", send)]).then((answers) => console.log(answers), (error) => console.log(String(error)));`;
  const address = await pageWith(`${LISTEN} ${ask}`);
  await world.browse({}, async (browser) => {
    await browser.open(address);
    const [[answers]] = await browser.until("return logged.length === 1 && logged");
    assert.deepEqual(answers, [[401, "token_missing", true], [401, "token_missing", true]]);
  });
  assert.deepEqual((await server.call("GET", "/api/chats")).data, []);
});
