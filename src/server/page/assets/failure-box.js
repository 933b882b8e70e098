// A failure, shown with its remedies.

import { byId, el } from "./dom.js";
import { countdown, explain } from "./failure.js";
import { t } from "./i18n.js";

const SITE = "https://chat.qwen.ai/";

/**
 * A box about `error`. `retry()` and `enterToken()` are its actions; a missing one is not offered.
 * `ofModel` says that the failure concerns the model, and that another one can be selected.
 */
export function failureBox(error, { retry, enterToken, ofModel = false }) {
  const { title, text, detail, action, seconds } = explain(error);
  const box = el("div", { className: "failure", role: "alert" });
  box.dataset.code = error.code;
  box.append(el("strong", {}, t(title)), el("p", {}, t(text)));
  if (detail) box.append(el("p", { className: "detail", dir: "auto" }, detail));
  const buttons = el("div", { className: "buttons" });
  if (action === "token" && enterToken) buttons.append(button(t("enterToken"), enterToken));
  if (action === "site") {
    const link = { className: "button", href: SITE, target: "_blank", rel: "noopener noreferrer" };
    buttons.append(el("a", link, t("openSite")));
  }
  if (action !== null && retry) buttons.append(retryButton(retry, seconds, ofModel && !error.byServer));
  if (buttons.childElementCount > 0) box.append(buttons);
  return box;
}

function button(text, press) {
  return el("button", { type: "button", className: "button", onclick: press }, text);
}

/** Is enabled after `seconds`, and shows the remaining time until then. `ofModel` as above. */
function retryButton(retry, seconds, ofModel) {
  const element = button(t("retry"), retry);
  element.classList.add("retry");
  if (seconds <= 0) return element;
  const end = Date.now() + seconds * 1000;
  const wait = new AbortController();
  const show = (left) => {
    element.disabled = left > 0;
    element.textContent = left > 0 ? t("retryIn", { time: countdown(left) }) : t("retry");
    if (left <= 0) wait.abort();
  };
  const showNow = () => show(Math.ceil((end - Date.now()) / 1000));
  // The caller shows the box at once: a box outside the document has been removed.
  const timer = setInterval(() => (element.isConnected ? showNow() : wait.abort()), 500);
  wait.signal.addEventListener("abort", () => clearInterval(timer));
  // The wait applies to the selected model: another one may answer at once.
  if (ofModel) byId("model").addEventListener("change", () => show(0), { signal: wait.signal });
  showNow();
  return element;
}
