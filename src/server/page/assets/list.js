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
  return rows.filter((row) => words.every((word) => fold(row.title || untitled).includes(word)));
}

function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");
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
  const sorted = [...rows].sort((a, b) => changedAt(b) - changedAt(a));
  return names
    .map((name) => ({ name, title: titles.get(name), rows: sorted.filter((row) => nameOf(row) === name) }))
    .filter((group) => group.rows.length > 0);
}

const changedAt = (row) => row.updated_at ?? row.created_at ?? 0;
