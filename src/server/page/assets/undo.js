// An action that waits for a few seconds, so that it can be undone; and words about what has happened.

import { byId } from "./dom.js";

/** In milliseconds. */
const DELAY = 6_000;

/** One action waits at a time: another one performs it at once, and so does leaving the page. */
export function createUndo() {
  const toast = byId("toast");
  const told = byId("told");
  let waiting = null;
  let timer;
  let tellTimer;

  function end() {
    clearTimeout(timer);
    if (toast.matches(":popover-open")) toast.hidePopover();
    const action = waiting;
    waiting = null;
    return action;
  }

  byId("toast-undo").addEventListener("click", () => end()?.undo());
  addEventListener("pagehide", () => end()?.perform(true));

  return {
    /** Shows `text` for a while; an action that waits is left alone. */
    tell(text) {
      clearTimeout(tellTimer);
      told.textContent = text;
      told.showPopover();
      tellTimer = setTimeout(() => told.hidePopover(), DELAY);
    },
    /** Shows `text`, and calls `perform(isLeaving)` after `delay`, or `undo()`. */
    offer(text, action, delay = DELAY) {
      end()?.perform(false);
      waiting = action;
      byId("toast-text").textContent = text;
      toast.showPopover();
      timer = setTimeout(() => end()?.perform(false), delay);
    },
  };
}
