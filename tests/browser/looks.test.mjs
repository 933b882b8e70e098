// Light and dark, narrow and wide, without a mouse, and in Vietnamese.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, assertAccessible, assertQuiet, open, server, world } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

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

test("narrow: the list of chats opens over the conversation and closes", async () => {
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

test("Vietnamese, by the browser's language", async () => {
  await world.browse({ language: "vi-VN" }, async (browser) => {
    await open(browser);
    assert.equal(await browser.run("return document.documentElement.lang"), "vi");
    await browser.says("#new-chat", "Trò chuyện mới");
    await picture(browser, "vietnamese");
  });
});
