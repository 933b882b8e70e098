// The REST API of this server.

import { readEvents } from "./sse.js";

/** What the upstream calls a chat at first, in every language. */
const PLACEHOLDER = "New Chat";

/**
 * A failure as the server reports it; `code` is `network` if it reported nothing. `byServer` says of a limit that it
 * is the server's own, and not the upstream's.
 */
export class ApiError extends Error {
  constructor(document, cause) {
    super(document.error ?? "", { cause });
    this.code = document.code ?? "other";
    this.status = document.status;
    this.hint = document.hint;
    this.retryAfter = document.retry_after;
    this.byServer = document.byServer ?? false;
    this.partial = document.partial;
  }
}

/**
 * The calls. `token()` returns the token to send, or an empty string; `onLost()` is called when the server does not
 * answer.
 */
export function createApi({ token, onLost = () => {}, fetch = (...request) => globalThis.fetch(...request) }) {
  async function call(method, path, { body, signal, accept, keepalive, auth = token() } = {}) {
    const headers = { Accept: accept ?? "application/json" };
    if (auth) headers.Authorization = `Bearer ${auth}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const request = { method, headers, signal, keepalive, cache: "no-store", credentials: "omit" };
    if (body !== undefined) request.body = JSON.stringify(body);
    let response;
    try {
      response = await fetch(path, request);
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      onLost();
      throw new ApiError({ code: "network" }, cause);
    }
    const { status } = response;
    if (!response.ok) throw new ApiError({ ...(await failure(response)), status, byServer: isOwnLimit(response) });
    return response;
  }

  async function json(...request) {
    const response = await call(...request);
    try {
      return await response.json();
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      if (cause instanceof SyntaxError) throw new ApiError({ code: "other", error: cause.message }, cause);
      onLost();
      throw new ApiError({ code: "network" }, cause);
    }
  }
  const chatPath = (id) => `/api/chats/${encodeURIComponent(id)}`;

  return {
    session: async () => (await json("GET", "/api/session")).data,
    models: async () => (await json("GET", "/api/models")).data,
    /** A page of chats; `source` is `archive` while the service cannot be reached. */
    async chats(page) {
      const { data, source } = await json("GET", `/api/chats?page=${page}`);
      return { rows: data.map(named), source };
    },
    search: (request, signal) => json("POST", "/api/chat/search", { body: request, signal }),
    /** The whole list `query`: `archived=true` or `project_id=…`. */
    list: async (query) => (await json("GET", `/api/chats?all=true&${query}`)).data.map(named),
    projects: async () => (await json("GET", "/api/projects")).data,
    /** A chat with all of its branches. */
    chat: async (id, signal) => named((await json("GET", `${chatPath(id)}?tree=true&render=html`, { signal })).data),
    /** Whether the answer to the prompt `key` ran or waited, or without a key any ran, and was stopped. */
    stop: async (id, key) => (await json("POST", `${chatPath(id)}/stop?${key ? `prompt_id=${key}` : "waiting=false"}`)).stopped,
    create: async (model) => (await json("POST", "/api/chats", { body: model ? { model } : {} })).data.id,
    rename: (id, title) => json("PATCH", chatPath(id), { body: { title } }),
    /** The chat as a file: its name, and its content as a `Blob`. */
    async download(id, format) {
      const response = await call("GET", `${chatPath(id)}/export?format=${format}`, { accept: "*/*" });
      return { name: fileName(response.headers.get("content-disposition")) ?? `${id}.${format}`, content: await response.blob() };
    },
    /** Sets or clears a mark: `{ pinned }`, `{ archived }` or `{ project_id }`. */
    mark: (id, mark) => json("PATCH", chatPath(id), { body: mark }),
    /** With `keepalive` the request outlives the page. */
    remove: (id, keepalive) => json("DELETE", chatPath(id), { keepalive }),
    /** Deletes it after `grace` seconds; until then the deletion can be undone. */
    removeLater: (id, grace) => json("DELETE", `${chatPath(id)}?grace=${grace}s`),
    /** The deleted chats, and those that are about to be. */
    trash: () => json("GET", "/api/trash"),
    restore: (id) => json("POST", `/api/trash/${encodeURIComponent(id)}/restore`),
    purge: (id) => json("DELETE", `/api/trash/${encodeURIComponent(id)}`),
    /** The state of the archive. */
    archive: async () => (await json("GET", "/api/archive")).data,
    archiveStats: async (by) => (await json("GET", `/api/archive/stats?by=${by}`)).data,
    sync: () => json("POST", "/api/archive/sync"),
    /** Stores pasted credentials as the server's own. */
    storeToken: (pasted) => json("PUT", "/api/token", { body: { pasted } }),
    removeToken: () => json("DELETE", "/api/token"),
    /** The quotas that are used up: `{ model, until }`. */
    quotas: async () => (await json("GET", "/api/user/status")).quotas ?? [],
    isSignedIn: async (auth) => (await json("GET", "/api/user/status", { auth })).data === true,

    /**
     * Sends a prompt; calls `onEvent(name, document)` as the answer grows. Ends when the answer is
     * whole; fails with an `ApiError` otherwise, with the code `cut` if the stream just ended. The answer
     * continues without this page, unless it is stopped.
     */
    send: (body, listener) => stream("/api/chat/send", { ...body, on_disconnect: "continue" }, listener),
    /** As `send`, after the messages `history`; the server keeps nothing, and a request that ends stops the answer. */
    temporary: (body, listener) => stream("/api/chat/temporary", body, listener),
  };

  async function stream(path, body, { signal, onEvent }) {
    const request = { ...body, stream: true, render: "html" };
    const response = await call("POST", path, { body: request, signal, accept: "text/event-stream" });
    let ended = false;
    const each = (name, document) => {
      if (name === "error") throw new ApiError(document);
      ended ||= name === "done";
      onEvent(name, document);
    };
    try {
      await readEvents(response, each);
    } catch (cause) {
      if (cause instanceof ApiError || cause.name === "AbortError") throw cause;
      throw new ApiError({ code: "cut" }, cause);
    }
    if (!ended) throw new ApiError({ code: "cut" });
  }
}

/** The name in a `Content-Disposition`, or `undefined`. */
export function fileName(header) {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "")?.[1];
  try {
    if (encoded) return decodeURIComponent(encoded);
  } catch {
    // The plain name has to do.
  }
  return /filename="((?:[^"\\]|\\.)*)"/i.exec(header ?? "")?.[1].replace(/\\(.)/g, "$1");
}

/** A title that the upstream has not generated yet is treated as missing: the page shows its own. */
const named = (chat) => (chat.title === PLACEHOLDER ? { ...chat, title: null } : chat);

/** Whether the server's own limit is reached, or the server is overloaded. */
const isOwnLimit = ({ status, headers }) => status === 503 || /;r=0\b/.test(headers.get("ratelimit") ?? "");

async function failure(response) {
  try {
    return await response.json();
  } catch {
    return { code: "other", error: `HTTP ${response.status}` };
  }
}
