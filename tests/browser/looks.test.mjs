// Light and dark, narrow and wide, without a mouse, and in Vietnamese.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AXE, ask, assertAccessible, assertQuiet, open, send, server, world } from "./pages.mjs";
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

for (const [tag, lang, name, newChat] of [
  ["vi-VN", "vi", "vietnamese", "Trò chuyện mới"],
  ["zh-CN", "zh-CN", "chinese", "新对话"],
]) {
  test(`${name}, by the browser's language; errors have no English line`, async () => {
    await world.browse({ language: tag, width: 320, height: 640 }, async (browser) => {
      await open(browser);
      assert.equal(await browser.run("return document.documentElement.lang"), lang);
      assert.equal((await browser.run("return document.querySelector('#new-chat').textContent")).trim(), newChat);
      await send(browser, "[[fault:F33]] q");
      await browser.shown(".failure");
      assert.equal(await browser.count(".failure .detail"), 0);
      assert.doesNotMatch(await browser.text(".failure"), /[a-z]{3,} [a-z]{3,}/);
      await picture(browser, name);
      await assertAccessible(browser, name);
    });
  });
}

test("the language is switched in the page, and stays", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.type("#prompt", "my draft");
    await browser.run("const s = document.querySelector('#language'); s.value = 'zh-CN'; s.dispatchEvent(new Event('change'))");
    await browser.says("#new-chat", "新对话");
    await browser.reload();
    await browser.says("#new-chat", "新对话");
    assert.equal(await browser.run("return document.querySelector('#prompt').value"), "my draft");
    await picture(browser, "chinese-wide");
  });
});

test("the menu of models is as wide as the chosen name, and says what each can do", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const width = () => browser.run("return document.querySelector('#model').getBoundingClientRect().width");
    const wide = await width();
    await browser.run("const m = document.querySelector('#model'); m.options[0].text; m.append(new Option('A model with a very, very long name indeed', 'long'))");
    assert.ok((await width()) - wide < 2, "a longer entry does not widen it");
    await browser.click("#model");
    await browser.says('#model option[value="local-echo-max"]', "thinking");
    await browser.shown('#model option[value="local-echo-plus"]');
    await picture(browser, "model-menu");
    await assertAccessible(browser, "model menu");
    await browser.press(KEYS.down, KEYS.enter);
    assert.equal(await browser.run("return document.querySelector('#model').value"), "local-echo-plus");
  });
});

test("headings of an answer follow each other without a gap", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "[[deltas:#### Small\n\ntext\n\n# Large\n\n### Small again]]");
    await browser.says(".answer .text", "Small again");
    const found = await browser.runAsync(`${AXE}; const done = arguments[0]; axe.run({ runOnly: ["heading-order"] }).then((r) => done(r.violations));`);
    assert.deepEqual(found, []);
  });
});

test("shortcuts: new chat, list of chats, last message, and the list of them", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Hello there");
    await browser.click("#prompt");
    await browser.press(KEYS.up);
    assert.equal(await browser.run("return document.querySelector('#prompt').value"), "Hello there");
    await browser.press(KEYS.escape);
    await browser.press([KEYS.control, "b"]);
    await browser.gone("#sidebar");
    await picture(browser, "sidebar-closed");
    await assertAccessible(browser, "sidebar closed");
    await browser.reload();
    await browser.gone("#sidebar");
    await browser.press([KEYS.control, "k"]);
    await browser.shown("#palette");
    assert.equal(await browser.focused(), "palette-input");
    await browser.press(KEYS.escape);
    await browser.run("document.querySelector('#scroller').focus()");
    await browser.press("/");
    assert.equal(await browser.focused(), "prompt");
    await browser.press([KEYS.control, KEYS.shift, "o"]);
    await browser.shown(".empty");
    assert.equal(await browser.run("return location.hash"), "#/");
    await browser.run("document.querySelector('#scroller').focus()");
    await browser.press("?");
    await browser.says("#keys-dialog", "Search and commands");
    await picture(browser, "keys");
    await assertAccessible(browser, "keys");
    await browser.press(KEYS.escape);
    await browser.gone("#keys-dialog");
    await assertQuiet(browser);
  });
});

for (const [name, options] of [["wide", { width: 1440, height: 900 }], ["tablet-dark", { width: 768, height: 1024, dark: true }], ["narrow-vi", { width: 320, height: 640, language: "vi-VN" }], ["narrow-zh", { width: 320, height: 640, language: "zh-CN", dark: true }]]) {
  test(`${name}: an empty chat has the box in its middle, and starters`, async () => {
    await world.browse(options, async (browser) => {
      await open(browser);
      await picture(browser, `empty-${name}`);
      await assertAccessible(browser, name);
      const { box, height, wide } = await browser.run("return { box: document.querySelector('#composer').getBoundingClientRect().top, height: innerHeight, wide: document.documentElement.scrollWidth > innerWidth }");
      assert.equal(wide, false);
      if (options.width > 768) assert.ok(box > height * 0.3 && box < height * 0.6, `${box} of ${height}`);
      await browser.click("#starters button");
      assert.ok((await browser.run("return document.querySelector('#prompt').value")).length > 5);
      assert.equal(await browser.focused(), "prompt");
      await assertQuiet(browser);
    });
  });
}
