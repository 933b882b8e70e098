// Messages that wait until the running answer of their chat has ended. The browser keeps them until they are sent: they
// survive reloads and a lost server. The tab in which one was written sends it; in other tabs it is shown.

import { newKey } from "./conversation.js";
import { announce, byId, el, setChildren } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

const PLACE = "qwen_queue";
const TAB = "qwen_tab";
/** The number of waiting messages, and of their characters in total. */
const MOST = 50;
const MAX_TOTAL = 500_000;

/** The messages while the browser keeps nothing. */
let memory = null;
let ownTab = null;

function tab() {
  try {
    ownTab ??= sessionStorage.getItem(TAB) ?? newKey();
    sessionStorage.setItem(TAB, ownTab);
  } catch {
    ownTab ??= newKey();
  }
  return ownTab;
}

function read() {
  if (memory !== null) return memory;
  try {
    const notes = JSON.parse(localStorage.getItem(PLACE));
    return Array.isArray(notes) ? notes.filter((note) => typeof note?.content === "string" && typeof note.key === "string") : [];
  } catch {
    return [];
  }
}

function write(notes) {
  try {
    if (notes.length === 0) localStorage.removeItem(PLACE);
    else localStorage.setItem(PLACE, JSON.stringify(notes));
    memory = null;
  } catch {
    memory = notes;
  }
}

/** The waiting messages: `{ key, chat, content, tab, held }`. `chat` is `null` for a new chat of this tab. */
export const waiting = {
  of: (chat) => read().filter((note) => note.chat === chat && (chat !== null || note.tab === tab())),
  /** Whether there was room for it. */
  add(chat, content) {
    const notes = read();
    const length = notes.reduce((sum, note) => sum + note.content.length, content.length);
    if (notes.length >= MOST || length > MAX_TOTAL) return false;
    write([...notes, { key: newKey(), chat, content, tab: tab(), held: false }]);
    return true;
  },
  /** Changes its `content`, or whether it is `held` back. */
  change: (key, change) => write(read().map((note) => (note.key === key ? { ...note, ...change } : note))),
  remove: (key) => write(read().filter((note) => note.key !== key)),
  /** The messages for `chat` are for `other` now. */
  move(chat, other) {
    const keys = waiting.of(chat).map(({ key }) => key);
    if (keys.length > 0) write(read().map((note) => (keys.includes(note.key) ? { ...note, chat: other } : note)));
  },
  /** Removes the messages for `chat`, and gives their words. */
  take(chat) {
    const notes = waiting.of(chat);
    for (const { key } of notes) waiting.remove(key);
    return notes.map(({ content }) => content);
  },
  /** The message that this tab sends next, or `undefined`. */
  next(chat) {
    const own = waiting.of(chat).find((note) => note.tab === tab());
    return own?.held ? undefined : own;
  },
};

/** Two tabs never send the same message. */
const alone = async (work) => (globalThis.navigator?.locks ? navigator.locks.request(PLACE, work) : work());

/**
 * Shows the messages that wait, above the box. `send(note)` sends one; it has been noted elsewhere when that returns.
 * `isDone()` says whether the last answer leaves nothing to wait for, and `giveBack(text)` puts words into the box.
 */
export function createQueue({ send, isDone, giveBack }) {
  const place = byId("queue");
  const list = byId("queue-list");
  const views = new Map();
  let chat = null;
  let busy = false;
  /** The message that is edited. */
  let edited = null;

  function draw() {
    const notes = waiting.of(chat);
    const hadFocus = list.contains(document.activeElement);
    for (const key of views.keys()) if (!notes.some((note) => note.key === key)) views.delete(key);
    place.hidden = notes.length === 0;
    byId("queue-words").textContent = t(busy ? "queued" : "queueWaits");
    setChildren(list, notes.map(itemOf));
    for (const button of list.querySelectorAll(".send-now")) button.hidden = busy;
    if (hadFocus && !list.contains(document.activeElement)) byId("prompt").focus();
  }

  function itemOf(note) {
    const known = views.get(note.key);
    const isEdited = note.key === edited;
    if (known && known.isEdited === isEdited && (isEdited || known.content === note.content)) return known.item;
    const item = el("li", {}, ...(isEdited ? fieldOf(note) : lineOf(note)));
    views.set(note.key, { item, isEdited, content: note.content });
    return item;
  }

  function button(name, words, press, className = "") {
    const element = el("button", { type: "button", className: `icon-button ${className}`, title: t(words), "aria-label": t(words), onclick: press }, icon(name));
    return element;
  }

  function lineOf({ key, content }) {
    const words = el("span", { className: "queue-text", dir: "auto" }, content);
    return [words, button("send", "queueSend", () => sendNow(key), "send-now"), button("pencil", "queueEdit", () => edit(key), "queue-edit"), button("close", "queueBack", () => takeBack(key), "queue-back")];
  }

  function fieldOf({ key, content }) {
    const field = el("textarea", { value: content, dir: "auto", rows: Math.min(content.split("\n").length, 6), "aria-label": t("queueEdit") });
    // What is written is kept at once.
    field.addEventListener("input", () => waiting.change(key, { content: field.value }));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") waiting.change(key, { content });
      else if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      endEdit();
    });
    return [field, button("check", "save", endEdit, "queue-save")];
  }

  function edit(key) {
    if (edited !== null) endEdit();
    edited = key;
    waiting.change(key, { held: true });
    draw();
    const field = list.querySelector("textarea");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  function endEdit() {
    const note = waiting.of(chat).find(({ key }) => key === edited);
    edited = null;
    if (note?.content.trim() === "") waiting.remove(note.key);
    else if (note) waiting.change(note.key, { held: false });
    draw();
    byId("prompt").focus();
    flush();
  }

  function takeBack(key) {
    const note = waiting.of(chat).find((one) => one.key === key);
    if (note === undefined) return draw();
    if (edited === key) edited = null;
    giveBack(note.content);
    waiting.remove(key);
    draw();
    announce(t("queueBack"));
    byId("prompt").focus();
  }

  function begin(note) {
    send(note);
    waiting.remove(note.key);
    draw();
  }

  const sendNow = (key) =>
    alone(() => {
      const note = waiting.of(chat).find((one) => one.key === key);
      if (note && !busy) begin(note);
      else draw();
    });

  /** Sends the next message if the last answer leaves nothing to wait for. */
  const flush = () =>
    alone(() => {
      const note = waiting.next(chat);
      if (note && isDone()) begin(note);
    });

  addEventListener("storage", (event) => event.key === PLACE && draw());

  return {
    flush,
    /** Shows what waits for the chat `id`. */
    open(id) {
      if (edited !== null) endEdit();
      chat = id;
      draw();
    },
    setBusy(now) {
      if (busy === now) return;
      busy = now;
      draw();
    },
    /** Whether there was room for another message. */
    add(content) {
      const isAdded = waiting.add(chat, content);
      announce(t(isAdded ? "queued" : "queueFull"));
      draw();
      return isAdded;
    },
    /** Takes the newest message of the tab back into the box; `false` if none waits. */
    takeLast() {
      const last = waiting.of(chat).at(-1);
      if (last === undefined) return false;
      takeBack(last.key);
      return true;
    },
  };
}
