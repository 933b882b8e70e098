// A chat of 3,000 messages and a list of 10,000 chats. The limits are generous: they catch work that grows with the
// chat or the list. `# …` lines of the output are the numbers.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createServer, request } from "node:http";
import { server, world } from "./pages.mjs";

const MESSAGES = 3_000;
const CHATS = 10_000;
/** Chats on a page of the list. */
const PAGE = 500;
/** Words of an answer that is written, and the time between two, in milliseconds. */
const WORDS = 150;
const PACE = 15;

const TEXT = "Some words about the **matter**, and `code` in them, as long as answers are.";
const HTML = `<h3>A heading</h3><p>${"Some words about the <strong>matter</strong>, and <code>code</code> in them. ".repeat(4)}</p>
<ul><li>one</li><li>two <em>or</em> more</li><li>three</li></ul><pre><code class="language-rust">fn main() {
    println!("hello");
}
</code></pre><div class="table"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div><p>The end.</p>`;
const START = 1_700_000_000;

const messages = Array.from({ length: MESSAGES }, (_, index) => {
  const isPrompt = index % 2 === 0;
  const common = { id: `m${index}`, parent_id: index ? `m${index - 1}` : null, timestamp: START + index };
  if (isPrompt) return { ...common, role: "user", content: `Question ${index}: ${TEXT}` };
  return { ...common, role: "assistant", content: TEXT, html: HTML, model: "local-echo-max", citations: [], images: [] };
});
const chats = Array.from({ length: CHATS }, (_, index) => ({ id: `c${index}`, title: `Chat number ${index}`, updated_at: START - index * 3_000, created_at: START - index * 3_000 }));

/** The server with a large account: the lists and the large chat are made up here. */
async function largeAccount() {
  const upstream = new URL(server.url);
  const sent = [];
  const listener = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url, upstream);
    const json = (data) => outgoing.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ success: true, data }));
    if (incoming.method === "GET" && url.pathname === "/api/chats") {
      const page = Number(url.searchParams.get("page")) || 1;
      return json(url.searchParams.has("all") ? [] : chats.slice((page - 1) * PAGE, page * PAGE));
    }
    if (incoming.method === "GET" && url.pathname === "/api/chats/c0") {
      return json({ id: "c0", title: chats[0].title, model: "local-echo-max", messages: [...messages, ...sent], current_id: sent.at(-1)?.id ?? messages.at(-1).id });
    }
    if (url.pathname === "/api/chat/send") return answer(incoming, outgoing, sent);
    const passed = request({ host: upstream.hostname, port: upstream.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      response.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
  after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return `http://127.0.0.1:${listener.address().port}`;
}

/** Writes an answer word by word, rendered now and then. */
async function answer(incoming, outgoing, sent) {
  let body = "";
  for await (const piece of incoming) body += piece;
  const { message } = JSON.parse(body);
  const [prompt, id] = [`p${sent.length}`, `a${sent.length}`];
  outgoing.writeHead(200, { "Content-Type": "text/event-stream" });
  const event = (name, data) => outgoing.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  event("start", { message_id: id, model: "local-echo-max" });
  let content = "";
  const html = () => `${HTML}<p>${content}</p>`;
  for (let word = 0; word < WORDS; word += 1) {
    content += `word${word} `;
    event("delta", { content: `word${word} ` });
    if (word % 6 === 5) event("render", { html: html() });
    await new Promise((done) => setTimeout(done, PACE));
  }
  event("render", { html: html() });
  sent.push({ id: prompt, parent_id: sent.at(-1)?.id ?? messages.at(-1).id, role: "user", content: message, timestamp: START + MESSAGES + sent.length });
  sent.push({ id, parent_id: prompt, role: "assistant", content, html: html(), model: "local-echo-max", citations: [], images: [], timestamp: START + MESSAGES + sent.length });
  event("done", { data: { content, message_id: id, model: "local-echo-max", completeness: "complete" } });
  outgoing.end();
}

const rank = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const shown = (number) => Math.round(number * 10) / 10;

/** Records the time between frames, and long tasks, until `frames` is read. */
const RECORD = `
  globalThis.frames = []; globalThis.tasks = []; let last = performance.now();
  globalThis.recording = true;
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  requestAnimationFrame(function frame(now) { frames.push(now - last); last = now; if (recording) requestAnimationFrame(frame); });`;

/** Types into the box; gives for each key the time of its handlers and layout, and until the next frame, in milliseconds. */
const TYPE = `
  const [selector, text, done] = arguments;
  const box = document.querySelector(selector); box.focus();
  (async () => {
    const found = [];
    for (const key of text) {
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
      const start = performance.now();
      document.execCommand("insertText", false, key);
      document.body.getBoundingClientRect();
      const work = performance.now() - start;
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
      found.push([work, performance.now() - start]);
    }
    done(found);
  })();`;

/** Goes to \`hash\`; gives the time until \`selector\` is there and drawn, in milliseconds. */
const GO = `
  const [hash, selector, done] = arguments; const start = performance.now();
  location.hash = hash;
  const look = () => document.querySelector(selector) ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))) : setTimeout(look, 1);
  look();`;

/** Scrolls to the end of the list; gives the number of pages that were read. */
const DOWN = `const c = document.querySelector("#chats"); c.scrollTop = c.scrollHeight;
  return performance.getEntriesByType("resource").filter(({ name }) => /chats\\?page=/.test(name)).length`;

test("a chat of 3,000 messages opens, is typed in and answered at once; a list of 10,000 chats stays quick", { timeout: 180_000 }, async (context) => {
  const url = await largeAccount();
  const say = (text) => context.diagnostic(text);
  await world.browse({}, async (browser) => {
    await browser.open(`${url}/#/`);
    await browser.shown("#chats li");
    const first = await browser.run("return performance.now()");
    await browser.shown("#model");

    const opened = await browser.runAsync(GO, "#/c/c0", ".answer:last-child .text table");
    say(`open the chat: ${shown(opened)} ms (first row of the list after ${shown(first)} ms)`);
    assert.ok(opened < 10_000, `${opened}`);
    assert.ok(await browser.run("const s = document.querySelector('#scroller'); return s.scrollHeight - s.scrollTop - s.clientHeight < 80"), "at its end");

    const keys = await browser.runAsync(TYPE, "#prompt", "a few words typed");
    const work = keys.map(([own]) => own);
    say(`a key: ${shown(rank(work, 0.5))} ms, at most ${shown(Math.max(...work))} ms; until the next frame ${shown(rank(keys.map(([, all]) => all), 0.5))} ms`);
    assert.ok(rank(work, 0.5) < 100, work.join());

    await browser.run(RECORD);
    const pressed = await browser.runAsync(`
      const done = arguments[0]; const start = performance.now(); document.querySelector("#send").click();
      const work = performance.now() - start;
      requestAnimationFrame(() => setTimeout(() => done([work, performance.now() - start])));`);
    say(`send: ${shown(pressed[0])} ms, drawn after ${shown(pressed[1])} ms`);
    assert.ok(pressed[1] < 2_000, pressed.join());
    await browser.until("return document.querySelector('.answer:last-child[data-state=done]')");
    const { frames, tasks } = await browser.run("recording = false; return { frames, tasks }");
    say(`frames while streaming: median ${shown(rank(frames, 0.5))} ms, p95 ${shown(rank(frames, 0.95))} ms, at most ${shown(Math.max(...frames))} ms; long tasks: ${tasks.map(shown).join(" ") || "none"}`);
    assert.ok(rank(frames, 0.95) < 500, `${rank(frames, 0.95)}`);
    assert.ok(await browser.run("const s = document.querySelector('#scroller'); return s.scrollHeight - s.scrollTop - s.clientHeight < 80"), "the end stays in sight");

    const rows = "return document.querySelectorAll('#chats li').length";
    await browser.run(RECORD);
    const begun = Date.now();
    while ((await browser.run(DOWN)) < CHATS / PAGE) {
      await browser.nextFrame();
      assert.ok(Date.now() - begun < 60_000, "the whole list");
    }
    await browser.until("return document.querySelector('#chats a:not([aria-current])')");
    const loading = await browser.run("recording = false; return frames");
    say(`the list of ${CHATS}: read in ${(Date.now() - begun) / 1000} s, frames at most ${shown(Math.max(...loading))} ms; ${await browser.run(rows)} rows in the document`);
    const other = await browser.runAsync(GO, "#/", ".empty");
    const again = await browser.runAsync(GO, "#/c/c0", ".answer:last-child .text table");
    say(`leave the chat: ${shown(other)} ms, open it again: ${shown(again)} ms`);
    const filtered = await browser.runAsync(TYPE, "#filter", "number 99");
    say(`a key in the search field: ${shown(rank(filtered.map(([own]) => own), 0.5))} ms, at most ${shown(Math.max(...filtered.map(([own]) => own)))} ms`);
    assert.ok(rank(filtered.map(([own]) => own), 0.5) < 500, filtered.join());
    await browser.says("#chats", "Chat number 99");
    await browser.devtools("HeapProfiler.collectGarbage");
    await browser.devtools("Performance.enable");
    const { metrics } = await browser.devtools("Performance.getMetrics");
    const metric = (wanted) => metrics.find(({ name }) => name === wanted)?.value;
    say(`heap ${shown(metric("JSHeapUsedSize") / 2 ** 20)} MiB, ${metric("Nodes")} nodes, ${metric("LayoutObjects")} layout objects`);
  });
});
