// Failures: what the page shows, and what the user can do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, ask, assertAccessible, open, send, signIn, world } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

test("a busy chat is reported; retry works once it is free", async () => {
  const hasty = await world.server("--chat-wait", "100ms");
  const id = await hasty.newChat("Busy");
  await world.browse({}, async (browser) => {
    await browser.open(`${hasty.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    const answer = await hasty.startAnswer(id, "[[lorem:5000]] [[slow:30]]");
    await send(browser, "Me, too");
    await browser.shown('.failure[data-code="chat_in_progress"]');
    await browser.says(".failure", "still answering");
    await picture(browser, "error-busy");
    await hasty.stop(id);
    await answer.whole();
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    await browser.says(".answer:last-child .text", "Me, too");
  });
});

test("a short rate limit counts down, then retry works", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run(`
      const real = fetch;
      globalThis.fetch = (path, request) => {
        if (!path.endsWith("/send")) return real(path, request);
        globalThis.fetch = real;
        const document = { success: false, error: "too many requests", code: "rate_limited", retry_after: 3 };
        return Promise.resolve(Response.json(document, { status: 429 }));
      };`);
    await send(browser, "Hello");
    await browser.shown(".failure .retry:disabled");
    await browser.says(".failure .retry", "Try again in");
    const seconds = /(\d+) s/.exec(await browser.text(".failure .retry"))[1];
    await browser.until("return Number(/(\\d+) s/.exec(document.querySelector('.failure .retry').innerText)?.[1] ?? 0) < arguments[0]", Number(seconds));
    await browser.shown(".failure .retry:enabled");
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    assert.equal(await browser.count(".failure"), 0);
  });
});

test("the browser check links to the site in another tab", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[fault:F39]] Hello");
    const link = await browser.until("const a = document.querySelector('.failure a.button'); return a && [a.href, a.target, a.rel]");
    assert.deepEqual(link, ["https://chat.qwen.ai/", "_blank", "noopener noreferrer"]);
    await browser.shown(".failure .retry:enabled");
  });
});

for (const [fault, code, words, button] of [
  ["F39", "browser_check", "Qwen wants to see a person", 'a[href="https://chat.qwen.ai/"]'],
  ["F32", "rate_limited", "The quota is used up", ".retry:disabled"],
  ["F37", "context_too_long", "too long", null],
  ["F64", "upstream_unreachable", "", ".retry"],
]) {
  test(`${fault} is shown as ${code} with a remedy`, async () => {
    await world.browse({}, async (browser) => {
      await open(browser);
      await send(browser, `[[fault:${fault}]] Hello`);
      await browser.shown(".answer .failure");
      const shown = await browser.run("return document.querySelector('.failure').dataset.code");
      if (fault !== "F64") assert.equal(shown, code);
      await browser.says(".failure", words);
      if (button) await browser.shown(`.failure ${button}`);
      if (fault === "F32") assert.match(await browser.text(".failure .retry"), /\d+:\d\d:\d\d/);
      await picture(browser, `error-${fault}`);
      await assertAccessible(browser, fault);
    });
  });
}

test("an expired token opens the token dialog", async () => {
  const { server: bare, token } = await world.serverWithoutToken();
  await world.browse({}, async (browser) => {
    await signIn(browser, bare, token);
    await browser.type("#prompt", `[[fault:F1]] Hello${KEYS.enter}`);
    await browser.shown("#token-dialog");
    await browser.says("#token-reason", "not valid any more");
    await picture(browser, "error-token");
    await browser.press(KEYS.escape);
    await browser.shown(".failure .button");
  });
});

test("an unreachable server is reported; retry works once it is back", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.devtools("Network.enable");
    await browser.devtools("Network.emulateNetworkConditions", { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await send(browser, "Hello");
    await browser.says(".failure", "cannot be reached");
    await browser.devtools("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await browser.click(".failure .retry");
    await browser.shown(FINISHED);
    assert.equal(await browser.count(".prompt"), 1);
  });
});

test("a message that is too long for the server is reported and can be edited", async () => {
  const small = await world.server("--max-body", "1000");
  await world.browse({}, async (browser) => {
    await browser.open(`${small.url}/`);
    await browser.shown("#model");
    await send(browser, "word ".repeat(200));
    await browser.says(".failure", "too long");
    await browser.says(".failure .detail", "1000 bytes");
    assert.doesNotMatch(await browser.text(".failure"), /--max-body/, "a hint for the operator of the server");
    assert.equal(await browser.count(".failure .retry"), 0);
    await browser.run("document.querySelector('.prompt .edit').click()");
    assert.equal(await browser.run("return document.querySelector('#prompt').value.length"), 1000);
    await ask(browser, "Shorter");
    await browser.says(".answer .text", "Shorter");
  });
});

test("after a used-up quota another model can be used at once", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[fault:F33]] Hello");
    await browser.shown(".failure .retry:disabled");
    const choose = "const m = document.querySelector('#model'); m.value = arguments[0]; m.dispatchEvent(new Event('change', { bubbles: true }))";
    assert.equal((await modelListeners(browser)), 2, "the page's own, and that of the box");
    await browser.run(choose, "local-echo-plus");
    await browser.shown(".failure .retry:enabled");
    assert.equal(await modelListeners(browser), 1);
    await browser.click(".failure .retry");
    await browser.shown(".failure .retry:disabled");
    assert.equal(await modelListeners(browser), 2);
    await browser.click("#new-chat");
    await browser.shown(".empty");
    for (const end = Date.now() + 5_000; (await modelListeners(browser)) > 1 && Date.now() < end; ) await browser.nextFrame();
    assert.equal(await modelListeners(browser), 1, "a box that is gone listens no more");
  });
});

test("the server's own limit applies to every model", async () => {
  const strict = await world.server("--rate-limit-send", "1 per hour");
  await world.browse({}, async (browser) => {
    await browser.open(`${strict.url}/`);
    await browser.shown("#model");
    await ask(browser, "The only one");
    await send(browser, "One too many");
    await browser.shown(".failure .retry:disabled");
    assert.equal(await modelListeners(browser), 1);
  });
});

test("no hint for a command line is shown; the page offers what helps", async () => {
  await world.browse({}, async (browser) => {
    await open(browser, "#/c/doesnotexist");
    await browser.says(".failure", "does not exist");
    assert.doesNotMatch(await browser.text(".failure"), /qwenctl/);
    await browser.click(".failure .button:last-child");
    assert.equal(await browser.focused(), "filter");
    await browser.click(".failure .button");
    await browser.shown(".empty");
    const prompts = ["[[fault:F22]] q", "[[fault:F37]] q", "[[fault:F39]] q"];
    for (const prompt of prompts) {
      await send(browser, prompt);
      await browser.shown(".failure");
      await browser.shown("#send");
      assert.doesNotMatch(await browser.text(".failure"), /qwenctl|QWEN_/, prompt);
      if (prompt.includes("F37")) {
        await browser.says(".failure .button", "Choose another model");
        await browser.click(".failure .button");
        await browser.until("return document.querySelector('#model').matches(':open')");
        await picture(browser, "models");
        await browser.press(KEYS.escape);
      }
      await browser.click("#new-chat");
    }
  });
});

/** The number of parts of the page that offer another model. */
async function modelListeners(browser) {
  const { result } = await browser.devtools("Runtime.evaluate", { expression: "document.querySelector('#model')" });
  const { listeners } = await browser.devtools("DOMDebugger.getEventListeners", { objectId: result.objectId });
  return listeners.filter(({ type }) => type === "change").length;
}
