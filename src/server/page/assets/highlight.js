// Colours for code: comments, strings, numbers, words of the language. It does not know any language
// well, and is quick and harmless with all of them: it cuts the text into pieces and changes nothing.

const C_LIKE = "abstract as async await bool boolean break byte case catch char class const constexpr continue crate def default defer delete do double dyn else enum export extends extern false final finally float fn for from func function go if impl implements import in include inline instanceof int interface let long loop match mod module move mut namespace new nil null nullptr operator override package private protected pub public ref return self short signed sizeof static str string struct super switch template this throw throws trait true try type typedef typeof undefined union unsafe unsigned use using var virtual void volatile where while with yield";
const PYTHON = "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield";
const SHELL = "case do done elif else esac exit export fi for function if in local return set shift source then unset until while";
const SQL = "add all alter and as asc between by case create delete desc distinct drop else end exists foreign from group having in index inner insert into is join key left like limit not null on or order outer primary references right select set table then union unique update values view when where";

const words = (list) => new Set(list.split(" "));
const FAMILIES = {
  c: { words: words(C_LIKE), comment: /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/ },
  python: { words: words(PYTHON), comment: /#[^\n]*/ },
  shell: { words: words(SHELL), comment: /(?<![^\s;(])#[^\n]*/ },
  sql: { words: words(SQL), comment: /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/, anyCase: true },
  markup: { words: words(""), comment: /<!--[\s\S]*?(?:-->|$)/ },
  data: { words: words("true false null yes no"), comment: /#[^\n]*/ },
};
const LANGUAGES = {
  c: "c h cpp c++ cc cs csharp c# dart go java javascript js jsx kotlin kt php rust rs scala swift ts tsx typescript zig json json5 css scss",
  python: "python py python3 ruby rb elixir r julia",
  shell: "bash sh shell zsh fish console dockerfile docker makefile make powershell",
  sql: "sql mysql postgresql sqlite",
  markup: "html xml svg vue",
  data: "yaml yml toml ini conf properties",
};
const familyOf = new Map(
  Object.entries(LANGUAGES).flatMap(([family, names]) => names.split(" ").map((name) => [name, family])),
);

const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/;
const NUMBER = /\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)/;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/;

/** More characters than this are shown without colours. */
export const MAX_LENGTH = 50_000;

/** `[[kind, text], …]`, together exactly `code`; kind is `comment`, `string`, `number`, `keyword`, `call` or empty. */
export function tokenize(code, language) {
  const family = FAMILIES[familyOf.get(language.toLowerCase())];
  if (!family || code.length > MAX_LENGTH) return [["", code]];
  const parts = [family.comment, STRING, NUMBER, WORD].map((part) => `(${part.source})`);
  const pattern = new RegExp(parts.join("|"), "giu");
  const tokens = [];
  let end = 0;
  for (const match of code.matchAll(pattern)) {
    if (match.index > end) tokens.push(["", code.slice(end, match.index)]);
    end = match.index + match[0].length;
    tokens.push([kind(match, code[end], family), match[0]]);
  }
  if (end < code.length) tokens.push(["", code.slice(end)]);
  return tokens;
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
