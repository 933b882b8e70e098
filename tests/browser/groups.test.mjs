// Deletions that are undone, groups of chats, and what the service would refuse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, assertAccessible, assertQuiet, ask, open, send, server, signIn, words, world, write, written } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

const remove = async (browser, id) => {
  await browser.click(`[data-id="${id}"] .row-menu`);
  await browser.click("#menu-delete");
  await browser.click("#delete-confirm");
};

const isThere = async (id) => (await server.call("GET", `/api/chats/${id}`)).success;

test("a deletion is undone within a few seconds, and performed after them", async () => {
  const [kept, gone] = [await server.newChat("Kept after all"), await server.newChat("Gone")];
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${kept}`);
    await browser.says(`[data-id="${kept}"]`, "Kept after all");
    await write(browser, "a draft");
    await remove(browser, kept);
    await browser.gone(`[data-id="${kept}"]`);
    await browser.shown("#toast-undo");
    await picture(browser, "undo");
    await assertAccessible(browser, "undo");
    assert.equal(await written(browser), "a draft");
    await browser.click("#toast-undo");
    await browser.says(`[data-id="${kept}"]`, "Kept after all");
    await browser.until("return location.hash.endsWith(arguments[0])", kept);
    await browser.gone("#toast");
    await remove(browser, gone);
    await browser.gone(`[data-id="${gone}"]`);
    assert.equal(await isThere(gone), true, "not yet");
    await browser.gone("#toast");
    while (await isThere(gone)) await browser.nextFrame();
    assert.equal(await isThere(kept), true);
    await assertQuiet(browser);
  });
});

test("an error message does not end the undo of another chat", async () => {
  const [kept, other] = [await server.newChat("Kept"), await server.newChat("Renamed elsewhere")];
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.shown(`[data-id="${other}"]`);
    await remove(browser, kept);
    await browser.shown("#toast-undo");
    await server.call("DELETE", `/api/chats/${other}`);
    await browser.click(`[data-id="${other}"] .row-menu`);
    await browser.click("#menu-pin");
    await browser.says("#told", "does not exist");
    await picture(browser, "undo-and-error");
    assert.equal(await browser.run("return document.querySelector('#toast').matches(':popover-open')"), true);
    await browser.click("#toast-undo");
    await browser.says(`[data-id="${kept}"]`, "Kept");
    assert.equal(await isThere(kept), true);
  });
});

test("several chats are selected by keyboard and mouse, deleted together, and undone", async () => {
  const own = await world.server();
  const ids = [];
  for (const title of ["One", "Two", "Three", "Four"]) ids.push(await own.newChat(title));
  const titles = "return [...document.querySelectorAll('#chats li')].map((row) => row.innerText.trim()).sort().join()";
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/`);
    await browser.click(`[data-id="${ids[0]}"] .row-menu`);
    await browser.click("#menu-select");
    await browser.says("#selection", "1 selected");
    assert.equal(await browser.focused(), "INPUT");
    await browser.press(" ");
    await browser.says("#selection", "0 selected");
    await browser.press(" ");
    await browser.click(`[data-id="${ids[2]}"] a`);
    await browser.says("#selection", "2 selected");
    assert.equal(await browser.run("return location.hash"), "#/");
    await picture(browser, "selection");
    await assertAccessible(browser, "selection");
    await browser.click("#selection-delete");
    await browser.says("#delete-title", "Delete 2 chats?");
    await browser.click("#delete-confirm");
    await browser.says("#toast", "2 chats deleted");
    assert.equal(await browser.run(titles), "Four,Two");
    await browser.click("#toast-undo");
    await browser.until(`return (() => { ${titles} })() === 'Four,One,Three,Two'`);
    assert.equal((await own.titles()).length, 4);
    await browser.click(`[data-id="${ids[1]}"] .row-menu`);
    await browser.click("#menu-select");
    await browser.press(KEYS.escape);
    await browser.gone("#selection");
    await assertQuiet(browser);
  });
});

test("a chat is moved to a project and out of it", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const id = (await bare.call("POST", "/api/chats", { title: "Train to Huế" }, token)).data.id;
  await upstream.post("projects/", { name: "Travel" });
  await world.browse({}, async (browser) => {
    const move = async (project) => {
      await browser.click(`[data-id="${id}"] .row-menu`);
      await browser.click("#menu-move");
      await browser.shown("#move-dialog");
      await browser.run("const m = document.querySelector('#move-input'); m.value = [...m.options].find((o) => o.text === arguments[0]).value", project);
      await assertAccessible(browser, "move");
      await browser.click("#move-form .primary");
      await browser.gone("#move-dialog");
    };
    await signIn(browser, bare, token);
    await browser.says("#chats", "Train");
    await move("Travel");
    await browser.says("#chats h2", "Travel");
    await picture(browser, "moved");
    await move("No project");
    await browser.says("#chats h2", "Today");
  });
});

test("leaving the page performs a deletion that waits", async () => {
  const id = await server.newChat("Left behind");
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.shown(`[data-id="${id}"]`);
    await remove(browser, id);
    await browser.shown("#toast-undo");
    await browser.open("about:blank");
    while (await isThere(id)) await browser.nextFrame();
  });
});

test("chats are pinned and archived, and projects are groups", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const make = async (title) => (await bare.call("POST", "/api/chats", { title }, token)).data.id;
  const [pinned, stored, travel] = [await make("To be pinned"), await make("To be archived"), await make("Train to Huế")];
  const project = (await (await upstream.post("projects/", { name: "Travel" })).json()).data.id;
  await upstream.post("projects/add_chat", { chat_ids: [travel], project_id: project });
  for (const options of [{}, { width: 375, height: 720, dark: true }]) {
    await world.browse(options, async (browser) => {
      await signIn(browser, bare, token);
      if (options.width) await browser.click("#open-sidebar");
      await browser.says("#chats", "Travel");
      if (!options.width) {
        await browser.click(`[data-id="${pinned}"] .row-menu`);
        await browser.click("#menu-pin");
        await browser.says("#chats h2", "Pinned");
        await browser.click(`[data-id="${stored}"] .row-menu`);
        await browser.click("#menu-archive");
        await browser.gone(`[data-id="${stored}"]`);
      }
      const groups = await browser.run("return [...document.querySelectorAll('#chats h2')].map((h) => h.innerText)");
      assert.deepEqual(groups, ["Pinned", "Travel"]);
      assert.equal(await browser.count(`[data-id="${stored}"]`), 0, "closed");
      await browser.click(".archive");
      await browser.shown(`[data-id="${stored}"]`);
      assert.equal(await browser.focused(), "archive");
      await picture(browser, `groups${options.width ? "-phone" : ""}`);
      await assertAccessible(browser, "groups");
    });
  }
  assert.equal((await bare.call("GET", "/api/chats?archived=true", undefined, token)).data[0].id, stored);
});

test("a long message is mentioned while it is written, and a longer one is kept back", async () => {
  await world.browse({ width: 375, height: 720 }, async (browser) => {
    await open(browser);
    await write(browser, "short");
    assert.equal(await browser.run("return document.querySelector('#hint').hidden"), true);
    await write(browser, "word ".repeat(24_000));
    await browser.says("#hint", "118 KB");
    await browser.says("#hint", "180 KB");
    await write(browser, "word ".repeat(40_000));
    await browser.says("#hint", "196 KB");
    await picture(browser, "too-large");
    await browser.click("#send");
    await browser.nextFrame();
    assert.equal(await browser.count(".bubble"), 0);
    assert.equal((await written(browser)).length, 200_000);
    await browser.reload();
    await browser.shown("#model");
    assert.equal((await written(browser)).length, 200_000, "long drafts are kept, too");
    await write(browser, "");
  });
});

test("a quota that is used up is remembered at the box until its time, and can be tried anyway", async () => {
  for (const dark of [false, true]) {
    const { server: bare, token } = await world.serverWithoutToken();
    await world.browse({ dark }, async (browser) => {
      await signIn(browser, bare, token);
      await send(browser, "[[fault:F32]] q");
      await browser.shown('.failure[data-code="rate_limited"]');
      await browser.click("#new-chat");
      await browser.says("#hint", "used up until");
      await write(browser, "Still here");
      await browser.press(KEYS.enter);
      await browser.nextFrame();
      assert.equal(await written(browser), "Still here");
      await picture(browser, `quota${dark ? "-dark" : ""}`);
      await assertAccessible(browser, "quota");
      await browser.reload();
      await browser.says("#hint", "used up until");
      await browser.click("#hint-act");
      await browser.shown(FINISHED);
      assert.ok((await words(browser)) > 0);
      await browser.gone("#hint");
    });
  }
});

test("a token of the page is asked for once before its end, and the draft stays", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken("--no-server-token");
  const short = await upstream.token(60);
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, short);
    await write(browser, "half a thought");
    await browser.says("#notice", "expires");
    assert.notEqual(await browser.focused(), "notice-act");
    await picture(browser, "token-ends");
    await assertAccessible(browser, "notice");
    await browser.click("#notice-close");
    await browser.run("dispatchEvent(new Event('focus'))");
    await browser.nextFrame();
    await browser.gone("#notice");
    await browser.click("#open-token");
    await browser.run("document.querySelector('#token-input').value = arguments[0]", JSON.stringify({ version: 1, token, expiresAt: 1 }));
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    assert.equal(await written(browser), "half a thought");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), token);
    await ask(browser, "Hello");
  });
});
