// The text of an answer in the document: it grows without disturbing what is there already.

import { codeBlock, tableBox, watchEdges } from "./code.js";
import { el, fromServer } from "./dom.js";
import { t } from "./i18n.js";

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
  // Code that still grows looks different.
  if (!finished && hasCode(blocks.at(-1))) sources[blocks.length - 1] += "…";
  let same = 0;
  while (same < blocks.length && same < shown.length && madeFrom.get(shown[same]) === sources[same]) same += 1;
  for (const old of shown.slice(same)) old.remove();
  blocks.slice(same).forEach((block, index) => {
    const isWhole = finished || same + index < blocks.length - 1;
    const decorated = decorate(block, isWhole);
    madeFrom.set(decorated, sources[same + index]);
    element.append(decorated);
  });
  levelHeadings(element);
  requestAnimationFrame(() => {
    // What scrolls sideways must be reachable by keyboard.
    for (const math of element.querySelectorAll("math[display]:not([tabindex])")) {
      if (math.scrollWidth <= math.clientWidth) continue;
      math.tabIndex = 0;
      watchEdges(math);
    }
  });
  if (finished) element.removeAttribute("aria-busy");
  else element.setAttribute("aria-busy", "true");
}

const hasCode = (block) => block?.tagName === "PRE" || Boolean(block?.querySelector?.("pre"));

/** A model may begin with a small heading; to those who hear the page, levels follow each other without a gap. */
function levelHeadings(element) {
  let above = 2;
  for (const heading of element.querySelectorAll("h3, h4, h5, h6")) {
    above = Math.min(Number(heading.tagName[1]), above + 1);
    heading.ariaLevel = String(above);
  }
}

function decorate(block, isWhole) {
  if (block.nodeType !== Node.ELEMENT_NODE) return block;
  const holder = el("div", {}, block);
  for (const pre of holder.querySelectorAll("pre")) {
    const language = pre.querySelector("code")?.className.replace(/^language-/, "") ?? "";
    const text = pre.textContent.replace(/\n$/, "");
    if (!pre.classList.contains("plain")) replace(pre, () => codeBlock(text, language, isWhole));
  }
  for (const table of holder.querySelectorAll("div.table")) replace(table, tableBox);
  for (const quote of holder.querySelectorAll("blockquote[class]")) quote.dataset.title = t(quote.className);
  for (const text of holder.querySelectorAll("p, li, h3, h4, h5, h6, td, th, blockquote")) text.dir = "auto";
  return holder.firstChild;
}

/** Puts what `make(element)` gives, which may hold the element, in its place. */
function replace(element, make) {
  const place = document.createComment("");
  element.replaceWith(place);
  place.replaceWith(make(element));
}
