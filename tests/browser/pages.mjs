// Shared by the tests of the page: opening it, sending prompts, and checks that apply everywhere.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { World } from "./world.mjs";

export const AXE = await readFile(process.env.AXE, "utf8");
export const FINISHED = '[data-state="done"]';

/** Shared by the tests of a file: a world, and a server with the local upstream and its own token. */
export let world;
export let server;

before(async () => {
  world = await World.create();
  server = await world.server();
});
after(() => world?.end());

/** Another site with only this script; returns its URL. */
export async function pageWith(script) {
  const page = `<!doctype html><title>Another origin</title><script>${script}</script>`;
  const listener = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(page));
  await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
  after(() => listener.close());
  return `http://127.0.0.1:${listener.address().port}/`;
}

export const LISTEN = "globalThis.logged = []; console.log = (...words) => logged.push(words);";

/** The page with a new conversation. */
export async function open(browser, hash = "#/") {
  await browser.open(`${server.url}/${hash}`);
  await browser.shown("#model");
}

export async function send(browser, text) {
  await browser.run("const p = document.querySelector('#prompt'); p.value = arguments[0]; p.dispatchEvent(new Event('input'))", text);
  await browser.click("#send");
}

/** Sends a prompt and waits until `answers` answers are complete. */
export async function ask(browser, text, answers = 1) {
  await send(browser, text);
  await browser.until("return document.querySelectorAll(arguments[0]).length >= arguments[1]", FINISHED, answers);
}

/** Writes into the box without sending. */
export const write = (browser, text) =>
  browser.run("const p = document.querySelector('#prompt'); p.value = arguments[0]; p.dispatchEvent(new Event('input'))", text);

/** What the box holds. */
export const written = (browser) => browser.run("return document.querySelector('#prompt').value");

export const chatId = (browser) => browser.until("return /^#\\/c\\/(.+)$/.exec(location.hash)?.[1]");

/** The page of a server without a token, with the user's own. */
export async function signIn(browser, bare, token, hash = "#/") {
  await browser.open(`${bare.url}/assets/`);
  await browser.run("localStorage.setItem('qwen_token', arguments[0])", token);
  await browser.open(`${bare.url}/${hash}`);
  await browser.shown("#model");
}

export async function assertAccessible(browser, state) {
  const script = `${AXE}; const done = arguments[0]; axe.run().then((r) => done(r.violations), (e) => done(String(e)));`;
  const violations = await browser.runAsync(script);
  assert.ok(Array.isArray(violations), violations);
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.deepEqual(found, [], state);
}

export async function assertQuiet(browser) {
  assert.deepEqual(await browser.console(), []);
}

/** The text of the last answer. */
export const words = async (browser) => (await browser.text(".answer:last-child .text")).split(/\s+/).filter(Boolean).length;

/** Becomes true in the page once part of the answer is there. */
export const GROWING = "return document.querySelector('[data-state=growing] .text')?.innerText.length > 40";

/** A message out of sight is not laid out, and so has no `innerText`. */
export const shownPrompts = (browser) => browser.run("return [...document.querySelectorAll('.bubble')].map((b) => b.innerText || b.textContent)");
