// Says that a long answer is finished when the page is out of sight. Asks for the permission only after a click.

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { settings } from "./settings.js";

/** A shorter answer is not worth a notification, and nothing is offered before; in milliseconds. */
const LONG = 8_000;
const MAX_TEXT = 140;

export function createNotify() {
  const button = byId("notify");
  const allowed = () => globalThis.Notification?.permission;
  let since = 0;
  let timer;

  button.addEventListener("click", async () => {
    button.hidden = true;
    await Notification.requestPermission();
  });

  return {
    /** An answer is being written from now on, or no more. */
    busy(now) {
      clearTimeout(timer);
      button.hidden = true;
      since = now ? since || Date.now() : 0;
      if (now && allowed() === "default") timer = setTimeout(() => (button.hidden = false), LONG);
    },
    /** The answer is finished, before `busy(false)`; `title` and `text` are of its chat. */
    ended(title, text) {
      if (!since || Date.now() - since < LONG || !document.hidden || allowed() !== "granted" || settings.muted.get()) return;
      const note = new Notification(title || t("answerDone"), { body: text.slice(0, MAX_TEXT), icon: document.querySelector("link[rel=icon]").href, tag: "answer" });
      note.onclick = () => {
        focus();
        note.close();
      };
    },
  };
}
