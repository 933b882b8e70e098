// The menu of how to request an answer again: with or without thinking and search, or by another model.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { popoverMenu } from "./menu.js";

/** What can be chosen for an answer by `model`: `{ words, name, options }`, in the order of the menu. */
export function retryChoices({ models, model, think, search }) {
  const { abilities = {} } = models.find(({ id }) => id === model) ?? {};
  const choices = [];
  if (abilities.thinking) choices.push({ words: think ? "withoutThinking" : "withThinking", icon: "think", options: { model, think: !think } });
  if (abilities.search) choices.push({ words: search ? "withoutSearch" : "withSearch", icon: "globe", options: { model, search: !search } });
  const others = models.filter(({ id }) => id !== model).map(({ id, name }) => ({ name, icon: "retry", options: { model: id } }));
  return [...choices, ...others];
}

/** `open(button, choices, choose)` calls `choose(options)` for what is chosen. */
export function createRetryMenu() {
  const menu = el("div", { className: "menu retry-menu", popover: "auto", role: "menu", "aria-label": t("retryWith") });
  document.body.append(menu);
  const { open } = popoverMenu(menu);
  return {
    open(button, choices, choose) {
      const item = (choice) =>
        el("button", { type: "button", role: "menuitem", onclick: () => choose(choice.options) }, icon(choice.icon), el("span", { dir: "auto" }, choice.name ?? t(choice.words)));
      menu.replaceChildren(...choices.map(item));
      if (choices.length > 0) open(button);
    },
  };
}
