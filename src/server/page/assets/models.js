// The choice of the model.

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

/** Whether the browser shows more than a name in an option. */
const isRich = () => CSS.supports("appearance", "base-select");

/** What a model can do beside text, in the order of the menu. */
const ABILITIES = { thinking: "canThink", search: "canSearch", vision: "canSee", document: "canRead", audio: "canHear", video: "canWatch" };

/** `onChange(model)` is called whenever another model is selected, by the user or the page. */
export function createModels({ settings, onChange }) {
  const select = byId("model");
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

  return {
    choose,
    /** The id of the model that is chosen; an empty text until the models are known. */
    chosen: () => select.value,
    chosenName: () => find(select.value)?.name ?? "",
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
      const button = isRich() ? [el("button", { type: "button" }, el("selectedcontent"))] : [];
      select.replaceChildren(...button, ...models.map(option));
      select.hidden = models.length === 0;
      choose(find(before) ? before : models[0]?.id);
    },
  };
}

function option(model) {
  const { id, name, description, abilities = {} } = model;
  if (!isRich()) return el("option", { value: id, title: description }, name);
  const able = Object.keys(ABILITIES).filter((ability) => abilities[ability]).map((ability) => t(ABILITIES[ability]));
  return el(
    "option",
    { value: id },
    el("span", { className: "model-name" }, name),
    description ? el("span", { className: "model-about" }, description.replaceAll("`", "")) : null,
    able.length > 0 ? el("span", { className: "model-able" }, able.join(" · ")) : null,
  );
}
