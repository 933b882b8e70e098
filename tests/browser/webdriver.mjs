// A small WebDriver client: what these tests need of the W3C protocol, over plain HTTP.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** The timeout for conditions, in milliseconds. */
const PATIENCE = 15_000;

export const KEYS = {
  enter: "\uE007",
  escape: "\uE00C",
  tab: "\uE004",
  shift: "\uE008",
  control: "\uE009",
  up: "\uE013",
  down: "\uE015",
  left: "\uE012",
  right: "\uE014",
};

/** Starts chromedriver on a free port. */
export async function startDriver() {
  const child = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`chromedriver ended with ${code}`)));
    child.once("error", reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const match = /started successfully on port (\d+)/.exec(line);
      if (match) resolve(Number(match[1]));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return { url, stop: () => child.kill() };
}

async function request(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message.split("\n")[0]}`);
  return value;
}

/** A browser with a fresh profile, and this size, language and colour scheme. */
export async function openBrowser(driver, { width = 1280, height = 860, language = "en-US", dark = false, names = [] } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "qwenctl-browser-"));
  const args = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${profile}`,
    // Names that lead to this machine.
    `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(", ")}`,
  ];
  const options = { args, prefs: { "intl.accept_languages": language } };
  const wanted = { browserName: "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { browser: "ALL" } };
  const { sessionId } = await request("POST", `${driver.url}/session`, { capabilities: { alwaysMatch: wanted } });
  const browser = new Browser(`${driver.url}/session/${sessionId}`, profile);
  const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
  await browser.devtools("Emulation.setDeviceMetricsOverride", metrics);
  const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
  await browser.devtools("Emulation.setEmulatedMedia", { features });
  const [short] = language.split("-");
  await browser.devtools("Page.addScriptToEvaluateOnNewDocument", {
    source: `Object.defineProperty(navigator, "languages", { get: () => ["${language}", "${short}"] })`,
  });
  return browser;
}

class Browser {
  constructor(url, profile) {
    this.url = url;
    this.profile = profile;
  }

  call(method, path, body) {
    return request(method, this.url + path, method === "POST" ? (body ?? {}) : undefined);
  }

  devtools(cmd, params = {}) {
    return this.call("POST", "/goog/cdp/execute", { cmd, params });
  }

  open(url) {
    return this.call("POST", "/url", { url });
  }

  reload() {
    return this.call("POST", "/refresh");
  }

  /** Runs the body of a function in the page. */
  run(script, ...args) {
    return this.call("POST", "/execute/sync", { script, args });
  }

  runAsync(script, ...args) {
    return this.call("POST", "/execute/async", { script, args });
  }

  /** Waits until `script` returns a truthy value in the page, and returns it. */
  async until(script, ...args) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const value = await this.run(script, ...args);
      if (value) return value;
      if (Date.now() > end) throw new Error(`never came true: ${script}\n${await this.text("body")}`);
      await this.nextFrame();
    }
  }

  nextFrame() {
    return this.runAsync("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))");
  }

  /** Waits until `selector` is visible. */
  shown(selector) {
    return this.until("return document.querySelector(arguments[0])?.checkVisibility()", selector);
  }

  gone(selector) {
    return this.until("return !document.querySelector(arguments[0])?.checkVisibility()", selector);
  }

  /** Waits for a text in `selector`. */
  says(selector, text) {
    return this.until("return document.querySelector(arguments[0])?.innerText.includes(arguments[1])", selector, text);
  }

  text(selector) {
    return this.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
  }

  count(selector) {
    return this.run("return document.querySelectorAll(arguments[0]).length", selector);
  }

  async find(selector) {
    await this.until("return document.querySelector(arguments[0])", selector);
    const found = await this.call("POST", "/element", { using: "css selector", value: selector });
    return found[ELEMENT];
  }

  async click(selector) {
    await this.shown(selector);
    return this.call("POST", `/element/${await this.find(selector)}/click`);
  }

  /** Clicks fast enough for a double click, or more. */
  async clicks(selector, count) {
    await this.shown(selector);
    const origin = { [ELEMENT]: await this.find(selector) };
    const click = [{ type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }];
    const actions = [{ type: "pointerMove", origin, x: 0, y: 0 }, ...Array(count).fill(click).flat()];
    await this.call("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  /** Drags `selector` by so many pixels to the right. */
  async drag(selector, x) {
    const origin = { [ELEMENT]: await this.find(selector) };
    const actions = [{ type: "pointerMove", origin, x: 0, y: 0 }, { type: "pointerDown", button: 0 }, { type: "pointerMove", origin: "pointer", x, y: 0, duration: 50 }, { type: "pointerUp", button: 0 }];
    await this.call("POST", "/actions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  async type(selector, text) {
    await this.shown(selector);
    return this.call("POST", `/element/${await this.find(selector)}/value`, { text });
  }

  /** Presses keys at the focus; the keys of an array together. */
  async press(...keys) {
    for (const key of keys) {
      const held = [key].flat();
      const actions = [
        ...held.map((value) => ({ type: "keyDown", value })),
        ...held.toReversed().map((value) => ({ type: "keyUp", value })),
      ];
      await this.call("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
    }
  }

  /** Opens another tab, and continues there; returns what `use` takes. */
  async tab(url) {
    const { handle } = await this.call("POST", "/window/new", { type: "tab" });
    await this.use(handle);
    await this.open(url);
    return handle;
  }

  /** The tab that is in use. */
  handle() {
    return this.call("GET", "/window");
  }

  use(handle) {
    return this.call("POST", "/window", { handle });
  }

  /** Continues in the frame `selector`, or with `null` in the page again. */
  async enter(selector) {
    const id = selector && { [ELEMENT]: await this.find(selector) };
    return this.call("POST", "/frame", { id });
  }

  focused() {
    return this.run("const e = document.activeElement; return e.id || e.className || e.tagName");
  }

  async screenshot() {
    return Buffer.from(await this.call("GET", "/screenshot"), "base64");
  }

  /** The messages of the console since the last call. */
  async console() {
    const lines = await this.call("POST", "/se/log", { type: "browser" });
    return lines.map((line) => line.message);
  }

  async close() {
    await this.call("DELETE", "");
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
