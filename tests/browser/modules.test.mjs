// The page's pure functions, in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const page = pathToFileURL(`${process.env.PAGE}/`);
const load = (name) => import(new URL(name, page));
const { sseReader, readEvents } = await load("sse.js");
const { cleanToken, tokenProblem } = await load("token.js");
const { filterRows, groupRows, hasNew, mergeRows } = await load("list.js");
const { ROOT, grow, isLost, isOpen, lastPrompt, localId, messagesOf, newAnswer, newPrompt, parentOf } = await load("conversation.js");
const { countdown, explain } = await load("failure.js");
const { tokenize, MAX_LENGTH } = await load("highlight.js");
const { pickLanguage, translator } = await load("i18n.js");
const { english } = await load("english.js");
const { vietnamese } = await load("vietnamese.js");
const { createApi } = await load("api.js");
const { createTree, currentLeaf } = await load("tree.js");
const { PACE, follow, pause } = await load("follow.js");
const { FRESH, throttle } = await load("throttle.js");
const { running, withRunning } = await load("running.js");

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const NOW = 1_800_000_000;
const TOKEN = `${base64url({ alg: "HS256" })}.${base64url({ id: "USER", exp: NOW + 60 })}.c2ln`;

test("events do not depend on chunk boundaries and line ends", () => {
  const stream = "\n: hi\n\nevent: delta\ndata: {\"a\":\"wörld 你好\"}\n\ndata:x\ndata: y\n\nevent: none\n\nid: 7\ndata\n\n";
  const expected = [
    { event: "delta", data: '{"a":"wörld 你好"}' },
    { event: "message", data: "x\ny" },
    { event: "message", data: "" },
  ];
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = stream.replaceAll("\n", end);
    for (let size = 1; size <= text.length; size += 1) {
      const read = sseReader();
      const events = [];
      for (let at = 0; at < text.length; at += size) events.push(...read(text.slice(at, at + size)));
      assert.deepEqual(events, expected, `${JSON.stringify(end)} in pieces of ${size}`);
    }
  }
});

test("events survive chunks that split a character", async () => {
  const bytes = new TextEncoder().encode('event: delta\ndata: {"content":"🙂 ö"}\n\n');
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const events = [];
  await readEvents(new Response(body), (name, data) => events.push([name, data]));
  assert.deepEqual(events, [["delta", { content: "🙂 ö" }]]);
});

test("tokens are extracted from pasted text", () => {
  const middle = TOKEN.length >> 1;
  for (const pasted of [
    TOKEN,
    ` ${TOKEN}\n`,
    `"${TOKEN}"`,
    `\u200b“${TOKEN}”\u00a0`,
    `Bearer ${TOKEN}`,
    `Authorization: Bearer ${TOKEN}`,
    `token=${TOKEN}`,
    `Cookie: a=b; token=${TOKEN}; refresh_token=x.y.z`,
    `accept: */*\nauthorization: Bearer ${TOKEN}\nuser-agent: x`,
    `${TOKEN.slice(0, middle)}\n  ${TOKEN.slice(middle)}`,
    `curl -H 'x: y' https://pages.example -H 'z: ${TOKEN}'`,
  ]) {
    assert.equal(cleanToken(pasted), TOKEN, pasted);
  }
});

test("an invalid token is refused with the reason", () => {
  const expired = `a.${base64url({ exp: NOW })}.b`;
  for (const [token, problem] of [
    ["", "tokenEmpty"],
    ["abc", "tokenNotThree"],
    ["a.b", "tokenNotThree"],
    ["a.b.c.d", "tokenNotThree"],
    ["a.b!.c", "tokenNotThree"],
    ["eyJhb…", "tokenCut"],
    ["a.AAAA.c", "tokenBadPayload"],
    [`a.${base64url([1])}.c`, "tokenBadPayload"],
    [expired, "tokenExpired"],
    [TOKEN, null],
    [`a.${base64url({})}.b`, null],
  ]) {
    assert.equal(tokenProblem(token, NOW), problem, token);
  }
});

test("the list is merged, filtered and grouped", () => {
  const row = (id, title, updated_at, pinned = false) => ({ id, title, updated_at, pinned });
  const old = [row("a", "Đà Nẵng", NOW), row("b", null, NOW - 3 * 86_400), row("c", "Huế", 1, true)];
  const merged = mergeRows(old, [row("b", "New", NOW), row("d", "D", 2)]);
  assert.deepEqual(merged.map(({ id }) => id), ["a", "b", "c", "d"]);
  assert.equal(merged[1].title, "New");
  assert.equal(hasNew(old, [row("a")]), false);
  assert.equal(hasNew(old, [row("e")]), true);
  const found = (query) => filterRows(old, query, "New chat").map(({ id }) => id);
  assert.deepEqual(found(" DA nang "), ["a"]);
  assert.deepEqual(found("new CHAT"), ["b"], "a chat without a title is found as it is shown");
  assert.equal(found("").length, 3);
  assert.equal(found("zzz").length, 0);
  assert.deepEqual(groupRows(old, NOW).map(({ name, rows }) => [name, rows.map(({ id }) => id)]), [
    ["groupPinned", ["c"]],
    ["groupToday", ["a"]],
    ["groupWeek", ["b"]],
  ]);
});

test("an answer grows by its events", () => {
  const source = (number) => ({ number, url: "https://a.example/", title: "A" });
  let answer = newAnswer("m");
  for (const [name, data] of [
    ["start", { chat_id: "c", message_id: "r", model: "m2" }],
    ["thinking", { content: "hm" }],
    ["search", { queries: ["q"], citations: [source(2), source(1)] }],
    ["search", { queries: ["q", "p"], citations: [source(1)] }],
    ["delta", { content: "Hel" }],
    ["delta", { content: "p" }],
    ["rewrite", { content: "Hello" }],
    ["render", { html: "<p>Hello</p>" }],
    ["unknown", {}],
  ]) {
    answer = grow(answer, name, data);
  }
  assert.deepEqual(
    [answer.id, answer.model, answer.state, answer.thinking, answer.content, answer.html],
    ["r", "m2", "growing", "hm", "Hello", "<p>Hello</p>"],
  );
  assert.deepEqual([answer.queries, answer.citations.map(({ number }) => number)], [["q", "p"], [1, 2]]);
  const done = grow(answer, "done", { success: true, data: { content: "Hello!", chat_id: "c", message_id: "r", model: "m2" } });
  assert.deepEqual([done.state, done.content, done.citations.length], ["done", "Hello!", 2]);
});

test("a branch starts after the answer before the prompt", () => {
  const chat = {
    messages: [
      { id: "u1", parent_id: null, role: "user", content: "a" },
      { id: "r1", parent_id: "u1", role: "assistant", content: "b" },
      { id: "u2", parent_id: "r1", role: "user", content: "c" },
      { id: "r2", parent_id: "u2", role: "assistant", content: "", state: "in_progress" },
    ],
  };
  const messages = messagesOf(chat);
  assert.equal(messages[0].parent, ROOT);
  assert.equal(lastPrompt(messages).index, 2);
  assert.equal(lastPrompt(messages).parent, "r1");
  assert.equal(lastPrompt([]), null);
  assert.equal(parentOf(messages, 2), "r1");
  assert.equal(parentOf([{ role: "user" }, { role: "assistant" }], 2), ROOT);
  assert.equal(parentOf([...messages.slice(0, 3), { role: "assistant", id: localId() }], 4), "r1");
  assert.equal(isOpen(messages.at(-1)), true);
  assert.equal(isOpen(messages[1]), false);
  assert.equal(isOpen(undefined), false);
  assert.equal(isLost({ ...newAnswer(), id: localId(), state: "failed" }), true);
  assert.equal(isLost({ ...newAnswer(), id: "r", state: "failed" }), false);
});

/** `[id, parent, role, timestamp]`, in the order of the account. */
const TREE = [
  ["u1", null, "user", 1],
  ["r1", "u1", "assistant", 2],
  ["r1b", "u1", "assistant", 3],
  ["u1b", null, "user", 4],
  ["u2", "r1", "user", 5],
  ["r2", "u2", "assistant", 6],
  ["lost", "nowhere", "user", 0],
  ["x", "y", "user", 0],
  ["y", "x", "assistant", 0],
].map(([id, parent_id, role, timestamp]) => ({ id, parent_id, role, timestamp, content: id }));

test("branches are followed from their end despite order, gaps and cycles", () => {
  const ids = (messages) => messages.map(({ id }) => id);
  const all = messagesOf({ messages: TREE });
  const byId = (id) => all.find((message) => message.id === id);
  for (const messages of [all, [...all].reverse()]) {
    const tree = createTree(messages);
    assert.deepEqual(ids(tree.branchTo("r2")), ["u1", "r1", "u2", "r2"]);
    assert.deepEqual(ids(tree.branchTo("u1b")), ["u1b"]);
    assert.deepEqual(ids(tree.branchTo("lost")), ["lost"]);
    assert.deepEqual(ids(tree.branchTo("y")), ["x", "y"]);
    assert.deepEqual(tree.branchTo("unknown"), []);
    assert.deepEqual(ids(tree.siblings(byId("u1b"))), ["u1", "u1b"]);
    assert.deepEqual(ids(tree.siblings(byId("r1"))), ["r1", "r1b"]);
    assert.deepEqual(ids(tree.siblings(byId("u2"))), ["u2"]);
    assert.equal(tree.leafOf("r1"), "r2");
    assert.equal(tree.leafOf("u1b"), "u1b");
    assert.ok(["x", "y"].includes(tree.leafOf("x")), "a cycle ends");
  }
  assert.equal(createTree(all).leafOf("u1"), "r1b", "the newest of the branches");
  assert.equal(currentLeaf(all, "r1b"), "r1b");
  assert.equal(currentLeaf(all, "gone"), "r2");
  assert.equal(currentLeaf([], null), null);
});

test("an answer is polled less and less often, until it is done or stays unchanged", async () => {
  let clock = 0;
  const run = async (states, pace = PACE) => {
    const waits = [];
    const wait = async (delay) => {
      waits.push(Math.round(delay));
      clock += delay;
    };
    const look = async () => {
      const state = states.length > 1 ? states.shift() : states[0];
      if (state instanceof Error) throw state;
      return state;
    };
    return [await follow({ look, wait, now: () => clock, pace }), waits];
  };
  const [done, waits] = await run(["same", "same", "changed", "done"]);
  assert.deepEqual([done, waits], [true, [1000, 1400, 1960, 1000]]);
  const offline = Object.assign(new Error(), { code: "network" });
  const [gaveUp, many] = await run([offline]);
  assert.equal(gaveUp, false);
  assert.ok(many.length < 60 && Math.max(...many) === PACE.most, `${many}`);
  const refused = Object.assign(new Error("no"), { code: "token_expired" });
  await assert.rejects(run(["same", refused]), refused);
});

test("a cancelled wait ends", async () => {
  const work = new AbortController();
  const waiting = pause(60_000, work.signal);
  work.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  await assert.rejects(pause(0, work.signal), { name: "AbortError" });
  await pause(0, new AbortController().signal);
});

test("fresh or loading data is not loaded again", async () => {
  let [time, looks, end] = [0, 0, null];
  const look = () => ((looks += 1), new Promise((resolve, reject) => (end = { resolve, reject })));
  const again = throttle(look, { now: () => time });
  const first = again();
  time = 2 * FRESH;
  await again();
  assert.equal(looks, 1, "one is running");
  end.resolve();
  await first;
  const second = again();
  assert.equal(looks, 2);
  end.reject(new Error("no"));
  await assert.rejects(second, { message: "no" });
  time += FRESH - 1;
  await again();
  assert.equal(looks, 2, "what was seen is fresh");
  time += 1;
  again();
  assert.equal(looks, 3);
});

test("a reloaded page remembers its prompts", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const before = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
  Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });
  running.begin("c", "r1", "And now?");
  assert.equal(running.of("d"), null);
  const note = running.of("c");
  const all = messagesOf({ messages: TREE });
  const shown = (leaf) => withRunning(createTree(all).branchTo(leaf), note).map(({ content, state }) => content || state);
  assert.deepEqual(shown("r1"), ["u1", "r1", "And now?", "waiting"], "the account does not know yet");
  assert.deepEqual(shown("u2"), ["u1", "r1", "u2", "waiting"], "it knows the prompt");
  assert.deepEqual(shown("r2"), ["u1", "r1", "u2", "r2"], "it knows all");
  assert.deepEqual(withRunning([], { ...note, after: null }).length, 2);
  running.end();
  assert.equal(running.of("c"), null);
  assert.deepEqual(withRunning([newPrompt("x")], null).length, 1);
  if (before) Object.defineProperty(globalThis, "sessionStorage", before);
  else delete globalThis.sessionStorage;
});

test("failures show a remedy", () => {
  assert.equal(explain({ code: "token_expired" }).action, "token");
  assert.equal(explain({ code: "browser_check" }).action, "site");
  assert.deepEqual([explain({ code: "rate_limited", retryAfter: 9 }).seconds, explain({ code: "rate_limited" }).seconds], [9, 0]);
  assert.equal(explain({ code: "brand_new" }).action, "retry");
  const shown = (status) => explain({ code: "invalid_request", status, message: "too long", hint: "`--max-body`" }).detail;
  assert.deepEqual([413, 400].map(shown), ["too long", "too long — `--max-body`"]);
  for (const code of ["browser_check", "chat_in_progress", "network", "token_missing", "internal"]) {
    const { title, text } = explain({ code });
    assert.ok(title in english && text in english, code);
  }
  assert.deepEqual([5, 65, 10_865].map(countdown), ["5 s", "1:05", "3:01:05"]);
});

test("highlighting keeps the text and is fast", () => {
  const kinds = (code, language) => tokenize(code, language).filter(([kind]) => kind).map(([kind, text]) => `${kind} ${text}`);
  assert.deepEqual(kinds("let a = f('x\\'y', 0x1F); // end", "js"), ["keyword let", "call f", "string 'x\\'y'", "number 0x1F", "comment // end"]);
  assert.deepEqual(kinds("SELECT 1 -- all", "sql"), ["keyword SELECT", "number 1", "comment -- all"]);
  assert.deepEqual(kinds("def", "unheard-of"), []);
  const began = process.cpuUsage();
  for (const piece of ['"', "'", "`", "/*", "\\", "<!--", "#", "1.", "a(", '"\\', "é"]) {
    for (const language of ["js", "python", "bash", "sql", "html", "yaml"]) {
      const code = piece.repeat(Math.floor(MAX_LENGTH / piece.length));
      assert.equal(tokenize(code, language).map(([, text]) => text).join(""), code);
    }
  }
  assert.ok(process.cpuUsage(began).user < 20_000_000, "it took too long");
  assert.equal(tokenize("x".repeat(MAX_LENGTH + 1), "js").length, 1);
});

test("both languages have the same keys; the browser selects one", () => {
  assert.deepEqual(Object.keys(vietnamese).sort(), Object.keys(english).sort());
  assert.equal(pickLanguage(["fr-FR", "VI-vn", "en"]), "vi");
  assert.equal(pickLanguage(["fr"]), "en");
  assert.equal(pickLanguage([]), "en");
  assert.equal(translator("en")("retryIn", { time: "5 s" }), "Try again in 5 s");
  assert.equal(translator("vi")("retryIn", {}), "Thử lại sau {time}");
});

test("the token is sent only as a header; failures are distinguished", async () => {
  const asked = [];
  const limit = (left) => ({ status: 429, headers: { ratelimit: `"minute";r=5;t=9, "day";r=${left};t=99` } });
  const answers = [
    Response.json({ success: true, data: { id: "c" } }),
    Response.json({ success: false, code: "rate_limited" }, limit(0)),
    Response.json({ success: false, code: "rate_limited" }, limit(10)),
    Response.json({ success: false, code: "rate_limited" }, { status: 503 }),
    Response.json({ success: false, error: "wait", code: "rate_limited", retry_after: 7 }, { status: 429 }),
    new Response("<html>", { status: 502 }),
    new Response("event: delta\ndata: {\"content\":\"a\"}\n\n"),
  ];
  const api = createApi({
    token: () => TOKEN,
    fetch: async (path, request) => {
      asked.push({ path, ...request });
      if (answers.length === 0) throw new TypeError("no network");
      return answers.shift();
    },
  });
  await api.chat("../x?y");
  assert.equal(asked[0].headers.Authorization, `Bearer ${TOKEN}`);
  assert.equal(asked[0].path, "/api/chats/..%2Fx%3Fy?tree=true&render=html");
  for (const byServer of [true, false, true]) await assert.rejects(api.chats(1), { code: "rate_limited", byServer });
  await assert.rejects(api.chats(1), { code: "rate_limited", retryAfter: 7, byServer: false });
  await assert.rejects(api.chats(1), { code: "other" });
  await assert.rejects(api.send({ chat_id: "c", message: "m" }, { onEvent() {} }), { code: "cut" });
  await assert.rejects(api.models(), { code: "network" });
  assert.ok(asked.every(({ path }) => !path.includes(TOKEN)));
});

test("the upstream's default title counts as none", async () => {
  const rows = [{ id: "a", title: "New Chat" }, { id: "b", title: "New Chat 2" }, { id: "c", title: null }];
  const answers = [rows, rows[0], rows[1]].map((data) => Response.json({ success: true, data }));
  const api = createApi({ token: () => "", fetch: async () => answers.shift() });
  assert.deepEqual((await api.chats(1)).map(({ title }) => title), [null, "New Chat 2", null]);
  assert.equal((await api.chat("a")).title, null);
  assert.equal((await api.chat("b")).title, "New Chat 2");
});
