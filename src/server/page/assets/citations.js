// The marks of sources in an answer that is copied as text.

const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)/;
const MARK = /(\s?)\[\[(\d+(?:\s*,\s*\d+)*)\]\]/g;

/** `[[1,2]]` as `[1][2]`, and the list of these sources below. Code stays as it is. */
export function copyText(content, sources) {
  if (sources.length === 0) return content;
  const byNumber = new Map(sources.map((source) => [source.number, source]));
  const cited = new Set();
  const mark = (_, space, numbers) => {
    const known = numbers.split(",").map(Number).filter((number) => byNumber.has(number));
    for (const number of known) cited.add(number);
    return known.length > 0 ? space + known.map((number) => `[${number}]`).join("") : "";
  };
  const text = content.split(CODE).map((part, index) => (index % 2 === 1 ? part : part.replace(MARK, mark))).join("");
  const list = [...cited].sort((a, b) => a - b).map((number) => sourceLine(byNumber.get(number)));
  return list.length > 0 ? `${text.trimEnd()}\n\n${list.join("\n")}` : text;
}

const sourceLine = ({ number, title, url }) => `[${number}] ${[title, url].filter(Boolean).join(" — ")}`;
