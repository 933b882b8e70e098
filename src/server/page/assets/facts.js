// What this browser has seen of answers while they were written: how long the model thought, and how fast it wrote.

import { language, t } from "./i18n.js";

const KEY = "qwen_facts";
const MOST = 300;

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(found) ? found.filter((fact) => typeof fact?.id === "string") : [];
  } catch {
    return [];
  }
}

let known;

export const facts = {
  /** `{ thought, tokens, rate }` of the answer `id`: milliseconds, a number, and tokens in a second. */
  of: (id) => (known ??= new Map(read().map((fact) => [fact.id, fact]))).get(id) ?? {},
  keep(id, fact) {
    known = new Map(read().map((fact) => [fact.id, fact])).set(id, { id, ...fact });
    try {
      localStorage.setItem(KEY, JSON.stringify([...known.values()].slice(-MOST)));
    } catch {
      // Without storage they are known until a reload.
    }
  },
};

/** `12 s` or `2 min 5 s`. */
export function durationText(milliseconds) {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? t("seconds", { seconds }) : t("minutes", { minutes, seconds: rest });
}

/** What is said of an answer beside its model. */
export function factsText({ timestamp, tokens, rate }, now = Date.now()) {
  const number = (value, digits = 0) => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return [
    timestamp ? timeText(timestamp * 1000, now) : "",
    tokens ? t("tokens", { count: number(tokens) }) : "",
    rate ? t("tokensPerSecond", { rate: number(rate, rate < 10 ? 1 : 0) }) : "",
  ].filter(Boolean).join(" · ");
}

/** The time of day, with the date unless that is today. */
export function timeText(at, now = Date.now()) {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", ...day }).format(at);
}
