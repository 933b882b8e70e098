// The list of chats: groups, endless scroll, filter, and a menu for each chat.

import { byId, el } from "./dom.js";
import { failureBox } from "./failure-box.js";
import { label, t } from "./i18n.js";
import { icon } from "./icons.js";
import { filterRows, groupRows, hasNew, mergeRows } from "./list.js";

const NARROW = matchMedia("(max-width: 48rem)");

const today = () => new Date(Date.now()).toDateString();

/**
 * `load(page)` gives a page of rows, `projects()` the projects, `loadList(query)` the rows of a project or the archive,
 * `titleOf(row)` what a row is called; `rename(row)`, `remove(row)` and `mark(row, mark)` are the user's actions on a
 * chat.
 */
export function createSidebar({ load, projects, loadList, titleOf, rename, remove, mark, enterToken }) {
  const list = byId("chats");
  const archiveButton = el("button", { type: "button", className: "archive", onclick: () => toggleArchive() }, icon("right"), t("groupArchived"));
  const filter = byId("filter");
  const sentinel = el("div", { className: "sentinel" });
  let rows = [];
  /** The projects of the account; most have none. */
  let known = [];
  /** Chats that are about to be deleted. */
  const hidden = new Set();
  /** Whether the archive is open, and has been read. */
  let archive = { open: false, read: false };
  let page = 0;
  /** `off` until there is an account to ask about; `idle`, `loading`, `end`, `failed`. */
  let state = "off";
  let error = null;
  let current = null;
  let version = 0;
  /** What the shown list was made from, and its rows: a row that has not changed stays, also under a click. */
  let drawn = "";
  let views = new Map();

  async function loadMore() {
    if (state !== "idle") return;
    state = "loading";
    draw();
    const requested = version;
    try {
      const more = await load(page + 1);
      if (requested !== version) return;
      page += 1;
      state = hasNew(rows, more) ? "idle" : "end";
      rows = mergeRows(rows, more);
    } catch (caught) {
      if (requested !== version) return;
      state = "failed";
      error = caught;
    }
    draw();
    watch();
  }

  /** Reads the first page again: titles and order may have changed. */
  async function refresh() {
    if (state === "off") return;
    try {
      const requested = version;
      const first = await load(1);
      if (requested !== version) return;
      rows = mergeRows(rows, first);
      draw();
    } catch {
      // What is shown stays; the next refresh or scroll reports a lasting error.
    }
  }

  /** The chats of projects are on lists of their own. A service without projects has none. */
  async function loadProjects() {
    const requested = version;
    try {
      const found = await projects();
      if (found.length === 0 || requested !== version) return;
      known = found;
      for (const { id } of found) {
        const more = await loadList(`project_id=${encodeURIComponent(id)}`);
        if (requested !== version) return;
        rows = mergeRows(rows, more.map((row) => ({ ...row, project_id: id })));
        draw();
      }
    } catch {
      // The other chats are there.
    }
  }

  async function toggleArchive() {
    archive.open = !archive.open;
    draw();
    if (archive.read || !archive.open) return;
    archive.read = true;
    const requested = version;
    try {
      const more = await loadList("archived=true");
      if (requested === version) rows = mergeRows(rows, more.map((row) => ({ ...row, archived: true })));
    } catch {
      archive = { open: false, read: false };
    }
    draw();
  }

  function clear() {
    version += 1;
    known = [];
    archive = { open: false, read: false };
    rows = [];
    page = 0;
    state = "off";
    draw();
  }

  function reset() {
    clear();
    state = "idle";
    loadMore();
    loadProjects();
  }

  function draw() {
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    const wasMenu = document.activeElement?.classList.contains("row-menu");
    const named = rows.filter(({ id }) => !hidden.has(id)).map((row) => ({ ...row, title: titleOf(row) }));
    const now = JSON.stringify([named, known, archive, current, state, filter.value, today()]);
    if (now === drawn) return;
    drawn = now;
    const found = filterRows(named, filter.value, t("untitled"));
    const groups = groupRows(found.filter((row) => !row.archived), Date.now() / 1000, known).map(({ name, title, rows: inGroup }) =>
      el("section", {}, el("h2", { dir: "auto" }, title ?? t(name)), el("ul", {}, ...inGroup.map(rowView))),
    );
    views = new Map(found.map(({ id }) => [id, views.get(id)]));
    const wasArchive = document.activeElement === archiveButton;
    list.replaceChildren(...groups, footer(found.filter((row) => !row.archived)), sentinel, ...archiveView(found));
    if (wasArchive) archiveButton.focus({ preventScroll: true });
    if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"] ${wasMenu ? ".row-menu" : "a"}`)?.focus({ preventScroll: true });
  }

  /** The archive, below everything else and closed at first. */
  function archiveView(found) {
    if (state === "off" || state === "failed" || (page === 0 && rows.length === 0)) return [];
    const inArchive = found.filter((row) => row.archived);
    archiveButton.setAttribute("aria-expanded", String(archive.open));
    const empty = el("p", { className: "quiet-note" }, t("archiveEmpty"));
    const shown = !archive.open ? [] : inArchive.length === 0 ? [empty] : [el("ul", {}, ...inArchive.map(rowView))];
    return [el("section", {}, archiveButton, ...shown)];
  }

  function footer(found) {
    if (state === "failed") return failureBox(error, { retry: () => ((state = "idle"), loadMore()), enterToken });
    const words = state === "loading" ? "loading" : state === "off" ? null : rows.length === 0 ? "chatsNone" : found.length === 0 ? "chatsNoMatch" : null;
    return el("p", { className: state === "loading" ? "quiet-note loading" : "quiet-note" }, words ? t(words) : "");
  }

  function rowView(row) {
    const source = JSON.stringify([row.title, row.pinned, row.archived, row.id === current]);
    const known = views.get(row.id);
    if (known?.source === source) return known.item;
    const item = newRow(row);
    views.set(row.id, { source, item });
    return item;
  }

  function newRow(row) {
    const title = row.title || t("untitled");
    const link = el("a", { href: `#/c/${encodeURIComponent(row.id)}`, title }, el("span", { dir: "auto" }, title));
    if (row.pinned) link.prepend(icon("pin"));
    if (row.id === current) link.setAttribute("aria-current", "page");
    const more = el("button", { type: "button", className: "row-menu", "aria-haspopup": "menu" }, icon("dots"));
    label(more, t("chatActionsOf", { title }));
    more.addEventListener("click", () => openMenu(more, rows.find(({ id }) => id === row.id) ?? row));
    const item = el("li", {}, link, more);
    item.dataset.id = row.id;
    return item;
  }

  const menu = byId("menu");
  let menuRow = null;
  let menuButton = null;

  function openMenu(button, row) {
    menuRow = row;
    menuButton = button;
    byId("menu-pin-text").textContent = t(row.pinned ? "unpin" : "pin");
    byId("menu-archive-text").textContent = t(row.archived ? "unarchive" : "archive");
    menu.showPopover();
    const place = button.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - menu.offsetWidth - 8))}px`;
    const below = place.bottom + 4;
    menu.style.top = `${below + menu.offsetHeight > innerHeight ? place.top - menu.offsetHeight - 4 : below}px`;
    menu.querySelector("button").focus();
  }

  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(at + step + items.length) % items.length].focus();
    if (event.key === "Tab") menu.hidePopover();
    if (step) event.preventDefault();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && document.activeElement === document.body) menuButton?.focus();
  });
  const choose = (action) => () => {
    menu.hidePopover();
    action(menuRow);
  };
  byId("menu-rename").addEventListener("click", choose((row) => rename(row)));
  byId("menu-pin").addEventListener("click", choose((row) => mark(row, { pinned: !row.pinned })));
  byId("menu-archive").addEventListener("click", choose((row) => mark(row, { archived: !row.archived })));
  byId("menu-delete").addEventListener("click", choose((row) => remove(row)));

  filter.addEventListener("input", () => {
    draw();
    watch();
  });

  // A filter that hides almost all rows keeps the end of the list in sight, and so loads on.
  let inSight = false;
  new IntersectionObserver(
    (entries) => {
      inSight = entries.at(-1).isIntersecting;
      if (inSight) loadMore();
    },
    { root: list, rootMargin: "300px" },
  ).observe(sentinel);
  const watch = () => requestAnimationFrame(() => inSight && loadMore());

  function setOpen(open) {
    const shown = open && NARROW.matches;
    document.body.classList.toggle("sidebar-open", shown);
    byId("scrim").hidden = !shown;
    byId("open-sidebar").setAttribute("aria-expanded", String(shown));
    byId("main").inert = shown;
    byId("sidebar").inert = NARROW.matches && !shown;
    if (shown) byId("close-sidebar").focus();
  }
  byId("open-sidebar").addEventListener("click", () => setOpen(true));
  byId("close-sidebar").addEventListener("click", () => {
    setOpen(false);
    byId("open-sidebar").focus();
  });
  byId("scrim").addEventListener("click", () => setOpen(false));
  NARROW.addEventListener("change", () => setOpen(false));
  setOpen(false);

  return {
    clear,
    reset,
    refresh,
    redraw: draw,
    /** Opens the list if it is closed, and goes there. */
    show() {
      setOpen(true);
      filter.focus();
    },
    close: () => setOpen(false),
    isOpen: () => document.body.classList.contains("sidebar-open"),
    setCurrent(id) {
      current = id;
      draw();
    },
    put(row) {
      rows = mergeRows([row], rows.filter((known) => known.id !== row.id));
      draw();
    },
    drop(id) {
      rows = rows.filter((row) => row.id !== id);
      draw();
    },
    /** Leaves out the chat `id` although it is there, or shows it again. */
    hide(id, now) {
      if (now) hidden.add(id);
      else hidden.delete(id);
      draw();
    },
    find: (id) => rows.find((row) => row.id === id),
  };
}
