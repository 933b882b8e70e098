// Unsent messages, one for each chat. They survive reloads: each tab keeps its own drafts, and the browser
// keeps the newest draft of each chat for other tabs and later visits.

const PREFIX = "qwen_draft:";
/** The number of chats with a draft in the browser's storage; the oldest drafts are dropped. */
const MAX_DRAFTS = 50;
/** Longer texts, in characters, are kept until the page is reloaded: no prompt may be that long. */
const MAX_LENGTH = 1_000_000;
/** Longer texts are not written at every key, but after a pause in milliseconds, and when the page is left. */
const LONG = 20_000;
const PAUSE = 400;

const memory = new Map();
const keyOf = (chat) => PREFIX + (chat ?? "new");
const NONE = { text: "", edit: null };

export const drafts = {
  /** The draft of `chat` (`null`: the next new one): `text`, and `edit` of a sent message: its id, and its text before and now. */
  get: (chat) => memory.get(keyOf(chat)) ?? read("sessionStorage", keyOf(chat)) ?? read("localStorage", keyOf(chat)) ?? NONE,
  set(chat, { text, edit }) {
    const key = keyOf(chat);
    const before = drafts.get(chat);
    memory.set(key, { text, edit });
    if (text === "" && edit === null) {
      pending.delete(key);
      remove("sessionStorage", key);
      // Another tab may have a draft of its own.
      const kept = read("localStorage", key);
      if (kept && kept.text === before.text && kept.edit?.text === before.edit?.text) remove("localStorage", key);
      return;
    }
    pending.set(key, { text, edit, at: Date.now() });
    clearTimeout(timer);
    if (text.length + (edit?.text.length ?? 0) < LONG) flush();
    else timer = setTimeout(flush, PAUSE);
  },
};

/** Drafts that are not written yet. */
const pending = new Map();
let timer;

function flush() {
  for (const [key, draft] of pending) {
    const text = JSON.stringify(draft);
    if (text.length > MAX_LENGTH) continue;
    write("sessionStorage", key, text);
    write("localStorage", key, text);
  }
  pending.clear();
  prune(MAX_DRAFTS);
}

globalThis.addEventListener?.("pagehide", flush);
globalThis.document?.addEventListener("visibilitychange", flush);

/** Removes the oldest drafts until `most` are left. */
function prune(most) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    if (keys.length <= most) return;
    const byAge = keys.map((key) => [read("localStorage", key)?.at ?? 0, key]).sort(([a], [b]) => a - b);
    for (const [, key] of byAge.slice(0, keys.length - most)) localStorage.removeItem(key);
  } catch {
    // Without storage there is nothing to prune.
  }
}

function read(storage, key) {
  try {
    const { text, edit, at } = JSON.parse(globalThis[storage].getItem(key));
    if (typeof text !== "string") return null;
    return { text, edit: typeof edit?.text === "string" ? edit : null, at };
  } catch {
    return null;
  }
}

function write(storage, key, text) {
  try {
    globalThis[storage].setItem(key, text);
  } catch {
    // The storage may be full of older drafts.
    if (storage === "localStorage") prune(MAX_DRAFTS / 10);
    try {
      globalThis[storage].setItem(key, text);
    } catch {
      // Without storage a draft lives as long as the page.
    }
  }
}

function remove(storage, key) {
  try {
    globalThis[storage].removeItem(key);
  } catch {
    // It was never there.
  }
}
