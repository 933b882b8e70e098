// The settings of this browser: colours, language, size of the text, the key that sends, and notifications.

import { byId, el } from "./dom.js";
import { language, languages, t } from "./i18n.js";
import { settings } from "./settings.js";

export const THEMES = ["system", "light", "dark"];
const SIZES = ["small", "normal", "large", "huge"];
const SEND_KEYS = ["enter", "ctrl"];

/** `value`, or the default if it is none of `known`. */
export const knownOr = (known, value, fallback) => (known.includes(value) ? value : fallback);

export const theme = () => knownOr(THEMES, settings.theme.get(), "system");
export const sendsWithCtrl = () => settings.sendKey.get() === "ctrl";

/** Shows the page in these colours. */
export function setTheme(name) {
  settings.theme.set(name === "system" ? "" : name);
  document.documentElement.dataset.theme = name;
  if (byId("preference-theme")) byId("preference-theme").value = name;
}

export function setLanguage(name) {
  settings.language.set(name);
  location.reload();
}

const mayNotify = () => !settings.muted.get() && globalThis.Notification?.permission === "granted";

/** `onSendKey()` is called when another key sends. */
export function createPreferences({ onSendKey }) {
  const dialog = byId("preferences");
  const note = byId("preference-note");

  function choice(name, values, get, set) {
    const select = byId(`preference-${name}`);
    select.append(...values.map(([value, words]) => el("option", { value }, words)));
    select.value = get();
    select.addEventListener("change", () => set(select.value));
  }

  choice("theme", THEMES.map((name) => [name, t(`theme_${name}`)]), theme, setTheme);
  choice("language", languages, () => language, setLanguage);
  choice("size", SIZES.map((name) => [name, t(`size_${name}`)]), () => knownOr(SIZES, settings.textSize.get(), "normal"), (name) => {
    settings.textSize.set(name === "normal" ? "" : name);
    document.documentElement.dataset.size = name;
  });
  choice("send", SEND_KEYS.map((name) => [name, t(`send_${name}`)]), () => (sendsWithCtrl() ? "ctrl" : "enter"), (name) => {
    settings.sendKey.set(name === "ctrl" ? name : "");
    onSendKey();
  });

  const box = byId("preference-notify");
  box.checked = mayNotify();
  box.addEventListener("change", async () => {
    note.textContent = "";
    if (box.checked && (await globalThis.Notification?.requestPermission?.().catch(() => null)) !== "granted") {
      box.checked = false;
      note.textContent = t("notifyDenied");
    }
    settings.muted.set(!box.checked);
  });

  return { open: () => dialog.showModal() };
}
