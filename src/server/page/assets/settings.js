// What the browser keeps between visits. What it does not keep, because its storage is full or forbidden, holds until
// the page is reloaded.

const memory = new Map();

function read(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    memory.delete(key);
  } catch {
    memory.set(key, value);
  }
}

const text = (key) => ({ get: () => read(key) ?? "", set: (value) => write(key, value || null) });
const flag = (key) => ({ get: () => read(key) === "1", set: (value) => write(key, value ? "1" : null) });

/** The number of system prompts that are remembered. */
const MAX_SYSTEMS = 20;

/** They are read for each message and each title. */
let parsed = { text: null, systems: [] };

function systems() {
  const text = read("qwen_used_systems");
  if (text === parsed.text) return parsed.systems;
  try {
    parsed = { text, systems: JSON.parse(text).filter((text) => typeof text === "string") };
  } catch {
    parsed = { text, systems: [] };
  }
  return parsed.systems;
}

function refusals() {
  try {
    const found = JSON.parse(read("qwen_refusals"));
    return found !== null && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

export const settings = {
  token: text("qwen_token"),
  model: text("qwen_model"),
  /** The model that is compared with the first one. */
  otherModel: text("qwen_other_model"),
  system: text("qwen_system_prompt"),
  /** The system prompts that were sent, newest last. */
  usedSystems: {
    get: systems,
    add(text) {
      const used = systems();
      if (used.at(-1) !== text) write("qwen_used_systems", JSON.stringify([...used.filter((other) => other !== text), text].slice(-MAX_SYSTEMS)));
    },
  },
  /** Until when the quota of a model is used up, in milliseconds since 1970. */
  refusals: {
    get: (model) => refusals()[model] ?? 0,
    set(model, until) {
      const now = Date.now();
      const lasting = Object.entries(refusals()).filter(([name, end]) => end > now && name !== model);
      write("qwen_refusals", JSON.stringify(Object.fromEntries(until > now ? [...lasting, [model, until]] : lasting)));
    },
  },
  language: text("qwen_language"),
  theme: text("qwen_theme"),
  textSize: text("qwen_text_size"),
  sendKey: text("qwen_send_key"),
  /** Whether no notifications are wanted, although the browser allows them. */
  muted: flag("qwen_muted"),
  sidebarWidth: text("qwen_sidebar_width"),
  sidebarClosed: flag("qwen_sidebar_closed"),
  think: flag("qwen_think"),
  search: flag("qwen_search"),
  /** The number of messages that were sent, as far as it matters. */
  sent: { get: () => Number(read("qwen_sent")), add: () => settings.sent.get() < 9 && write("qwen_sent", String(settings.sent.get() + 1)) },
  /** Whether long lines of code are wrapped. */
  wrap: flag("qwen_wrap"),
};
