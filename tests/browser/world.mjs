// The environment of the tests: servers, browsers, and a folder for screenshots.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openBrowser, startDriver } from "./webdriver.mjs";

const PROGRAM = process.env.QWENCTL;
const SCREENSHOTS = process.env.SCREENSHOTS;

/** Everything that was started; stopped in reverse order. */
export class World {
  #ends = [];

  static async create() {
    const world = new World();
    world.home = await mkdtemp(join(tmpdir(), "qwenctl-page-"));
    world.#ends.push(() => rm(world.home, { recursive: true, force: true }));
    world.driver = await startDriver();
    world.#ends.push(() => world.driver.stop());
    await mkdir(SCREENSHOTS, { recursive: true });
    return world;
  }

  /** Runs `qwenctl` with a home of its own; returns the first document that it prints. */
  async program(args, variables = {}) {
    const home = await mkdtemp(join(this.home, "home-"));
    const env = { PATH: process.env.PATH, HOME: home, ...variables };
    const child = spawn(PROGRAM, [...args, "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    this.#ends.push(async () => {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(force);
    });
    return new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`qwenctl ${args.join(" ")} ended with ${code}`)));
      createInterface({ input: child.stdout }).once("line", (line) => {
        const document = JSON.parse(line);
        if (document.success) resolve({ ...document, pid: child.pid });
        else reject(new Error(document.error));
      });
    });
  }

  /** A server with the local upstream and its own token. */
  async server(...flags) {
    const { url } = await this.program(["serve", "--local", "--port", "0", "--drain", "1s", ...flags]);
    return new Server(url);
  }

  /**
   * An engine with the OpenAI API and this model. `answer(prompt)` gives the pieces of each answer; returns its URL.
   * `more` is what it says of the model besides.
   */
  async engine(model, answer, more = {}) {
    const listener = createServer(async (request, response) => {
      if (request.method === "GET") return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ data: [{ id: model, ...more }] }));
      let text = "";
      for await (const piece of request) text += piece;
      const body = JSON.parse(text);
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const chunk = (delta, finish_reason = null) => response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
      for await (const content of answer(body.messages.at(-1).content)) chunk({ content });
      chunk({}, "stop");
      response.end("data: [DONE]\n\n");
    });
    await new Promise((listening) => listener.listen(0, "127.0.0.1", listening));
    this.#ends.push(() => {
      listener.closeAllConnections();
      listener.close();
    });
    return `http://127.0.0.1:${listener.address().port}/v1`;
  }

  /** A server that can be killed and started again at the same address, with the same chats. */
  async mortalServer() {
    const variables = { QWENCTL_DATA_DIR: await mkdtemp(join(this.home, "data-")) };
    const start = (port) => this.program(["serve", "--local", "--port", String(port), "--drain", "1s"], variables);
    let { url, pid } = await start(0);
    const server = new Server(url);
    server.kill = async () => {
      process.kill(pid, "SIGKILL");
      while (await fetch(url).then(() => true, () => false));
    };
    server.restart = async () => ({ pid } = await start(new URL(url).port));
    return server;
  }

  /** A server with the token of a local upstream that runs apart, and can be killed: `upstreamPid`. */
  async serverAt({ data, pid }, ...flags) {
    const variables = { QWEN_API_URL: data.api_url, QWEN_AUTH_URL: data.auth_url, QWEN_TOKEN: data.token };
    const { url } = await this.program(["serve", "--port", "0", "--drain", "1s", ...flags], variables);
    return Object.assign(new Server(url), { upstreamPid: pid });
  }

  /** A server without a token, and a token that the upstream accepts. */
  async serverWithoutToken(...flags) {
    const { data } = await this.program(["local", "--port", "0", "--print-token"]);
    const variables = { QWEN_API_URL: data.api_url, QWEN_AUTH_URL: data.auth_url };
    const { url } = await this.program(["serve", "--port", "0", "--drain", "1s", ...flags], variables);
    return { server: new Server(url), token: data.token, upstream: new Upstream(data.api_url, data.token) };
  }

  /** Runs `work` with a browser; takes a screenshot if it fails. */
  async browse(options, work) {
    const browser = await openBrowser(this.driver, options);
    try {
      await work(browser);
    } catch (error) {
      await picture(browser, `failed-${Date.now()}`);
      error.message += `\nconsole: ${(await browser.console()).join("\n")}`;
      throw error;
    } finally {
      await browser.close();
    }
  }

  async end() {
    for (const end of this.#ends.reverse()) await end();
  }
}

/** The ports of 127.0.0.1 on which a process listens. */
export async function portsOf(pid) {
  const links = (await readdir(`/proc/${pid}/fd`)).map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => ""));
  const sockets = new Set((await Promise.all(links)).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const rows = (await readFile(`/proc/${pid}/net/tcp`, "utf8")).split("\n").map((line) => line.trim().split(/\s+/));
  const listening = rows.filter((row) => row[3] === "0A" && sockets.has(row[9]));
  return listening.map(([, address]) => Number.parseInt(address.split(":")[1], 16));
}

/** Saves a screenshot. */
export async function picture(browser, name) {
  await browser.nextFrame();
  await writeFile(join(SCREENSHOTS, `${name}.png`), await browser.screenshot());
}

/** The REST API, for what tests do beside the page. */
export class Server {
  constructor(url) {
    this.url = url;
  }

  async call(method, path, body, token) {
    const headers = body ? { "Content-Type": "application/json" } : {};
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    return response.json();
  }

  async newChat(title) {
    return (await this.call("POST", "/api/chats", title ? { title } : {})).data.id;
  }

  stop(id) {
    return this.call("POST", `/api/chats/${id}/stop`);
  }

  async titles() {
    return (await this.call("GET", "/api/chats")).data.map(({ title }) => title);
  }

  async messages(id) {
    return (await this.call("GET", `/api/chats/${id}`)).data.messages;
  }

  /** Sends a prompt and returns once the answer has begun; `whole()` reads it to the end. */
  async startAnswer(id, message) {
    const response = await fetch(`${this.url}/api/chat/send`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ chat_id: id, message, stream: true }),
    });
    return { whole: () => response.text() };
  }
}

/** The local upstream, as another client of the same account uses it. */
class Upstream {
  constructor(url, token) {
    this.url = url;
    this.headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}`, Cookie: `token=${token}`, Version: "0.3.12", source: "web" };
  }

  post(path, body) {
    return fetch(`${this.url}/v2/${path}`, { method: "POST", headers: this.headers, body: JSON.stringify(body) });
  }

  /** A token that expires in so many seconds. */
  async token(seconds, form = "short") {
    const response = await fetch(`${new URL(this.url).origin}/__local/tokens`, { method: "POST", headers: this.headers, body: JSON.stringify({ form, expires_in: seconds }) });
    return (await response.json()).token;
  }

  async pin(id) {
    const response = await this.post(`chats/${id}/pin`, {});
    if (!response.ok) throw new Error(await response.text());
  }

  /** Sends a prompt; returns once the answer has begun. */
  completion(id, content) {
    const message = { fid: crypto.randomUUID(), parentId: null, childrenIds: [], role: "user", content, chat_type: "t2t", models: ["local-echo-max"] };
    const body = { stream: true, incremental_output: true, chat_id: id, chat_mode: "normal", model: "local-echo-max", parent_id: null, messages: [message] };
    return this.post(`chat/completions?chat_id=${id}`, body);
  }
}
