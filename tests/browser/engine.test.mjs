// An engine behind the local upstream: what the page says about it, and what it shows of its answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, ask, assertAccessible, send, world } from "./pages.mjs";
import { picture } from "./world.mjs";

async function* slowly(...pieces) {
  for (const piece of pieces) {
    yield piece;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

test("the page names the engine and its model", async () => {
  const engine = await world.engine("demo-1", (prompt) => slowly("Whole ", "answer to ", prompt));
  const host = new URL(engine).host;
  const served = await world.server("--engine", engine);
  await world.browse({}, async (browser) => {
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await browser.says(".empty", `Answers come from demo-1 at ${host}`);
    await browser.says("#account", host);
    assert.doesNotMatch(await browser.text("body"), /made up/);
    await picture(browser, "engine");
    await assertAccessible(browser, "engine");
    await ask(browser, "Hello");
    await browser.says(".answer .text", "Whole answer to Hello");
  });
  assert.equal((await served.call("GET", "/api/session")).data.engine, host);
});

test("a new chat is called by its first words at once", async () => {
  const engine = await world.engine("demo-1", () => slowly(..."a slow answer with many pieces".split(" ")));
  const served = await world.server("--engine", engine);
  await world.browse({}, async (browser) => {
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await send(browser, "How do whales sleep?");
    await browser.shown('[data-state="growing"]');
    assert.equal(await browser.text("#title"), "How do whales sleep?");
    assert.equal((await browser.text("#chats li")).trim(), "How do whales sleep?");
    assert.match(await browser.run("return document.title"), /^How do whales sleep\?/);
    await browser.shown(FINISHED);
  });
});

test("requests that come too fast are tried again by the page", async () => {
  const engine = await world.engine("demo-1", () => slowly("Now it works"));
  const served = await world.server("--engine", engine);
  await world.browse({}, async (browser) => {
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await browser.run(`
      const real = fetch;
      globalThis.fetch = (path, request) => {
        if (!path.endsWith("/send")) return real(path, request);
        globalThis.fetch = real;
        const document = { success: false, error: "the upstream is throttling requests: please slow down", code: "rate_limited" };
        return Promise.resolve(Response.json(document, { status: 429 }));
      };`);
    await send(browser, "Hello");
    await browser.says(".failure", "Too fast");
    await browser.says(".failure", "Trying again in 5 s");
    assert.doesNotMatch(await browser.text(".failure"), /quota/i);
    await picture(browser, "throttled");
    await browser.shown(FINISHED);
    await browser.says(".answer .text", "Now it works");
    assert.equal(await browser.count(".prompt"), 1);
  });
});

test("an older message that came too fast is not tried again by itself", async () => {
  await world.browse({}, async (browser) => {
    const served = await world.server();
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await send(browser, "[[fault:F63]] too fast");
    await browser.says(".failure .retry", "Trying again in");
    await ask(browser, "Another message");
    await browser.until("return document.querySelector('.failure .retry').innerText === 'Try again'");
  });
});

test("a copied answer and a shown one hold no marks of sources that do not exist", async () => {
  await world.browse({}, async (browser) => {
    const served = await world.server();
    await browser.open(`${served.url}/`);
    await browser.shown("#model");
    await ask(browser, "[[fault:F72]] q");
    assert.equal(await browser.text(".answer .text"), "fact end");
    await browser.devtools("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    await browser.click("#new-chat");
    await browser.click("#search");
    await ask(browser, "What is new?");
    await browser.says(".text a.cite", "1");
    await browser.click(".answer .tools .copy");
    await browser.until("return document.querySelector('.answer .tools .copy').innerText.trim() === 'Copied'");
    const copied = await browser.runAsync("const done = arguments[0]; navigator.clipboard.readText().then(done, (e) => done(String(e)))");
    assert.doesNotMatch(copied, /\[\[/);
    assert.match(copied, /\[1\]/);
    assert.match(copied, /\n\n\[1\] Page 1.* — https:\/\//);
    await browser.until("return document.querySelector('.answer .tools .copy').innerText.trim() === 'Copy message'");
  });
});
