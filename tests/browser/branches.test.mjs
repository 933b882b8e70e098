// Retry and edit, and the branches that they create.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, assertAccessible, chatId, open, send, server, shownPrompts, world } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

test("versions of a prompt can be browsed; the next prompt follows the shown one", async () => {
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

test("retrying a failed prompt creates no version", async () => {
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

test("retry and edit create a branch", async () => {
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

test("the first prompt can be edited", async () => {
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
