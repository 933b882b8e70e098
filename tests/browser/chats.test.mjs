// The token, and the list of chats.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, assertAccessible, assertQuiet, open, server, signIn, world } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

test("first visit: a token is requested, refused, accepted, saved, and sent only to the server", async () => {
  const { server: bare, token } = await world.serverWithoutToken("--no-server-token");
  const [head, payload] = token.split(".");
  await world.browse({}, async (browser) => {
    await browser.open(`${bare.url}/`);
    await browser.shown("#token-dialog");
    await picture(browser, "token");
    await assertAccessible(browser, "token dialog");
    for (const [pasted, words] of [
      ["hello", "three parts"],
      [`${token.slice(0, 30)}…`, "cut short"],
      [`${head}.AAAA.sig`, "cannot be read"],
      [`${head}.${payload}.AAAA`, "does not accept"],
    ]) {
      await browser.run("document.querySelector('#token-input').value = ''");
      await browser.type("#token-input", pasted);
      await browser.click("#token-save");
      await browser.says("#token-problem", words);
    }
    const shownAs = () => browser.run("return getComputedStyle(document.querySelector('#token-input')).webkitTextSecurity");
    assert.equal(await shownAs(), "disc");
    await browser.click("#token-show");
    assert.equal(await shownAs(), "none");
    await browser.click("#token-show");
    await picture(browser, "token-refused");
    await browser.run("document.querySelector('#token-input').value = arguments[0]", ` "Bearer\u200b ${token}"\n`);
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    await browser.shown("#model");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), token);
    await browser.reload();
    await browser.shown("#model");
    assert.equal(await browser.count("dialog[open]"), 0);
    await browser.type("#prompt", `Hello${KEYS.enter}`);
    await browser.shown(FINISHED);
    assert.ok(!(await browser.run("return location.href")).includes(payload));
    await browser.click("#open-token");
    await browser.click("#token-forget");
    await browser.shown("#token-dialog");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), null);
  });
});

test("chats are renamed, and deleted after a confirmation", async () => {
  const id = await server.newChat("Old name");
  await server.newChat("Another one");
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.says(`[data-id="${id}"]`, "Old name");
    await browser.shown(".empty");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await picture(browser, "menu");
    await browser.click("#menu-rename");
    await browser.run("document.querySelector('#rename-input').value = arguments[0]", "<img src=x onerror=window.hacked=1>");
    await browser.press(KEYS.enter);
    await browser.says("#title", "<img src=x");
    await browser.says(`[data-id="${id}"]`, "<img src=x");
    assert.equal((await server.call("GET", `/api/chats/${id}`)).data.title, "<img src=x onerror=window.hacked=1>");
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.says("#delete-name", "<img src=x");
    await picture(browser, "delete");
    await assertAccessible(browser, "delete dialog");
    await browser.click("#delete-cancel");
    assert.equal((await server.call("GET", `/api/chats/${id}`)).success, true);
    await browser.click(`[data-id="${id}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.click("#delete-confirm");
    await browser.gone(`[data-id="${id}"]`);
    await browser.shown(".empty");
    while ((await server.call("GET", `/api/chats/${id}`)).success) await browser.nextFrame();
    assert.equal(await browser.run("return window.hacked"), null);
    await assertQuiet(browser);
  });
});

test("rows that have not changed stay when the list is read again", async () => {
  const quiet = await world.server();
  const ids = [await quiet.newChat("One"), await quiet.newChat("Two")];
  await world.browse({}, async (browser) => {
    await browser.open(`${quiet.url}/#/`);
    await browser.says("#chats", "One");
    await browser.run("for (const row of document.querySelectorAll('#chats li')) row.dataset.seen = 'yes'");
    await quiet.call("PATCH", `/api/chats/${ids[1]}`, { title: "Three" });
    await browser.run("const now = Date.now; Date.now = () => now() + 3000; dispatchEvent(new Event('focus'))");
    await browser.says("#chats", "Three");
    assert.deepEqual(await browser.run("return [...document.querySelectorAll('#chats li[data-seen]')].map((row) => row.innerText.trim())"), ["One"]);
  });
});

test("the list loads more when scrolled, and is filtered", async () => {
  const full = await world.server();
  for (let n = 1; n <= 130; n += 1) await full.newChat(`Chat ${n}`);
  const special = await full.newChat("Đường đến Huế");
  await world.browse({}, async (browser) => {
    await browser.open(`${full.url}/#/`);
    await browser.shown(`[data-id="${special}"]`);
    await browser.until(
      "const c = document.querySelector('#chats'); c.scrollTop = c.scrollHeight; return c.querySelectorAll('li').length === 131",
    );
    await browser.type("#filter", "duong hue");
    await browser.until("return document.querySelectorAll('#chats li').length === 1");
    await browser.says("#chats li", "Đường đến Huế");
    await picture(browser, "filter");
    await browser.run("const f = document.querySelector('#filter'); f.value = 'nothing like it'; f.dispatchEvent(new Event('input'))");
    await browser.says("#chats", "No chat matches");
  });
});

test("pinned chats come first", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const make = async (title) => (await bare.call("POST", "/api/chats", { title }, token)).data.id;
  const old = await make("Old and pinned");
  for (let n = 1; n <= 3; n += 1) await make(`Newer ${n}`);
  await upstream.pin(old);
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token);
    await browser.says("#chats", "Old and pinned");
    const { group, first } = await browser.run(
      "return { group: document.querySelector('#chats h2').innerText, first: document.querySelector('#chats li').dataset.id }",
    );
    assert.deepEqual([group, first], ["Pinned", old]);
    await picture(browser, "pinned");
  });
});

test("a list left open overnight is regrouped by the new day", async () => {
  const quiet = await world.server();
  await quiet.newChat("Of yesterday");
  await world.browse({}, async (browser) => {
    await browser.open(`${quiet.url}/#/`);
    await browser.says("#chats", "Of yesterday");
    await browser.says("#chats h2", "Today");
    await browser.run("const now = Date.now; Date.now = () => now() + 86_400_000; document.dispatchEvent(new Event('visibilitychange'))");
    await browser.says("#chats h2", "Last 7 days");
  });
});
