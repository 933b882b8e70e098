// The choice of the model.

import { byId, el } from "./dom.js";

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
    /** Reads the models; without them the server chooses. */
    async load(read) {
      models = await read().catch(() => []);
      const before = select.value || settings.model.get();
      select.replaceChildren(...models.map((model) => el("option", { value: model.id, title: model.description }, model.name)));
      select.hidden = models.length === 0;
      choose(find(before) ? before : models[0]?.id);
    },
  };
}
