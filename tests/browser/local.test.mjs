// Pages that try to use the local upstream: it serves programs, never a browser's page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LISTEN, pageWith, world } from "./pages.mjs";
import { portsOf } from "./world.mjs";

const REBOUND = "rebound.example";

/** Sends what a page can send: simple requests, a form, and requests that need the upstream's consent. */
function attack(origin) {
  return `
    const origin = ${JSON.stringify(origin)};
    const fault = '{"fault":"F33"}';
    const plain = { "Content-Type": "text/plain" }, json = { "Content-Type": "application/json" };
    const requests = [
      ["/__local/", { mode: "no-cors" }],
      ["/__local/wait?for=requests", { mode: "no-cors" }],
      ["/api/models", {}],
      ["/__local/faults", { method: "POST", mode: "no-cors", body: fault }],
      ["/__local/faults", { method: "POST", headers: plain, body: fault }],
      ["/__local/faults", { method: "POST", headers: json, body: fault }],
      ["/__local/tokens", { method: "POST", headers: json, body: "{}" }],
      ["/api/v2/chats/", { method: "DELETE" }],
    ];
    const read = async ([path, request]) => {
      try {
        const response = await fetch(origin + path, request);
        return [path, response.type, response.status];
      } catch { return [path, "error", 0]; }
    };
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", enctype: "text/plain", action: origin + "/__local/faults", target: "frame" });
    form.innerHTML = '<input name=\\'{"fault":"F33","x":"\\' value=\\'"}\\'>';
    const frame = document.createElement("iframe");
    frame.name = "frame";
    const submitted = new Promise((resolve) => frame.addEventListener("load", resolve));
    document.documentElement.append(frame, form);
    Promise.all(requests.map(read)).then(async (answers) => {
      form.submit();
      await submitted;
      console.log(answers);
    });`;
}

/** The answers that the page could read, of those that it asked for from another origin. */
async function readable(browser, origin) {
  await browser.open(await pageWith(`${LISTEN} addEventListener("load", () => { ${attack(origin)} });`));
  const [[answers]] = await browser.until("return logged.length === 1 && logged");
  assert.equal(answers.length, 8);
  return answers.filter(([, type]) => type !== "opaque" && type !== "error");
}

/** What a page of `origin` itself gets, as one does after its name was made to point here. */
async function rebound(browser, origin) {
  await browser.open(`${origin}/__local/`);
  const script = `
    const done = arguments[0];
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    const asked = [fetch("/__local/tokens", post), fetch("/api/models"), fetch("/__local/requests")];
    Promise.all(asked).then((answers) => done(answers.map(({ status }) => status)), (error) => done(String(error)));`;
  return browser.runAsync(script);
}

test("no page uses the local upstream of qwenctl local", async () => {
  const { data } = await world.program(["local", "--port", "0"]);
  const { origin, port } = new URL(data.api_url);
  const admin = async (path) => (await fetch(`${origin}/__local/${path}`)).json();
  await world.browse({ names: [REBOUND] }, async (browser) => {
    for (const address of [origin, `http://localhost:${port}`, `http://${REBOUND}:${port}`]) {
      assert.deepEqual(await readable(browser, address), [], address);
    }
    assert.deepEqual(await rebound(browser, `http://${REBOUND}:${port}`), [403, 403, 403]);
  });
  assert.deepEqual((await admin("faults")).armed, []);
  assert.equal((await admin("requests")).total, 0);
});

test("no page uses the local upstream of serve --local", async () => {
  const { pid, url } = await world.program(["serve", "--local", "--port", "0"]);
  const inner = (await portsOf(pid)).filter((port) => !url.endsWith(`:${port}`));
  assert.notEqual(inner.length, 0);
  await world.browse({ names: [REBOUND] }, async (browser) => {
    for (const port of inner) {
      const origin = `http://127.0.0.1:${port}`;
      assert.deepEqual(await readable(browser, origin), []);
      assert.deepEqual(await rebound(browser, origin), [403, 403, 403]);
      assert.deepEqual(await rebound(browser, `http://${REBOUND}:${port}`), [403, 403, 403]);
    }
  });
});
