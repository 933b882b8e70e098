// Tables as text, to be copied.

const quoted = (cell) => (/[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A program for tables would run such a cell as a formula. */
const harmless = (cell) => (/^[=@\t\r]|^[+-](?![\d.,\s]*%?$)/.test(cell) ? `'${cell}` : cell);

/** `rows` of cells as CSV (RFC 4180). */
export const toCsv = (rows) => rows.map((row) => row.map((cell) => quoted(harmless(cell.trim()))).join(",")).join("\r\n");

const RULES = { left: ":---", center: ":---:", right: "---:" };

/** `rows`, the first of which is the head, as a table in Markdown; `aligned` names the side of each column. */
export function toMarkdown(rows, aligned = []) {
  const width = Math.max(...rows.map((row) => row.length));
  const text = (cell = "") => cell.trim().replaceAll("|", "\\|").replace(/\s*\n\s*/g, "<br>");
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const all = rows.map((row) => line(Array.from({ length: width }, (_, at) => text(row[at]))));
  all.splice(1, 0, line(Array.from({ length: width }, (_, at) => RULES[aligned[at]] ?? "---")));
  return all.join("\n");
}
