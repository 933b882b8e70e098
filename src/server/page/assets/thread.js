// The conversation that is shown: loads it, sends prompts, follows answers, and draws.

import { ROOT, grow, isGrowing, lastPrompt, messagesOf, newAnswer, newPrompt, parentOf } from "./conversation.js";
import { announce, byId, el } from "./dom.js";
import { failureBox } from "./failure-box.js";
import { explain, needsToken } from "./failure.js";
import { t } from "./i18n.js";
import { answerView, promptView } from "./messages.js";
import { createScroll } from "./scroll.js";

/** How often an answer that is written elsewhere is read, in milliseconds. */
const FOLLOW_EVERY = 1500;
/** A longer answer is announced by its beginning. */
const SPOKEN = 600;

export function createThread({ api, settings, model, hooks }) {
  const place = byId("messages");
  const scroll = createScroll();
  let id = null;
  let messages = [];
  let views = [];
  let editing = null;
  /** Ends what is going on: an answer, a chat that is being read. */
  let work = new AbortController();

  function begin() {
    work.abort();
    work = new AbortController();
    return work.signal;
  }

  function set(newMessages) {
    messages = newMessages;
    draw();
  }

  function draw() {
    const prompt = lastPrompt(messages);
    views = messages.map((message, index) => view(message, index === prompt?.index));
    place.replaceChildren(...views.map(({ element }) => element));
    messages.forEach((_, index) => update(index));
  }

  function view(message, isLast) {
    if (message.role === "user") {
      return { element: promptView(message, { edit: isLast ? edit : null }), update() {} };
    }
    return answerView({ retry, enterToken: hooks.enterToken });
  }

  function update(index) {
    views[index].update({ ...messages[index], last: index === messages.length - 1 });
  }

  function replaceLast(answer) {
    messages = [...messages.slice(0, -1), answer];
    update(messages.length - 1);
    scroll.follow();
  }

  function edit() {
    editing = lastPrompt(messages);
    hooks.edit(editing.content);
  }

  function retry() {
    const prompt = lastPrompt(messages);
    if (prompt) send(newPrompt(prompt.content, prompt.parent));
  }

  /** Sends `prompt`. One with a parent takes the place of what follows that parent. */
  async function send(prompt) {
    const signal = begin();
    const isBranch = prompt.parent !== undefined;
    const before = isBranch ? messages.slice(0, cutAt(prompt.parent)) : messages;
    const parent = prompt.parent ?? parentOf(before, before.length);
    set([...before, { ...prompt, parent }, newAnswer(model())]);
    scroll.toEnd();
    hooks.busy(true);
    announce(t("answering"));
    try {
      if (id === null) await create(signal);
      const listen = (name, data) => signal.aborted || onEvent(name, data);
      await api.send(bodyOf(prompt, isBranch), { signal, onEvent: listen });
    } catch (error) {
      await failed(error, signal);
    }
    if (signal.aborted) return;
    hooks.busy(false);
    if (id !== null) hooks.finished(id);
  }

  /** Where the branch after `parent` begins. */
  function cutAt(parent) {
    if (parent === ROOT) return 0;
    const at = messages.findIndex((message) => message.id === parent);
    return at < 0 ? (lastPrompt(messages)?.index ?? messages.length) : at + 1;
  }

  async function create(signal) {
    const made = await api.create(model());
    if (signal.aborted) throw new DOMException("", "AbortError");
    id = made;
    hooks.began(id);
  }

  function bodyOf(prompt, isBranch) {
    const body = { chat_id: id, message: prompt.content };
    if (isBranch) body.parent_id = prompt.parent;
    if (model()) body.model = model();
    if (settings.system.get()) body.system_prompt = settings.system.get();
    if (settings.think.get()) body.thinking_enabled = true;
    if (settings.search.get()) body.search_enabled = true;
    return body;
  }

  function onEvent(name, data) {
    const answer = grow(messages.at(-1), name, data);
    replaceLast(answer);
    if (name === "done") announce(`${t("answerDone")} ${spoken()}`);
  }

  const spoken = () => views.at(-1).element.querySelector(".text").innerText.slice(0, SPOKEN);

  async function failed(error, signal) {
    if (signal.aborted) return;
    const mine = messages;
    if (error.code === "cut" && id !== null && (await recovered(signal))) return;
    if (signal.aborted) return;
    if (messages !== mine) set(mine);
    const answer = messages.at(-1);
    const content = error.partial?.content ?? answer.content;
    replaceLast({ ...answer, content, state: "failed", failure: error });
    announce(t(explain(error).title));
    if (needsToken(error)) hooks.tokenRefused(error);
  }

  /** The account may have more of an answer than reached this page. */
  async function recovered(signal) {
    try {
      await load(signal);
    } catch {
      return false;
    }
    return messages.at(-1)?.role === "assistant";
  }

  function stop() {
    const answer = messages.at(-1);
    if (!["waiting", "growing"].includes(answer?.state)) return;
    work.abort();
    hooks.busy(false);
    replaceLast({ ...answer, state: "stopped" });
    announce(t("interrupted"));
    if (id !== null) hooks.finished(id);
  }

  async function load(signal) {
    for (;;) {
      const chat = await api.chat(id, signal);
      if (signal.aborted) return;
      hooks.loaded(chat);
      show(chat);
      if (!isGrowing(messages)) return;
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY));
      if (signal.aborted) return;
    }
  }

  /** Draws anew only what is not there yet: a chat that is followed is read again and again. */
  function show(chat) {
    const read = messagesOf(chat);
    const isSame = views.length > 0 && read.length === messages.length && read.every((message, index) => message.id === messages[index].id);
    if (!isSame) {
      set(read);
      if (read.length === 0) place.append(greeting());
      if (chat.incomplete) place.prepend(el("p", { className: "quiet-note" }, t("incomplete")));
      scroll.toEnd();
      return;
    }
    messages = read;
    messages.forEach((_, index) => update(index));
    scroll.follow();
  }

  async function open(newId) {
    const signal = begin();
    hooks.busy(false);
    id = newId;
    messages = [];
    views = [];
    editing = null;
    place.replaceChildren(el("p", { className: "quiet-note loading", role: "status" }, t("loading")));
    try {
      await load(signal);
    } catch (error) {
      if (!signal.aborted) fail(error, () => open(newId));
    }
  }

  function fail(error, again) {
    place.replaceChildren(failureBox(error, { retry: again, enterToken: hooks.enterToken }));
    if (needsToken(error)) hooks.tokenRefused(error);
  }

  function clear(isLocal) {
    begin();
    hooks.busy(false);
    id = null;
    messages = [];
    views = [];
    editing = null;
    place.replaceChildren(greeting(isLocal));
  }

  function greeting(isLocal = false) {
    const hint = el("p", {}, t(isLocal ? "emptyHintLocal" : "emptyHint"));
    return el("div", { className: "empty" }, el("h2", {}, t("emptyTitle")), hint);
  }

  return {
    id: () => id,
    send,
    stop,
    open,
    fail,
    clear,
    /** Reads the chat again, unless something that would be lost is shown. */
    reopen() {
      if (messages.at(-1)?.failure) retry();
      else open(id);
    },
    /** What the prompt that was being edited follows; `undefined` if none was. */
    takeEdit() {
      const parent = editing === null ? undefined : editing.parent;
      editing = null;
      return parent;
    },
  };
}
