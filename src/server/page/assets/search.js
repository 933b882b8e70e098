// The search for words in the messages of all chats. Its results stand below the chats whose titles match.

import { announce, el } from "./dom.js";
import { explain } from "./failure.js";
import { language, t } from "./i18n.js";
import { icon } from "./icons.js";
import { clockTime } from "./limits.js";

/** The pause in typing after which the server is asked, in milliseconds. */
const PAUSE = 300;
const HAN = /\p{Script=Han}/u;

/** Whether `query` has enough letters to be searched for: two, or one Chinese character. */
export const isSearchable = (query) => HAN.test(query) || (query.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2;

/** `[{ id, title, isGone, hits, more }]`: the results by chat, in their order. A hit in a title is no hit in a message. */
export function groupHits(results) {
  const groups = new Map();
  for (const result of results) {
    const { chat_id: id, title, state } = result;
    if (!groups.has(id)) groups.set(id, { id, title, isGone: state === "gone", hits: [], more: 0 });
    const group = groups.get(id);
    if (result.message_id) group.hits.push(result);
    group.more = Math.max(group.more, result.more_in_chat ?? 0);
  }
  return [...groups.values()];
}

/**
 * `ask(request, signal)` searches; `titleOf(id, title)` is what a chat is called, and `isListed(id)` whether its title
 * is shown among the chats already; `redraw()` is called when the results have changed.
 */
export function createSearch({ ask, titleOf, isListed, redraw }) {
  const place = el("section", { className: "found" });
  let query = "";
  let results = [];
  let timer;
  let work = new AbortController();

  function show(...content) {
    place.replaceChildren(...content);
    redraw();
  }

  const note = (text, className = "quiet-note") => el("p", { className }, text);

  async function run(cursor) {
    const { signal } = work;
    if (results.length === 0) show(note(t("searching"), "quiet-note loading"));
    try {
      const found = await ask({ query, limit: 30, cursor }, signal);
      results = [...results, ...found.results];
      draw(found);
    } catch (error) {
      if (signal.aborted) return;
      const { title } = explain(error);
      show(note(t(error.code === "invalid_request" ? "searchUnclear" : title)));
    }
  }

  function draw({ cursor, source, synced_at: syncedAt }) {
    const groups = groupHits(results).filter(({ id, hits }) => hits.length > 0 || !isListed(id));
    const from = source === "archive" ? t("foundInArchive", { time: syncedAt ? clockTime(syncedAt * 1000, language) : "–" }) : t("foundByService");
    const more = cursor && el("button", { type: "button", className: "more", onclick: () => run(cursor) }, t("moreResults"));
    const list = groups.length > 0 ? el("div", { role: "list" }, ...groups.map(groupView)) : note(t("foundNone"));
    const hadFocus = place.contains(document.activeElement);
    show(el("h2", {}, t("foundTitle")), list, more || "", note(from, "quiet-note source"));
    if (hadFocus) place.querySelector(".more, a:last-of-type")?.focus();
    announce(t("foundCount", { count: results.length }));
  }

  function groupView(group) {
    const title = titleOf(group.id, group.title) || t("untitled");
    const name = el("a", { className: "found-chat", href: `#/c/${encodeURIComponent(group.id)}`, title }, el("span", { dir: "auto" }, title));
    if (group.isGone) name.append(el("small", {}, t("gone")));
    const hits = group.hits.map(hitView);
    const more = group.more > 0 && el("button", { type: "button", className: "more", onclick: () => unfold(group.id) }, t("moreInChat", { count: group.more }));
    return el("div", { role: "listitem" }, name, ...hits, more || "");
  }

  function hitView({ chat_id: chat, message_id: message, role, snippet }) {
    const pieces = snippet.map(({ text, match }) => (match ? el("mark", {}, text) : text));
    const words = [...new Set(snippet.filter(({ match }) => match).map(({ text }) => text))];
    const open = () => (sought = { message, words });
    const who = icon(role === "user" ? "user" : "bubble");
    const spoken = role && el("span", { className: "visually-hidden" }, `${t(role === "user" ? "writtenByYou" : "writtenByModel")}: `);
    const text = el("span", { className: "snippet", dir: "auto" }, ...pieces);
    return el("a", { className: "hit", href: `#/c/${encodeURIComponent(chat)}/${encodeURIComponent(message)}`, onclick: open }, role ? who : "", spoken || "", text);
  }

  /** Shows all hits of one chat. */
  async function unfold(id) {
    const { signal } = work;
    const found = await ask({ query, limit: 100, chat_id: id }, signal).catch(() => null);
    if (found === null || signal.aborted) return;
    const at = results.findIndex((result) => result.chat_id === id);
    const others = results.filter((result) => result.chat_id !== id);
    results = [...others.slice(0, at), ...found.results.map((hit) => ({ ...hit, more_in_chat: 0 })), ...others.slice(at)];
    draw(found);
  }

  let sought = null;

  return {
    element: place,
    hasResults: () => results.length > 0,
    /** The words that were found in the message that is being opened. */
    wordsOf: (message) => (sought?.message === message ? sought.words : []),
    /** Searches for `text` after a pause, or for nothing. */
    set(text) {
      if (text.trim() === query) return;
      query = text.trim();
      clearTimeout(timer);
      work.abort();
      work = new AbortController();
      results = [];
      place.replaceChildren();
      if (isSearchable(query)) timer = setTimeout(run, PAUSE);
    },
  };
}
