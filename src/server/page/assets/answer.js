// The text of an answer in the document: it grows without disturbing what is there already.

import { announce, el, fromServer } from "./dom.js";
import { highlight } from "./highlight.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** For each block that is shown, the HTML it was made from: it looks different once it is decorated. */
const madeFrom = new WeakMap();

/**
 * Shows `html` in `element`. Blocks at the beginning that are the same stay as they are, so that a
 * selection or the place in a wide table survives the next words.
 */
export function showHtml(element, html, finished) {
  const blocks = [...fromServer(html).childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.textContent.trim());
  const shown = [...element.childNodes];
  const sources = blocks.map((block) => block.outerHTML ?? block.textContent);
  let same = 0;
  while (same < blocks.length && same < shown.length && madeFrom.get(shown[same]) === sources[same]) same += 1;
  for (const old of shown.slice(same)) old.remove();
  blocks.slice(same).forEach((block, index) => {
    const decorated = decorate(block);
    madeFrom.set(decorated, sources[same + index]);
    element.append(decorated);
  });
  levelHeadings(element);
  requestAnimationFrame(() => {
    // What scrolls sideways must be reachable by keyboard.
    for (const math of element.querySelectorAll("math[display]")) if (math.scrollWidth > math.clientWidth) math.tabIndex = 0;
  });
  if (finished) element.removeAttribute("aria-busy");
  else element.setAttribute("aria-busy", "true");
}

/** A model may begin with a small heading; to those who hear the page, levels follow each other without a gap. */
function levelHeadings(element) {
  let above = 2;
  for (const heading of element.querySelectorAll("h3, h4, h5, h6")) {
    above = Math.min(Number(heading.tagName[1]), above + 1);
    heading.ariaLevel = String(above);
  }
}

function decorate(block) {
  if (block.nodeType !== Node.ELEMENT_NODE) return block;
  const holder = el("div", {}, block);
  for (const pre of holder.querySelectorAll("pre")) {
    const place = document.createComment("");
    pre.replaceWith(place);
    place.replaceWith(codeBlock(pre));
  }
  for (const table of holder.querySelectorAll("div.table")) scrollable(table, t("table"));
  for (const text of holder.querySelectorAll("p, li, h3, h4, h5, h6, td, th, blockquote")) text.dir = "auto";
  return holder.firstChild;
}

function codeBlock(pre) {
  const code = pre.querySelector("code");
  const language = code?.className.replace(/^language-/, "") ?? "";
  const text = pre.textContent.replace(/\n$/, "");
  if (code) {
    code.textContent = text;
    highlight(code, language);
  }
  scrollable(pre, language || "code");
  const head = el("div", { className: "code-head" }, el("span", {}, language), copyButton(() => text, t("copy")));
  return el("div", { className: "code" }, head, pre);
}

/** What scrolls sideways must be reachable by keyboard. */
function scrollable(element, name) {
  element.tabIndex = 0;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", name);
}

/** A button that copies `text()` and says that it did. */
export function copyButton(text, name, iconOnly = false) {
  const words = el("span", { className: iconOnly ? "visually-hidden" : "" }, name);
  const button = el("button", { type: "button", className: "copy" }, icon("copy"), words);
  if (iconOnly) button.title = name;
  button.addEventListener("click", async () => {
    const copied = await copyText(text());
    announce(t(copied ? "copied" : "copyFailed"));
    if (!copied) return;
    button.firstChild.replaceWith(icon("check"));
    words.textContent = t("copied");
    setTimeout(() => {
      button.firstChild.replaceWith(icon("copy"));
      words.textContent = name;
    }, 1500);
  });
  return button;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** What is selected and copied has the source of its formulas. */
export function copyFormulas() {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
    const part = selection.getRangeAt(0).cloneContents();
    const formulas = part.querySelectorAll("math[alttext]");
    if (formulas.length === 0) return;
    for (const math of formulas) {
      const mark = math.getAttribute("display") === "block" ? "$$" : "$";
      math.replaceWith(mark + math.getAttribute("alttext") + mark);
    }
    // Only what is in the document has lines.
    const place = el("div", { className: "visually-hidden" }, part);
    document.body.append(place);
    place.style.whiteSpace = "pre-wrap";
    event.clipboardData.setData("text/plain", place.innerText);
    place.remove();
    event.preventDefault();
  });
}
