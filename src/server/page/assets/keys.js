// The keyboard shortcuts of the page, and the list of them.

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

/** On a Mac the command key stands for Ctrl. */
const IS_MAC = /mac/i.test(globalThis.navigator?.platform ?? "");
export const CTRL = IS_MAC ? "⌘" : "Ctrl";

const LIST = [
  [[CTRL, "K"], "palette"],
  [["/"], "skip"],
  [[CTRL, "Shift", "O"], "newChat"],
  [[CTRL, "B"], "keySidebar"],
  [["↑"], "keyEdit"],
  [["Esc"], "keyStop"],
  [["Enter"], "send"],
  [["Shift", "Enter"], "keyLine"],
  [["?"], "shortcuts"],
];

const isTyping = ({ tagName, isContentEditable }) => isContentEditable || /^(INPUT|TEXTAREA|SELECT|OPTION)$/.test(tagName);

/** The name of the action of a key, or `null`. */
export function actionOf({ key, ctrlKey, metaKey, shiftKey, altKey, isTyping }) {
  if (altKey) return null;
  const letter = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (shiftKey) return letter === "o" ? "newChat" : null;
    return { k: "palette", b: "sidebar" }[letter] ?? null;
  }
  if (isTyping) return null;
  return { "/": "box", "?": "help" }[key] ?? null;
}

/** `newChat()`, `palette()`, `box()` and `sidebar()` are the actions. */
export function shortcuts(actions) {
  const dialog = byId("keys-dialog");
  const help = () => dialog.showModal();
  const keys = (names) => el("dt", {}, ...names.flatMap((name, index) => [index > 0 ? "+" : "", el("kbd", {}, name)]));
  byId("keys-list").append(...LIST.flatMap(([names, words]) => [keys(names), el("dd", {}, t(words))]));

  addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    const action = event.isComposing ? null : actionOf({ key, ctrlKey, metaKey, shiftKey, altKey, isTyping: isTyping(target) });
    if (action === null || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    ({ help, ...actions })[action]();
  });
  return { open: help };
}
