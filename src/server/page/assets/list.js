// The list of chats, as a value.

const DAY = 24 * 60 * 60;

/** Those of `page` that are not in `rows` yet come after them; those that are, replace them. */
export function mergeRows(rows, page) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of page) byId.set(row.id, row);
  return [...byId.values()];
}

/** Whether `page` holds a chat that `rows` does not: otherwise it was the last one. */
export function hasNew(rows, page) {
  const known = new Set(rows.map((row) => row.id));
  return page.some((row) => !known.has(row.id));
}

/**
 * Those whose title contains every word of `query`, whatever its case and accents. A row without a title
 * is shown, and so found, as `untitled`.
 */
export function filterRows(rows, query, untitled) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => words.every((word) => folded(row.title || untitled).includes(word)));
}

const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");

/** The titles of a long list are looked through at every key. */
const titles = new Map();
const MAX_TITLES = 20_000;

function folded(title) {
  if (titles.size > MAX_TITLES) titles.clear();
  if (!titles.has(title)) titles.set(title, fold(title));
  return titles.get(title);
}

/**
 * `[{ name, rows }]`: pinned ones first, then by project, then by age; newest first in each. The group of a project
 * has its `title`. `now` in seconds.
 */
export function groupRows(rows, now, projects = []) {
  const midnight = new Date(now * 1000).setHours(0, 0, 0, 0) / 1000;
  const ofProject = (id) => `project ${id}`;
  const titles = new Map(projects.map(({ id, name }) => [ofProject(id), name]));
  const names = ["groupPinned", ...titles.keys(), "groupToday", "groupWeek", "groupMonth", "groupOlder"];
  const nameOf = (row) => {
    if (row.pinned) return "groupPinned";
    if (titles.has(ofProject(row.project_id))) return ofProject(row.project_id);
    const changed = changedAt(row);
    if (changed >= midnight) return "groupToday";
    if (changed >= midnight - 7 * DAY) return "groupWeek";
    return changed >= midnight - 30 * DAY ? "groupMonth" : "groupOlder";
  };
  const groups = new Map(names.map((name) => [name, []]));
  for (const row of [...rows].sort((a, b) => changedAt(b) - changedAt(a))) groups.get(nameOf(row)).push(row);
  return names.map((name) => ({ name, title: titles.get(name), rows: groups.get(name) })).filter((group) => group.rows.length > 0);
}

/** The first `most` rows of `groups`. */
export function firstRows(groups, most) {
  let left = most;
  const cut = groups.map((group) => {
    const rows = group.rows.slice(0, Math.max(left, 0));
    left -= rows.length;
    return { ...group, rows };
  });
  return cut.filter(({ rows }) => rows.length > 0);
}

const changedAt = (row) => row.updated_at ?? row.created_at ?? 0;
