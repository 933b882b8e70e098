// The palette: commands, chats by their titles, and words in messages, by keyboard alone.

import { announce, byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { filterRows } from "./list.js";
import { isSearchable } from "./search.js";

/** The pause in typing after which messages are searched, in milliseconds. */
const PAUSE = 200;
/** The number of chats that are shown with a query, and without one. */
const MOST = 8;
const RECENT = 5;

/** The items whose `title` has every word of `query`; those that begin with it come first. */
export function matching(items, query) {
  const start = query.trim().toLowerCase();
  const found = filterRows(items, query, "");
  if (start === "") return found;
  const begins = ({ title }) => (title ?? "").toLowerCase().startsWith(start);
  return [...found.filter(begins), ...found.filter((item) => !begins(item))];
}

/**
 * `commands()` gives `{ title, sign, run, keys }`, `chats()` the known chats with titles, newest first.
 * `ask(request, signal)` searches, `titleOf(id, title)` is what a chat is called, and `go(chat, found)` opens one, and in
 * it the message `found.id` with the words `found.words`.
 */
export function createPalette({ commands, chats, ask, titleOf, go }) {
  const dialog = byId("palette");
  const input = byId("palette-input");
  const list = byId("palette-list");
  let known = { commands: [], chats: [] };
  let hits = [];
  let items = [];
  let options = [];
  let active = 0;
  let timer;
  let work = new AbortController();

  const line = (...content) => el("span", { className: "palette-line", dir: "auto" }, ...content);

  function hitItem(hit) {
    const { chat_id: chat, message_id: id, title, role, snippet } = hit;
    const words = [...new Set(snippet.filter(({ match }) => match).map(({ text }) => text))];
    const pieces = snippet.map(({ text, match }) => (match ? el("mark", {}, text) : text));
    const name = el("small", {}, titleOf(chat, title) || t("untitled"));
    return { sign: role === "user" ? "user" : "bubble", content: [line(...pieces), name], run: () => go(chat, id ? { id, words } : null) };
  }

  function draw() {
    const query = input.value;
    const commandItems = matching(known.commands, query).map((command) => ({ ...command, content: [line(command.title)] }));
    const chatItems = matching(known.chats, query).slice(0, query.trim() ? MOST : RECENT).map(({ id, title }) => ({ sign: "bubble", content: [line(title)], run: () => go(id, null) }));
    const groups = [["chats", chatItems], ["paletteCommands", commandItems], ["foundTitle", hits.map(hitItem)]].filter(([, inGroup]) => inGroup.length > 0);
    items = groups.flatMap(([, inGroup]) => inGroup);
    options = items.map(optionView);
    let at = 0;
    const views = groups.map(([name, inGroup]) => el("div", { role: "group", "aria-label": t(name) }, el("p", { "aria-hidden": "true" }, t(name)), ...options.slice(at, (at += inGroup.length))));
    list.replaceChildren(...views);
    byId("palette-none").hidden = items.length > 0;
    mark(Math.min(active, Math.max(items.length - 1, 0)));
  }

  function optionView({ sign, content, keys }, index) {
    const option = el("div", { role: "option", id: `palette-${index}` }, icon(sign), ...content, keys ? el("kbd", { "aria-hidden": "true" }, keys) : null);
    option.addEventListener("click", () => choose(index));
    option.addEventListener("pointermove", () => index !== active && mark(index));
    return option;
  }

  function mark(index) {
    active = index;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (options[index]) input.setAttribute("aria-activedescendant", options[index].id);
    else input.removeAttribute("aria-activedescendant");
    options[index]?.scrollIntoView({ block: "nearest" });
  }

  function choose(index) {
    const item = items[index];
    if (!item) return;
    dialog.close();
    item.run();
  }

  async function search(query) {
    const { signal } = work;
    const found = await ask({ query, limit: 20 }, signal).catch(() => null);
    if (signal.aborted || found === null) return;
    hits = found.results.filter(({ message_id: id }) => id);
    draw();
    announce(t("foundCount", { count: hits.length }));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    work.abort();
    work = new AbortController();
    hits = [];
    active = 0;
    draw();
    const query = input.value.trim();
    if (isSearchable(query)) timer = setTimeout(() => search(query), PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.key === "Enter") choose(active);
    else if (step && Math.abs(step) === 1) mark((active + step + items.length) % Math.max(items.length, 1));
    else if (step) mark(Math.max(0, Math.min(active + step, items.length - 1)));
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    work.abort();
  });

  return {
    open() {
      known = { commands: commands(), chats: chats() };
      hits = [];
      active = 0;
      work = new AbortController();
      input.value = "";
      dialog.showModal();
      draw();
      input.focus();
    },
  };
}
