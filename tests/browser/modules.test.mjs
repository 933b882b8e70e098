// The page's pure functions, in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const page = pathToFileURL(`${process.env.PAGE}/`);
const load = (name) => import(new URL(name, page));
const { sseReader, readEvents } = await load("sse.js");
const { cleanToken, hasRefresh, tokenProblem } = await load("token.js");
const { filterRows, firstRows, groupRows, hasNew, mergeRows } = await load("list.js");
const { ROOT, grow, isOpen, messagesOf, newAnswer, newKey, parentOf } = await load("conversation.js");
const { countdown, explain, isQuota } = await load("failure.js");
const { clockTime, sizeHint } = await load("limits.js");
const { tokenize, MAX_LENGTH } = await load("highlight.js");
const { languages, pickLanguage, translator } = await load("i18n.js");
const { chinese } = await load("chinese.js");
const { english } = await load("english.js");
const { vietnamese } = await load("vietnamese.js");
const { createApi } = await load("api.js");
const { createTree, currentLeaf } = await load("tree.js");
const { PACE, follow, pause } = await load("follow.js");
const { FRESH, throttle } = await load("throttle.js");
const { drafts } = await load("drafts.js");
const { countOf, missing, outbox } = await load("outbox.js");
const { firstWords, titleWithoutSystem, withoutSystem } = await load("system.js");
const { copyText } = await load("citations.js");
const { fileName } = await load("api.js");
const { groupHits, isSearchable } = await load("search.js");
const { undoable } = await load("trash.js");
const { actionOf } = await load("keys.js");
const { bars } = await load("stats.js");
const { sameStart } = await load("views.js");
const { waiting } = await load("queue.js");
const { splitFences } = await load("fences.js");
const { toCsv, toMarkdown } = await load("tables.js");
const { fileNameOf } = await load("code.js");
const { hasPreview } = await load("preview.js");
const { liveLine, splitTitle } = await load("thinking.js");
const { mergeSources } = await load("sources.js");
const { retryChoices } = await load("retry-menu.js");
const { shortNumber } = await load("models.js");
const { durationText, factsText } = await load("facts.js");
const { matching } = await load("palette.js");
const { knownOr } = await load("preferences.js");
const { createActivity } = await load("activity.js");
const { widthOf } = await load("resize.js");
const { settings } = await load("settings.js");

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
    ["rewrite_thinking", { content: "hm, yes" }],
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
    ["r", "m2", "growing", "hm, yes", "Hello", "<p>Hello</p>"],
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
  assert.equal(parentOf(messages, 2), "r1");
  assert.equal(parentOf([{ role: "user" }, { role: "assistant" }], 2), ROOT);
  assert.equal(parentOf([...messages.slice(0, 3), { role: "assistant", id: `local:${newKey()}` }], 4), "r1");
  assert.equal(isOpen(messages.at(-1)), true);
  assert.equal(isOpen(messages[1]), false);
  assert.equal(isOpen(undefined), false);
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

/** Runs `work` with the storage of a browser: a tab of its own, and what all tabs share. */
function withStorage(work) {
  const names = ["sessionStorage", "localStorage"];
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  const storage = () => new Proxy({}, {
    get: (kept, name) =>
      ({ getItem: (key) => kept[key] ?? null, setItem: (key, value) => void (kept[key] = value), removeItem: (key) => delete kept[key] })[name] ?? kept[name],
  });
  for (const name of names) Object.defineProperty(globalThis, name, { value: storage(), configurable: true });
  try {
    work({ anotherTab: () => Object.defineProperty(globalThis, "sessionStorage", { value: storage(), configurable: true }) });
  } finally {
    names.forEach((name, index) => (before[index] ? Object.defineProperty(globalThis, name, before[index]) : delete globalThis[name]));
  }
}

test("prompts that the account does not have are remembered until it has them", () => {
  withStorage(({ anotherTab }) => {
    const all = messagesOf({ messages: TREE });
    const note = { key: "k", chat: "c", parent: "r1", branch: false, content: "And now?", same: countOf(all, "And now?") };
    outbox.begin(note);
    assert.deepEqual(outbox.of("d"), []);
    const shown = (messages, leaf) => {
      const unsent = missing(outbox.of("c"), messages, leaf);
      return createTree([...messages, ...unsent]).branchTo(unsent.at(-1)?.id ?? leaf).map(({ content, state, failure }) => content || failure?.code || state);
    };
    assert.deepEqual(shown(all, "r1"), ["u1", "r1", "And now?", "waiting"], "the account does not know yet");
    assert.deepEqual(shown(all, "r2"), ["u1", "r1", "u2", "r2", "And now?", "waiting"], "it follows what came meanwhile");
    const arrived = [...all, ...messagesOf({ messages: [{ id: "u3", parent_id: "r2", role: "user", content: "And now?\n" }] })];
    assert.deepEqual(shown(arrived, "u3"), ["u1", "r1", "u2", "r2", "And now?\n"], "it is there");
    assert.deepEqual(shown([], null), ["And now?", "waiting"]);
    outbox.fail("k", { code: "rate_limited", message: "too many", hint: "x" });
    assert.deepEqual(shown(all, "r2").slice(-2), ["And now?", "rate_limited"]);
    outbox.begin({ ...note, key: "b", branch: true, content: "Changed" });
    outbox.fail("b");
    assert.deepEqual(shown(all, "r2"), ["u1", "r1", "Changed", "stopped"], "a branch stays where it was");
    anotherTab();
    assert.equal(outbox.of("c").length, 2, "failed prompts outlive their tab");
    const soon = Date.now;
    outbox.begin({ ...note, key: "closed", content: "Sent by a tab that was closed" });
    anotherTab();
    assert.equal(outbox.of("c").length, 2, "it may still arrive");
    Date.now = () => soon() + 11 * 60_000;
    assert.equal(outbox.of("c").at(-1).failure.code, "lost");
    Date.now = soon;
    for (const key of ["k", "b", "closed"]) outbox.end(key);
    assert.deepEqual(outbox.of("c"), []);
    for (let n = 0; n < 100; n += 1) {
      outbox.begin({ ...note, key: `k${n}`, content: "x".repeat(100_000) });
      outbox.fail(`k${n}`, { code: "network" });
    }
    assert.ok(outbox.of("c").length >= 1 && JSON.stringify(outbox.of("c")).length < 700_000, "they are bounded");
    assert.equal(outbox.of("c").at(-1).key, "k99");
  });
});

test("each chat has a draft; their number is bounded", () => {
  withStorage(({ anotherTab }) => {
    drafts.set("a", { text: "for a", edit: null });
    drafts.set(null, { text: "for a new one", edit: { of: "m", text: "changed" } });
    assert.deepEqual([drafts.get("a").text, drafts.get("b").text], ["for a", ""]);
    const kept = JSON.parse(localStorage.getItem("qwen_draft:new"));
    assert.deepEqual([kept.text, kept.edit], ["for a new one", { of: "m", text: "changed" }]);
    for (let n = 0; n < 100; n += 1) drafts.set(`c${n}`, { text: `${n}`, edit: null });
    assert.ok(Object.keys(localStorage).length <= 50);
    anotherTab();
    localStorage.setItem("qwen_draft:c99", JSON.stringify({ text: "of another tab", edit: null, at: 1 }));
    drafts.set("c99", { text: "", edit: null });
    assert.equal(JSON.parse(localStorage.getItem("qwen_draft:c99")).text, "of another tab");
    localStorage.setItem("qwen_draft:broken", "{");
    assert.equal(drafts.get("broken").text, "");
  });
});

test("a system prompt in front of a message is taken off, and off the title", () => {
  const used = ["Answer", "Answer in  Vietnamese"];
  assert.equal(withoutSystem("Answer in  Vietnamese\n\nhi there", used), "hi there");
  assert.equal(withoutSystem("Answer in French\n\nhi", used), "Answer in French\n\nhi");
  assert.equal(withoutSystem("hi", []), "hi");
  assert.equal(titleWithoutSystem("Answer in Vietnamese hi there", used), "hi there");
  assert.equal(titleWithoutSystem("Answer in Viet…", used), null, "nothing of the message is left");
  assert.equal(titleWithoutSystem("Greetings", used), "Greetings");
  assert.equal(titleWithoutSystem(null, used), null);
  assert.equal(firstWords("  What\nis   new?"), "What is new?");
  assert.match(firstWords("word ".repeat(40)), /^(word ){11}word…$/);
});

test("a copied answer has numbers for its sources and a list of them; code stays", () => {
  const sources = [1, 2, 3].map((number) => ({ number, title: `T${number}`, url: `https://${number}.example/` }));
  assert.equal(copyText("So [[2,1]] and [[9]]. `[[1]]`\n```\na = [[1,2]]\n```", sources),
    "So [2][1] and. `[[1]]`\n```\na = [[1,2]]\n```\n\n[1] T1 — https://1.example/\n[2] T2 — https://2.example/");
  assert.equal(copyText("a matrix [[1,2]]", []), "a matrix [[1,2]]");
});

test("equal prompts are one version, and all their answers versions of each other", () => {
  const row = (id, parent_id, role, timestamp, content) => ({ id, parent_id, role, timestamp, content });
  const all = messagesOf({ messages: [
    row("u1", null, "user", 1, "Why?"), row("r1", "u1", "assistant", 2, "A"),
    row("u2", null, "user", 3, "Why? "), row("r2", "u2", "assistant", 4, "B"),
    row("u3", null, "user", 5, "How?"), row("r3", "u3", "assistant", 6, "C"),
    row("u4", null, "user", 7, "Why?"), { ...row("r4", "u4", "assistant", 8, ""), error: "slow down" },
  ] });
  const tree = createTree(all);
  const of = (id) => tree.versions(all.find((message) => message.id === id)).map((message) => message.id);
  assert.deepEqual(of("r1"), ["r1", "r2"], "an answer that failed at once is none");
  assert.deepEqual(of("r4"), ["r1", "r2", "r4"], "unless it is shown");
  assert.deepEqual(of("u1"), ["u1", "u3"]);
  assert.deepEqual(of("u3"), ["u4", "u3"]);
});

test("failures show a remedy", () => {
  assert.equal(explain({ code: "token_expired" }).action, "token");
  assert.equal(explain({ code: "browser_check" }).action, "site");
  assert.deepEqual([explain({ code: "rate_limited", retryAfter: 9 }).seconds, explain({ code: "rate_limited" }).seconds], [9, 5]);
  assert.equal(explain({ code: "brand_new" }).action, "retry");
  const shown = (hint) => explain({ code: "invalid_request", message: "no", hint }).detail;
  assert.deepEqual(["use a shorter one", "`qwenctl models` shows them", "raise --max-body", "see qwenctl --help"].map(shown),
    ["no — use a shorter one", "no", "no", "no"], "hints for a command line mean nothing here");
  const codes = ["internal", "invalid_request", "content_refused", "context_too_long", "token_missing", "token_invalid", "token_expired",
    "forbidden", "not_found", "rate_limited", "upstream_unreachable", "timeout", "upstream_protocol", "browser_check", "chat_in_progress",
    "sync_in_progress", "interrupted", "network", "cut", "lost", "silent", "brand_new"];
  for (const code of codes) {
    const { title, text, detail } = explain({ code, message: "English words" }, { english: false });
    assert.ok(title in english && text in english, code);
    assert.equal(title === "failOther", ["internal", "invalid_request", "brand_new"].includes(code), code);
    if (title !== "failOther") assert.equal(detail, "", code);
  }
  const limits = [{ retryAfter: 10_800 }, { retryAfter: 30 }, {}, { byServer: true, retryAfter: 10_800 }];
  assert.deepEqual(limits.map((error) => explain({ code: "rate_limited", ...error })).map(({ title, seconds, auto }) => [title, seconds, auto]),
    [["failRateLimited", 10_800, false], ["failLimit", 30, false], ["failThrottled", 5, true], ["failLimit", 10_800, false]]);
  const translated = { code: "rate_limited", message: "额度已用完 quota", retryAfter: 3 };
  assert.equal(explain(translated).title, "failLimit", "words of the service decide nothing");
  assert.deepEqual([isQuota({ code: "rate_limited", retryAfter: 600 }), isQuota({ code: "timeout", retryAfter: 600 })], [true, false]);
  assert.deepEqual([explain({ code: "not_found", ofModel: true }).action, explain({ code: "not_found", message: "no model" }).action], ["model", "chats"]);
  assert.equal(explain({ code: "invalid_request", ofChat: true }).action, "chats");
  assert.deepEqual([5, 65, 10_865].map(countdown), ["5 s", "1:05", "3:01:05"]);
});

test("highlighting keeps the text and is fast", () => {
  const kinds = (code, language) => tokenize(code, language).filter(([kind]) => kind).map(([kind, text]) => `${kind} ${text}`);
  assert.deepEqual(kinds("let a = f('x\\'y', 0x1F); // end", "js"), ["keyword let", "call f", "string 'x\\'y'", "number 0x1F", "comment // end"]);
  assert.deepEqual(kinds("SELECT 1 -- all", "sql"), ["keyword SELECT", "number 1", "comment -- all"]);
  assert.deepEqual(kinds("fn f<'a>(c: &'a char) { 'x' }", "rust"), ["keyword fn", "keyword char", "string 'x'"]);
  assert.deepEqual(kinds('x = """a\nb""" # c', "python"), ['string """a\nb"""', "comment # c"]);
  assert.deepEqual(kinds("echo $#a # c", "bash"), ["comment # c"]);
  assert.deepEqual(kinds("url(http://a) /* c */", "css"), ["call url", "comment /* c */"]);
  assert.deepEqual(kinds("def", "unheard-of"), []);
  const began = process.cpuUsage();
  for (const piece of ['"', "'", "`", "/*", "\\", "<!--", "#", "1.", "a(", '"\\', "é", '"""', '"""a', "a", "a=", "<a "]) {
    for (const language of ["js", "rust", "css", "python", "bash", "sql", "html", "yaml"]) {
      const code = piece.repeat(Math.floor(MAX_LENGTH / piece.length));
      assert.equal(tokenize(code, language).map(([, text]) => text).join(""), code);
    }
  }
  assert.ok(process.cpuUsage(began).user < 20_000_000, "it took too long");
  assert.equal(tokenize("x".repeat(MAX_LENGTH + 1), "js").length, 1);
});

test("all languages have the same keys and places to fill in; the browser selects one", () => {
  const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  for (const words of [vietnamese, chinese]) {
    assert.deepEqual(Object.keys(words).sort(), Object.keys(english).sort());
    for (const key of Object.keys(english)) assert.equal(places(words[key]), places(english[key]), key);
  }
  assert.deepEqual(languages.map(([language]) => language), ["en", "vi", "zh-CN"]);
  for (const tag of ["zh-CN", "zh", "zh-Hans-SG", "ZH-tw"]) assert.equal(pickLanguage([tag, "en"]), "zh-CN", tag);
  assert.equal(pickLanguage(["", "vi"]), "vi");
  assert.equal(pickLanguage(["fr-FR", "VI-vn", "en"]), "vi");
  assert.equal(pickLanguage(["fr"]), "en");
  assert.equal(pickLanguage([]), "en");
  assert.equal(translator(english)("retryIn", { time: "5 s" }), "Try again in 5 s");
  assert.equal(translator(vietnamese)("retryIn", {}), "Thử lại sau {time}");
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
  assert.deepEqual((await api.chats(1)).rows.map(({ title }) => title), [null, "New Chat 2", null]);
  assert.equal((await api.chat("a")).title, null);
  assert.equal((await api.chat("b")).title, "New Chat 2");
});

test("a long message is mentioned, and a longer one is not sent", () => {
  assert.equal(sizeHint("a".repeat(100 * 1024)), null);
  assert.deepEqual(sizeHint("a".repeat(120 * 1024)), { words: "This message has 120 KB. Qwen may refuse it: 180 KB are the limit.", isTooLarge: false });
  assert.equal(sizeHint("字".repeat(61_441)).isTooLarge, true, "bytes count, not characters");
  assert.equal(sizeHint("字".repeat(30_000)), null);
});

test("a time of today has no day", () => {
  const now = new Date(2026, 10, 29, 12, 0).getTime();
  assert.equal(clockTime(now + 8_400_000, "en-GB", now), "14:20");
  assert.match(clockTime(now + 86_400_000, "en-GB", now), /30/);
});

test("the token is found in the page's state", () => {
  const token = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6ImEifQ.c2ln";
  const state = JSON.stringify({ version: 1, stateId: "s", token, expiresAt: 1, updatedAt: 1, sourceId: "x" });
  for (const text of [state, `  ${state}\n`, JSON.stringify({ qwen_access_token_state: state }), `curl 'https://chat.qwen.ai/' -b 'cna=1; token=${token}; refresh_token=r'`]) {
    assert.equal(cleanToken(text).replace(/'$/, ""), token, text);
  }
  assert.deepEqual(["a=1; refresh_token=r", '{"refresh_token":"r"}', "token=a"].map(hasRefresh), [true, true, false]);
});

test("projects are groups of their own, after the pinned chats", () => {
  const rows = [{ id: "a", updated_at: 9 }, { id: "b", updated_at: 9, pinned: true }, { id: "c", updated_at: 8, project_id: "p" }];
  const groups = groupRows(rows, 10, [{ id: "p", name: "Travel" }]);
  assert.deepEqual(groups.map(({ name, title, rows: inGroup }) => [title ?? name, inGroup.map(({ id }) => id)]),
    [["groupPinned", ["b"]], ["Travel", ["c"]], ["groupToday", ["a"]]]);
});

test("messages are searched for two letters or one Chinese character", () => {
  for (const query of ["ab", "搜", "đ 1", "a-b", "x 搜"]) assert.equal(isSearchable(query), true, query);
  for (const query of ["", "a", "++", " . ", "→"]) assert.equal(isSearchable(query), false, query);
});

test("hits are grouped by chat; a hit in a title is no hit in a message", () => {
  const hit = (chat_id, message_id, more_in_chat = 0, state = "live") => ({ chat_id, message_id, more_in_chat, state, title: chat_id });
  const groups = groupHits([hit("a", "m1"), hit("b", null), hit("a", "m2", 7), hit("c", "m3", 0, "gone")]);
  assert.deepEqual(groups.map(({ id, hits, more, isGone }) => [id, hits.length, more, isGone]), [["a", 2, 7, false], ["b", 0, 0, false], ["c", 1, 0, true]]);
});

test("a deletion can be undone until it is due, and no longer than the page waits", () => {
  const rows = [{ id: "a", state: "pending", due_at: 105 }, { id: "b", state: "deleted", due_at: 105 }, { id: "c", state: "pending", due_at: 99 }];
  const { waiting, left } = undoable({ grace: 10, data: rows }, 100_000);
  assert.deepEqual([waiting.map(({ id }) => id), left], [["a"], 5_000]);
  assert.equal(undoable({ grace: 10, data: [{ id: "a", state: "pending", due_at: 999 }] }, 0).left, 10_000);
  assert.deepEqual(undoable({ grace: 10, data: [] }, 0), { waiting: [], left: 0 });
});

test("keys act outside of fields, and with Ctrl everywhere", () => {
  const pressed = (key, more = {}) => actionOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, isTyping: false, ...more });
  assert.deepEqual(["/", "?", "a", "k"].map((key) => pressed(key)), ["box", "help", null, null]);
  assert.deepEqual(["/", "?"].map((key) => pressed(key, { isTyping: true })), [null, null]);
  for (const more of [{ ctrlKey: true }, { metaKey: true }]) assert.deepEqual(["k", "B", "c"].map((key) => pressed(key, { isTyping: true, ...more })), ["palette", "sidebar", null]);
  assert.equal(pressed("O", { ctrlKey: true, shiftKey: true }), "newChat");
  assert.equal(pressed("K", { ctrlKey: true, shiftKey: true }), null);
  assert.equal(pressed("/", { altKey: true }), null);
});

test("the name of a download is read from its header", () => {
  for (const [header, name] of [
    ["attachment; filename=\"a b.md\"", "a b.md"],
    ["attachment; filename=\"x.md\"; filename*=UTF-8''T%C3%ACm.md", "Tìm.md"],
    ["attachment; filename=\"a \\\"b\\\".md\"", "a \"b\".md"],
    ["attachment; filename=\"x.md\"; filename*=UTF-8''%E0", "x.md"],
    ["attachment", undefined],
    [null, undefined],
  ]) assert.equal(fileName(header), name, header);
});

test("the first rows of all groups are shown, and no empty group", () => {
  const groups = [{ name: "a", rows: [1, 2] }, { name: "b", rows: [3, 4, 5] }, { name: "c", rows: [6] }];
  assert.deepEqual(firstRows(groups, 4), [{ name: "a", rows: [1, 2] }, { name: "b", rows: [3, 4] }]);
  assert.deepEqual(firstRows(groups, 9), groups);
});

test("messages are kept up to the first that has changed", () => {
  const list = (...marks) => marks.map((mark, index) => ({ id: `m${index}`, mark }));
  assert.equal(sameStart(list("a", "b"), list("a", "b", "c")), 2);
  assert.equal(sameStart(list("a", "b", "c"), list("a", "x", "c")), 1);
  assert.equal(sameStart([{ id: "other", mark: "a" }], list("a")), 0);
  assert.equal(sameStart([], list("a")), 0);
});

test("waiting messages are bounded, belong to their tab, and work without storage", () => {
  withStorage(() => {
    const words = (chat) => waiting.of(chat).map(({ content }) => content);
    assert.ok(waiting.add("c", "one") && waiting.add("c", "two") && waiting.add(null, "for a new chat"));
    assert.deepEqual(words("c"), ["one", "two"]);
    const [{ key }] = waiting.of("c");
    waiting.change(key, { content: "one, changed", held: true });
    assert.equal(waiting.next("c"), undefined, "what is edited is held, and what follows it waits");
    waiting.change(key, { held: false });
    assert.equal(waiting.next("c").content, "one, changed");
    waiting.move(null, "d");
    assert.deepEqual([words(null), words("d")], [[], ["for a new chat"]]);
    localStorage.setItem("qwen_queue", JSON.stringify([...JSON.parse(localStorage.getItem("qwen_queue")), { key: "k", chat: "e", content: "elsewhere", tab: "other" }, { chat: 1 }, null]));
    assert.deepEqual([words("e"), waiting.next("e")], [["elsewhere"], undefined], "the other tab sends it");
    assert.equal(waiting.add("c", "x".repeat(600_000)), false);
    for (let n = 0; n < 100; n += 1) waiting.add("c", `${n}`);
    assert.equal(JSON.parse(localStorage.getItem("qwen_queue")).length, 50);
    assert.equal(waiting.take("c").length, 48);
    waiting.take("d");
    waiting.take("e");
    assert.equal(localStorage.getItem("qwen_queue"), null);
    const full = { getItem: () => null, setItem: () => { throw new Error("full"); }, removeItem: () => {} };
    Object.defineProperty(globalThis, "localStorage", { value: full, configurable: true });
    assert.ok(waiting.add("c", "without storage"));
    assert.deepEqual(words("c"), ["without storage"]);
    waiting.take("c");
  });
});

test("code in a prompt stands apart from its words", () => {
  assert.deepEqual(splitFences("no `code` here"), [{ text: "no `code` here" }]);
  assert.deepEqual(splitFences("a\n\n```JS x\nb\n\n  c\n```\n\nd"), [{ text: "a" }, { code: "b\n\n  c", language: "js" }, { text: "d" }]);
  assert.deepEqual(splitFences("~~~~\n~~~\n```\n~~~~~"), [{ code: "~~~\n```", language: "" }]);
  assert.deepEqual(splitFences("```\nnever closed"), [{ code: "never closed", language: "" }]);
  assert.deepEqual(splitFences("``` a`b ```"), [{ text: "``` a`b ```" }]);
  assert.deepEqual(splitFences("    ```\nindented"), [{ text: "    ```\nindented" }]);
  assert.ok(splitFences("```\n".repeat(20_000)).length === 10_000);
});

test("a table is copied as CSV and as Markdown", () => {
  const rows = [["a", "b, \"c\""], ["1\n2", "x|y"], ["=SUM(A1)", "-5.2 %"], ["+cmd", ""]];
  assert.equal(toCsv(rows), 'a,"b, ""c"""\r\n"1\n2",x|y\r\n\'=SUM(A1),-5.2 %\r\n\'+cmd,');
  assert.equal(toMarkdown([["a", "b"], ["1\n2", "x|y"], ["z"]], [null, "right"]), "| a | b |\n| --- | ---: |\n| 1<br>2 | x\\|y |\n| z |  |");
});

test("downloaded code has the end of name of its language, and nothing else from it", () => {
  assert.deepEqual(["python", "rs", "c++", "", "../../x", "a".repeat(40)].map(fileNameOf), ["code.py", "code.rs", "code.cpp", "code.txt", "code.txt", "code.txt"]);
});

test("HTML and SVG have a preview", () => {
  assert.deepEqual(["html", "svg", "js", ""].map((language) => hasPreview("<p>", language)), [true, true, false, false]);
  assert.equal(hasPreview('<?xml version="1.0"?>\n<svg width="1">', "xml"), true);
  assert.equal(hasPreview("<note>", "xml"), false);
});

test("the live line is the sentence that is being thought", () => {
  assert.equal(liveLine("First. Second one. And the th"), "And the th");
  assert.equal(liveLine("**Plan**\n\n1. Look at `main.rs`\n\n"), "Look at main.rs");
  assert.equal(liveLine("先看问题。再看答案"), "再看答案");
  assert.equal(liveLine("version 1.5 is out"), "version 1.5 is out");
  assert.equal(liveLine(" \n "), "");
  assert.ok(liveLine("x".repeat(1_000_000)).length <= 160);
});

test("a thought with a short first line is a step", () => {
  assert.deepEqual(splitTitle("Read the question\nThe user greets me."), { title: "Read the question", rest: "The user greets me." });
  for (const text of ["One line", "A sentence.\nAnother.", "\nx", `${"long ".repeat(30)}\nx`]) assert.equal(splitTitle(text), null, text);
});

test("sources of one page are one source with all of its numbers", () => {
  const source = (number, url, more) => ({ number, url, title: "", ...more });
  const merged = mergeSources([
    source(1, "https://www.a.example/x/?utm_source=q#top", { title: "A" }),
    source(2, "https://b.example/"),
    source(3, "https://a.example/x", { snippet: "words" }),
    source(4, "https://a.example/x?page=2"),
    source(5, "javascript:alert(1)"),
    source(6, "no address"),
  ]);
  assert.deepEqual(merged.map(({ numbers }) => numbers), [[1, 3], [2], [4], [5], [6]]);
  assert.deepEqual([merged[0].title, merged[0].snippet], ["A", "words"]);
});

test("an answer can be retried by other models, and without what is switched on", () => {
  const models = [{ id: "a", name: "A", abilities: { thinking: true, search: true } }, { id: "b", name: "B", abilities: {} }];
  const choices = (model, more) => retryChoices({ models, model, think: true, search: false, ...more }).map(({ words, name, options }) => [words ?? name, options]);
  assert.deepEqual(choices("a"), [["withoutThinking", { model: "a", think: false }], ["withSearch", { model: "a", search: true }], ["B", { model: "b" }]]);
  assert.deepEqual(choices("b"), [["A", { model: "a" }]]);
  assert.deepEqual(choices("gone").map(([name]) => name), ["A", "B"]);
});

test("lengths of contexts and times are short", () => {
  assert.deepEqual([131_072, 1_048_576, 128_000, 1_000_000, 4096, 512, 32_500].map(shortNumber), ["128K", "1M", "128K", "1M", "4K", "512", "32.5K"]);
  assert.deepEqual([0, 1_400, 12_000, 125_000].map(durationText), ["1 s", "1 s", "12 s", "2 min 5 s"]);
  assert.equal(factsText({ tokens: 1234, rate: 45.6 }), "1,234 tokens · 46 tokens/s");
  assert.equal(factsText({}), "");
});

test("an answer knows how long the model thought, and how fast it wrote", () => {
  let answer = grow(newAnswer("m"), "start", { message_id: "r", model: "m" }, 0);
  answer = grow(answer, "thinking", { content: "hm" }, 1_000);
  assert.equal(answer.thinkingSince, 1_000);
  answer = grow(answer, "render", { html: "", thinking_html: "<p>hm</p>" }, 1_100);
  answer = grow(answer, "delta", { content: "a" }, 3_000);
  answer = grow(answer, "render", { html: "<p>a</p>" }, 3_100);
  assert.deepEqual([answer.thought, answer.thinkingHtml], [2_000, "<p>hm</p>"]);
  const done = grow(answer, "done", { data: { content: "a", model: "m", usage: { output_tokens: 40 } } }, 5_000);
  assert.deepEqual([done.thought, done.tokens, done.rate, done.timestamp], [2_000, 40, 10, 5]);
});

test("diffs and HTML have colours", () => {
  const kinds = (code, language) => tokenize(code, language).filter(([kind]) => kind).map(([kind, text]) => `${kind} ${text.trim()}`);
  assert.deepEqual(kinds("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n", "diff"), ["comment --- a", "comment +++ b", "keyword @@ -1 +1 @@", "removed -old", "added +new"]);
  assert.deepEqual(kinds('<!-- x --><a href="y" @on=\'z\'>t="u"</a>', "html"), ["comment <!-- x -->", "keyword <a", "call href", 'string "y"', "call @on", "string 'z'", "keyword >", "keyword </a", "keyword >"]);
  for (const code of ["<a <b <!-- '\"<c d=\"", "<".repeat(3_000), "-\n+\n@"]) {
    for (const language of ["html", "diff"]) assert.equal(tokenize(code, language).map(([, text]) => text).join(""), code);
  }
});

test("the palette matches all words without accents, beginnings first", () => {
  const items = ["Chat about Huế", "Huế by train", "Hà Nội", null].map((title) => ({ title }));
  const titles = (query) => matching(items, query).map(({ title }) => title);
  assert.deepEqual(titles("hue"), ["Chat about Huế", "Huế by train"]);
  assert.deepEqual(titles("Huế"), ["Huế by train", "Chat about Huế"]);
  assert.deepEqual(titles("train HUE"), ["Huế by train"]);
  assert.equal(titles(" ").length, 4);
});

test("an unknown setting is the default", () => {
  assert.deepEqual([knownOr(["a", "b"], "b", "a"), knownOr(["a", "b"], "<x>", "a")], ["b", "a"]);
});

test("settings hold in a full storage that has an older value", () => {
  withStorage(() => {
    settings.theme.set("light");
    const full = { getItem: () => "light", setItem: () => { throw new Error("full"); }, removeItem: () => {} };
    Object.defineProperty(globalThis, "localStorage", { value: full, configurable: true });
    settings.theme.set("dark");
    assert.equal(settings.theme.get(), "dark");
    settings.theme.set("");
    assert.equal(settings.theme.get(), "light", "the browser removes nothing here");
  });
});

test("a chat that is left is followed to the end of its answer, and has news then", async () => {
  const shown = [];
  const answers = { c: ["growing", "growing", "done"], d: ["growing"] };
  const read = async (id) => ({ messages: [{ id: "r", role: "assistant", content: "", state: answers[id].length > 1 ? answers[id].shift() : answers[id][0] }] });
  const wait = (_, signal) => new Promise((resolve, reject) => (signal.aborted ? reject(new Error("ended")) : setImmediate(resolve)));
  const activity = createActivity({ read, show: (id, state) => shown.push(`${id} ${state}`), wait });
  await activity.left("c");
  assert.deepEqual(shown, ["c writing", "c news"]);
  const left = activity.left("d");
  activity.elsewhere("d", false);
  activity.seen("d", true);
  await left;
  assert.deepEqual(shown.slice(2), ["d writing", "d writing"], "it is shown again, and no longer followed");
  activity.elsewhere("e", true);
  assert.equal(shown.at(-1), "e writing");
});

test("the width of the list is bounded", () => {
  assert.deepEqual(["", "x", "10", "333.4", "9999", "-1"].map(widthOf), [280, 280, 200, 333, 480, 280]);
});
