// Two chats side by side: the same prompts go to two models.

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

/** `#/compare`, or with the ids of the two chats. */
const PLACE = /^#\/compare(?:\/([^/]+)\/([^/]+))?$/;

/** The ids of the chats that `hash` compares, `[null, null]` for new ones; `null` if it compares none. */
export function comparedIn(hash) {
  const found = PLACE.exec(hash);
  if (!found) return null;
  try {
    return found.slice(1).map((id) => (id ? decodeURIComponent(id) : null));
  } catch {
    return [null, null];
  }
}

export const compareHash = (ids) => (ids.length === 2 && ids.every(Boolean) ? `#/compare/${ids.map(encodeURIComponent).join("/")}` : "#/compare");

/** `start(hooks, place)` makes a conversation; `hooks` are those of the first one. */
export function createCompare({ start, hooks, names }) {
  const place = byId("other-messages");
  const scroller = byId("scroller");
  let thread = null;
  let busy = [false, false];
  let whole = true;

  function show(now) {
    place.hidden = !now;
    scroller.classList.toggle("compared", now);
    byId("compare").ariaPressed = String(now);
  }

  /** What both conversations have in common while an answer is written in one of them. */
  function setBusy(which, now, mayAsk) {
    busy[which] = now;
    hooks.busy(busy.some(Boolean), mayAsk);
  }

  return {
    isOn: () => !place.hidden,
    /** The second conversation. */
    other: () => thread,
    setBusy,
    /** The queue continues when both have ended. */
    ended(isWhole) {
      whole &&= isWhole;
      if (busy.some(Boolean)) return;
      hooks.ended(whole);
      whole = true;
    },
    on() {
      thread ??= start(place);
      show(true);
    },
    off() {
      if (place.hidden) return;
      thread.clear();
      busy = [false, false];
      whole = true;
      show(false);
    },
    greeting: () => el("div", { className: "empty" }, el("h2", {}, t("compareTitle")), el("p", {}, t("compareHint", names()))),
  };
}
