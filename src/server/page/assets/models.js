// The choice of the model.

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** Whether the browser shows more than a name in an option. */
const isRich = () => CSS.supports("appearance", "base-select");

/** What a model can do beside text, in the order of the menu: the words and the icon. */
const ABILITIES = {
  thinking: ["canThink", "think"],
  search: ["canSearch", "globe"],
  vision: ["canSee", "eye"],
  document: ["canRead", "lines"],
  audio: ["canHear", "sound"],
  video: ["canWatch", "film"],
};

/** `131072` as `128K`, in the units in which models are described. */
export function shortNumber(tokens) {
  const unit = tokens % 1000 === 0 || tokens % 1024 !== 0 ? 1000 : 1024;
  if (tokens < unit) return String(tokens);
  const isMillions = tokens >= unit * unit;
  const value = tokens / (isMillions ? unit * unit : unit);
  return `${Math.round(value * 10) / 10}${isMillions ? "M" : "K"}`;
}

/** `onChange(model)` is called whenever another model is selected, by the user or the page. */
export function createModels({ settings, onChange }) {
  const select = byId("model");
  const other = byId("other-model");
  let models = [];

  const find = (id) => models.find((model) => model.id === id);
  const changed = () => onChange(find(select.value));

  function choose(id) {
    if (!find(id)) return;
    select.value = id;
    changed();
  }

  select.addEventListener("change", () => {
    settings.model.set(select.value);
    changed();
  });

  other.addEventListener("change", () => {
    settings.otherModel.set(other.value);
    changed();
  });

  return {
    choose,
    /** The id of the model that is chosen; an empty text until the models are known. */
    chosen: () => select.value,
    chosenName: () => find(select.value)?.name ?? "",
    all: () => models,
    nameOf: (id) => find(id)?.name ?? id,
    /** The model beside which the first one is compared. */
    other: () => other.value,
    chooseOther(id) {
      if (find(id)) other.value = id;
    },
    /** Shows the second menu, or hides it. */
    compare(now) {
      other.hidden = !now || models.length === 0;
    },
    areKnown: () => models.length > 0,
    /** Opens the menu. */
    open() {
      select.focus();
      try {
        select.showPicker();
      } catch {
        // The focus has to do.
      }
    },
    /** Reads the models; without them the server chooses. */
    async load(read) {
      models = await read().catch(() => []);
      const before = select.value || settings.model.get();
      for (const menu of [select, other]) menu.replaceChildren(...(isRich() ? [el("button", { type: "button" }, el("selectedcontent"))] : []), ...models.map(option));
      select.hidden = models.length === 0;
      const second = models.find(({ id }) => id === settings.otherModel.get()) ?? models.find(({ id }) => id !== (find(before) ?? models[0]).id);
      other.value = (second ?? models[0])?.id;
      choose(find(before) ? before : models[0]?.id);
    },
  };
}

function option(model) {
  const { id, name, description, abilities = {}, max_context_length: length = 0 } = model;
  if (!isRich()) return el("option", { value: id, title: description }, name);
  const able = Object.entries(ABILITIES).filter(([ability]) => abilities[ability]);
  return el(
    "option",
    { value: id },
    el("span", { className: "model-name" }, name),
    description ? el("span", { className: "model-about" }, description.replaceAll("`", "")) : null,
    el(
      "span",
      { className: "model-able" },
      ...able.map(([, [words, name]]) => el("span", {}, icon(name), t(words))),
      length > 0 ? el("span", { title: t("context") }, icon("ruler"), t("contextLength", { length: shortNumber(length) })) : null,
    ),
  );
}
