// The box in which a message is written.

import { byId } from "./dom.js";
import { t } from "./i18n.js";

/** `send(text)` and `stop()` are the actions of its buttons; `cancel()` is called when an edit is cancelled. */
export function createComposer({ send, stop, cancel, settings }) {
  const form = byId("composer");
  const input = byId("prompt");
  let busy = false;
  /** Whether the current click has sent a message: it may be the first of a double click. */
  let justSent = false;

  function grow() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
    byId("send").disabled = input.value.trim() === "";
  }

  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    // While a word is being composed, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value;
    if (busy || text.trim() === "") return;
    setText("");
    setEditing(false);
    justSent = true;
    send(text);
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

  function setEditing(editing) {
    form.classList.toggle("editing", editing);
    byId("keys").textContent = t(editing ? "editing" : "keys");
  }

  grow();
  return {
    focus: () => input.focus(),
    setText,
    isEditing: () => form.classList.contains("editing"),
    edit(text) {
      setText(text);
      setEditing(true);
      input.focus();
      input.setSelectionRange(text.length, text.length);
    },
    cancelEdit() {
      setText("");
      setEditing(false);
      cancel();
    },
    setBusy(now) {
      busy = now;
      const hadFocus = document.activeElement === byId("stop");
      byId("stop").hidden = !now;
      byId("send").hidden = now;
      if (hadFocus && !now) input.focus();
    },
    /** Only what the model can do can be switched on. */
    setAbilities(abilities) {
      byId("think").hidden = abilities?.thinking === false;
      byId("search").hidden = abilities?.search === false;
    },
  };
}
