// From a fresh home to an answer by the page alone, with a pasted cookie line, and what happens to the token then.

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FINISHED, assertAccessible, ask, send, world, written, write } from "./pages.mjs";
import { picture, Server } from "./world.mjs";

/** An account of the local upstream, and a server with a fresh home that can be started again. */
async function fresh(...flags) {
  const { data } = await world.program(["local", "--port", "0", "--print-token"]);
  const HOME = await mkdtemp(join(world.home, "fresh-"));
  const variables = { HOME, QWEN_API_URL: data.api_url, QWEN_AUTH_URL: data.auth_url };
  const admin = new URL(data.api_url).origin;
  const post = async (path, body) => {
    const response = await fetch(`${admin}/__local/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return response.json();
  };
  const start = async () => {
    const { url, pid } = await world.program(["serve", "--port", "0", "--drain", "1s", ...flags], variables);
    return Object.assign(new Server(url), { pid });
  };
  const count = async (path) => (await (await fetch(`${admin}/__local/requests`)).json()).filter((request) => request.path === path).length;
  return { start, tokens: (seconds) => post("tokens", { form: "short", expires_in: seconds }), later: (seconds) => post("clock", { advance: seconds }), count };
}

const jar = ({ token, refresh_token }) => `cna=abc; token=${token}; refresh_token=${refresh_token}; x=y`;

const paste = (browser, text) => browser.run("document.querySelector('#token-input').value = arguments[0]", text);

test("a cookie line pasted into the page signs the server in for good", async () => {
  const account = await fresh();
  const server = await account.start();
  const tokens = await account.tokens(900);
  await world.browse({}, async (browser) => {
    await browser.open(`${server.url}/`);
    await browser.shown("#token-dialog");
    await browser.says("#token-keeps", "refreshes it by itself");
    await picture(browser, "sign-in");
    await assertAccessible(browser, "sign-in");
    await paste(browser, "token=eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln");
    await browser.click("#token-save");
    await browser.says("#token-problem", "expired");
    await paste(browser, `Cookie: ${jar(tokens)}`);
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    await browser.shown("#model");
    assert.equal(await browser.run("return localStorage.getItem('qwen_token')"), null, "the page keeps nothing");
    assert.ok(!(await browser.run("return JSON.stringify({ ...localStorage, ...sessionStorage })")).includes(tokens.token));
    await ask(browser, "Hello");
    await browser.says("#account", "Server");

    // An hour later the token has expired long since, and so has the next.
    for (const round of [2, 3]) {
      assert.equal((await account.later(3_600)).error, undefined);
      await ask(browser, `Still there, round ${round}?`, round);
      assert.equal(await browser.count("dialog[open], .failure"), 0);
    }
  });

  // A restart finds it again.
  process.kill(server.pid, "SIGTERM");
  const again = await account.start();
  assert.equal((await again.call("GET", "/api/session")).data.server_token, true);
  assert.equal((await again.call("GET", "/api/chats")).success, true);
});

test("the sign-in form fits a phone, and speaks to its reader", async () => {
  const account = await fresh();
  const server = await account.start();
  for (const [language, words] of [["vi-VN", "Nhấn F12"], ["zh-CN", "按 F12"]]) {
    await world.browse({ width: 375, height: 720, language, dark: language === "zh-CN" }, async (browser) => {
      await browser.open(`${server.url}/`);
      await browser.says("#token-dialog", words);
      await picture(browser, `sign-in-${language}`);
      await paste(browser, "hello");
      await browser.click("#token-save");
      await browser.until("return document.querySelector('#token-problem').innerText !== ''");
      assert.doesNotMatch(await browser.text("#token-problem"), /the pasted text|access token/);
    });
  }
});

test("the server's token is removed on the page, and one that ended is mentioned", async () => {
  const account = await fresh();
  const server = await account.start();
  const { token, expires_at } = await account.tokens(14);
  await world.browse({}, async (browser) => {
    await browser.open(`${server.url}/`);
    await browser.shown("#token-dialog");
    await paste(browser, token);
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    await browser.shown("#model");
    await write(browser, "kept words");
    await browser.until("return Date.now() > arguments[0]", (expires_at + 1) * 1000);
    await browser.run("const now = Date.now; Date.now = () => now() + 3000; dispatchEvent(new Event('focus'))");
    await browser.says("#notice", "expired");
    await picture(browser, "server-token-ended");
    assert.equal(await written(browser), "kept words");
    await browser.click("#notice-act");
    await paste(browser, jar(await account.tokens(900)));
    await browser.click("#token-save");
    await browser.gone("#token-dialog");
    await browser.gone("#notice");
    assert.equal(await written(browser), "kept words");
    await send(browser, "Hello");
    await browser.shown(FINISHED);
    await browser.click("#open-token");
    await browser.says("#token-forget", "Remove");
    await browser.click("#token-forget");
    while ((await server.call("GET", "/api/session")).data.server_token) await browser.nextFrame();
    await browser.gone("#token-forget");
    await browser.shown("#token-dialog");
  });
});
