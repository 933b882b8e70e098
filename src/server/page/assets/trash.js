// Deleted chats: the seconds in which a deletion is undone, and the trash.

import { announce, byId, el } from "./dom.js";
import { explain } from "./failure.js";
import { language, t } from "./i18n.js";
import { clockTime } from "./limits.js";

/** The rows whose deletion can still be undone, and how long, in milliseconds; `grace` is in seconds. */
export function undoable({ data: rows, grace }, now) {
  const waiting = rows.filter(({ state, due_at: due }) => ["asked", "pending"].includes(state) && due * 1000 > now);
  const last = Math.max(...waiting.map(({ due_at: due }) => due * 1000));
  return { waiting, left: waiting.length > 0 ? Math.min(last - now, grace * 1000) : 0 };
}

/** Says that `count` chats are deleted. */
export const deletedWords = (count) => (count === 1 ? t("deleted") : t("deletedCount", { count }));

const NONE = { on: false, grace: 0, data: [] };

/**
 * The trash of the server. `hide(ids, now)` takes chats out of the list for a while, or shows them again;
 * `gone(id)` and `back(ids)` are called when they are deleted, or are not after all.
 */
export function createTrash({ api, undo, hide, gone, back, titleOf }) {
  const dialog = byId("trash-dialog");
  const list = byId("trash-list");
  /** The time in which a deletion can be undone, in seconds; 0 without a trash. */
  let grace = 0;

  /** Offers to undo the deletion of `ids` for `left` milliseconds. */
  function offer(ids, left) {
    if (ids.length === 0) return;
    hide(ids, true);
    undo.offer(deletedWords(ids.length), { undo: () => restoreAll(ids), perform: (isLeaving) => isLeaving || settle(ids) }, left);
  }

  /** The time is over, or another deletion follows. */
  async function settle(ids) {
    const { waiting } = undoable(await read(), Date.now());
    for (const id of ids) if (!waiting.some((row) => row.id === id)) gone(id);
  }

  async function restoreAll(ids) {
    const failures = await Promise.all(ids.map((id) => api.restore(id).then(() => null, (error) => error)));
    const failure = failures.find(Boolean);
    hide(ids, false);
    back(ids.filter((_, index) => !failures[index]));
    if (failure) undo.tell(t(explain(failure).title));
    else announce(t("undone"));
  }

  const read = () => api.trash().catch(() => NONE);

  /** What can still be undone is offered, also after a reload. */
  async function look() {
    const found = await read();
    grace = found.on ? found.grace : 0;
    const { waiting, left } = undoable(found, Date.now());
    offer(waiting.map(({ id }) => id), left);
  }

  /** Deletes `rows`, after a time in which that can be undone. */
  async function remove(rows) {
    const ids = rows.map(({ id }) => id);
    const { waiting } = undoable(await read(), Date.now());
    hide(ids, true);
    const failures = await Promise.all(ids.map((id) => api.removeLater(id, grace).then(() => null, (error) => error)));
    const isLost = (index) => failures[index] && failures[index].code !== "not_found";
    const kept = ids.filter((_, index) => isLost(index));
    hide(kept, false);
    back(kept);
    offer([...new Set([...waiting.map(({ id }) => id), ...ids.filter((_, index) => !failures[index])])], grace * 1000);
    for (const [index, failure] of failures.entries()) if (failure && !isLost(index)) gone(ids[index]);
    const failure = failures.find((_, index) => isLost(index));
    if (failure) undo.tell([t(explain(failure).title), t("notDeleted")].join(". "));
  }

  function rowView(row) {
    const title = titleOf(row) || t("untitled");
    const isWaiting = row.state !== "deleted";
    const about = row.error ? t(explain(row.error).title) : isWaiting ? t("trashWaiting") : t("trashSince", { time: clockTime((row.deleted_at ?? row.asked_at) * 1000, language) });
    const until = row.keep_until && !isWaiting ? t("trashUntil", { time: clockTime(row.keep_until * 1000, language) }) : "";
    const link = el("a", { href: `#/c/${encodeURIComponent(row.id)}`, dir: "auto", onclick: () => dialog.close() }, title);
    const buttons = el("span", { className: "row-buttons" });
    const button = (words, press, className = "button") => el("button", { type: "button", className, "aria-label": `${words}: ${title}`, onclick: press }, words);
    const offerBoth = () => buttons.replaceChildren(button(t(isWaiting ? "undo" : "restore"), () => restore(row)), ...(isWaiting ? [] : [button(t("purge"), question, "button danger")]));
    function question() {
      const cancel = button(t("cancel"), offerBoth);
      buttons.replaceChildren(el("span", { role: "alert" }, t("purgeQuestion")), cancel, button(t("purge"), () => purge([row.id]), "button danger"));
      cancel.focus();
    }
    offerBoth();
    return el("li", {}, el("span", { className: "row-text" }, link, el("small", {}, [about, until].filter(Boolean).join(" · "))), buttons);
  }

  async function restore(row) {
    clear();
    try {
      await api.restore(row.id);
      byId("trash-note").textContent = t(row.state === "deleted" ? "restoredArchived" : "restored");
      hide([row.id], false);
      if (row.state !== "deleted") back([row.id]);
    } catch (error) {
      byId("trash-problem").textContent = t(explain(error).title);
    }
    draw();
  }

  const clear = () => ["trash-note", "trash-problem"].forEach((id) => (byId(id).textContent = ""));

  async function purge(ids) {
    const failures = await Promise.all(ids.map((id) => api.purge(id).then(() => null, (error) => error)));
    const failure = failures.find(Boolean);
    clear();
    byId("trash-problem").textContent = failure ? t(explain(failure).title) : "";
    draw();
  }

  let shown = [];
  async function draw() {
    const found = await read();
    shown = found.data;
    byId("trash-empty").hidden = !shown.some(({ state }) => state === "deleted");
    list.replaceChildren(...(shown.length > 0 ? shown.map(rowView) : [el("li", { className: "quiet-note" }, t(found.on ? "trashNone" : "trashOff"))]));
    if (!dialog.contains(document.activeElement)) byId("trash-close").focus();
  }

  byId("trash-empty").addEventListener("click", () => {
    const button = byId("trash-empty");
    if (button.dataset.sure) purge(shown.filter(({ state }) => state === "deleted").map(({ id }) => id));
    button.textContent = t(button.dataset.sure ? "trashEmpty" : "trashEmptySure");
    if (button.dataset.sure) delete button.dataset.sure;
    else button.dataset.sure = "yes";
  });
  dialog.addEventListener("close", () => {
    delete byId("trash-empty").dataset.sure;
    byId("trash-empty").textContent = t("trashEmpty");
    clear();
  });

  return {
    isOn: () => grace > 0,
    look,
    remove,
    open() {
      dialog.showModal();
      draw();
    },
  };
}
