// Several tabs on one account, and a server that goes away and comes back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, GROWING, ask, assertAccessible, chatId, open, send, server, shownPrompts, world, write } from "./pages.mjs";
import { picture } from "./world.mjs";

const LONG = "[[lorem:5000]] [[slow:30]] from the first tab";

/** Two tabs on one chat; the first is being answered, the second has sent a prompt that waits. */
async function twoTabs(browser) {
  const id = await server.newChat("Two tabs");
  await open(browser, `#/c/${id}`);
  await browser.shown(".empty");
  const first = await browser.handle();
  const second = await browser.tab(`${server.url}/#/c/${id}`);
  await browser.shown(".empty");
  await browser.shown("#model");
  await browser.use(first);
  await send(browser, LONG);
  await browser.until(GROWING);
  await browser.use(second);
  await send(browser, "precious words from the second tab");
  await browser.says(".prompt:nth-last-child(2)", "precious words");
  await browser.shown('.answer:last-child[data-state="waiting"]');
  return { id, first, second };
}

test("stop in one tab ends its own answer; the prompt of the other runs", async () => {
  await world.browse({}, async (browser) => {
    const { id, first, second } = await twoTabs(browser);
    await picture(browser, "second-tab-waits");
    await browser.use(first);
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.use(second);
    await browser.shown(`.answer:last-child${FINISHED}`);
    await browser.says(".answer:last-child .text", "precious words from the second tab");
    assert.deepEqual(await shownPrompts(browser), [LONG, "precious words from the second tab"]);
    const messages = await server.messages(id);
    assert.deepEqual(messages.map(({ state }) => state ?? "done").filter((state) => state !== "done"), ["stopped"]);
    await browser.use(first);
    await browser.until("return document.querySelectorAll('.prompt').length === 2");
  });
});

test("stop of a waiting prompt leaves the queue, and its words stay", async () => {
  await world.browse({}, async (browser) => {
    const { id, first, second } = await twoTabs(browser);
    await browser.click("#stop");
    await browser.shown('.answer:last-child[data-state="stopped"]');
    await browser.use(first);
    const length = await browser.run("return document.querySelector('.answer .text').innerText.length");
    await browser.until("return document.querySelector('[data-state=growing] .text')?.innerText.length > arguments[0] + 20", length);
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.use(second);
    await browser.reload();
    await browser.says(".prompt.unsent", "precious words from the second tab");
    await browser.shown("#send");
    await browser.click(".answer:last-child .retry");
    await browser.shown(`.answer:last-child${FINISHED}`);
    const messages = await server.messages(id);
    assert.equal(messages.at(-2).content, "precious words from the second tab");
    assert.equal(messages.length, 4, "it follows the stopped answer");
  });
});

test("a prompt that waits can be stopped alone after a reload", async () => {
  await world.browse({}, async (browser) => {
    const { id, first } = await twoTabs(browser);
    await browser.reload();
    await browser.says(".prompt:nth-last-child(2)", "precious words");
    await browser.shown('.answer:last-child[data-state="waiting"]');
    await browser.click("#stop");
    await browser.shown('.answer:last-child[data-state="stopped"]');
    await browser.says(".prompt.unsent", "precious words");
    await browser.use(first);
    assert.equal(await browser.count('[data-state="growing"]'), 1);
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    assert.equal((await server.messages(id)).length, 2);
  });
});

test("stop in a tab that only follows an answer leaves the prompts in the queue", async () => {
  await world.browse({}, async (browser) => {
    const { id, second } = await twoTabs(browser);
    await browser.tab(`${server.url}/#/c/${id}`);
    await browser.shown('[data-state="in_progress"]');
    await browser.click("#stop");
    await browser.use(second);
    await browser.shown(`.answer:last-child${FINISHED}`);
    assert.equal((await server.messages(id)).length, 4);
  });
});

test("a waiting prompt that is ended from outside shows its words and a remedy", async () => {
  await world.browse({}, async (browser) => {
    const { id } = await twoTabs(browser);
    await server.stop(id);
    await browser.shown('.failure[data-code="interrupted"]');
    assert.deepEqual(await shownPrompts(browser), [LONG, "precious words from the second tab"]);
    await browser.click(".failure .retry");
    await browser.shown(`.answer:last-child${FINISHED}`);
    assert.equal((await server.messages(id)).length, 4);
  });
});

test("another tab learns of new chats, messages, titles and deletions", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const first = await browser.handle();
    const second = await browser.tab(`${server.url}/#/`);
    await browser.shown("#model");
    await browser.use(first);
    await ask(browser, "Known in both tabs");
    const id = await chatId(browser);
    await browser.use(second);
    await browser.says("#chats", "Known in both tabs");
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.shown(FINISHED);
    await browser.use(first);
    await ask(browser, "And a second message", 2);
    await browser.use(second);
    await browser.until("return document.querySelectorAll('.answer[data-state=done]').length === 2");
    await browser.use(first);
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-rename");
    await browser.run("document.querySelector('#rename-input').value = 'Another title'");
    await browser.click("#rename-form .primary");
    await browser.use(second);
    await browser.says("#title", "Another title");
    await browser.use(first);
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.click("#delete-confirm");
    await browser.use(second);
    await browser.gone(`[data-id="${id}"]`);
    await browser.shown(".empty");
  });
});

test("a chat that another tab deletes leaves its draft to the next chat", async () => {
  await world.browse({}, async (browser) => {
    const id = await server.newChat("Deleted soon");
    await open(browser, `#/c/${id}`);
    await browser.shown(".empty");
    await browser.type("#prompt", "precious words");
    const first = await browser.handle();
    await browser.tab(`${server.url}/#/c/${id}`);
    await browser.until("return document.querySelector('#prompt').value === 'precious words'");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.click("#delete-confirm");
    await browser.gone(`[data-id="${id}"]`);
    await browser.use(first);
    await browser.until("return location.hash === '#/'");
    await browser.until("return document.querySelector('#prompt').value === 'precious words'");
  });
});

test("a focus event shows what was added elsewhere", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "From here");
    const id = await chatId(browser);
    assert.ok((await server.call("POST", "/api/chat/send", { chat_id: id, message: "From there" })).success);
    await browser.run("const now = Date.now; Date.now = () => now() + 3000; dispatchEvent(new Event('focus'))");
    await browser.until("return document.querySelectorAll('.answer').length === 2");
  });
});

test("a server killed in mid-answer and started again: the page comes back by itself", async () => {
  const mortal = await world.mortalServer();
  await world.browse({}, async (browser) => {
    await browser.open(`${mortal.url}/`);
    await browser.shown("#model");
    await send(browser, "[[lorem:3000]] [[slow:30]]");
    await browser.until(GROWING);
    await mortal.kill();
    await browser.shown("#connection");
    await browser.says("#connection", "reconnecting");
    await browser.says(".answer .waiting", "reconnecting");
    assert.equal(await browser.count(".failure"), 0);
    await picture(browser, "reconnecting");
    await assertAccessible(browser, "reconnecting");
    await browser.type("#prompt", "typed meanwhile");
    await mortal.restart();
    await browser.gone("#connection");
    await browser.until("return document.querySelector('.answer .text').innerText.length > 20");
    await browser.until("return document.querySelector('#prompt').value === 'typed meanwhile'");
    await picture(browser, "reconnected");
    const id = await chatId(browser);
    const { content } = (await mortal.messages(id)).at(-1);
    assert.ok((await browser.text(".answer .text")).includes(content.slice(0, 20).trim()));
    await ask(browser, "Still there?", 1);
  });
});

test("a message sent while the server is gone keeps its words", async () => {
  const mortal = await world.mortalServer();
  await world.browse({}, async (browser) => {
    await browser.open(`${mortal.url}/`);
    await browser.shown("#model");
    await ask(browser, "Before");
    await mortal.kill();
    await send(browser, "precious words");
    await browser.shown("#connection");
    assert.deepEqual(await shownPrompts(browser), ["Before", "precious words"]);
    await mortal.restart();
    await browser.gone("#connection");
    await browser.shown(".failure .retry");
    assert.deepEqual(await shownPrompts(browser), ["Before", "precious words"]);
    await browser.click(".failure .retry");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 2");
    const prompts = (await mortal.messages(await chatId(browser))).filter(({ role }) => role === "user");
    assert.deepEqual(prompts.map(({ content }) => content), ["Before", "precious words"]);
  });
});

test("a prompt that waited in the queue of a killed server keeps its words", async () => {
  const mortal = await world.mortalServer();
  const id = await mortal.newChat("In line");
  await world.browse({}, async (browser) => {
    await browser.open(`${mortal.url}/#/c/${id}`);
    await browser.shown("#model");
    await browser.shown(".empty");
    const first = await mortal.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "precious words");
    await browser.shown('.answer:last-child[data-state="waiting"]');
    await mortal.kill();
    await first.whole().catch(() => {});
    await browser.shown("#connection");
    await mortal.restart();
    await browser.says(".prompt.unsent", "precious words");
    await browser.shown(".failure .retry");
    await browser.click(".failure .retry");
    await browser.shown(`.answer:last-child${FINISHED}`);
    await browser.says(".answer:last-child .text", "precious words");
  });
});
