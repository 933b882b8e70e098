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

test("any message can be edited, and any answer requested again", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    for (const [index, text] of ["One", "Two", "Three"].entries()) {
      await ask(browser, text, index + 1);
      await browser.shown("#send");
    }
    assert.equal(await browser.count(".prompt .edit"), 3);
    assert.equal(await browser.count(".answer .retry"), 3);
    await browser.run("document.querySelectorAll('.prompt .edit')[1].click()");
    assert.equal(await browser.run("return document.querySelector('#prompt').value"), "Two");
    await ask(browser, "Two, in other words", 2);
    await browser.says(".answer:last-child .text", "Two, in other words");
    await browser.shown("#send");
    assert.deepEqual(await shownPrompts(browser), ["One", "Two, in other words"]);
    await browser.run("document.querySelectorAll('.answer .retry')[0].click()");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 1 && !document.querySelector('#send').hidden");
    assert.deepEqual(await shownPrompts(browser), ["One"]);
    await browser.says(".answer .versions", "2/2");
    await browser.run("document.querySelector('.answer .previous').click()");
    assert.deepEqual(await shownPrompts(browser), ["One", "Two, in other words"]);
    const messages = (await server.call("GET", `/api/chats/${await chatId(browser)}?tree=true`)).data.messages;
    assert.deepEqual(messages.filter(({ role }) => role === "user").map(({ content }) => content).sort(), ["One", "One", "Three", "Two", "Two, in other words"]);
  });
});

test("versions of an answer are under the answer; the chosen one survives a reload", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Why?");
    await browser.shown("#send");
    await browser.click(".answer:last-child .retry");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 1 && !document.querySelector('#send').hidden");
    await browser.says(".answer .versions", "2/2");
    assert.equal(await browser.count(".prompt .versions"), 0, "the question is the same");
    await picture(browser, "answer-versions");
    await browser.reload();
    await browser.says(".answer .versions", "2/2");
    await browser.run("document.querySelector('.answer .previous').click()");
    await browser.says(".answer .versions", "1/2");
    await browser.reload();
    await browser.says(".answer .versions", "1/2");
    await ask(browser, "More about the first", 2);
    await browser.reload();
    await browser.says(".prompt:nth-last-child(2)", "More about the first");
    await browser.says(".answer .versions", "1/2");
  });
});
