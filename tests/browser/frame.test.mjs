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

test("a lost server is noticed before something is sent, and found again", async () => {
  const mortal = await world.mortalServer();
  await world.browse({}, async (browser) => {
    const source = "const every = setInterval; globalThis.setInterval = (work, time) => every(work, time >= 30_000 ? 200 : time)";
    await browser.devtools("Page.addScriptToEvaluateOnNewDocument", { source });
    await browser.open(`${mortal.url}/`);
    await browser.shown("#model");
    await mortal.kill();
    await browser.shown("#connection");
    await picture(browser, "server-lost");
    await mortal.restart();
    await browser.gone("#connection");
    await ask(browser, "There again");
  });
});

test("on paper there is the conversation alone, and all of it", async () => {
  await world.browse({ dark: true }, async (browser) => {
    await open(browser);
    await ask(browser, "A question for paper\n\n```rust\nlet words = \"long enough to be wider than a page of paper could ever be, and so on, and on\";\n```");
    await browser.devtools("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: "dark" }] });
    await browser.gone("#composer");
    await browser.gone("#sidebar");
    await browser.gone(".answer .tools");
    const { colour, overflow } = await browser.run("return { colour: getComputedStyle(document.querySelector('.bubble')).color, overflow: getComputedStyle(document.body).overflow }");
    assert.ok(colour.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 100), `dark ink: ${colour}`);
    assert.equal(overflow, "visible");
    await picture(browser, "print");
    const { data } = await browser.devtools("Page.printToPDF", {});
    assert.ok(data.length > 5_000);
    await assertQuiet(browser);
  });
});

test("the page can be installed: a manifest with icons, and nothing that keeps chats", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const manifest = await browser.runAsync("const done = arguments[0]; fetch(document.querySelector('link[rel=manifest]').href).then(async (r) => done({ type: r.headers.get('content-type'), ...(await r.json()) }))");
    assert.deepEqual([manifest.type, manifest.start_url, manifest.display], ["application/manifest+json", "/", "standalone"]);
    for (const { src } of manifest.icons) {
      const found = await browser.runAsync("const [src, done] = arguments; fetch(new URL(src, document.querySelector('link[rel=manifest]').href)).then((r) => done(r.headers.get('content-type')))", src);
      assert.equal(found, "image/svg+xml", src);
    }
    const { errors, url } = await browser.devtools("Page.getAppManifest");
    assert.deepEqual(errors, []);
    assert.ok(url.endsWith("/manifest.json"));
    assert.equal(await browser.runAsync("const done = arguments[0]; navigator.serviceWorker.getRegistrations().then((all) => done(all.length))"), 0);
    await assertQuiet(browser);
  });
});
