// Blocks of code, and tables: what is around them.

import { copyButton } from "./copy.js";
import { el } from "./dom.js";
import { highlight } from "./highlight.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { hasPreview, previewFrame } from "./preview.js";
import { settings } from "./settings.js";
import { toCsv, toMarkdown } from "./tables.js";

/** Code of more lines has line numbers. */
const MANY_LINES = 20;

/** The ends of file names, where they are not the name of the language. */
const EXTENSIONS = new Map(Object.entries({
  bash: "sh", "c#": "cs", "c++": "cpp", csharp: "cs", docker: "dockerfile", golang: "go", haskell: "hs", javascript: "js", julia: "jl", kotlin: "kt", latex: "tex", markdown: "md",
  mermaid: "mmd", patch: "diff", perl: "pl", powershell: "ps1", python: "py", python3: "py", ruby: "rb", rust: "rs", shell: "sh", text: "txt", typescript: "ts", yml: "yaml",
}));

/** The name of a file with code in `language`. */
export const fileNameOf = (language) => `code.${EXTENSIONS.get(language) ?? (/^[a-z0-9]{1,10}$/.test(language) ? language : "txt")}`;

/** `text` in a box with its language and what can be done with it; only `finished` code can be previewed. */
export function codeBlock(text, language, finished = true) {
  const code = el("code", {}, text);
  highlight(code, language);
  const pre = el("pre", {}, code);
  const lines = text.split("\n").length;
  if (lines > MANY_LINES) pre.prepend(el("span", { className: "line-numbers", "data-lines": Array.from({ length: lines }, (_, at) => at + 1).join("\n") }));
  scrollable(pre, language || "code");
  const tools = el("span", { className: "code-tools" });
  if (finished && hasPreview(text, language)) tools.append(previewToggle(pre, text));
  tools.append(wrapToggle(), downloadButton(text, language), copyButton(() => text, t("copy")));
  return el("div", { className: "code" }, el("div", { className: "code-head" }, el("span", {}, language), tools), pre);
}

/** A button with an icon and a name for those who do not see it. */
export function iconButton(name, text, className, press) {
  const button = el("button", { type: "button", className, title: text, onclick: press }, icon(name));
  button.append(el("span", { className: "visually-hidden" }, text));
  return button;
}

function showWrap() {
  const wraps = settings.wrap.get();
  document.documentElement.classList.toggle("wrap-code", wraps);
  for (const button of document.querySelectorAll(".code .wrap")) button.ariaPressed = String(wraps);
}

function wrapToggle() {
  const button = iconButton("wrap", t("wrap"), "tool wrap", () => {
    settings.wrap.set(!settings.wrap.get());
    showWrap();
  });
  button.ariaPressed = String(settings.wrap.get());
  return button;
}

function downloadButton(text, language) {
  return iconButton("save", t("download"), "tool", () => {
    const href = URL.createObjectURL(new Blob([text, "\n"], { type: "text/plain" }));
    el("a", { href, download: fileNameOf(language) }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  });
}

function previewToggle(pre, text) {
  let frame = null;
  const button = el("button", { type: "button", className: "tool preview-toggle", "aria-pressed": "false" }, icon("eye"), t("preview"));
  button.addEventListener("click", () => {
    pre.hidden = frame === null;
    button.ariaPressed = String(pre.hidden);
    if (!pre.hidden) {
      frame.remove();
      frame = null;
      return;
    }
    frame = previewFrame(text);
    pre.after(frame);
  });
  return button;
}

/** Adds the buttons that copy a table. */
export function tableBox(table) {
  scrollable(table, t("table"));
  const rows = () => [...table.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => cell.innerText));
  const aligned = () => [...(table.querySelector("tr")?.cells ?? [])].map((cell) => cell.getAttribute("align"));
  const csv = copyButton(() => toCsv(rows()), t("copyAs", { format: "CSV" }));
  const markdown = copyButton(() => toMarkdown(rows(), aligned()), t("copyAs", { format: "Markdown" }));
  return el("div", { className: "table-box" }, table, el("div", { className: "table-tools" }, csv, markdown));
}

/** What scrolls sideways must be reachable by keyboard. */
function scrollable(element, name) {
  element.tabIndex = 0;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", name);
  watchEdges(element);
}

/** Shows by fading edges that there is more to the left or right. */
export function watchEdges(element) {
  element.addEventListener("scroll", () => showEdges(element), { passive: true });
  sizes?.observe(element);
}

const sizes = globalThis.ResizeObserver && new ResizeObserver((entries) => entries.forEach(({ target }) => showEdges(target)));

function showEdges(element) {
  const left = Math.abs(element.scrollLeft);
  const right = element.scrollWidth - element.clientWidth - left;
  element.classList.toggle("more-before", left > 2);
  element.classList.toggle("more-after", right > 2);
}

if (globalThis.document) showWrap();
