// The conversation that is shown: loads it, sends prompts, follows answers, and draws.

import { ROOT, grow, historyOf, isNamed, isOpen, messagesOf, newAnswer, newKey, newPrompt, parentOf } from "./conversation.js";
import { announce, byId, el } from "./dom.js";
import { facts } from "./facts.js";
import { failureBox, forgetAttempts } from "./failure-box.js";
import { explain, isQuota, needsToken } from "./failure.js";
import { PACE, follow, pause } from "./follow.js";
import { t } from "./i18n.js";
import { markWords } from "./marks.js";
import { answerView, promptView } from "./messages.js";
import { countOf, hasArrived, missing, outbox } from "./outbox.js";
import { createScroll } from "./scroll.js";
import { firstWords, titleWithoutSystem, withoutSystem } from "./system.js";
import { createTree, currentLeaf } from "./tree.js";
import { chosenVersion } from "./version.js";
import { createViews } from "./views.js";

/** A longer answer is announced by its beginning. */
const SPOKEN = 600;
/** A stop may overtake the prompt on its way to the server: the number of attempts, and the time between two. */
const STOP_TRIES = 4;
const STOP_AGAIN = 250;
/** After a lost connection a prompt may still reach the account, for this long in milliseconds. */
const MAY_ARRIVE = 4_000;

/** `place` is the element that holds the messages. */
export function createThread({ api, settings, model, hooks, place = byId("messages") }) {
  const scroll = createScroll(place);
  const views = createViews(place, { make: view, refresh: update });
  let id = null;
  /** Whether the chat has been read since it is shown. */
  let known = false;
  /** The messages of all branches, and those of the branch that is shown. */
  let all = [];
  let messages = [];
  /** Whether the shown branch differs from the one that the account would continue. */
  let strayed = false;
  /** The last message of the account's current branch. */
  let current = null;
  /** The versions of each shown message. */
  let marks = [];
  let editing = null;
  let busy = false;
  /** Whether the answer that is followed cannot be stopped from here. */
  let elsewhere = false;
  /** Whether the connection was lost while the answer was written: what the account has of it is all there is. */
  let wasLost = false;
  /** The message that is looked for, and the words that were found in it. */
  let target = null;
  /** Whether the chat comes from the archive. */
  let readOnly = false;
  /** Whether the chat is kept by this page alone, until another one is shown. */
  let temporary = false;
  /** Aborts the running work: an answer, or the loading of a chat. */
  let work = new AbortController();

  function begin() {
    work.abort();
    work = new AbortController();
    wasLost = false;
    setBusy(false);
    return work.signal;
  }

  /** `mayAsk`: the running answer is not this tab's own, so that another prompt may join the queue. */
  function setBusy(now, mayAsk = false) {
    busy = now;
    place.classList.toggle("busy", now);
    hooks.busy(now, mayAsk);
  }

  function reset(newId, ...content) {
    const signal = begin();
    markWords(null, []);
    id = newId;
    known = false;
    readOnly = false;
    place.classList.remove("read-only");
    elsewhere = false;
    temporary = false;
    all = [];
    messages = [];
    strayed = false;
    editing = null;
    views.clear(...content);
    return signal;
  }

  /** Shows the branch that ends with the message `leaf`. */
  function set(leaf) {
    const tree = createTree(all);
    const before = messages;
    messages = tree.branchTo(leaf);
    marks = messages.map((message) => versions(tree, message));
    const kept = views.show(messages.map(({ id, role, content }, index) => ({ id, mark: `${marks[index].at} ${marks[index].count} ${role === "user" ? content : ""}` })));
    for (let index = 0; index < kept; index += 1) if (!isNamed(messages[index]) || isChanged(before[index], messages[index])) update(index);
  }

  function view(index) {
    const versions = marks[index];
    if (messages[index].role === "user") {
      const element = promptView(messages[index], { edit: () => edit(messages[index]), discard: () => discard(messages[index]), versions });
      return { element, update: () => element.classList.toggle("unsent", isUnsent(messages[index])) };
    }
    const again = (options) => retry(messages[index], options);
    const retryWith = (button) => busy || hooks.retryWith(button, messages[index].model, again);
    return answerView({ ...hooks.remedies(() => promptOf(messages[index])?.content), retry: () => again(), retryWith, versions });
  }

  const promptOf = (answer) => all.find(({ id }) => id === answer.parent);

  /** Whether a prompt has failed or was stopped before the account had it. */
  function isUnsent(prompt) {
    if (isNamed(prompt)) return false;
    const answer = all.find(({ parent }) => parent === prompt.id);
    return Boolean(answer) && !isNamed(answer) && !isOpen(answer);
  }

  function versions(tree, message) {
    const siblings = tree.versions(message);
    const at = siblings.indexOf(message);
    return { at, count: siblings.length, go: (step) => busy || goTo(siblings[at + step].id) };
  }

  /** Shows the newest branch through the message with this id. */
  function branchWith(wanted) {
    const leaf = createTree(all).leafOf(wanted);
    strayed = leaf !== current;
    if (id !== null) chosenVersion.set(id, strayed ? { leaf, current } : null);
    set(leaf);
  }

  /** Shows the message that is looked for, also on another branch. */
  function seek() {
    if (target === null) return;
    const message = all.find(({ id }) => id === target.id);
    const { words } = target;
    target = null;
    if (message === undefined) return announce(t("messageMissing"));
    if (!messages.includes(message)) branchWith(message.id);
    const element = views.element(messages.indexOf(message));
    scroll.to(element);
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    markWords(element, words);
  }

  function goTo(version) {
    branchWith(version);
    const shown = views.element(messages.findIndex(({ id }) => id === version));
    shown.scrollIntoView({ block: "nearest" });
    shown.querySelector(".versions button:enabled")?.focus();
  }

  function update(index) {
    views.update(index, { ...messages[index], last: index === messages.length - 1, elsewhere });
  }

  function replaceLast(answer) {
    all[all.lastIndexOf(messages.at(-1))] = answer;
    messages[messages.length - 1] = answer;
    update(messages.length - 1);
  }

  function edit(prompt, words) {
    if (busy || readOnly) return;
    editing = prompt;
    hooks.edit(prompt.id, prompt.content, words);
  }

  /** Resumes an edit that a reload interrupted. Its words are shown even if the message is gone. */
  function resumeEdit() {
    const edited = hooks.interruptedEdit();
    if (!edited || editing || busy) return;
    const prompts = all.filter(({ role }) => role === "user");
    // A prompt has a local id until the chat is read again.
    const prompt = prompts.find((message) => message.id === edited.of) ?? prompts.findLast(({ content }) => content === edited.from);
    if (prompt) edit(prompt, edited.text);
    else hooks.giveUpEdit();
  }

  function retry(answer, options) {
    if (busy || readOnly) return;
    const prompt = promptOf(answer);
    if (answer.failure?.code === "silent" && !(prompt && isUnsent(prompt))) return open(id);
    if (prompt) send({ content: prompt.content, ...placeOf(prompt), options });
  }

  /** The options of `send` for a prompt in the place of `prompt`. A prompt that never arrived is replaced. */
  function placeOf(prompt) {
    const isLost = isUnsent(prompt);
    return { parent: prompt.parent, branch: isLost ? prompt.branch : true, replaces: isLost ? prompt : null };
  }

  /** Removes a prompt that never arrived, and its answer. */
  function drop(prompt) {
    if (prompt.key) outbox.end(prompt.key);
    const answers = all.filter(({ parent }) => parent === prompt.id);
    all = all.filter((message) => message !== prompt && !answers.includes(message));
    for (const next of all) if (answers.some(({ id }) => id === next.parent)) next.parent = prompt.parent;
  }

  function discard(prompt) {
    if (busy || !isUnsent(prompt)) return;
    drop(prompt);
    set(createTree(all).leafOf(prompt.parent));
    if (messages.length === 0) place.append(hooks.greeting(temporary));
  }

  /**
   * Sends a prompt. With `branch` it follows the message `parent`, otherwise the newest message at the time when
   * the server sends it. It replaces the lost prompt `replaces`. `options` are `model`, `think` and `search`, where
   * they differ from what is set on the page.
   */
  async function send({ content, force = false, parent, branch = parent !== undefined || strayed, replaces = null, key = newKey(), options = {} }) {
    const signal = begin();
    elsewhere = false;
    if (replaces) drop(replaces);
    const end = parent ?? messages.at(-1)?.id ?? ROOT;
    const before = createTree(all).branchTo(end);
    const after = parentOf(before, before.length);
    const isNew = id === null && !temporary;
    const same = countOf(all.filter((message) => message.role !== "user" || !isUnsent(message)), content);
    const prompt = { ...newPrompt(content, end), key, branch, id: `local:${key}` };
    const answer = { ...newAnswer(options.model ?? model()), key, parent: prompt.id, id: `local:${key}:answer` };
    all.push(prompt, answer);
    set(answer.id);
    strayed = false;
    scroll.toEnd();
    setBusy(true);
    announce(t("answering"));
    hooks.sent(content);
    try {
      const listener = { signal, onEvent: (name, data) => signal.aborted || onEvent(name, data) };
      if (isNew) await create(signal, content);
      if (temporary) {
        await api.temporary({ ...bodyOf(content, null, key, options), history: historyOf(before), ...(force && { force }) }, listener);
      } else {
        chosenVersion.set(id, null);
        outbox.begin({ key, chat: id, parent: after, branch, content, same });
        await api.send({ ...bodyOf(content, branch ? after : null, key, options), ...(force && { force }) }, listener);
        outbox.end(key);
      }
    } catch (error) {
      await failed(error, signal, { key, isNew, content });
    }
    if (signal.aborted) return;
    finish();
    // The answer to a prompt of another tab may have grown meanwhile.
    if (messages.slice(0, -1).some(isOpen)) goOn(await api.chat(id, signal).catch(() => null));
  }

  function finish() {
    const last = messages.at(-1);
    if (last?.state === "done") hooks.done(last.content);
    setBusy(false);
    hooks.ended(mayContinue());
    if (id !== null) hooks.finished(id);
  }

  /** Whether nothing is left of the last answer to wait for: it is whole, or a lost connection has cut it. */
  function mayContinue() {
    const last = messages.at(-1);
    if (last?.role !== "assistant") return false;
    if (wasLost) return isNamed(last) && !isOpen(last) && !last.failure;
    return last.state === "done" && !last.error;
  }

  async function create(signal, content) {
    const made = await api.create(model());
    if (signal.aborted) throw new DOMException("", "AbortError");
    id = made;
    known = true;
    hooks.began(id, firstWords(content));
  }

  // The model of the prompt that is being answered; the choice may change meanwhile.
  let asked = "";

  function bodyOf(content, parent, key, options) {
    asked = options.model ?? model();
    const body = { chat_id: id ?? undefined, message: content, prompt_id: key };
    if (parent !== null) body.parent_id = parent;
    if (asked) body.model = asked;
    const system = settings.system.get();
    if (system) {
      body.system_prompt = system;
      settings.usedSystems.add(system);
    }
    if (options.think ?? settings.think.get()) body.thinking_enabled = true;
    if (options.search ?? settings.search.get()) body.search_enabled = true;
    return body;
  }

  function onEvent(name, data) {
    replaceLast(grow(messages.at(-1), name, data));
    if (name === "start" && id !== null) hooks.changed(id);
    if (name === "start") hooks.refused(asked, 0);
    if (name === "delta") forgetAttempts();
    if (name === "done") whole();
  }

  function whole() {
    const { id: answer, thought, tokens, rate } = messages.at(-1);
    if (thought || tokens) facts.keep(answer, { thought, tokens, rate });
    announce(`${t("answerDone")} ${spoken()}`);
  }

  /** An answer out of sight is not laid out, and so has no `innerText`. */
  function spoken() {
    const text = views.element(messages.length - 1).querySelector(".text");
    return (text.innerText || text.textContent).slice(0, SPOKEN);
  }

  async function failed(error, signal, { key, isNew, content }) {
    if (signal.aborted) return;
    // The account may have more of an answer than reached this page, or the prompt may still arrive.
    const mayBeThere = ["cut", "interrupted", "network"].includes(error.code) && id !== null;
    // Whether the chat or the model is missing.
    if (error.code === "not_found" && id !== null) error.ofModel = await api.chat(id, signal).then(() => true, () => false);
    if (isQuota(error)) hooks.refused(asked, Date.now() + error.retryAfter * 1000);
    if (error.code === "interrupted" && !isNamed(messages.at(-1))) outbox.fail(key, error);
    wasLost = mayBeThere && error.code !== "interrupted";
    if (mayBeThere && (await recovered(signal))) return;
    if (signal.aborted) return;
    const answer = messages.at(-1);
    const partial = error.partial?.content ?? answer.content;
    if (isNamed(answer)) outbox.end(key);
    else outbox.fail(key, error);
    replaceLast({ ...answer, content: partial, state: "failed", failure: error });
    messages.forEach((_, index) => update(index));
    announce(t(explain(error).title));
    setBusy(false);
    if (isNew && isNamed(answer)) nameChat(id, content);
    else if (isNew) await takeBack(content, key, signal);
    if (needsToken(error) && !signal.aborted) hooks.tokenRefused(error);
  }

  /** Reads the chat as soon as the server can be reached, and follows what there is of the answer. */
  async function recovered(signal) {
    const [answer, shown] = [messages.at(-1), all];
    let isBack = false;
    for (;;) {
      try {
        await look(signal);
        await followOpen(signal, isBack ? { ...PACE, patience: MAY_ARRIVE } : PACE);
        return true;
      } catch (error) {
        if (signal.aborted) return true;
        if (error.code !== "network") break;
        isBack = true;
        await reconnected(signal).catch(() => {});
        if (signal.aborted) return true;
      }
    }
    if (all !== shown) {
      all = shown;
      set(answer.id);
    }
    return false;
  }

  /** Puts the words of a first prompt back into the box, and deletes its chat if that is empty. */
  async function takeBack(content, key, signal) {
    hooks.giveBack(content);
    const made = id;
    // Another prompt that is sent meanwhile gets a chat of its own.
    id = null;
    if (made !== null && !(await isDeleted(made, content))) {
      if (!signal.aborted) id = made;
      return;
    }
    outbox.end(key);
    if (made !== null) hooks.unmade(made, !signal.aborted);
  }

  async function isDeleted(made, content) {
    try {
      const { messages: found } = await api.chat(made);
      if (found.length === 0) await api.remove(made, true);
      else nameChat(made, content);
      return found.length === 0;
    } catch (error) {
      return error.code === "not_found";
    }
  }

  /** A chat whose first answer failed gets no title from the upstream. */
  async function nameChat(made, content) {
    const chat = await api.chat(made).catch(() => null);
    if (chat && !chat.title) await api.rename(made, firstWords(content)).catch(() => {});
  }

  /** Stops the answer that is shown, here and upstream; until that is done nothing else is sent. */
  async function stop() {
    const answer = messages.at(-1);
    if (!busy || !isOpen(answer)) return;
    if (answer.state === "in_progress") return stopFollowed();
    work.abort();
    work = new AbortController();
    wasLost = false;
    const { signal } = work;
    const { key } = answer;
    if (key && isNamed(answer)) outbox.end(key);
    else if (key) outbox.fail(key);
    replaceLast({ ...answer, state: "stopped" });
    messages.forEach((_, index) => update(index));
    announce(t("interrupted"));
    if (id !== null) await stopUpstream(signal, key).catch(() => {});
    if (!signal.aborted) finish();
  }

  async function stopUpstream(signal, key) {
    for (let tries = 1; !(await api.stop(id, key)) && tries < STOP_TRIES; tries += 1) await pause(STOP_AGAIN, signal);
  }

  async function stopFollowed() {
    const { signal } = work;
    const own = outbox.of(id).find(({ failure }) => failure === undefined);
    const stopped = await api.stop(id, own?.key).catch(() => false);
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

  const isRunning = ({ failure }) => failure === undefined;

  /** Follows the last answer if there is more to come of it. */
  async function followOpen(signal, pace = PACE) {
    if (!isOpen(messages.at(-1))) return;
    setBusy(true, !outbox.of(id).some(isRunning));
    const wait = (delay) => pause(delay, signal);
    if (await follow({ look: () => lookOrWait(signal), wait, pace })) announce(t("answerDone"));
    else fellSilent();
    finish();
  }

  /** As `look`; waits while the server cannot be reached. */
  async function lookOrWait(signal) {
    try {
      return await look(signal);
    } catch (error) {
      if (error.code !== "network") throw error;
      await reconnected(signal);
      return "changed";
    }
  }

  async function reconnected(signal) {
    wasLost = true;
    replaceLast({ ...messages.at(-1), lost: true });
    await hooks.reconnected();
    signal.throwIfAborted();
  }

  /** The answer may continue, but this page does not receive it. */
  function fellSilent() {
    const last = messages.at(-1);
    const failure = { code: last.key && !isNamed(last) ? "lost" : "silent" };
    if (last.key) outbox.fail(last.key, failure);
    replaceLast({ ...last, state: "failed", failure });
    messages.forEach((_, index) => update(index));
  }

  /** Reports the chat that was read. Its model is selected once: the user may select another. */
  function tell(read) {
    const first = read.messages.find(({ role }) => role === "user");
    const title = titleWithoutSystem(read.title, settings.usedSystems.get());
    const chat = { ...read, title, words: first ? firstWords(plain(first.content)) : "" };
    (known ? hooks.renewed : hooks.loaded)(chat);
    known = true;
    readOnly = read.source === "archive";
    place.classList.toggle("read-only", readOnly);
  }

  /** Reads the chat, and returns the state of its last answer. */
  async function look(signal) {
    const before = sizes();
    const chat = await api.chat(id, signal);
    signal.throwIfAborted();
    tell(chat);
    show(chat);
    if (!isOpen(messages.at(-1))) return "done";
    return sizes() === before ? "same" : "changed";
  }

  const sizes = () => messages.map(({ id, content, thinking }) => `${id} ${content.length} ${thinking?.length}`).join();

  /** Draws only what is not there yet: a chat that is followed is read again and again. */
  function show(chat) {
    draw(chat);
    seek();
  }

  function draw(chat) {
    const read = messagesOf(chat, plain);
    current = currentLeaf(read, chat.current_id);
    const chosen = chosenVersion.of(id, current, read);
    const leaf = chosen ?? current;
    all = [...read, ...notInAccount(read, leaf)];
    const unsent = all.slice(read.length).findLast(({ role, branch }) => role === "assistant" && !(chosen && branch));
    const branch = createTree(all).branchTo(unsent?.id ?? leaf);
    const isSame = !views.isEmpty() && branch.length === messages.length && branch.every((message, index) => message.id === messages[index].id);
    if (isSame) {
      const before = messages;
      messages = branch;
      messages.forEach((message, index) => isChanged(before[index], message) && update(index));
      return;
    }
    if (views.isEmpty()) scroll.toEnd();
    strayed = chosen !== null;
    scroll.keep(() => {
      set(branch.at(-1)?.id);
      if (branch.length === 0) place.append(hooks.greeting());
      place.querySelector(":scope > .quiet-note")?.remove();
      if (chat.incomplete) place.prepend(el("p", { className: "quiet-note" }, t("incomplete")));
    });
  }

  /** Whether a message that was read again may look different. */
  const isChanged = (before, message) => before !== message && (isOpen(before) || ["state", "content", "html", "failure", "error"].some((name) => before[name] !== message[name]));

  /** The prompts of this browser that the account does not have (yet), and their answers. */
  function notInAccount(read, leaf) {
    const notes = outbox.of(id);
    const last = read.find((message) => message.id === leaf);
    const isAwaited = last?.role === "user" || isOpen(last);
    for (const note of notes) {
      if (hasArrived(note, read) && !(isRunning(note) && isAwaited)) outbox.end(note.key);
    }
    const unsent = missing(notes, read, leaf);
    if (unsent.length > 0 || last?.role !== "user" || !notes.some(isRunning)) return unsent;
    return [{ ...newAnswer(undefined), key: notes.find(isRunning).key, id: "local:answer", parent: last.id }];
  }

  const plain = (content) => withoutSystem(content, settings.usedSystems.get());

  /** Shows what has come to a chat that is shown; what cannot be read any more takes nothing away. */
  async function goOn(chat) {
    if (chat === null) return;
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

  /** Whether the current branch of the account is shown. */
  function isShown(chat) {
    const read = messagesOf(chat, plain);
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
      resumeEdit();
      hooks.settled();
    } catch (error) {
      if (signal.aborted) return;
      fail(error, () => open(newId));
      if (error.code !== "network") return;
      await hooks.reconnected();
      if (!signal.aborted) open(newId);
    }
  }

  function fail(error, again) {
    setBusy(false);
    messages = [];
    views.clear(failureBox({ ...error, message: error.message, ofChat: true }, { ...hooks.remedies(() => ""), retry: again }));
    if (needsToken(error)) hooks.tokenRefused(error);
  }

  return {
    id: () => id,
    send,
    stop,
    /** Shows the chat `newId`, and in it the message `found.id` with the words `found.words`. */
    open(newId, found = null) {
      target = found;
      if (newId !== id || !known) return open(newId);
      seek();
    },
    fail,
    /** Shows a new conversation; nothing of a temporary one is kept. */
    clear(isTemporary = false) {
      reset(null, hooks.greeting(isTemporary));
      temporary = isTemporary;
      resumeEdit();
    },
    /** The greeting names the model, which may have changed. */
    refreshGreeting: () => place.querySelector(".empty")?.replaceWith(hooks.greeting(temporary)),
    /** Whether a prompt is shown that is in no chat. */
    hasUnsent: () => id === null && messages.length > 0,
    /** Reads the chat again, unless something that would be lost is shown. */
    reopen() {
      const { failure } = messages.at(-1) ?? {};
      if (failure && failure.code !== "silent") retry(messages.at(-1));
      else if (id !== null) open(id);
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
      hooks.settled();
    },
    /** Whether the chat is at rest, and the next message may be sent. */
    isDone() {
      return !busy && known && !readOnly && mayContinue();
    },
    /** Edits the last prompt that is shown, if there is one. */
    editLast() {
      const prompt = messages.findLast(({ role }) => role === "user");
      if (!prompt || busy || readOnly) return false;
      edit(prompt);
      return true;
    },
    /** Where the edited prompt goes; empty if none is edited. */
    takeEdit() {
      const prompt = editing;
      editing = null;
      return prompt === null ? {} : placeOf(prompt);
    },
  };
}
