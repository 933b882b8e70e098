// The list of chats: groups, endless scroll, filter and search, selection, and a menu for each chat.

import { byId, el, setChildren } from "./dom.js";
import { failureBox } from "./failure-box.js";
import { label, t } from "./i18n.js";
import { icon } from "./icons.js";
import { filterRows, firstRows, groupRows, hasNew, mergeRows } from "./list.js";
import { popoverMenu } from "./menu.js";
import { createSearch } from "./search.js";
import { settings } from "./settings.js";

const NARROW = matchMedia("(max-width: 48rem)");

/** The number of rows that are made at once; more follow when their end is in sight. */
const AT_ONCE = 200;
/** The number of rows in one list of the document. Those out of sight are neither laid out nor drawn. */
const CHUNK = 50;

/**
 * `load(page)` gives a page of rows and their source, `projects()` the projects, `loadList(query)` the rows of a project
 * or the archive, `titleOf(row)` what a row is called, and `ask(request, signal)` searches. `actions` are the user's on
 * a chat: `rename(row)`, `mark(row, mark)`, `move(row, projects)`, `download(row, format)`, and `remove(rows)`.
 */
export function createSidebar({ load, projects, loadList, titleOf, ask, actions, enterToken }) {
  const list = byId("chats");
  const archiveButton = el("button", { type: "button", className: "archive", onclick: () => toggleArchive() }, icon("right"), t("groupArchived"));
  const archiveEmpty = el("p", { className: "quiet-note" }, t("archiveEmpty"));
  const archiveRows = el("ul");
  const archiveSection = el("section");
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
  /** The rows and sections that were made: one that has not changed stays, also under a click. */
  let views = new Map();
  const sections = new Map();
  /** The number of rows that may be shown, and of those that could be. */
  let limit = AT_ONCE;
  let available = 0;
  /** `archive` while the service cannot be reached and the archived chats are listed. */
  let source;
  /** The ids of the chats that are selected, while some are. */
  let selected = null;
  /** The chats that are `writing`, or have `news`. */
  const states = new Map();
  const search = createSearch({
    ask,
    titleOf: (id, title) => titleOf({ id, title }),
    isListed: (id) => views.has(id),
    redraw: () => draw(),
  });

  async function loadMore() {
    if (state !== "idle") return;
    state = "loading";
    draw();
    const requested = version;
    try {
      const { rows: more, source: from } = await load(page + 1);
      if (requested !== version) return;
      source = from;
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
      source = first.source;
      rows = mergeRows(rows, first.rows);
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
    watch();
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
    watch();
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
    const part = ["input", ".row-menu"].find((name) => document.activeElement?.matches(name)) ?? "a";
    const named = rows.filter(({ id }) => !hidden.has(id)).map(namedRow);
    const found = filterRows(named, filter.value, t("untitled"));
    const listed = found.filter((row) => !row.archived);
    available = Math.max(listed.length, archive.open ? found.length - listed.length : 0);
    const before = views;
    views = new Map();
    const viewOf = (row) => rowView(row, before.get(row.id));
    const groups = firstRows(groupRows(listed, Date.now() / 1000, known), limit).map((group) => sectionView(group, viewOf));
    setChildren(list, [...groups, footer(listed), search.element, sentinel, ...archiveView(found, viewOf)]);
    drawSelection();
    if (focused && !list.contains(document.activeElement)) list.querySelector(`[data-id="${CSS.escape(focused)}"] ${part}`)?.focus({ preventScroll: true });
  }

  function namedRow(row) {
    const title = titleOf(row);
    return title === row.title ? row : { ...row, title };
  }

  function sectionView({ name, title, rows: inGroup }, viewOf) {
    if (!sections.has(name)) sections.set(name, el("section", {}, el("h2", { dir: "auto" })));
    const section = sections.get(name);
    const [heading, ...lists] = section.children;
    if (heading.textContent !== (title ?? t(name))) heading.textContent = title ?? t(name);
    const items = inGroup.map(viewOf);
    const chunks = Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) => lists[index] ?? el("ul"));
    chunks.forEach((chunk, index) => {
      setChildren(chunk, items.slice(index * CHUNK, (index + 1) * CHUNK));
      chunk.classList.toggle("full", chunk.childElementCount === CHUNK);
    });
    setChildren(section, [heading, ...chunks]);
    return section;
  }

  /** The archive, below everything else and closed at first. */
  function archiveView(found, viewOf) {
    if (state === "off" || state === "failed" || (page === 0 && rows.length === 0)) return [];
    const inArchive = found.filter((row) => row.archived);
    archiveButton.setAttribute("aria-expanded", String(archive.open));
    const shown = !archive.open ? [] : inArchive.length === 0 ? [archiveEmpty] : [archiveRows];
    setChildren(archiveRows, archive.open ? inArchive.slice(0, limit).map(viewOf) : []);
    setChildren(archiveSection, [archiveButton, ...shown]);
    return [archiveSection];
  }

  function footer(found) {
    if (state === "failed") return failureBox(error, { retry: () => ((state = "idle"), loadMore()), enterToken });
    const isNone = found.length === 0 && !search.hasResults();
    const words = state === "loading" ? "loading" : state === "off" ? null : rows.length === 0 ? "chatsNone" : isNone ? "chatsNoMatch" : source === "archive" ? "listFromArchive" : null;
    const note = el("p", { className: state === "loading" ? "quiet-note loading" : "quiet-note" }, words ? t(words) : "");
    // The first rows to come have their place.
    if (state !== "loading" || rows.length > 0) return note;
    note.className = "visually-hidden";
    return el("div", { className: "coming" }, note, el("span"), el("span"), el("span"));
  }

  function rowView(row, before) {
    const source = [row.title, row.pinned, row.archived, row.id === current, selected?.has(row.id), states.get(row.id)].join("\n");
    const view = before?.source === source ? before : { source, item: newRow(row) };
    views.set(row.id, view);
    return view.item;
  }

  function newRow(row) {
    const title = row.title || t("untitled");
    const link = el("a", { href: `#/c/${encodeURIComponent(row.id)}`, title }, el("span", { dir: "auto" }, title));
    if (row.pinned) link.prepend(icon("pin"));
    const rowState = states.get(row.id);
    if (rowState) link.append(el("span", { className: `row-state ${rowState}`, role: "img", "aria-label": t(rowState === "writing" ? "answering" : "rowNews") }));
    if (row.id === current) link.setAttribute("aria-current", "page");
    const more = el("button", { type: "button", className: "row-menu", "aria-haspopup": "menu" }, icon("dots"));
    label(more, t("chatActionsOf", { title }));
    more.addEventListener("click", () => openMenu(more, rows.find(({ id }) => id === row.id) ?? row));
    const item = el("li", {}, link, more);
    item.dataset.id = row.id;
    if (selected !== null) {
      const box = el("input", { type: "checkbox", checked: selected.has(row.id), onchange: () => select(row.id, box.checked) });
      label(box, title);
      item.replaceChildren(box, link);
    }
    return item;
  }

  const menu = popoverMenu(byId("menu"));
  let menuRow = null;

  function openMenu(button, row) {
    menuRow = row;
    byId("menu-select").hidden = button.id === "chat-menu";
    byId("menu-pin-text").textContent = t(row.pinned ? "unpin" : "pin");
    byId("menu-archive-text").textContent = t(row.archived ? "unarchive" : "archive");
    byId("menu-move").hidden = known.length === 0;
    menu.open(button);
  }

  const choose = (id, action) => byId(id).addEventListener("click", () => action(menuRow));
  choose("menu-rename", (row) => actions.rename(row));
  choose("menu-pin", (row) => actions.mark(row, { pinned: !row.pinned }));
  choose("menu-archive", (row) => actions.mark(row, { archived: !row.archived }));
  choose("menu-move", (row) => actions.move(row, known));
  choose("menu-delete", (row) => actions.remove([row]));
  choose("menu-select", (row) => {
    select(row.id, true);
    list.querySelector(`[data-id="${CSS.escape(row.id)}"] input`)?.focus();
  });
  for (const button of byId("menu").querySelectorAll("[data-format]")) {
    button.addEventListener("click", () => actions.download(menuRow, button.dataset.format));
  }

  function select(id, isOn) {
    selected ??= new Set();
    if (isOn) selected.add(id);
    else selected.delete(id);
    draw();
  }

  function endSelection() {
    selected = null;
    draw();
  }

  function drawSelection() {
    byId("selection").hidden = selected === null;
    list.classList.toggle("selecting", selected !== null);
    byId("selection-count").textContent = t("selectedCount", { count: selected?.size ?? 0 });
    byId("selection-delete").disabled = !selected?.size;
  }

  byId("selection-end").addEventListener("click", endSelection);
  byId("selection-delete").addEventListener("click", () => {
    const chosen = rows.filter(({ id }) => selected.has(id));
    endSelection();
    actions.remove(chosen);
  });
  // While chats are selected, a click on one selects it, too.
  list.addEventListener("click", (event) => {
    const row = event.target.closest("li[data-id]");
    const isChoice = (selected !== null && event.target.tagName !== "INPUT") || ((event.ctrlKey || event.metaKey) && event.shiftKey);
    if (!row || !isChoice || event.target.closest(".row-menu")) return;
    event.preventDefault();
    select(row.dataset.id, !selected?.has(row.dataset.id));
  });

  /** What the arrow keys reach in the list. */
  const stops = () => [...list.querySelectorAll("a, button.more")];
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && selected !== null) endSelection();
    else if (event.key === "Escape" && filter.value !== "") filter.focus();
    else if (step) (stops()[stops().indexOf(document.activeElement.closest("li, a, button")?.querySelector("a") ?? document.activeElement) + step] ?? filter).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  filter.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && filter.value !== "") {
      // It clears the field, and stops nothing.
      event.stopPropagation();
      filter.value = "";
      filter.dispatchEvent(new Event("input"));
    } else if (event.key === "ArrowDown") stops()[0]?.focus();
    else if (event.key === "Enter") stops()[0]?.click();
    else return;
    event.preventDefault();
  });

  filter.addEventListener("input", () => {
    limit = AT_ONCE;
    search.set(filter.value);
    draw();
    watch();
  });

  // A filter that hides almost all rows keeps the end of the list in sight, and so loads on.
  let inSight = false;
  new IntersectionObserver(
    (entries) => {
      inSight = entries.at(-1).isIntersecting;
      if (inSight) showMore();
    },
    { root: list, rootMargin: "300px" },
  ).observe(sentinel);
  const watch = () => requestAnimationFrame(() => inSight && showMore());

  function showMore() {
    if (limit >= available) return loadMore();
    limit += AT_ONCE;
    draw();
    watch();
  }

  /** On a narrow screen the list lies over the conversation, on a wide one it stands beside it. */
  function setOpen(open) {
    const shown = open && NARROW.matches;
    if (!NARROW.matches) settings.sidebarClosed.set(!open);
    document.body.classList.toggle("sidebar-open", shown);
    document.body.classList.toggle("sidebar-closed", !NARROW.matches && !open);
    byId("scrim").hidden = !shown;
    byId("open-sidebar").setAttribute("aria-expanded", String(open));
    byId("main").inert = shown;
    byId("sidebar").inert = !open;
    if (shown) byId("close-sidebar").focus();
  }
  const isOpen = () => !byId("sidebar").inert;
  function toggle() {
    const focus = document.activeElement;
    setOpen(!isOpen());
    if (!isOpen() && (focus === document.body || byId("sidebar").contains(focus))) byId("open-sidebar").focus();
  }
  byId("open-sidebar").addEventListener("click", () => {
    setOpen(true);
    byId("close-sidebar").focus();
  });
  byId("close-sidebar").addEventListener("click", () => {
    setOpen(false);
    byId("open-sidebar").focus();
  });
  byId("scrim").addEventListener("click", () => setOpen(false));
  const arrange = () => setOpen(!NARROW.matches && !settings.sidebarClosed.get());
  NARROW.addEventListener("change", arrange);
  arrange();

  return {
    clear,
    reset,
    refresh,
    redraw: draw,
    /** Opens the list if it is closed, and goes there. */
    show() {
      setOpen(true);
      filter.focus();
      filter.select();
    },
    /** Opens the list, or closes it. */
    toggle,
    /** Closes what lies over the conversation. */
    close: () => NARROW.matches && setOpen(false),
    isOver: () => document.body.classList.contains("sidebar-open"),
    wordsOf: (message) => search.wordsOf(message),
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
    current: () => current,
    /** The chats that are known, newest first. */
    known: () => rows.filter(({ id }) => !hidden.has(id)).sort((a, b) => (b.updated_at ?? 0) - (a.updated_at ?? 0)),
    /** Shows that a chat is `writing`, has `news`, or neither: `null`. */
    setState(id, state) {
      if ((states.get(id) ?? null) === state) return;
      if (state === null) states.delete(id);
      else states.set(id, state);
      draw();
    },
    /** Opens the menu of a chat at `button`. */
    openMenu: (button, row) => openMenu(button, row),
    find: (id) => rows.find((row) => row.id === id),
  };
}
