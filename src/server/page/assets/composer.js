// The box in which a message is written. What it holds is kept as the draft of its chat.

import { announce, byId } from "./dom.js";
import { drafts } from "./drafts.js";
import { language, t } from "./i18n.js";
import { clockTime, contextHint, sizeHint } from "./limits.js";
import { sendsWithCtrl } from "./preferences.js";

/** How many messages are sent before the keys of the box are known. */
const TIMES = 3;

/**
 * `send(text, force)` and `stop()` are the actions of its buttons; while an answer of this tab runs, `wait(text)`
 * takes a message, if there is room. `cancel()` is called when an edit is cancelled, and
 * `editLast()`, which says whether there is anything, when the last message is to be edited.
 * `refusedUntil()` says until when the service refuses prompts, and `hasLimit()` whether it limits their length.
 */
export function createComposer({ send, wait, stop, cancel, editLast, settings, refusedUntil, hasLimit }) {
  const form = byId("composer");
  const input = byId("prompt");
  /** The chat whose draft is shown, and the sent message that is edited instead: its id and its text. */
  let chat = null;
  let edited = null;
  let busy = false;
  /** Whether a message may be sent while an answer runs, because the answer is not this tab's own. */
  let open = false;
  /** Whether the current click has sent a message: it may be the first of a double click. */
  let justSent = false;

  /** The length of the model's context, in tokens. */
  let context = 0;
  /** Whether nothing can be sent in this chat. */
  let locked = false;

  function grow() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
    const isEmpty = input.value.trim() === "";
    byId("send").disabled = isEmpty || locked;
    byId("send").hidden = busy && (isEmpty || (edited !== null && !open));
    byId("stop").hidden = !busy;
    showHint();
  }

  /** A message that is sent although the quota is used up. */
  let anyway = false;
  let hintTimer;

  /** What the service would refuse, or `null`. */
  function obstacle() {
    const size = (hasLimit() ? sizeHint(input.value) : null) ?? contextHint(input.value, context);
    const until = refusedUntil();
    if (size?.isTooLarge || until <= Date.now()) return size && { ...size, blocks: Boolean(size.isTooLarge) };
    clearTimeout(hintTimer);
    hintTimer = setTimeout(showHint, Math.min(until - Date.now() + 1_000, 60_000));
    return { words: t("quotaUntil", { time: clockTime(until, language) }), blocks: !anyway, mayPass: true };
  }

  function showHint() {
    const found = obstacle();
    byId("hint").hidden = !found;
    byId("hint").classList.toggle("blocks", Boolean(found?.isTooLarge || found?.isOver));
    if (byId("hint-text").textContent !== (found?.words ?? "")) byId("hint-text").textContent = found?.words ?? "";
    byId("hint-act").hidden = !found?.mayPass || input.value.trim() === "";
  }

  byId("hint-act").addEventListener("click", () => {
    anyway = true;
    form.requestSubmit();
    anyway = false;
    input.focus();
  });

  function keep() {
    const { text } = drafts.get(chat);
    drafts.set(chat, edited ? { text, edit: { of: edited.of, from: edited.text, text: input.value } } : { text: input.value, edit: null });
  }

  input.addEventListener("input", () => {
    keep();
    grow();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp" && input.value === "" && edited === null && !event.isComposing && editLast()) event.preventDefault();
    // While a word is being composed, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    if (sendsWithCtrl() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  byId("stop").addEventListener("click", (event) => {
    // It takes the place of the button that sends, so the second half of a double click ends here. A
    // further click is intended.
    const isSecondHalf = justSent && event.detail === 2;
    justSent = false;
    if (isSecondHalf) return;
    stop();
    input.focus();
  });

  function submit() {
    const text = input.value;
    if (text.trim() === "" || locked) return;
    const found = obstacle();
    if (found?.blocks) {
      byId("hint").classList.remove("again");
      requestAnimationFrame(() => byId("hint").classList.add("again"));
      announce(found.words);
      return;
    }
    if (busy && !open) {
      if (edited !== null || !wait(text)) return;
      drafts.set(chat, { text: "", edit: null });
      return setText("");
    }
    const draft = drafts.get(chat).text;
    const rest = edited && draft !== edited.text ? draft : "";
    drafts.set(chat, { text: rest, edit: null });
    settings.sent.add();
    setEdited(null);
    setText(rest);
    justSent = true;
    send(text, anyway && Boolean(found));
  }

  for (const name of ["think", "search"]) {
    const toggle = byId(name);
    const showState = () => toggle.setAttribute("aria-pressed", String(settings[name].get()));
    toggle.addEventListener("click", () => {
      settings[name].set(!settings[name].get());
      showState();
    });
    showState();
  }

  function setText(text) {
    input.value = text;
    grow();
  }

  function setEdited(message) {
    edited = message;
    showKeys();
  }

  function showKeys() {
    form.classList.toggle("editing", edited !== null);
    const isNew = settings.sent.get() < TIMES;
    byId("keys").textContent = edited ? t("editing") : sendsWithCtrl() ? t("keysCtrl") : isNew ? t("keys") : "";
  }

  showKeys();
  grow();
  return {
    showKeys,
    /** The model, or what is known about its quota, has changed. */
    showHint,
    focus: () => input.focus(),
    /** Nothing can be sent in an archived chat. */
    lock(now) {
      locked = now;
      input.disabled = now;
      grow();
    },
    /** Puts `text` into the empty box. */
    suggest(text) {
      setText(text);
      keep();
      input.focus();
      input.setSelectionRange(text.length, text.length);
    },
    isEditing: () => edited !== null,
    isEmpty: () => input.value.trim() === "",
    /** Shows the draft of `id`, `null` for the next new chat. */
    open(id) {
      chat = id;
      setEdited(null);
      setText(drafts.get(id).text);
    },
    /** The new chat has the id `id` now; what has been written meanwhile belongs to it. */
    began(id) {
      const draft = drafts.get(chat);
      drafts.set(chat, { text: "", edit: null });
      chat = id;
      drafts.set(id, draft);
    },
    /** The draft of the shown chat, which is deleted. */
    takeDraft() {
      const { text, edit } = drafts.get(chat);
      drafts.set(chat, { text: "", edit: null });
      return text || edit?.text || "";
    },
    /** Words that were taken back come before what has been written meanwhile. */
    add(text) {
      const draft = drafts.get(chat);
      const words = [text, draft.text].filter(Boolean).join("\n\n");
      drafts.set(chat, { ...draft, text: words });
      if (edited === null) setText(words);
    },
    /** The words of a message that failed come back, unless others are there. */
    giveBack(text) {
      const draft = drafts.get(chat);
      if (draft.text !== "" || text === "") return;
      drafts.set(chat, { ...draft, text });
      if (edited === null) setText(text);
    },
    /** The new chat `id` is gone again: its draft is one for the next. */
    unmade(id) {
      const draft = drafts.get(id);
      drafts.set(id, { text: "", edit: null });
      if (chat === id) chat = null;
      if (drafts.get(null).text !== "") return;
      drafts.set(null, draft);
      if (chat === null && edited === null) setText(draft.text);
    },
    /** `text` has been sent from elsewhere on the page. */
    sent(text) {
      if (edited !== null || input.value !== text) return;
      setText("");
      keep();
    },
    /** Edits the message `of` with this text; `words` are those of an edit that was interrupted. */
    edit(of, text, words = text) {
      setEdited({ of, text });
      setText(words);
      input.focus();
      input.setSelectionRange(words.length, words.length);
    },
    /** The edit that a reload interrupted, or `null`. */
    interrupted: () => drafts.get(chat).edit,
    /** The edited message is not there any more: the words of the edit become the draft. */
    giveUpEdit() {
      const { text, edit } = drafts.get(chat);
      drafts.set(chat, { text: [text, edit?.text].filter(Boolean).join("\n\n"), edit: null });
      setText(drafts.get(chat).text);
    },
    cancelEdit() {
      const { text } = drafts.get(chat);
      drafts.set(chat, { text, edit: null });
      setEdited(null);
      setText(text);
      cancel();
    },
    setBusy(now, mayAsk = false) {
      const hadFocus = document.activeElement === byId("stop");
      [busy, open] = [now, mayAsk];
      grow();
      if (hadFocus && !now) input.focus();
    },
    /** Only what the model can do can be switched on. */
    setModel({ abilities, max_context_length: length = 0 } = {}) {
      context = length;
      byId("think").hidden = abilities?.thinking === false;
      byId("search").hidden = abilities?.search === false;
      showHint();
    },
  };
}
