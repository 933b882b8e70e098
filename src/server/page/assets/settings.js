// What the browser keeps between visits. A browser that keeps nothing forgets, and works.

const memory = new Map();

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}

const text = (key) => ({ get: () => read(key) ?? "", set: (value) => write(key, value || null) });
const flag = (key) => ({ get: () => read(key) === "1", set: (value) => write(key, value ? "1" : null) });

export const settings = {
  token: text("qwen_token"),
  model: text("qwen_model"),
  system: text("qwen_system_prompt"),
  think: flag("qwen_think"),
  search: flag("qwen_search"),
};
