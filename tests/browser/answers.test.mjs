// Prompts and their answers, in a real browser, against the local upstream.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, ask, assertAccessible, assertQuiet, chatId, open, send, server, world } from "./pages.mjs";
import { picture } from "./world.mjs";

test("an answer streams in and is complete at the end", async () => {
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

test("stop ends the answer on the page and upstream; the chat stays usable", async () => {
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

test("a long prompt is folded and can be expanded", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, Array.from({ length: 60 }, (_, line) => `Line ${line}`).join("\n"));
    const height = () => browser.run("return document.querySelector('.bubble').offsetHeight");
    const folded = await height();
    await picture(browser, "folded");
    await assertAccessible(browser, "folded");
    await browser.click(".unfold");
    assert.ok((await height()) > 3 * folded);
    await browser.says(".unfold", "Show less");
    await browser.click(".unfold");
    assert.equal(await height(), folded);
    await browser.run("document.querySelector('.prompt .edit').click()");
    assert.match(await browser.run("return document.querySelector('#prompt').value"), /Line 59$/);
  });
});

test("the system prompt is saved and sent", async () => {
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

test("a double click on the send button does not stop the answer", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    // The box stays where it is after the first message.
    await ask(browser, "Hello");
    await browser.run("const p = document.querySelector('#prompt'); p.value = '[[lorem:20]] [[slow:30]]'; p.dispatchEvent(new Event('input'))");
    await browser.clicks("#send", 2);
    await browser.until("return document.querySelectorAll(arguments[0]).length === 2", FINISHED);
    assert.equal(await browser.count(".prompt"), 2);
    assert.equal(await browser.count('[data-state="stopped"]'), 0);
  });
});

test("another click after a double click stops the answer", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    // The box stays where it is after the first message.
    await ask(browser, "Hello");
    await browser.run("const p = document.querySelector('#prompt'); p.value = '[[lorem:5000]] [[slow:30]]'; p.dispatchEvent(new Event('input'))");
    await browser.clicks("#send", 3);
    await browser.shown('[data-state="stopped"]');
    assert.equal(await browser.count(".prompt"), 2);
  });
});
