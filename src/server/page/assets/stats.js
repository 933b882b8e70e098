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

/** `[{ name, count, share }]`: the last rows; `share` of the largest, from 0 to 1. */
export function bars(groups) {
  const shown = groups.slice(-MOST);
  const most = Math.max(1, ...shown.map(({ messages }) => messages));
  return shown.map(({ name, messages }) => ({ name, count: messages, share: messages / most }));
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** `2026-03` → `Mar 2026`; the name of a day in the language of the page; others as they are. */
function shownName(by, name) {
  const format = (options, ...date) => new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(Date.UTC(...date));
  if (by === "month" && /^\d{4}-\d\d$/.test(name)) return format({ month: "short", year: "numeric" }, Number(name.slice(0, 4)), Number(name.slice(5)) - 1);
  // 1 January 2024 was a Monday.
  if (by === "weekday") return format({ weekday: "long" }, 2024, 0, WEEKDAYS.indexOf(name) + 1);
  return name || "–";
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
    const rows = bars((await api.archiveStats(by)).groups);
    byId("stats-bars").replaceChildren(
      ...rows.map(({ name, count, share }) => {
        const bar = el("span", { className: "bar-fill" });
        bar.style.inlineSize = `${Math.max(share * 100, 1)}%`;
        return el("tr", {}, el("th", { scope: "row" }, shownName(by, name)), el("td", { className: "bar-cell" }, bar), el("td", { className: "number" }, number(count)));
      }),
    );
  }

  /** Whether there is an archive; then its state is shown, and what it holds. */
  async function show() {
    problem.textContent = "";
    try {
      const state = await api.archive();
      byId("stats-sync").hidden = !state.enabled;
      byId("stats-by").hidden = !state.synced_at;
      if (!state.enabled) problem.textContent = t("statsOff");
      else showState(state);
      if (state.synced_at) await showBars();
      else byId("stats-bars").replaceChildren();
    } catch (error) {
      byId("stats-sync").hidden = true;
      problem.textContent = t(explain(error).title);
    }
  }

  async function sync() {
    await api.sync().catch((error) => {
      // One is running already.
      if (error.code !== "sync_in_progress") throw error;
    });
    for (;;) {
      const { sync } = await api.archive();
      if (!sync.running) return sync.error && Object.assign(new Error(sync.error), { code: sync.code });
      byId("stats-sync").textContent = t("statsSyncing", { fetched: number(sync.fetched), total: number(sync.total) });
      await pause(PACE);
    }
  }

  byId("stats-by").addEventListener("click", (event) => {
    by = event.target.dataset.by ?? by;
    show();
  });
  byId("stats-sync").addEventListener("click", async () => {
    const button = byId("stats-sync");
    button.disabled = true;
    button.textContent = t("statsSyncing", { fetched: 0, total: 0 });
    const failure = await sync().catch((error) => error);
    button.disabled = false;
    button.textContent = t("statsSync");
    onSynced();
    await show();
    if (failure) problem.textContent = t(explain(failure).title);
  });

  return {
    open() {
      dialog.showModal();
      show();
    },
  };
}
