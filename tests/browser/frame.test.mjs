// What lies around the messages: the palette and the settings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GROWING, ask, assertAccessible, assertQuiet, chatId, open, send, server, world, write, written } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

const selected = (browser) => browser.text("#palette [aria-selected=true]");

/** Writes into the palette, and waits until its first entry says `text`. */
async function seek(browser, query, text) {
  await browser.press([KEYS.control, "k"]);
  await browser.shown("#palette");
  await browser.press(...query);
  await browser.until("return document.querySelector('#palette [aria-selected=true]')?.innerText.includes(arguments[0])", text);
}

for (const options of [{ width: 1440, height: 900 }, { width: 320, height: 640, dark: true, language: "zh-CN" }]) {
  test(`the palette finds chats and commands by keyboard alone (${options.width} px)`, async () => {
    const id = await server.newChat(`Train to Huế ${options.width}`);
    await world.browse(options, async (browser) => {
      await open(browser);
      await browser.until("return document.querySelector('#chats li')");
      await seek(browser, `hue ${options.width}`, "Train to Huế");
      await picture(browser, `palette-${options.width}`);
      await assertAccessible(browser, "palette");
      await browser.press(KEYS.enter);
      await browser.until("return location.hash.endsWith(arguments[0])", id);
      await browser.gone("#palette");
      await seek(browser, "", "");
      await browser.press(KEYS.down, KEYS.down, KEYS.up);
      assert.equal(await browser.count("#palette [aria-selected=true]"), 1);
      assert.equal(await browser.run("return document.activeElement.getAttribute('aria-activedescendant')"), await browser.run("return document.querySelector('#palette [aria-selected=true]').id"));
      await picture(browser, `palette-commands-${options.width}`);
      await assertAccessible(browser, "palette with commands");
      await browser.press(KEYS.escape);
      await browser.gone("#palette");
      await seek(browser, options.language ? "深色" : "dark", options.language ? "深色" : "Dark");
      await browser.press(KEYS.enter);
      assert.equal(await browser.run("return document.documentElement.dataset.theme"), "dark");
      await seek(browser, "plus", "Plus");
      await browser.press(KEYS.enter);
      assert.equal(await browser.run("return document.querySelector('#model').value"), "local-echo-plus");
      await seek(browser, "qqqq", "").catch(() => {});
      await browser.shown("#palette-none");
      await browser.press(KEYS.escape);
      await assertQuiet(browser);
    });
  });
}

test("the palette finds words in messages, and opens the message", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Where do pineapples grow?");
    const id = await chatId(browser);
    await browser.shown("#send");
    await browser.click("#new-chat");
    await browser.press([KEYS.control, "k"], ..."pineapples");
    await browser.until("return [...document.querySelectorAll('#palette mark')].some((mark) => mark.innerText.toLowerCase().includes('pineapple')) || document.querySelector('#palette small')");
    await picture(browser, "palette-messages");
    await browser.run("[...document.querySelectorAll('#palette [role=option]')].find((option) => option.querySelector('small')).click()");
    await browser.until("return location.hash.endsWith(arguments[0])", id);
    await browser.says(".bubble", "pineapples");
  });
});

test("settings: theme, text size and the key that sends are kept", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const set = (name, value) => browser.run("const s = document.querySelector(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change'))", `#preference-${name}`, value);
    const ground = "return getComputedStyle(document.body).backgroundColor";
    const light = await browser.run(ground);
    await browser.click("#open-more");
    await browser.click("#more-preferences");
    await browser.shown("#preferences");
    await set("theme", "dark");
    assert.notEqual(await browser.run(ground), light);
    await set("size", "huge");
    assert.equal(await browser.run("return getComputedStyle(document.body).fontSize"), "21px");
    await set("send", "ctrl");
    await picture(browser, "settings-dark-huge");
    await assertAccessible(browser, "settings");
    await browser.press(KEYS.escape);
    await browser.reload();
    await browser.shown("#model");
    assert.notEqual(await browser.run(ground), light);
    assert.equal(await browser.run("return getComputedStyle(document.body).fontSize"), "21px");
    await browser.says("#keys", "Ctrl+Enter sends");
    await browser.click("#prompt");
    await browser.press(..."one", KEYS.enter, ..."two");
    assert.equal(await written(browser), "one\ntwo");
    await browser.press([KEYS.control, KEYS.enter]);
    await browser.says(".bubble", "two");
    await assertQuiet(browser);
  });
});

test("settings hold until the page is reloaded when the storage is full or forbidden", async () => {
  await world.browse({ width: 320, height: 640, language: "vi-VN" }, async (browser) => {
    for (const broken of ["Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }", "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } })"]) {
      await browser.open("about:blank");
      const { identifier } = await browser.devtools("Page.addScriptToEvaluateOnNewDocument", { source: broken });
      await open(browser);
      await browser.run("const s = document.querySelector('#preference-theme'); s.value = 'dark'; s.dispatchEvent(new Event('change'))");
      assert.equal(await browser.run("return document.documentElement.dataset.theme"), "dark");
      await browser.run("const s = document.querySelector('#preference-send'); s.value = 'ctrl'; s.dispatchEvent(new Event('change'))");
      await write(browser, "");
      await browser.type("#prompt", `a${KEYS.enter}b`);
      assert.equal(await written(browser), "a\nb");
      await ask(browser, "Hello");
      await browser.run("document.querySelector('#more-preferences').click()");
      await picture(browser, "settings-vi");
      await browser.devtools("Page.removeScriptToEvaluateOnNewDocument", { identifier });
    }
    await assertQuiet(browser);
  });
});

test("the list of chats is resized by keyboard and mouse, and keeps its width", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const width = () => browser.run("return document.querySelector('#sidebar').offsetWidth");
    assert.equal(await width(), 280);
    await browser.run("document.querySelector('#resizer').focus()");
    await browser.press(KEYS.right, KEYS.right);
    assert.equal(await width(), 312);
    await browser.drag("#resizer", 60);
    const dragged = await width();
    assert.ok(Math.abs(dragged - 372) < 8, `${dragged}`);
    await browser.reload();
    await browser.shown("#model");
    assert.equal(await width(), dragged);
    await browser.drag("#resizer", -300);
    assert.equal(await width(), 200);
    await picture(browser, "sidebar-small");
    await assertAccessible(browser, "small list");
    await browser.run("document.querySelector('#resizer').dispatchEvent(new MouseEvent('dblclick'))");
    assert.equal(await width(), 280);
    await assertQuiet(browser);
  });
});

test("the title is changed in its place, and the menu of the chat is beside it", async () => {
  const id = await server.newChat("An old title");
  await world.browse({ width: 768, height: 700 }, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.until("return document.querySelector('[data-id] [aria-current]')");
    await browser.click("#title");
    await browser.shown("#title-input");
    await browser.press(...", changed");
    assert.equal(await browser.run("return document.querySelector('#title-input').value"), ", changed", "the whole title is selected");
    await browser.press(KEYS.escape);
    assert.equal(await browser.text("#title"), "An old title");
    await browser.click("#title");
    await browser.press(..."A new title", KEYS.enter);
    await browser.says("#title", "A new title");
    await browser.until("return document.querySelector('#chats').textContent.includes('A new title')");
    await browser.click("#chat-menu");
    await browser.shown("#menu-delete");
    await picture(browser, "header-menu");
    await assertAccessible(browser, "header menu");
    await browser.press(KEYS.escape);
    assert.ok((await server.titles()).includes("A new title"));
    await browser.run("document.querySelector('#new-chat').click()");
    await browser.gone("#chat-menu");
    await assertQuiet(browser);
  });
});

test("a chat that is left while its answer is written says so in the list, and then that it has one", async () => {
  const other = await server.newChat("Somewhere else");
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:120]] [[slow:40]] left alone");
    await browser.until(GROWING);
    const id = await chatId(browser);
    await browser.shown(`[data-id="${id}"] .row-state.writing`);
    await browser.run("location.hash = arguments[0]", `#/c/${other}`);
    await browser.shown(".empty");
    await browser.shown(`[data-id="${id}"] .row-state.writing`);
    await picture(browser, "writing");
    await browser.shown(`[data-id="${id}"] .row-state.news`);
    await picture(browser, "news");
    await assertAccessible(browser, "news");
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.until("return !document.querySelector('.row-state')");
    await assertQuiet(browser);
  });
});
