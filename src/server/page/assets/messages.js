// Messages in the document.

import { copyButton, showHtml } from "./answer.js";
import { copyText } from "./citations.js";
import { isOpen as isOpenAnswer } from "./conversation.js";
import { el, safeUrl } from "./dom.js";
import { failureBox } from "./failure-box.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** A prompt of more characters or lines than these is folded. */
const LONG = 1200;
const LONG_LINES = 14;

/**
 * A prompt. `edit` and `discard` are called when their buttons are pressed; the latter is shown with the class
 * `unsent`. `versions` is what stands in its place, as for `versionSwitch`.
 */
export function promptView(message, { edit, discard, versions }) {
  const tools = el("div", { className: "tools" }, copyButton(() => message.content, t("copyAnswer"), true));
  tools.append(toolButton("pencil", t("edit"), "edit", edit));
  tools.append(toolButton("bin", t("discard"), "discard", discard));
  tools.append(...versionSwitch(versions));
  const bubble = el("div", { className: "bubble", dir: "auto" }, message.content);
  if (isLong(message.content)) tools.prepend(unfold(bubble));
  return el("article", { className: "message prompt", "aria-label": t("writtenByYou") }, bubble, tools);
}

const isLong = (text) => text.length > LONG || text.split("\n", LONG_LINES + 1).length > LONG_LINES;

/** Folds a long prompt, so that its answer stays in sight; gives the button that shows all of it. */
function unfold(bubble) {
  bubble.classList.add("folded");
  const button = el("button", { type: "button", className: "unfold", "aria-expanded": "false" }, t("showAll"));
  button.addEventListener("click", () => {
    const folded = bubble.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = t(folded ? "showAll" : "showLess");
  });
  return button;
}

/** An answer, and `update(answer)` that shows how it has grown. */
export function answerView({ retry, versions, ...remedies }) {
  const waiting = el("p", { className: "waiting" }, el("span", { className: "dots" }), el("span"));
  const searched = el("p", { className: "searched" });
  const thoughts = el("div", { className: "thoughts", dir: "auto" });
  const thoughtsTitle = el("span");
  const thinking = el("details", { className: "thinking" }, el("summary", {}, icon("think"), thoughtsTitle), thoughts);
  const body = el("div", { className: "text", dir: "auto" });
  const pictures = el("ul", { className: "pictures" });
  const sources = el("details", { className: "sources" });
  const note = el("p", { className: "note" }, t("interrupted"));
  const trouble = el("div");
  const tools = el("div", { className: "tools" });
  const element = el("article", { className: "message answer", "aria-label": t("writtenByModel") });
  element.append(el("h2", { className: "visually-hidden" }, t("writtenByModel")));
  element.append(thinking, searched, body, pictures, waiting, note, trouble, sources, tools);
  let shown = {};

  function update(answer) {
    const changed = (name) => answer[name] !== shown[name];
    const isOpen = isOpenAnswer(answer);
    element.dataset.state = answer.state;
    if (changed("thinking")) thoughts.textContent = answer.thinking;
    thinking.hidden = !answer.thinking;
    thoughtsTitle.textContent = t(isOpen && !answer.content ? "thinking" : "thought");
    searched.hidden = answer.queries.length === 0;
    searched.textContent = t("searched", { queries: answer.queries.map((query) => `“${query}”`).join(", ") });
    if (changed("html") || changed("state") || (changed("content") && !answer.html)) showText(body, answer, !isOpen);
    if (changed("images")) showPictures(pictures, answer.images);
    if (changed("citations")) showSources(sources, answer.citations);
    waiting.hidden = !isOpen;
    waiting.classList.toggle("lost", Boolean(answer.lost));
    waiting.lastChild.textContent = t(waitingWords(answer));
    note.hidden = answer.state !== "stopped";
    if (changed("failure") || changed("error")) showFailure(answer);
    if (changed("state") || changed("model")) showTools(answer, isOpen);
    shown = answer;
  }

  function showFailure(answer) {
    trouble.replaceChildren();
    const error = answer.failure ?? (answer.error ? { code: "other", message: answer.error } : null);
    if (error) trouble.append(failureBox(error, { ...remedies, retry, ofModel: true, isLast: answer.last }));
  }

  function showTools(answer, isOpen) {
    tools.replaceChildren();
    if (isOpen) return;
    if (answer.content) tools.append(copyButton(() => copyText(shown.content, shown.citations), t("copyAnswer"), true));
    if (!answer.failure) tools.append(toolButton("retry", t("retry"), "retry", retry));
    tools.append(...versionSwitch(versions));
    if (answer.model && answer.content) tools.append(el("span", { className: "by" }, answer.model));
  }

  return { element, update };
}

function waitingWords(answer) {
  if (answer.lost) return "reconnecting";
  if (answer.state !== "in_progress") return "answering";
  return answer.elsewhere ? "stopElsewhere" : "readOn";
}

function showText(body, answer, finished) {
  body.hidden = !answer.content && !answer.html;
  if (answer.html) {
    showHtml(body, answer.html, finished);
  } else {
    body.replaceChildren(el("p", { className: "raw" }, answer.content));
  }
}

function showPictures(list, urls) {
  const links = urls.map(safeUrl).filter(Boolean);
  list.replaceChildren(
    ...links.map((url, index) =>
      el("li", {}, el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, t("pictures", { number: index + 1 }))),
    ),
  );
}

function showSources(details, citations) {
  details.hidden = citations.length === 0;
  details.replaceChildren(
    el("summary", {}, icon("globe"), el("span", {}, `${t("sources")} (${citations.length})`)),
    el("ol", {}, ...citations.map(sourceItem)),
  );
}

function sourceItem({ number, url, title, snippet, date }) {
  const href = safeUrl(url);
  const name = title || url;
  const link = href ? el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "auto" }, name) : el("span", {}, name);
  const about = [href && new URL(href).host, date].filter(Boolean).join(" · ");
  return el("li", { value: number }, link, el("span", { className: "host" }, about), el("span", { className: "snippet", dir: "auto" }, snippet ?? ""));
}

function toolButton(name, text, className, press) {
  const button = el("button", { type: "button", className, title: text, onclick: press }, icon(name));
  button.append(el("span", { className: "visually-hidden" }, text));
  return button;
}

/** Buttons to the versions before and after the shown one: `{ at, count, go(step) }`, `at` from 0. */
function versionSwitch({ at, count, go }) {
  if (count < 2) return [];
  const previous = toolButton("left", t("branchPrevious"), "previous", () => go(-1));
  const next = toolButton("right", t("branchNext"), "next", () => go(1));
  previous.disabled = at === 0;
  next.disabled = at === count - 1;
  const words = el("span", { className: "visually-hidden" }, t("branch", { at: at + 1, count }));
  const short = el("span", { "aria-hidden": "true" }, `${at + 1}/${count}`);
  return [el("span", { className: "versions" }, previous, short, words, next)];
}
