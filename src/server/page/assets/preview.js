// What HTML and SVG of an answer look like. They are shown in a frame with an origin of its own, which runs no
// script of theirs and loads nothing.

import { el } from "./dom.js";
import { t } from "./i18n.js";

const FRAME = new URL("./preview.html", import.meta.url).href;

/** Whether `code` in `language` can be shown. */
export const hasPreview = (code, language) => ["html", "htm", "svg"].includes(language) || (language === "xml" && /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/.test(code));

/** A frame that shows `code`. */
export function previewFrame(code) {
  const frame = el("iframe", { className: "preview", title: t("preview") });
  frame.setAttribute("sandbox", "allow-scripts");
  frame.addEventListener("load", () => frame.contentWindow.postMessage(code, "*"), { once: true });
  frame.src = FRAME;
  return el("div", {}, frame, el("p", { className: "preview-note" }, t("previewNote")));
}
