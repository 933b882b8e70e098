// An action that waits for a few seconds, so that it can be undone.

import { byId } from "./dom.js";

/** In milliseconds. */
const DELAY = 6_000;

/** One action waits at a time: another one performs it at once, and so does leaving the page. */
export function createUndo() {
  const toast = byId("toast");
  let waiting = null;
  let timer;

  function end() {
    clearTimeout(timer);
    if (toast.matches(":popover-open")) toast.hidePopover();
    const action = waiting;
    waiting = null;
    return action;
  }

  byId("toast-undo").addEventListener("click", () => end()?.undo());
  addEventListener("pagehide", () => end()?.perform(true));

  function show(text, mayUndo) {
    byId("toast-text").textContent = text;
    byId("toast-undo").hidden = !mayUndo;
    toast.showPopover();
  }

  return {
    /** Shows `text` for a while. */
    tell(text) {
      end()?.perform(false);
      show(text, false);
      timer = setTimeout(end, DELAY);
    },
    /** Shows `text`, and calls `perform(isLeaving)` after a while, or `undo()`. */
    offer(text, action) {
      end()?.perform(false);
      waiting = action;
      show(text, true);
      timer = setTimeout(() => end()?.perform(false), DELAY);
    },
  };
}
