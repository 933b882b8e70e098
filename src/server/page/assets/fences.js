// Code in a message that a person wrote: the rest of it stays as it is written.

const FENCE = /^( {0,3})(`{3,}|~{3,})([^\n]*)$/;

/** The parts of `text`, in order: `{ text }`, or `{ code, language }` for what stands between two fences. */
export function splitFences(text) {
  if (!/^ {0,3}(```|~~~)/m.test(text)) return [{ text }];
  const parts = [];
  let plain = [];
  let open = null;
  const flush = () => {
    const words = plain.join("\n").replace(/^\n+|\n+$/g, "");
    if (words) parts.push({ text: words });
    plain = [];
  };
  for (const line of text.split("\n")) {
    const [, , mark = "", info = ""] = FENCE.exec(line) ?? [];
    if (open && mark.startsWith(open.mark) && info.trim() === "") {
      parts.push({ code: open.lines.join("\n"), language: open.language });
      open = null;
    } else if (open) {
      open.lines.push(line);
    } else if (mark && !(mark[0] === "`" && info.includes("`"))) {
      flush();
      open = { mark, language: info.trim().split(/\s/)[0].toLowerCase(), lines: [] };
    } else {
      plain.push(line);
    }
  }
  // What is never closed is code to the end, as in an answer.
  if (open) parts.push({ code: open.lines.join("\n"), language: open.language });
  flush();
  return parts;
}
