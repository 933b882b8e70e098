// A failure, shown with its remedies.

import { byId, el } from "./dom.js";
import { countdown, explain } from "./failure.js";
import { language, t } from "./i18n.js";

const SITE = "https://chat.qwen.ai/";

/** How often in a row the page tries again by itself. */
const MAX_AUTO = 3;
let inARow = 0;

/** An answer has begun: the next failure is the first one again. */
export const forgetAttempts = () => (inARow = 0);

/**
 * A box about `error`. `retry()`, `enterToken()`, `newChat()`, `showChats()` and `chooseModel()` are its actions; a
 * missing one is not offered. `ofModel` says that the failure concerns the model, and that another one can be selected;
 * only the last message of a chat is tried again by itself.
 */
export function failureBox(error, { retry, enterToken, newChat, showChats, chooseModel, ofModel = false, isLast = false }) {
  const { title, text, detail, action, seconds, auto } = explain(error, { english: language === "en" });
  const box = el("div", { className: "failure", role: "alert" });
  box.dataset.code = error.code;
  box.append(el("strong", {}, t(title)), el("p", {}, t(text)));
  if (detail) box.append(el("p", { className: "detail", dir: "auto" }, detail));
  const buttons = el("div", { className: "buttons" });
  const offer = (key, press) => press && buttons.append(button(t(key), press));
  if (action === "token") offer("enterToken", enterToken);
  if (action === "model") offer("chooseModel", chooseModel);
  if (["chats", "model"].includes(action)) offer("newChat", newChat);
  if (action === "chats") offer("showChats", showChats);
  if (action === "site") {
    const link = { className: "button", href: SITE, target: "_blank", rel: "noopener noreferrer" };
    buttons.append(el("a", link, t("openSite")));
  }
  const mayRetry = ![null, "chats", "model"].includes(action);
  if (mayRetry && retry) {
    const byItself = auto && isLast && inARow < MAX_AUTO;
    if (byItself) inARow += 1;
    buttons.append(retryButton(retry, byItself ? seconds * 2 ** (inARow - 1) : seconds, ofModel && !error.byServer, byItself));
  }
  if (buttons.childElementCount > 0) box.append(buttons);
  return box;
}

function button(text, press) {
  return el("button", { type: "button", className: "button", onclick: press }, text);
}

/**
 * Is enabled after `seconds`, and shows the remaining time until then; `byItself` it is pressed at that time.
 * `ofModel` as above.
 */
function retryButton(retry, seconds, ofModel, byItself) {
  const element = button(t("retry"), retry);
  element.classList.add("retry");
  if (seconds <= 0) return element;
  const end = Date.now() + seconds * 1000;
  const wait = new AbortController();
  const show = (left) => {
    element.disabled = left > 0 && !byItself;
    element.textContent = left > 0 ? t(byItself ? "retryingIn" : "retryIn", { time: countdown(left) }) : t("retry");
    if (left <= 0) wait.abort();
  };
  const showNow = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    show(left);
    if (left <= 0 && byItself) retry();
  };
  // The caller shows the box at once: a box outside the document has been removed.
  const timer = setInterval(() => (element.isConnected ? showNow() : wait.abort()), 500);
  wait.signal.addEventListener("abort", () => clearInterval(timer));
  element.addEventListener("click", () => wait.abort());
  // The wait applies to the selected model: another one may answer at once.
  if (ofModel) byId("model").addEventListener("change", () => show(0), { signal: wait.signal });
  showNow();
  return element;
}
