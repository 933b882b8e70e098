// A failure, shown with what can be done about it.

import { byId, el } from "./dom.js";
import { countdown, explain } from "./failure.js";
import { t } from "./i18n.js";

const SITE = "https://chat.qwen.ai/";

/** A box about `error`. `actions` are `retry()` and `enterToken()`; what is missing is not offered. */
export function failureBox(error, { retry, enterToken }) {
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
  if (action !== null && retry) buttons.append(retryButton(retry, seconds));
  if (buttons.childElementCount > 0) box.append(buttons);
  return box;
}

function button(text, press) {
  return el("button", { type: "button", className: "button", onclick: press }, text);
}

/** Can be pressed when `seconds` are over; until then it says how long that is. */
function retryButton(retry, seconds) {
  const element = button(t("retry"), retry);
  element.classList.add("retry");
  if (seconds <= 0) return element;
  let end = Date.now() + seconds * 1000;
  element.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    element.disabled = left > 0;
    element.textContent = left > 0 ? t("retryIn", { time: countdown(left) }) : t("retry");
    if (left <= 0 || (!element.isConnected && wasShown)) clearInterval(timer);
    wasShown ||= element.isConnected;
  };
  let wasShown = false;
  const timer = setInterval(tick, 500);
  // The wait is for the model that was asked: another one may answer at once.
  const otherModel = () => ((end = 0), tick());
  byId("model").addEventListener("change", otherModel, { once: true });
  tick();
  return element;
}
