// The chat page in a real browser, against the local upstream.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { KEYS } from "./webdriver.mjs";
import { World, picture } from "./world.mjs";

const AXE = await readFile(process.env.AXE, "utf8");
const FINISHED = '[data-state="done"]';

let world;
let server;

before(async () => {
  world = await World.create();
  server = await world.server();
});
after(() => world?.end());

/** The page with a new conversation. */
async function open(browser, hash = "#/") {
  await browser.open(`${server.url}/${hash}`);
  await browser.shown("#model");
}

async function send(browser, text) {
  await browser.run("const p = document.querySelector('#prompt'); p.value = arguments[0]; p.dispatchEvent(new Event('input'))", text);
  await browser.click("#send");
}

/** Sends a prompt and waits until there are `answers` answers that are done. */
async function ask(browser, text, answers = 1) {
  await send(browser, text);
  await browser.until("return document.querySelectorAll(arguments[0]).length >= arguments[1]", FINISHED, answers);
}

const chatId = (browser) => browser.until("return /^#\\/c\\/(.+)$/.exec(location.hash)?.[1]");

/** The page of a server that has no token, with one of the person's own. */
async function signIn(browser, bare, token, hash = "#/") {
  await browser.open(`${bare.url}/assets/`);
  await browser.run("localStorage.setItem('qwen_token', arguments[0])", token);
  await browser.open(`${bare.url}/${hash}`);
  await browser.shown("#model");
}

async function assertAccessible(browser, state) {
  const script = `${AXE}; const done = arguments[0]; axe.run().then((r) => done(r.violations), (e) => done(String(e)));`;
  const violations = await browser.runAsync(script);
  assert.ok(Array.isArray(violations), violations);
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(found, [], state);
}

async function assertQuiet(browser) {
  assert.deepEqual(await browser.console(), []);
}

test("first visit: a token is asked for, refused, accepted, kept, and sent nowhere else", async () => {
  const { server: bare, token } = await world.serverWithoutToken();
  const [head, payload] = token.split(".");
  await world.browse({}, async (browser) => {
    await browser.open(`${bare.url}/`);
    await browser.shown("#token-dialog");
    await picture(browser, "token");
    await assertAccessible(browser, "token dialog");
    for (const [pasted, words] of [
      ["hello", "three parts"],
      [`${token.slice(0, 30)}…`, "cut short"],
      [`${head}.AAAA.sig`, "cannot be read"],
      [`${head}.${payload}.AAAA`, "does not accept"],
    ]) {
      await browser.run("document.querySelector('#token-input').value = ''");
      await browser.type("#token-input", pasted);
      await browser.click("#token-save");
      await browser.says("#token-problem", words);
    }
    await picture(browser, "token-refused");
    await browser.run("document.querySelector('#token-input').value = arguments[0]", ` "Bearer\u200b ${token}"\n`);
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    await browser.shown("#model");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), token);
    await browser.reload();
    await browser.shown("#model");
    assert.equal(await browser.count("dialog[open]"), 0);
    await browser.type("#prompt", `Hello${KEYS.enter}`);
    await browser.shown(FINISHED);
    assert.ok(!(await browser.run("return location.href")).includes(payload));
    await browser.click("#open-token");
    await browser.click("#token-forget");
    await browser.shown("#token-dialog");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), null);
  });
});

test("an answer grows before it is finished, and is whole then", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    assert.equal(await browser.count("dialog[open]"), 0);
    await picture(browser, "empty");
    await send(browser, "[[slow:40]] Tell me about growing **things**");
    const early = await browser.until("const t = document.querySelector('[data-state=growing] .text')?.innerText ?? ''; return t.length > 10 && t");
    await picture(browser, "growing");
    await browser.shown("#stop");
    await browser.shown(FINISHED);
    const whole = await browser.text(".text");
    assert.ok(whole.length > early.length, `${early.length} then ${whole.length}`);
    assert.ok(whole.includes("no model has read your message"));
    assert.equal(await browser.text(".answer .text strong"), "things");
    await browser.says("#announcer", "Answer finished");
    await browser.until("return document.title.includes('growing')");
    await picture(browser, "done");
    await assertAccessible(browser, "answer");
    await assertQuiet(browser);
  });
});

test("thinking is folded, search shows numbered sources", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.click("#think");
    await browser.click("#search");
    await ask(browser, "What is new?");
    assert.equal(await browser.run("return document.querySelector('.thinking').open"), false);
    await browser.click(".thinking summary");
    await browser.says(".thoughts", "The user writes");
    assert.equal(await browser.text(".text a.cite"), "1");
    assert.match(await browser.run("return document.querySelector('.text a.cite').rel"), /noopener noreferrer nofollow/);
    await browser.click(".sources summary");
    await browser.says(".sources li", "Page 1");
    await picture(browser, "thinking-and-sources");
    await assertAccessible(browser, "thinking and sources");
    await browser.reload();
    await browser.shown(FINISHED);
    assert.equal(await browser.count("#think[aria-pressed=true], #search[aria-pressed=true]"), 2);
    assert.equal(await browser.text(".text a.cite"), "1");
  });
});

test("stop ends the answer here and upstream, and the chat goes on", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until("return document.querySelector('[data-state=growing] .text')?.innerText.length > 10");
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.says(".note", "Stopped");
    await picture(browser, "stopped");
    const id = await chatId(browser);
    let state;
    for (const end = Date.now() + 5_000; state !== "stopped" && Date.now() < end; ) {
      state = (await server.messages(id)).at(-1).state;
    }
    assert.equal(state, "stopped");
    await ask(browser, "And now?");
    await browser.says(".answer:last-child .text", "And now?");
  });
});

const words = async (browser) => (await browser.text(".answer:last-child .text")).split(/\s+/).filter(Boolean).length;
const GROWING = "return document.querySelector('[data-state=growing] .text')?.innerText.length > 40";

test("an answer survives a reload, and is followed to its end", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:150]] [[slow:40]] keep me");
    await browser.until(GROWING);
    await browser.reload();
    await browser.says(".bubble", "keep me");
    await browser.shown('[data-state="in_progress"]');
    await browser.says(".note", "still writing");
    await browser.shown("#stop");
    assert.equal(await browser.run("return document.querySelector('#send').hidden"), true, "the composer waits");
    await picture(browser, "followed");
    await assertAccessible(browser, "followed");
    await browser.shown(FINISHED);
    assert.equal(await words(browser), 150);
    await browser.shown("#send");
    await ask(browser, "And then?", 2);
    assert.equal(await browser.count(".prompt"), 2);
  });
});

test("an answer goes on while another chat is shown", async () => {
  const other = await server.newChat("Another chat");
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:80]] [[slow:40]]");
    await browser.until(GROWING);
    const id = await chatId(browser);
    await browser.run("location.hash = arguments[0]", `#/c/${other}`);
    await browser.shown(".empty");
    await browser.shown("#send");
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.shown(FINISHED);
    assert.equal(await words(browser), 80);
  });
});

test("an answer can be stopped after a reload", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until(GROWING);
    await browser.reload();
    await browser.shown('[data-state="in_progress"]');
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.shown("#send");
    assert.equal((await server.messages(await chatId(browser))).at(-1).state, "stopped");
    await ask(browser, "And now?");
  });
});

test("a page that is loaded again before the account knows of the prompt shows it", async () => {
  const busy = await world.server("--chat-wait", "60s");
  const id = await busy.newChat("In line");
  await world.browse({}, async (browser) => {
    await browser.open(`${busy.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    const first = await busy.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "I come next");
    await browser.shown('[data-state="waiting"]');
    await browser.until("return sessionStorage.getItem('qwen_underway')");
    await browser.reload();
    await browser.shown('[data-state="in_progress"]');
    assert.deepEqual(await busy.stop(id), { success: true, stopped: true });
    await first.whole();
  });
});

test("an answer that is written elsewhere is followed until it is done", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const id = await server.newChat("Elsewhere");
    const answer = await server.startAnswer(id, "[[lorem:120]] [[slow:60]]");
    const whole = answer.whole();
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.shown('[data-state="in_progress"]');
    await browser.says(".note", "still writing");
    await whole;
    await browser.shown(FINISHED);
    const words = (await browser.text(".text")).split(/\s+/).filter(Boolean);
    assert.equal(words.length, 120);
  });
});

test("an answer that others have asked for elsewhere is not stopped, and that is said", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const id = (await bare.call("POST", "/api/chats", {}, token)).data.id;
  const response = await upstream.completion(id, "[[lorem:5000]] [[slow:30]]");
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token, `#/c/${id}`);
    await browser.shown('[data-state="in_progress"]');
    await browser.click("#stop");
    await browser.says(".note", "not written through this server");
    await browser.shown('[data-state="in_progress"]');
  });
  await response.body.cancel();
});

const shownPrompts = (browser) => browser.run("return [...document.querySelectorAll('.bubble')].map((b) => b.innerText)");

test("the versions of a prompt can be gone through, and the next prompt goes on from the shown one", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "First question");
    assert.equal(await browser.count(".versions"), 0);
    for (const text of ["Second question", "Third question"]) {
      await browser.run("document.querySelector('.prompt .edit').click()");
      await ask(browser, text);
      await browser.says(".answer .text", text);
      await browser.shown("#send");
    }
    await browser.says(".prompt .versions", "3/3");
    assert.equal(await browser.run("return document.querySelector('.versions .next').disabled"), true);
    await browser.click(".prompt .previous");
    await browser.says(".prompt .versions", "2/3");
    await browser.says(".answer .text", "Second question");
    await browser.press(KEYS.enter);
    await browser.says(".prompt .versions", "1/3");
    await browser.says(".answer .text", "First question");
    assert.equal(await browser.focused(), "next", "the keyboard stays where it was");
    await picture(browser, "versions");
    await assertAccessible(browser, "versions");
    await ask(browser, "More about the first", 2);
    await browser.shown("#send");
    const messages = await server.messages(await chatId(browser));
    assert.deepEqual(messages.filter(({ role }) => role === "user").map(({ content }) => content), ["First question", "More about the first"]);
    await browser.reload();
    await browser.says(".prompt .versions", "1/3");
    assert.deepEqual(await shownPrompts(browser), ["First question", "More about the first"]);
    await browser.click(".prompt .next");
    assert.deepEqual(await shownPrompts(browser), ["Second question"]);
    await browser.click(".prompt .previous");
    assert.deepEqual(await shownPrompts(browser), ["First question", "More about the first"]);
  });
});

test("a failed prompt that is tried again is no version of itself", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[fault:F37]] too much");
    await browser.shown(".failure");
    await browser.run("document.querySelector('.prompt .edit').click()");
    await ask(browser, "Less");
    assert.equal(await browser.count(".versions"), 0);
    assert.deepEqual(await shownPrompts(browser), ["Less"]);
  });
});

test("retry and edit begin a branch", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "First question");
    await ask(browser, "Second question", 2);
    await browser.click(".answer:last-child .retry");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 2 && !document.querySelector('#send').hidden");
    assert.equal(await browser.count(".prompt"), 2);
    await browser.run("document.querySelector('.prompt:nth-last-child(2) .edit').click()");
    assert.equal(await browser.run("return document.querySelector('#prompt').value"), "Second question");
    await ask(browser, "Changed question", 2);
    await browser.says(".answer:last-child .text", "Changed question");
    const messages = await server.messages(await chatId(browser));
    assert.deepEqual(messages.filter(({ role }) => role === "user").map(({ content }) => content), ["First question", "Changed question"]);
  });
});

test("the first prompt can be edited, too", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Only question");
    await browser.run("document.querySelector('.prompt .edit').click()");
    await ask(browser, "Better question");
    await browser.says(".answer .text", "Better question");
    const messages = await server.messages(await chatId(browser));
    assert.deepEqual(messages.map(({ role }) => role), ["user", "assistant"]);
    assert.equal(messages[0].content, "Better question");
  });
});

test("chats are renamed and deleted, and asked about before", async () => {
  const id = await server.newChat("Old name");
  await server.newChat("Another one");
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.says(`[data-id="${id}"]`, "Old name");
    await browser.shown(".empty");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await picture(browser, "menu");
    await browser.click("#menu-rename");
    await browser.run("document.querySelector('#rename-input').value = arguments[0]", "<img src=x onerror=window.hacked=1>");
    await browser.press(KEYS.enter);
    await browser.says("#title", "<img src=x");
    await browser.says(`[data-id="${id}"]`, "<img src=x");
    assert.equal((await server.call("GET", `/api/chats/${id}`)).data.title, "<img src=x onerror=window.hacked=1>");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.says("#delete-name", "<img src=x");
    await picture(browser, "delete");
    await assertAccessible(browser, "delete dialog");
    await browser.click("#delete-cancel");
    assert.equal((await server.call("GET", `/api/chats/${id}`)).success, true);
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.click("#delete-confirm");
    await browser.gone(`[data-id="${id}"]`);
    await browser.shown(".empty");
    assert.equal((await server.call("GET", `/api/chats/${id}`)).code, "not_found");
    assert.equal(await browser.run("return window.hacked"), null);
    await assertQuiet(browser);
  });
});

test("the list goes on when it is scrolled, and is filtered", async () => {
  const full = await world.server();
  for (let n = 1; n <= 130; n += 1) await full.newChat(`Chat ${n}`);
  const special = await full.newChat("Đường đến Huế");
  await world.browse({}, async (browser) => {
    await browser.open(`${full.url}/#/`);
    await browser.shown(`[data-id="${special}"]`);
    await browser.until(
      "const c = document.querySelector('#chats'); c.scrollTop = c.scrollHeight; return c.querySelectorAll('li').length === 131",
    );
    await browser.type("#filter", "duong hue");
    await browser.until("return document.querySelectorAll('#chats li').length === 1");
    await browser.says("#chats li", "Đường đến Huế");
    await picture(browser, "filter");
    await browser.run("const f = document.querySelector('#filter'); f.value = 'nothing like it'; f.dispatchEvent(new Event('input'))");
    await browser.says("#chats", "No chat matches");
  });
});

test("a chat that is busy elsewhere is told, and trying again works when it is free", async () => {
  const hasty = await world.server("--chat-wait", "100ms");
  const id = await hasty.newChat("Busy");
  await world.browse({}, async (browser) => {
    await browser.open(`${hasty.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    const answer = await hasty.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "Me, too");
    await browser.shown('.failure[data-code="chat_in_progress"]');
    await browser.says(".failure", "still answering");
    await picture(browser, "error-busy");
    await hasty.stop(id);
    await answer.whole();
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    await browser.says(".answer:last-child .text", "Me, too");
  });
});

test("a short limit counts down, and then it can be tried again", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run(`
      const real = fetch;
      globalThis.fetch = (path, request) => {
        if (!path.endsWith("/send")) return real(path, request);
        globalThis.fetch = real;
        const document = { success: false, error: "too many requests", code: "rate_limited", retry_after: 3 };
        return Promise.resolve(Response.json(document, { status: 429 }));
      };`);
    await send(browser, "Hello");
    await browser.shown(".failure .retry:disabled");
    await browser.says(".failure .retry", "Try again in");
    const seconds = /(\d+) s/.exec(await browser.text(".failure .retry"))[1];
    await browser.until("return Number(/(\\d+) s/.exec(document.querySelector('.failure .retry').innerText)?.[1] ?? 0) < arguments[0]", Number(seconds));
    await browser.shown(".failure .retry:enabled");
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    assert.equal(await browser.count(".failure"), 0);
  });
});

test("the browser check links to the site in another tab", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[fault:F39]] Hello");
    const link = await browser.until("const a = document.querySelector('.failure a.button'); return a && [a.href, a.target, a.rel]");
    assert.deepEqual(link, ["https://chat.qwen.ai/", "_blank", "noopener noreferrer"]);
    await browser.shown(".failure .retry:enabled");
  });
});

test("pinned chats come first", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const make = async (title) => (await bare.call("POST", "/api/chats", { title }, token)).data.id;
  const old = await make("Old and pinned");
  for (let n = 1; n <= 3; n += 1) await make(`Newer ${n}`);
  await upstream.pin(old);
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token);
    await browser.says("#chats", "Old and pinned");
    const { group, first } = await browser.run(
      "return { group: document.querySelector('#chats h2').innerText, first: document.querySelector('#chats li').dataset.id }",
    );
    assert.deepEqual([group, first], ["Pinned", old]);
    await picture(browser, "pinned");
  });
});

for (const [fault, code, words, button] of [
  ["F39", "browser_check", "Qwen wants to see a person", 'a[href="https://chat.qwen.ai/"]'],
  ["F32", "rate_limited", "The quota is used up", ".retry:disabled"],
  ["F37", "context_too_long", "too long", null],
  ["F64", "upstream_unreachable", "", ".retry"],
]) {
  test(`${fault} is told as ${code}, with what to do`, async () => {
    await world.browse({}, async (browser) => {
      await open(browser);
      await send(browser, `[[fault:${fault}]] Hello`);
      await browser.shown(".answer .failure");
      const told = await browser.run("return document.querySelector('.failure').dataset.code");
      if (fault !== "F64") assert.equal(told, code);
      await browser.says(".failure", words);
      if (button) await browser.shown(`.failure ${button}`);
      if (fault === "F32") assert.match(await browser.text(".failure .retry"), /\d+:\d\d:\d\d/);
      await picture(browser, `error-${fault}`);
      await assertAccessible(browser, fault);
    });
  });
}

test("a token that expired opens the token box", async () => {
  const { server: bare, token } = await world.serverWithoutToken();
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token);
    await browser.type("#prompt", `[[fault:F1]] Hello${KEYS.enter}`);
    await browser.shown("#token-dialog");
    await browser.says("#token-reason", "not valid any more");
    await picture(browser, "error-token");
    await browser.press(KEYS.escape);
    await browser.shown(".failure .button");
  });
});

test("a server that is gone is told, and trying again works when it is back", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.devtools("Network.enable");
    await browser.devtools("Network.emulateNetworkConditions", { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await send(browser, "Hello");
    await browser.says(".failure", "cannot be reached");
    await browser.devtools("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    assert.equal(await browser.count(".prompt"), 1);
  });
});

test("hostile text stays text", async () => {
  const hostile = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1> <svg onload=window.hacked=1></svg>",
    "[a](javascript:window.hacked=1) [b](data:text/html,<script>window.hacked=1</script>)",
    "![c](https://pages.example/secret.png)",
    "</div></article></main><iframe src=javascript:parent.hacked=1></iframe>",
    "control \u0007\u001b[31m \u202e reversed",
  ].join("\n\n");
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, hostile);
    await browser.says(".answer .text", "<script>window.hacked=1</script>");
    assert.equal(await browser.count(".messages :is(script, img, iframe, style, object, [onerror], [onload])"), 0);
    assert.equal(await browser.count(".messages svg:not(.icon)"), 0);
    const links = await browser.run("return [...document.querySelectorAll('.messages a')].map((a) => a.protocol)");
    assert.deepEqual(links, ["https:"]);
    await browser.run("for (const a of document.querySelectorAll('.messages .text a')) a.removeAttribute('href')");
    assert.equal(await browser.run("return window.hacked"), null);
    await picture(browser, "hostile");
    await assertQuiet(browser);
  });
});

const RICH = [
  "## A table",
  "| command | what it does | how long it takes in milliseconds | remarks |\n|---|---|--:|:-:|\n| `chats list` | lists | 12 | fast |\n| `stats` | counts | 1,204 | a_very_long_word_that_cannot_be_broken_anywhere |",
  '```python\ndef greet(name: str) -> str:  # says hello\n    return f"Hello, {name}, this line is long enough to be wider than any narrow screen ever was" + str(42)\n```',
  "> A quotation with https://pages.example/a/very/long/address/that/goes/on/and/on/and/on/and/on",
  "1. one\n2. two\n   - [x] done\n   - [ ] open",
].join("\n\n");

for (const [name, options] of [
  ["light", {}],
  ["dark", { dark: true }],
  ["narrow", { width: 320, height: 640 }],
  ["narrow-dark", { width: 320, height: 640, dark: true }],
]) {
  test(`${name}: fits, reads well, is accessible`, async () => {
    await world.browse(options, async (browser) => {
      await open(browser);
      await ask(browser, RICH);
      await picture(browser, `rich-${name}`);
      await browser.run("document.querySelector('#scroller').scrollTop = 220");
      await picture(browser, `rich-${name}-top`);
      await assertAccessible(browser, name);
      const { wide, scrolls } = await browser.run(
        "return { wide: document.documentElement.scrollWidth > innerWidth, scrolls: document.querySelector('#scroller').scrollWidth > document.querySelector('#scroller').clientWidth }",
      );
      assert.deepEqual({ wide, scrolls }, { wide: false, scrolls: false });
      const brightness = await browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)");
      assert.equal(brightness < 200, options.dark === true);
      assert.ok((await browser.count(".code-keyword")) > 0);
      await assertQuiet(browser);
    });
  });
}

test("narrow: the list of chats opens over the conversation, and closes", async () => {
  await server.newChat("In the drawer");
  await world.browse({ width: 320, height: 640 }, async (browser) => {
    await open(browser);
    assert.equal(await browser.run("return document.querySelector('#sidebar').inert"), true);
    await browser.click("#open-sidebar");
    await browser.until("return document.querySelector('#sidebar').getBoundingClientRect().left === 0");
    await picture(browser, "narrow-chats");
    await assertAccessible(browser, "drawer");
    await browser.press(KEYS.escape);
    await browser.until("return document.querySelector('#sidebar').inert");
    assert.equal(await browser.focused(), "open-sidebar");
  });
});

test("keyboard only: skip link, new line, send, stop, menu", async () => {
  const id = await server.newChat("Somewhere");
  await server.newChat("By keyboard");
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.shown("#chats li");
    await browser.press(KEYS.tab);
    assert.equal(await browser.focused(), "skip");
    await picture(browser, "keyboard-skip");
    await browser.press(KEYS.enter);
    assert.equal(await browser.focused(), "prompt");
    await browser.press(..."one", [KEYS.shift, KEYS.enter], ..."[[lorem:3000]][[slow:30]]");
    assert.match(await browser.run("return document.querySelector('#prompt').value"), /^one\n\[\[/);
    await browser.press(KEYS.enter);
    await browser.until("return document.querySelector('[data-state=growing] .text')?.innerText.length > 5");
    await browser.press(KEYS.escape);
    await browser.shown('[data-state="stopped"]');
    await browser.run("[...document.querySelectorAll('#chats li')].find((li) => li.innerText.includes('By keyboard')).querySelector('.row-menu').focus()");
    await browser.press(KEYS.enter);
    await browser.shown("#menu");
    await browser.press(KEYS.down, KEYS.enter);
    await browser.shown("#delete-dialog");
    assert.equal(await browser.focused(), "delete-cancel");
    await browser.press(KEYS.tab, KEYS.enter);
    await browser.gone("#delete-dialog");
    await browser.until("return ![...document.querySelectorAll('#chats li')].some((li) => li.innerText.includes('By keyboard'))");
  });
});

test("code and messages are copied", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.devtools("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    await ask(browser, "```js\nconst a = '<b>';\n```");
    const clipboard = "const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(String(e)))";
    await browser.click(".answer .code .copy");
    await browser.says("#announcer", "Copied");
    assert.equal(await browser.runAsync(clipboard), "const a = '<b>';");
    await browser.run("document.querySelector('#announcer').textContent = ''");
    await browser.click(".answer .tools .copy");
    await browser.says("#announcer", "Copied");
    assert.match(await browser.runAsync(clipboard), /^# You wrote\n\n```js/);
  });
});

test("the system prompt is kept and goes along", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.click("#open-settings");
    await browser.type("#system-input", "Answer like a pirate");
    await assertAccessible(browser, "settings dialog");
    await browser.click("#settings-form .primary");
    await ask(browser, "Hello");
    await browser.says(".answer .text", "Answer like a pirate");
    await browser.reload();
    await browser.shown("#open-settings.in-use");
  });
});

test("Vietnamese, by the browser's language", async () => {
  await world.browse({ language: "vi-VN" }, async (browser) => {
    await open(browser);
    assert.equal(await browser.run("return document.documentElement.lang"), "vi");
    await browser.says("#new-chat", "Trò chuyện mới");
    await picture(browser, "vietnamese");
  });
});
