// The conversation that is shown: loads it, sends prompts, follows answers, and draws.

import { ROOT, grow, isLost, isNamed, isOpen, lastPrompt, localId, messagesOf, newAnswer, newPrompt, parentOf } from "./conversation.js";
import { announce, byId, el } from "./dom.js";
import { failureBox } from "./failure-box.js";
import { explain, needsToken } from "./failure.js";
import { follow, pause } from "./follow.js";
import { t } from "./i18n.js";
import { answerView, promptView } from "./messages.js";
import { createScroll } from "./scroll.js";
import { createTree, currentLeaf } from "./tree.js";
import { running, withRunning } from "./running.js";

/** A longer answer is announced by its beginning. */
const SPOKEN = 600;
/** A stop may overtake the prompt on its way to the server: the number of attempts, and the time between two. */
const STOP_TRIES = 4;
const STOP_AGAIN = 250;

export function createThread({ api, settings, model, hooks }) {
  const place = byId("messages");
  const scroll = createScroll();
  let id = null;
  /** Whether the chat has been read since it is shown. */
  let known = false;
  /** The messages of all branches; those of the branch that is shown, and how they are shown. */
  let all = [];
  let messages = [];
  let views = [];
  /** Whether the shown branch differs from the one that the account would continue. */
  let strayed = false;
  let editing = null;
  let busy = false;
  /** Whether the answer that is followed cannot be stopped from here. */
  let elsewhere = false;
  /** Aborts the running work: an answer, or the loading of a chat. */
  let work = new AbortController();

  function begin() {
    work.abort();
    work = new AbortController();
    setBusy(false);
    return work.signal;
  }

  function setBusy(now) {
    busy = now;
    place.classList.toggle("busy", now);
    hooks.busy(now);
  }

  function reset(newId, ...content) {
    const signal = begin();
    id = newId;
    known = false;
    elsewhere = false;
    all = [];
    messages = [];
    views = [];
    strayed = false;
    editing = null;
    place.replaceChildren(...content);
    return signal;
  }

  /** Shows the branch that ends with the message `leaf`. */
  function set(leaf) {
    const tree = createTree(all);
    messages = tree.branchTo(leaf);
    const prompt = lastPrompt(messages);
    views = messages.map((message, index) => view(message, index === prompt?.index, versions(tree, message)));
    place.replaceChildren(...views.map(({ element }) => element));
    messages.forEach((_, index) => update(index));
  }

  function view(message, isLast, versions) {
    if (message.role === "user") {
      return { element: promptView(message, { edit: isLast ? edit : null, versions }), update() {} };
    }
    const again = () => (messages.at(-1).failure?.code === "silent" ? open(id) : retry());
    return answerView({ retry: again, enterToken: hooks.enterToken, versions });
  }

  function versions(tree, message) {
    const siblings = tree.siblings(message);
    const at = siblings.indexOf(message);
    return { at, count: siblings.length, go: (step) => busy || goTo(siblings[at + step]) };
  }

  function goTo(version) {
    strayed = true;
    set(createTree(all).leafOf(version.id));
    const shown = views[messages.indexOf(version)]?.element;
    shown?.scrollIntoView({ block: "nearest" });
    shown?.querySelector(".versions button:enabled")?.focus();
  }

  function update(index) {
    views[index].update({ ...messages[index], last: index === messages.length - 1, elsewhere });
  }

  function replaceLast(answer) {
    all[all.lastIndexOf(messages.at(-1))] = answer;
    messages[messages.length - 1] = answer;
    update(messages.length - 1);
    scroll.follow();
  }

  function edit() {
    if (busy) return;
    editing = lastPrompt(messages);
    hooks.edit(editing.content);
  }

  function retry() {
    const prompt = lastPrompt(messages);
    if (prompt) send(newPrompt(prompt.content, prompt.parent));
  }

  /** Sends `prompt`. One with a parent begins another branch there. */
  async function send(prompt) {
    const signal = begin();
    elsewhere = false;
    const isBranch = prompt.parent !== undefined || strayed;
    const parent = prompt.parent ?? messages.at(-1)?.id ?? ROOT;
    const asked = { ...prompt, parent, id: localId() };
    const answer = { ...newAnswer(model()), parent: asked.id, id: localId() };
    forgetLost(parent);
    const before = createTree(all).branchTo(parent);
    const after = parentOf(before, before.length);
    all.push(asked, answer);
    set(answer.id);
    strayed = false;
    scroll.toEnd();
    setBusy(true);
    announce(t("answering"));
    try {
      if (id === null) await create(signal);
      running.begin(id, before.at(-1)?.id ?? null, prompt.content);
      const listen = (name, data) => signal.aborted || onEvent(name, data);
      await api.send(bodyOf(prompt, isBranch ? after : null), { signal, onEvent: listen });
      running.end();
    } catch (error) {
      await failed(error, signal);
    }
    if (!signal.aborted) finish();
  }

  function finish() {
    setBusy(false);
    if (id !== null) hooks.finished(id);
  }

  /** A prompt that never arrived is replaced by the next one. */
  function forgetLost(parent) {
    const rivals = new Set(createTree(all).siblings({ parent, role: "user" }).map((prompt) => prompt.id));
    const answers = all.filter((answer) => isLost(answer) && rivals.has(answer.parent));
    const lost = new Set(answers.flatMap((answer) => [answer.id, answer.parent]));
    all = all.filter((message) => !lost.has(message.id));
  }

  async function create(signal) {
    const made = await api.create(model());
    if (signal.aborted) throw new DOMException("", "AbortError");
    id = made;
    known = true;
    hooks.began(id);
  }

  function bodyOf(prompt, parent) {
    const body = { chat_id: id, message: prompt.content };
    if (parent !== null) body.parent_id = parent;
    if (model()) body.model = model();
    if (settings.system.get()) body.system_prompt = settings.system.get();
    if (settings.think.get()) body.thinking_enabled = true;
    if (settings.search.get()) body.search_enabled = true;
    return body;
  }

  function onEvent(name, data) {
    replaceLast(grow(messages.at(-1), name, data));
    if (name === "done") announce(`${t("answerDone")} ${spoken()}`);
  }

  const spoken = () => views.at(-1).element.querySelector(".text").innerText.slice(0, SPOKEN);

  async function failed(error, signal) {
    if (signal.aborted) return;
    const [answer, shown] = [messages.at(-1), all];
    const mayBeThere = ["cut", "interrupted"].includes(error.code) && id !== null;
    if (mayBeThere && (await recovered(signal))) return;
    if (signal.aborted) return;
    if (all !== shown) {
      all = shown;
      set(answer.id);
    }
    // A prompt that the network lost may still have arrived.
    if (error.code !== "network") running.end();
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

  /** Stops the answer that is shown, here and upstream; until that is done nothing else is sent. */
  async function stop() {
    const answer = messages.at(-1);
    if (!busy || !isOpen(answer)) return;
    if (answer.state === "in_progress") return stopFollowed();
    work.abort();
    work = new AbortController();
    const { signal } = work;
    replaceLast({ ...answer, state: "stopped" });
    announce(t("interrupted"));
    running.end();
    if (id !== null) await stopUpstream(signal).catch(() => {});
    if (!signal.aborted) finish();
  }

  async function stopUpstream(signal) {
    for (let tries = 1; !(await api.stop(id)) && tries < STOP_TRIES; tries += 1) await pause(STOP_AGAIN, signal);
  }

  async function stopFollowed() {
    const { signal } = work;
    const stopped = await api.stop(id).catch(() => false);
    if (signal.aborted) return;
    announce(t(stopped ? "interrupted" : "stopElsewhere"));
    if (stopped) return open(id, true);
    elsewhere = true;
    update(messages.length - 1);
  }

  async function load(signal) {
    await look(signal);
    await followOpen(signal);
  }

  /** Follows the last answer if there is more to come of it. */
  async function followOpen(signal) {
    if (!isOpen(messages.at(-1))) return;
    setBusy(true);
    const wait = (delay) => pause(delay, signal);
    if (await follow({ look: () => look(signal), wait })) announce(t("answerDone"));
    else fellSilent();
    running.end();
    finish();
  }

  /** There may be more of the answer, but this page does not receive it. */
  function fellSilent() {
    replaceLast({ ...messages.at(-1), state: "failed", failure: { code: "silent" } });
  }

  /** Reports the chat that was read. Its model is selected once: the user may select another. */
  function tell(chat) {
    (known ? hooks.renewed : hooks.loaded)(chat);
    known = true;
  }

  /** Reads the chat, and returns the state of its last answer. */
  async function look(signal) {
    const before = messages.at(-1);
    const chat = await api.chat(id, signal);
    signal.throwIfAborted();
    tell(chat);
    show(chat);
    const now = messages.at(-1);
    if (!isOpen(now)) return "done";
    const size = (answer) => `${answer?.id} ${answer?.content.length} ${answer?.thinking?.length}`;
    return size(now) === size(before) ? "same" : "changed";
  }

  /** Draws only what is not there yet: a chat that is followed is read again and again. */
  function show(chat) {
    const read = messagesOf(chat);
    const branch = withRunning(createTree(read).branchTo(currentLeaf(read, chat.current_id)), running.of(id));
    all = [...new Set([...read, ...branch])];
    const isSame = views.length > 0 && branch.length === messages.length && branch.every((message, index) => message.id === messages[index].id);
    if (isSame) {
      messages = branch;
      messages.forEach((_, index) => update(index));
      scroll.follow();
      return;
    }
    if (views.length === 0) scroll.toEnd();
    strayed = false;
    scroll.keep(() => {
      set(branch.at(-1)?.id);
      if (branch.length === 0) place.append(greeting());
      if (chat.incomplete) place.prepend(el("p", { className: "quiet-note" }, t("incomplete")));
    });
  }

  /** Shows what has come to a chat that is shown; what cannot be read any more takes nothing away. */
  async function goOn(chat) {
    const signal = begin();
    show(chat);
    try {
      await followOpen(signal);
    } catch (error) {
      if (signal.aborted) return;
      setBusy(false);
      fellSilent();
      if (needsToken(error)) hooks.tokenRefused(error);
    }
  }

  /** Whether the branch that the account would go on with is shown. */
  function isShown(chat) {
    const read = messagesOf(chat);
    const branch = createTree(read).branchTo(currentLeaf(read, chat.current_id));
    return branch.length === messages.length && branch.at(-1)?.id === messages.at(-1)?.id;
  }

  /** Whether nothing is shown that the person is busy with, or that the account does not have. */
  function mayChange() {
    const last = messages.at(-1);
    const isOnlyHere = last?.state === "stopped" && !isNamed(last);
    return !strayed && editing === null && !last?.failure && !isOnlyHere;
  }

  /** Shows another chat, or the same one `again` without a blank in between. */
  async function open(newId, again = false) {
    const signal = again ? begin() : reset(newId, el("p", { className: "quiet-note loading", role: "status" }, t("loading")));
    try {
      await load(signal);
    } catch (error) {
      if (!signal.aborted) fail(error, () => open(newId));
    }
  }

  function fail(error, again) {
    setBusy(false);
    place.replaceChildren(failureBox(error, { retry: again, enterToken: hooks.enterToken }));
    if (needsToken(error)) hooks.tokenRefused(error);
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
    clear: (isLocal) => reset(null, greeting(isLocal)),
    /** Reads the chat again, unless something that would be lost is shown. */
    reopen() {
      const { failure } = messages.at(-1) ?? {};
      if (failure && failure.code !== "silent") retry();
      else open(id);
    },
    /** Shows what has been added to the chat outside this page; redraws nothing if nothing has. */
    async refresh() {
      if (id === null || busy) return;
      const { signal } = work;
      const chat = await api.chat(id, signal).catch(() => null);
      if (chat === null || signal.aborted || busy) return;
      const isNew = !known || !isShown(chat);
      tell(chat);
      if (isNew && mayChange()) await goOn(chat);
    },
    /** What the prompt that was being edited follows; `undefined` if none was. */
    takeEdit() {
      const parent = editing === null ? undefined : editing.parent;
      editing = null;
      return parent;
    },
  };
}
