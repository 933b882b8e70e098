// Answers that continue without the page, or that another client requested.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, GROWING, ask, assertAccessible, chatId, open, send, server, shownPrompts, signIn, words, world } from "./pages.mjs";
import { picture } from "./world.mjs";

test("an answer survives a reload and is followed to its end", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:150]] [[slow:40]] keep me");
    await browser.until(GROWING);
    await browser.reload();
    await browser.says(".bubble", "keep me");
    await browser.shown('[data-state="in_progress"]');
    await browser.says(".waiting", "still writing");
    await browser.shown("#stop");
    assert.equal(await browser.run("return document.querySelector('#send').hidden"), true, "the composer waits");
    await picture(browser, "followed");
    await assertAccessible(browser, "followed");
    await browser.shown(FINISHED);
    assert.equal(await words(browser), 150);
    await browser.shown("#send");
    await ask(browser, "And then?", 2);
    assert.equal(await browser.count(".prompt"), 2);
  });
});

test("an answer continues while another chat is shown", async () => {
  const other = await server.newChat("Another chat");
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:80]] [[slow:40]]");
    await browser.until(GROWING);
    const id = await chatId(browser);
    await browser.run("location.hash = arguments[0]", `#/c/${other}`);
    await browser.shown(".empty");
    await browser.shown("#send");
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.shown(FINISHED);
    assert.equal(await words(browser), 80);
  });
});

test("an answer can be stopped after a reload", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until(GROWING);
    await browser.reload();
    await browser.shown('[data-state="in_progress"]');
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.shown("#send");
    assert.equal((await server.messages(await chatId(browser))).at(-1).state, "stopped");
    await ask(browser, "And now?");
  });
});

test("a page reloaded before the account has the prompt shows it", async () => {
  const busy = await world.server("--chat-wait", "60s");
  const id = await busy.newChat("In line");
  await world.browse({}, async (browser) => {
    await browser.open(`${busy.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    const first = await busy.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "I come next");
    await browser.shown('[data-state="waiting"]');
    await browser.until("return sessionStorage.getItem('qwen_underway')");
    await browser.reload();
    await browser.shown('[data-state="in_progress"]');
    assert.deepEqual(await busy.stop(id), { success: true, stopped: true });
    await first.whole();
  });
});

test("an answer requested elsewhere is followed until it is done", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    const id = await server.newChat("Elsewhere");
    const answer = await server.startAnswer(id, "[[lorem:120]] [[slow:60]]");
    const whole = answer.whole();
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.shown('[data-state="in_progress"]');
    await browser.says(".waiting", "still writing");
    await whole;
    await browser.shown(FINISHED);
    const words = (await browser.text(".text")).split(/\s+/).filter(Boolean);
    assert.equal(words.length, 120);
  });
});

test("an answer requested elsewhere is not stopped, and the page says so", async () => {
  const { server: bare, token, upstream } = await world.serverWithoutToken();
  const id = (await bare.call("POST", "/api/chats", {}, token)).data.id;
  const response = await upstream.completion(id, "[[lorem:5000]] [[slow:30]]");
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token, `#/c/${id}`);
    await browser.shown('[data-state="in_progress"]');
    await browser.click("#stop");
    await browser.says(".waiting", "not written through this server");
    await browser.shown('[data-state="in_progress"]');
  });
  await response.body.cancel();
});

test("returning to the page shows prompts from elsewhere and changes nothing else", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "From here");
    const id = await chatId(browser);
    await browser.run("document.querySelector('.answer').dataset.seen = 'yes'");
    const before = "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('tree=true')).length";
    const reads = await browser.run(before);
    await comeBack(browser);
    await browser.until(`${before} > arguments[0]`, reads);
    await browser.nextFrame();
    assert.equal(await browser.count('.answer[data-seen="yes"]'), 1);
    const elsewhere = await server.call("POST", "/api/chat/send", { chat_id: id, message: "From there" });
    assert.ok(elsewhere.success);
    await browser.run("document.querySelector('#model').value = 'local-echo-plus'");
    await server.call("PATCH", `/api/chats/${id}`, { title: "Named there" });
    await comeBack(browser);
    await browser.until("return document.querySelectorAll('.answer').length === 2");
    await browser.says(".prompt:nth-last-child(2)", "From there");
    await browser.says("#title", "Named there");
    assert.equal(await browser.run("return document.querySelector('#model').value"), "local-echo-plus", "the person's choice stays");
  });
});

test("the scroll position stays when messages arrive from elsewhere", async () => {
  await world.browse({ height: 400 }, async (browser) => {
    await open(browser);
    await ask(browser, "[[lorem:300]]");
    const id = await chatId(browser);
    const top = "return document.querySelector('#scroller').scrollTop";
    await browser.run("document.querySelector('#scroller').scrollTop = 100");
    await browser.shown("#jump");
    assert.ok((await server.call("POST", "/api/chat/send", { chat_id: id, message: "From there" })).success);
    await comeBack(browser);
    await browser.until("return document.querySelectorAll('.answer').length === 2");
    await browser.nextFrame();
    assert.equal(await browser.run(top), 100);
    await browser.shown("#jump");
  });
});

test("a prompt stopped before the account had it survives returning to the page", async () => {
  const busy = await world.server("--chat-wait", "60s");
  const id = await busy.newChat("In line");
  await world.browse({}, async (browser) => {
    await browser.open(`${busy.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    const first = await busy.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "Never mind");
    await browser.shown('[data-state="waiting"]');
    await browser.click("#stop");
    await browser.shown('[data-state="stopped"]');
    await browser.shown("#send");
    assert.deepEqual(await busy.stop(id), { success: true, stopped: true }, "the answer before it went on");
    await first.whole();
    await busy.call("PATCH", `/api/chats/${id}`, { title: "Read again" });
    await comeBack(browser);
    await browser.says("#title", "Read again");
    assert.deepEqual(await shownPrompts(browser), ["Never mind"]);
  });
});

test("shown messages stay when reloading fails", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Still here");
    const id = await chatId(browser);
    const answer = await server.startAnswer(id, "[[lorem:5000]] [[slow:30]] From there");
    await browser.run(`
      const real = fetch;
      let reads = 0;
      globalThis.fetch = (path, request) => {
        if (!path.includes("tree=true") || (reads += 1) === 1) return real(path, request);
        const document = { success: false, error: "it broke", code: "internal" };
        return Promise.resolve(Response.json(document, { status: 500 }));
      };`);
    await comeBack(browser);
    await browser.shown('.failure[data-code="silent"]');
    assert.deepEqual(await shownPrompts(browser), ["Still here", "[[lorem:5000]] [[slow:30]] From there"]);
    await browser.shown("#send");
    await server.stop(id);
    await answer.whole();
  });
});

/** The user returns to the page after a while. */
const comeBack = (browser) =>
  browser.run("const now = Date.now; Date.now = () => now() + 60_000; document.dispatchEvent(new Event('visibilitychange'))");
