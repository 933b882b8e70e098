// Copying: buttons, and what is selected.

import { announce, el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

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
