// A line above the conversation about what needs attention soon. It takes nothing away and never the focus.

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { tokenPayload } from "./token.js";

/** How long before its end a token of the page is mentioned, and the longest timer of browsers, in milliseconds. */
const BEFORE = 120_000;
const MAX_TIMER = 2 ** 31 - 1;

/** `act()` is called when the person wants to do something about it. */
export function createNotice(act) {
  const bar = byId("notice");
  let timer;
  /** What is shown; what has been closed is not shown again. */
  let shown = null;
  let closed = null;

  function show(name, words) {
    if (name === closed) return;
    shown = name;
    byId("notice-text").textContent = words;
    byId("notice-act").textContent = t("enterToken");
    bar.hidden = false;
  }

  function hide() {
    shown = null;
    bar.hidden = true;
  }

  byId("notice-act").addEventListener("click", () => act());
  byId("notice-close").addEventListener("click", () => {
    closed = shown;
    hide();
  });

  return {
    /** `own` is the page's own token, `server` the state of the server's; only what is wrong is shown. */
    watch(own, server) {
      clearTimeout(timer);
      const end = own ? tokenPayload(own)?.exp * 1000 : NaN;
      const left = end - Date.now();
      if (own && left <= BEFORE) show(own, t(left > 0 ? "tokenEnds" : "tokenEnded"));
      else if (!own && server === "expired") show(server, t("serverTokenEnded"));
      else hide();
      if (left > BEFORE) timer = setTimeout(() => this.watch(own, server), Math.min(left - BEFORE, MAX_TIMER));
      else if (left > 0) timer = setTimeout(() => shown === own && this.watch(own, server), left);
    },
  };
}
