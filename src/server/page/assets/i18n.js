// The language of the page: the first language of the browser that the page has, else English.

import { english } from "./english.js";
import { vietnamese } from "./vietnamese.js";

const dictionaries = { en: english, vi: vietnamese };

/** The language for a browser that prefers `languages`, in this order. */
export function pickLanguage(languages) {
  const known = languages.map((tag) => tag.toLowerCase().split("-")[0]);
  return known.find((language) => language in dictionaries) ?? "en";
}

/** A function that gives the text for a key, with `{name}` filled in from its second argument. */
export function translator(language) {
  const words = dictionaries[language];
  return (key, values = {}) =>
    (words[key] ?? english[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const language = pickLanguage(globalThis.navigator?.languages ?? []);
export const t = translator(language);

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
