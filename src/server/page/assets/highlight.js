// Colours for code: comments, strings, numbers, words of the language. It does not know any language
// well, and is quick and harmless with all of them: it cuts the text into pieces and changes nothing.

import { FAMILIES } from "./languages.js";

const NUMBER = /\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)/;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/;

const familyOf = new Map(
  Object.values(FAMILIES).flatMap((family) => {
    const whole = { ...FAMILIES[family.like], ...family };
    const known = { ...whole, words: new Set(whole.words.split(" ")), pattern: pattern(whole) };
    return family.names.split(" ").map((name) => [name, known]);
  }),
);

/** More characters than this are shown without colours. */
export const MAX_LENGTH = 50_000;

/** `[[kind, text], …]`, together exactly `code`; kind is `comment`, `string`, `number`, `keyword`, `call` or empty. */
export function tokenize(code, language) {
  const name = language.toLowerCase();
  const family = familyOf.get(name);
  if (code.length > MAX_LENGTH) return [["", code]];
  if (name === "diff" || name === "patch") return diffTokens(code);
  if (!family) return [["", code]];
  if (family === familyOf.get("html")) return markupTokens(code);
  const tokens = [];
  let end = 0;
  for (const match of code.matchAll(family.pattern)) {
    if (match.index > end) tokens.push(["", code.slice(end, match.index)]);
    end = match.index + match[0].length;
    tokens.push([kind(match, code[end], family), match[0]]);
  }
  if (end < code.length) tokens.push(["", code.slice(end)]);
  return tokens;
}

/** Each line of a diff with its break. */
function diffTokens(code) {
  const kindOf = (line) => (/^(\+\+\+|---|diff |index )/.test(line) ? "comment" : ({ "+": "added", "-": "removed", "@": "keyword" }[line[0]] ?? ""));
  return code.split(/(?<=\n)/).map((line) => [kindOf(line), line]);
}

const MARKUP = /(<!--[\s\S]*?(?:-->|$))|(<[!?/]?[a-z][\w:.-]*)|("[^"<]*"|'[^'<]*')|((?<![\w:.@-])[a-z_:@][\w:.@-]*(?![\w:.@-])(?=\s*=\s*["']))|(\/?>)/gi;

/** Tags and their attributes; what looks like an attribute outside of a tag is text. */
function markupTokens(code) {
  const tokens = [];
  let end = 0;
  let isTag = false;
  for (const match of code.matchAll(MARKUP)) {
    const [whole, comment, tag, string, name, close] = match;
    if (match.index > end) tokens.push(["", code.slice(end, match.index)]);
    end = match.index + whole.length;
    if (tag !== undefined) isTag = true;
    const kind = comment !== undefined ? "comment" : tag !== undefined || (isTag && close !== undefined) ? "keyword" : isTag && string !== undefined ? "string" : isTag && name !== undefined ? "call" : "";
    tokens.push([kind, whole]);
    if (close !== undefined) isTag = false;
  }
  if (end < code.length) tokens.push(["", code.slice(end)]);
  return tokens;
}

/** Finds comments, strings, numbers and words, in four groups. */
function pattern({ line = [], block = [], quotes = "", long = [], chars = false, apart = false }) {
  const plain = (text) => text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  const comments = [
    ...line.map((mark) => `${apart ? "(?<![^\\s;(])" : ""}${plain(mark)}[^\\n]*`),
    ...block.map(([begin, end]) => `${plain(begin)}[\\s\\S]*?(?:${plain(end)}|$)`),
  ];
  const strings = [
    ...long.map((mark) => `${plain(mark)}(?:\\\\[\\s\\S]|[^\\\\])*?${plain(mark)}`),
    ...[...quotes].map((mark) => `${mark}(?:\\\\.|[^${mark}\\\\\\n])*${mark}`),
    ...(chars ? ["'(?:\\\\[^\\n']{1,10}|[^'\\\\\\n])'"] : []),
  ];
  const parts = [comments.join("|"), strings.join("|"), NUMBER.source, WORD.source];
  return new RegExp(parts.map((part) => `(${part})`).join("|"), "giu");
}

function kind([whole, comment, string, number], next, family) {
  if (comment !== undefined) return "comment";
  if (string !== undefined) return "string";
  if (number !== undefined) return "number";
  if (family.words.has(family.anyCase ? whole.toLowerCase() : whole)) return "keyword";
  return next === "(" ? "call" : "";
}

/** Colours a `code` element that holds nothing but text. */
export function highlight(element, language) {
  const nodes = tokenize(element.textContent, language).map(([name, text]) => {
    if (!name) return document.createTextNode(text);
    const span = document.createElement("span");
    span.className = `code-${name}`;
    span.textContent = text;
    return span;
  });
  element.replaceChildren(...nodes);
}
