// The language of the page: the chosen one, or the first language of the browser that the page has, else English.

import { settings } from "./settings.js";

/** A visitor loads one of them. */
const dictionaries = {
  en: async () => (await import("./english.js")).english,
  vi: async () => (await import("./vietnamese.js")).vietnamese,
  "zh-CN": async () => (await import("./chinese.js")).chinese,
};

/** Pairs of a language and its own name for itself. */
export const languages = [["en", "English"], ["vi", "Tiếng Việt"], ["zh-CN", "简体中文"]];

/** The language for a reader who prefers `tags`, in this order. */
export function pickLanguage(tags) {
  const primary = (tag) => tag.toLowerCase().split("-")[0];
  const found = tags.map((tag) => Object.keys(dictionaries).find((language) => primary(language) === primary(tag)));
  return found.find(Boolean) ?? "en";
}

/** A function that gives the text for a key, with `{name}` filled in from its second argument. */
export function translator(words) {
  return (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const language = pickLanguage([settings.language.get(), ...(globalThis.navigator?.languages ?? [])]);
export const t = translator(await dictionaries[language]());

/** Translates what `index.html` holds. */
export function translatePage(root) {
  root.documentElement.lang = language;
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll("[data-t-label]")) {
    label(element, t(element.dataset.tLabel));
  }
  for (const element of root.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
}

/** Names a control, for those who see it and those who hear it. */
export function label(element, text) {
  element.setAttribute("aria-label", text);
  if (element.tagName === "BUTTON") element.title = text;
}
