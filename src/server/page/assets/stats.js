// The archive in numbers: how much is in it, when it was updated, and what was written when.

import { byId, el } from "./dom.js";
import { explain } from "./failure.js";
import { language, t } from "./i18n.js";
import { pause } from "./follow.js";
import { clockTime } from "./limits.js";

/** More rows are not shown. */
const MOST = 24;
/** How often the state of a running update is read, in milliseconds. */
const PACE = 700;

const number = (value) => new Intl.NumberFormat(language).format(value);
const size = (bytes) => `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(bytes / 2 ** 20)} MiB`;

/** `[{ label, count, share }]`: the newest or largest rows; `share` of the largest, from 0 to 1. */
export function bars(rows) {
  const shown = rows.slice(-MOST);
  const most = Math.max(1, ...shown.map(({ messages }) => messages));
  return shown.map(({ key, messages }) => ({ label: key, count: messages, share: messages / most }));
}

/** `2026-03` → `Mar 2026`, `1` → `Monday`, others as they are. */
function name(by, key) {
  const format = (options, ...date) => new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(Date.UTC(...date));
  if (by === "month") return format({ month: "short", year: "numeric" }, ...key.split("-").map((part, index) => Number(part) - index));
  if (by === "weekday") return format({ weekday: "long" }, 2024, 0, Number(key));
  return key || "–";
}

export function statsDialog({ api, onSynced }) {
  const dialog = byId("stats-dialog");
  const problem = byId("stats-problem");
  let by = "month";

  function showState(state) {
    const rows = [
      ["statsChats", state.gone > 0 ? t("statsGone", { count: number(state.chats), gone: number(state.gone) }) : number(state.chats)],
      ["statsMessages", number(state.messages)],
      ["statsCharacters", number(state.characters)],
      ["statsSize", size(state.bytes)],
      ["statsSynced", state.synced_at ? clockTime(state.synced_at * 1000, language) : t("statsNever")],
    ];
    if (state.waiting + state.failed > 0) rows.push(["statsWaiting", t("statsFailed", { count: number(state.waiting + state.failed), failed: number(state.failed) })]);
    byId("stats-state").replaceChildren(...rows.flatMap(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]));
  }

  async function showBars() {
    for (const button of byId("stats-by").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.by === by));
    const rows = bars(await api.archiveStats(by));
    byId("stats-bars").replaceChildren(
      ...rows.map(({ label, count, share }) => {
        const bar = el("span", { className: "bar-fill" });
        bar.style.inlineSize = `${Math.max(share * 100, 1)}%`;
        return el("tr", {}, el("th", { scope: "row" }, name(by, label)), el("td", { className: "bar-cell" }, bar), el("td", { className: "number" }, number(count)));
      }),
    );
  }

  async function show() {
    try {
      problem.textContent = "";
      showState(await api.archive());
      byId("stats-sync").disabled = false;
      await showBars();
    } catch (error) {
      problem.textContent = error.code === "not_found" ? t("statsOff") : t(explain(error).title);
      byId("stats-sync").disabled = error.code !== "not_found" || error.status === 405;
    }
  }

  byId("stats-by").addEventListener("click", (event) => {
    by = event.target.dataset.by ?? by;
    show();
  });
  byId("stats-sync").addEventListener("click", async () => {
    const button = byId("stats-sync");
    button.disabled = true;
    button.textContent = t("statsSyncing");
    try {
      await api.sync();
      while ((await api.archive()).running) await pause(PACE);
      onSynced();
      await show();
    } catch (error) {
      problem.textContent = t(explain(error).title);
    }
    button.disabled = false;
    button.textContent = t("statsSync");
  });

  return {
    open() {
      dialog.showModal();
      show();
    },
  };
}
