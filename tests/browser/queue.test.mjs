// Messages that wait for the end of an answer: shown, edited, taken back, never lost and never sent twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, GROWING, assertAccessible, assertQuiet, chatId, open, send, server, shownPrompts, world, written } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

const RUNNING = "[[lorem:5000]] [[slow:30]]";
const queued = (browser) => browser.run("return [...document.querySelectorAll('.queue-text')].map((text) => text.innerText)");
const prompts = async (on, id) => (await on.messages(id)).filter(({ role }) => role === "user").map(({ content }) => content);

/** Writes `texts` while an answer runs. */
async function queue(browser, ...texts) {
  await browser.until(GROWING);
  for (const text of texts) await browser.type("#prompt", `${text}${KEYS.enter}`);
  await browser.until("return document.querySelectorAll('.queue-text').length === arguments[0]", texts.length);
}

for (const options of [{}, { width: 320, height: 640, dark: true, language: "vi-VN" }]) {
  test(`waiting messages are edited, taken back, and sent in their order${options.dark ? " on a phone" : ""}`, async () => {
    await world.browse(options, async (browser) => {
      await open(browser);
      await send(browser, "[[lorem:400]] [[slow:30]]");
      await queue(browser, "the first", "the second", "the third");
      await picture(browser, `queue${options.dark ? "-phone" : ""}`);
      await assertAccessible(browser, "queue");
      await browser.click("#queue li:nth-child(2) .queue-edit");
      await browser.type("#queue textarea", " in other words");
      await picture(browser, `queue-edit${options.dark ? "-phone" : ""}`);
      await assertAccessible(browser, "queue edited");
      await browser.press(KEYS.enter);
      assert.deepEqual(await queued(browser), ["the first", "the second in other words", "the third"]);
      await browser.click("#queue li:nth-child(3) .queue-back");
      assert.equal(await written(browser), "the third");
      assert.equal(await browser.count('[data-state="growing"]'), 1, "the answer continues");
      await browser.click("#stop");
      await browser.shown("#queue .send-now");
      assert.equal(await browser.count(".prompt"), 1, "a stopped answer sends nothing");
      await browser.click("#queue .send-now");
      await browser.until("return document.querySelectorAll('[data-state=done]').length === 2");
      await browser.gone("#queue");
      assert.deepEqual((await shownPrompts(browser)).slice(1), ["the first", "the second in other words"]);
      assert.equal(await written(browser), "the third");
      await assertQuiet(browser);
    });
  });
}

test("waiting messages survive a reload, are shown in another tab, and are sent once", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:250]] [[slow:30]] begun");
    await queue(browser, "after the reload");
    const id = await chatId(browser);
    const first = await browser.handle();
    await browser.tab(`${server.url}/#/c/${id}`);
    await browser.says("#queue", "after the reload");
    await browser.use(first);
    await browser.reload();
    await browser.says("#queue", "after the reload");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 2");
    await browser.gone("#queue");
    await browser.reload();
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 2");
    assert.deepEqual(await prompts(server, id), ["[[lorem:250]] [[slow:30]] begun", "after the reload"]);
  });
});

test("waiting messages survive a lost server, and are sent when it is back", async () => {
  const mortal = await world.mortalServer();
  await world.browse({}, async (browser) => {
    await browser.open(`${mortal.url}/`);
    await browser.shown("#model");
    await send(browser, RUNNING);
    await queue(browser, "precious words");
    await mortal.kill();
    await browser.shown("#connection");
    await browser.type("#prompt", `said meanwhile${KEYS.enter}`);
    assert.deepEqual(await queued(browser), ["precious words", "said meanwhile"]);
    await mortal.restart();
    await browser.gone("#connection");
    await browser.until("return [...document.querySelectorAll('.bubble')].at(-1).innerText === 'said meanwhile'");
    await browser.shown(`.answer:last-child${FINISHED}`);
    assert.deepEqual(await prompts(mortal, await chatId(browser)), [RUNNING, "precious words", "said meanwhile"]);
  });
});

test("a stop while the server is lost holds the waiting messages back", async () => {
  const mortal = await world.mortalServer();
  await world.browse({}, async (browser) => {
    await browser.open(`${mortal.url}/`);
    await browser.shown("#model");
    await send(browser, RUNNING);
    await queue(browser, "precious words");
    await mortal.kill();
    await browser.shown("#connection");
    await browser.click("#stop");
    await browser.shown("#queue .send-now");
    await mortal.restart();
    await browser.gone("#connection");
    await browser.run("dispatchEvent(new Event('focus'))");
    await new Promise((later) => setTimeout(later, 1500));
    assert.deepEqual(await queued(browser), ["precious words"]);
    assert.deepEqual(await prompts(mortal, await chatId(browser)), [RUNNING]);
  });
});

test("waiting messages of a deleted chat become the draft of the next", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, RUNNING);
    await queue(browser, "one", "two");
    const id = await chatId(browser);
    await browser.click("#stop");
    await browser.shown("#queue .send-now");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.click("#delete-confirm");
    await browser.until("return document.querySelector('#prompt').value === 'one\\n\\ntwo'");
    await browser.gone("#queue");
  });
});
