// Around the box: models, instructions, limits, notifications, temporary chats, and two models side by side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, ask, assertAccessible, assertQuiet, open, send, server, shownPrompts, world, write } from "./pages.mjs";
import { picture } from "./world.mjs";

test("the menu of models says what each can do and how much it can read", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const first = await browser.run("const option = document.querySelector('#model option'); return [option.textContent, option.querySelectorAll('.model-able .icon').length]");
    assert.match(first[0], /Local-Echo-Max.*thinking.*web search.*256K tokens/);
    assert.ok(first[1] >= 3);
    await browser.click("#model");
    await picture(browser, "models");
    await assertAccessible(browser, "menu of models");
    await assertQuiet(browser);
  });
});

test("the instructions stand above the box, and can be removed and brought back", async () => {
  await world.browse({ width: 320, height: 640 }, async (browser) => {
    await open(browser);
    await browser.click("#open-settings");
    await browser.type("#system-input", "Answer in Vietnamese, and say it in as few words as possible");
    await browser.click("#settings-form .primary");
    await browser.says("#instructions-text", "Instructions: Answer in Vietnamese");
    await picture(browser, "instructions-narrow");
    await assertAccessible(browser, "instructions");
    await browser.click("#instructions-clear");
    await browser.gone("#instructions");
    await browser.click("#toast-undo");
    await browser.shown("#instructions");
    await browser.click("#instructions-open");
    assert.match(await browser.run("return document.querySelector('#system-input').value"), /^Answer in Vietnamese/);
    await assertQuiet(browser);
  });
});

test("a message that fills the context says how long it is", async () => {
  const engine = await world.engine("small", () => ["Yes."], { max_model_len: 4096 });
  const served = await world.server("--engine", engine);
  await world.browse({}, async (browser) => {
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await browser.until("return document.querySelector('#model option').textContent.includes('4K tokens')");
    await write(browser, "word ".repeat(1_000));
    await browser.gone("#hint");
    await write(browser, "word ".repeat(2_000));
    await browser.says("#hint-text", "of the 4,096 tokens");
  });
});

test("a long answer is notified when the page is hidden, after a permission by a click", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run(`
      globalThis.notes = [];
      globalThis.Notification = class { constructor(title, options) { notes.push([title, options.body]); } };
      Notification.permission = "default";
      Notification.requestPermission = async () => { Notification.permission = "granted"; };
      const now = Date.now;
      globalThis.skip = 0;
      Date.now = () => now() + skip;
      const later = setTimeout;
      globalThis.setTimeout = (call, delay, ...more) => later(call, delay === 8000 ? 50 : delay, ...more);
    `);
    await send(browser, "[[lorem:150]] [[slow:40]] The question");
    await browser.click("#notify");
    await browser.gone("#notify");
    await browser.run("skip = 9_000; Object.defineProperty(document, 'hidden', { get: () => true })");
    await browser.shown(FINISHED);
    const notes = await browser.run("return notes");
    assert.equal(notes.length, 1);
    assert.match(notes[0][0], /question/);
    assert.match(notes[0][1], /lorem/);
    await ask(browser, "A short one", 2);
    assert.equal((await browser.run("return notes")).length, 1);
    await assertQuiet(browser);
  });
});

test("a temporary chat knows what was said, and leaves nothing", async () => {
  await world.browse({}, async (browser) => {
    const before = await server.titles();
    await open(browser);
    await browser.click("#temporary");
    await browser.says(".empty", "deleted from the account at once");
    await browser.shown("#temporary-chip");
    await picture(browser, "temporary");
    await assertAccessible(browser, "temporary chat");
    await ask(browser, "My number is 4711");
    await ask(browser, "Which number?", 2);
    await browser.says(".answer:last-child .text", "My number is 4711");
    assert.equal(await browser.run("return location.hash"), "#/temporary");
    await browser.click(".answer:last-child .retry");
    await browser.says(".answer:last-child .versions", "2/2");
    await browser.shown(`.answer:last-child${FINISHED}`);
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until("return document.querySelector('[data-state=growing] .text')?.innerText.length > 10");
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    for (const end = Date.now() + 5_000; (await server.titles()).length > before.length && Date.now() < end; );
    assert.deepEqual(await server.titles(), before);
    assert.equal(await browser.count("#chats [aria-current]"), 0);
    await browser.reload();
    await browser.shown(".empty");
    assert.deepEqual(await shownPrompts(browser), []);
    await browser.click("#temporary");
    await browser.until("return location.hash === '#/'");
    await browser.gone("#temporary-chip");
    await assertQuiet(browser);
  });
});

test("two models answer the same prompt side by side, each in a chat of its own", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.click("#compare");
    await browser.says(".empty", "get the same messages");
    const [first, second] = await browser.run("return [document.querySelector('#model').value, document.querySelector('#other-model').value]");
    assert.notEqual(first, second);
    await assertAccessible(browser, "comparison before the first message");
    await ask(browser, "Compare yourselves", 2);
    await browser.until("return /^#\\/compare\\/[^/]+\\/[^/]+$/.test(location.hash)");
    await picture(browser, "compare");
    await assertAccessible(browser, "comparison");
    const by = () => browser.run("return ['#messages', '#other-messages'].map((pane) => document.querySelector(`${pane} .answer:last-child .by`)?.textContent)");
    assert.deepEqual(await by(), [first, second]);
    await ask(browser, "[[slow:20]] Once more", 4);
    assert.deepEqual(await browser.run("return ['#messages', '#other-messages'].map((pane) => document.querySelectorAll(`${pane} .prompt`).length)"), [2, 2]);
    await browser.reload();
    await browser.until("return document.querySelectorAll(arguments[0]).length === 4", FINISHED);
    assert.deepEqual(await by(), [first, second]);
    assert.equal(await browser.run("return document.querySelector('#other-model').value"), second);
    const [, , one, other] = (await browser.run("return location.hash")).split("/");
    for (const id of [one, other]) assert.equal((await server.messages(id)).length, 4);
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until("return document.querySelectorAll('[data-state=growing]').length === 2");
    await browser.click("#stop");
    await browser.until("return document.querySelectorAll('[data-state=stopped]').length === 2");
    await browser.gone("#stop");
    await browser.click("#new-chat");
    await browser.gone("#other-messages");
    await browser.gone("#other-model");
    await assertQuiet(browser);
  });
});

test("the keys of the box are named until three messages have been sent", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.says("#keys", "Enter sends");
    for (const answers of [1, 2, 3]) await ask(browser, "Again", answers);
    assert.equal(await browser.text("#keys"), "");
    await assertAccessible(browser, "box without its keys");
    await assertQuiet(browser);
  });
});

test("a new conversation offers the last three chats", async () => {
  for (const title of ["Oldest", "Older", "Newer", "Newest"]) await server.newChat(title);
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.until("return document.querySelectorAll('#recent a').length === 3");
    const first = await browser.text("#recent a");
    assert.match(first, /^(Newest|Newer|Older|Oldest)$/);
    await picture(browser, "recent");
    await assertAccessible(browser, "new conversation");
    await browser.click("#recent a");
    await browser.says("#title", first);
    await assertQuiet(browser);
  });
});
