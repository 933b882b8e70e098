// Messages in the document.

import { showHtml } from "./answer.js";
import { copyText } from "./citations.js";
import { codeBlock, iconButton } from "./code.js";
import { isOpen as isOpenAnswer } from "./conversation.js";
import { copyButton } from "./copy.js";
import { el, safeUrl } from "./dom.js";
import { facts, factsText, timeText } from "./facts.js";
import { failureBox } from "./failure-box.js";
import { splitFences } from "./fences.js";
import { t } from "./i18n.js";
import { explainMarks, showQueries, showSources } from "./sources.js";
import { thinkingView } from "./thinking.js";

/** A prompt of more characters or lines than these is folded. */
const LONG = 1200;
const LONG_LINES = 14;

/**
 * A prompt. `edit` and `discard` are called when their buttons are pressed; the latter is shown with the class
 * `unsent`. `versions` is what stands in its place, as for `versionSwitch`.
 */
export function promptView(message, { edit, discard, versions }) {
  const tools = el("div", { className: "tools" }, copyButton(() => message.content, t("copyAnswer"), true));
  tools.append(iconButton("pencil", t("edit"), "edit", edit));
  tools.append(iconButton("bin", t("discard"), "discard", discard));
  tools.append(...versionSwitch(versions));
  if (message.timestamp) tools.prepend(el("span", { className: "by" }, timeText(message.timestamp * 1000)));
  const bubble = el("div", { className: "bubble", dir: "auto" }, ...splitFences(message.content).map(promptPart));
  if (isLong(message.content)) tools.prepend(unfold(bubble));
  return el("article", { className: "message prompt", "aria-label": t("writtenByYou") }, bubble, tools);
}

const promptPart = ({ text, code, language }) => (code === undefined ? text : el("div", { className: "prose" }, codeBlock(code, language)));

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

/**
 * An answer, and `update(answer)` that shows how it has grown. `retry()` requests it again, and `retryWith(button)`
 * opens the choice of how.
 */
export function answerView({ retry, retryWith, versions, ...remedies }) {
  const waiting = el("p", { className: "waiting" }, el("span", { className: "dots" }), el("span"));
  const thinking = thinkingView();
  const queries = el("ul", { className: "queries", "aria-label": t("searchedFor") });
  const body = el("div", { className: "text prose", dir: "auto" });
  const pictures = el("ul", { className: "pictures" });
  const sources = el("details", { className: "sources" });
  const note = el("p", { className: "note" }, t("interrupted"));
  const trouble = el("div");
  const tools = el("div", { className: "tools" });
  const element = el("article", { className: "message answer", "aria-label": t("writtenByModel") });
  element.append(el("h2", { className: "visually-hidden" }, t("writtenByModel")));
  element.append(thinking.element, queries, body, pictures, waiting, note, trouble, sources, tools);
  let shown = {};
  explainMarks(body, () => shown.citations ?? []);

  function update(answer) {
    const changed = (name) => answer[name] !== shown[name];
    const isOpen = isOpenAnswer(answer);
    element.dataset.state = answer.state;
    thinking.update(answer);
    if (changed("queries")) showQueries(queries, answer.queries);
    if (changed("html") || changed("state") || (changed("content") && !answer.html)) showText(body, answer, !isOpen);
    if (changed("images")) showPictures(pictures, answer.images);
    if (changed("citations")) showSources(sources, answer.citations);
    waiting.hidden = !isOpen;
    waiting.classList.toggle("lost", Boolean(answer.lost));
    waiting.lastChild.textContent = t(waitingWords(answer));
    note.hidden = answer.state !== "stopped";
    if (changed("failure") || changed("error") || (answer.failure && changed("last"))) showFailure(answer);
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
    if (answer.content && globalThis.speechSynthesis) tools.append(iconButton("sound", t("speak"), "speak", () => speak(body.innerText)));
    if (!answer.failure) tools.append(iconButton("retry", t("retry"), "retry", retry));
    const more = iconButton("chevron", t("retryWith"), "retry-with", () => retryWith(more));
    more.setAttribute("aria-haspopup", "menu");
    tools.append(more, ...versionSwitch(versions));
    if (!answer.content) return;
    if (answer.model) tools.append(el("span", { className: "by" }, answer.model));
    const about = factsText({ ...facts.of(answer.id), ...answer });
    if (about) tools.append(el("span", { className: "by facts" }, about));
  }

  return { element, update };
}

/** Reads `text` aloud, or ends what is being read. */
function speak(text) {
  const wasSpeaking = speechSynthesis.speaking;
  speechSynthesis.cancel();
  if (!wasSpeaking) speechSynthesis.speak(new SpeechSynthesisUtterance(text));
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

/** Buttons to the versions before and after the shown one: `{ at, count, go(step) }`, `at` from 0. */
function versionSwitch({ at, count, go }) {
  if (count < 2) return [];
  const previous = iconButton("left", t("branchPrevious"), "previous", () => go(-1));
  const next = iconButton("right", t("branchNext"), "next", () => go(1));
  previous.disabled = at === 0;
  next.disabled = at === count - 1;
  const words = el("span", { className: "visually-hidden" }, t("branch", { at: at + 1, count }));
  const short = el("span", { "aria-hidden": "true" }, `${at + 1}/${count}`);
  return [el("span", { className: "versions" }, previous, short, words, next)];
}
