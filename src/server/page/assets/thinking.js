// The thoughts of a model: one line while it thinks, all of them when they are opened.

import { showHtml } from "./answer.js";
import { isOpen } from "./conversation.js";
import { el } from "./dom.js";
import { durationText, facts } from "./facts.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** Only this many characters at the end are looked at, and so many are shown. */
const TAIL = 1200;
const SHOWN = 160;

/** The sentence of `thoughts` that is being written, without the marks of Markdown. */
export function liveLine(thoughts) {
  const lines = thoughts.slice(-TAIL).split("\n").map((line) => line.replace(/^[\s>#*+-]+|^\s*\d+[.)]\s+|[*_`]+/g, "").trim());
  const last = lines.findLast(Boolean) ?? "";
  const sentences = last.split(/(?<=[.!?](?=\s))\s+|(?<=[。！？])/u).filter(Boolean);
  return (sentences.at(-1) ?? "").slice(0, SHOWN);
}

/** The title in the first line of a thought, and the rest; `null` if it has none. */
export function splitTitle(text) {
  const [first, ...rest] = text.split("\n");
  const title = first.trim();
  const isTitle = rest.join("").trim() !== "" && title !== "" && title.length <= 80 && !/[.!?:;,。！？：；，]$/u.test(title);
  return isTitle ? { title, rest: rest.join("\n").trim() } : null;
}

/** `{ element, update(answer) }` for the thoughts of an answer. */
export function thinkingView() {
  const thoughts = el("div", { className: "thoughts prose", dir: "auto" });
  const title = el("span", { className: "thought-title" });
  const line = el("span", { className: "thought-line", dir: "auto", "aria-hidden": "true" });
  const element = el("details", { className: "thinking" }, el("summary", {}, icon("think"), title, line), thoughts);
  let answer = {};
  let drawn = null;
  let timer;
  element.addEventListener("toggle", draw);

  const isRunning = () => isOpen(answer) && !answer.content;

  function update(now) {
    answer = now;
    element.hidden = !answer.thinking;
    if (element.hidden) return;
    if (isRunning() && answer.thinkingSince) timer ??= setInterval(tick, 1000);
    tick();
    draw();
  }

  function tick() {
    const running = isRunning() && (element.isConnected || !timer);
    if (!running) timer = clearInterval(timer);
    const took = answer.thought ?? facts.of(answer.id).thought;
    const passed = answer.thinkingSince && durationText(Date.now() - answer.thinkingSince);
    const words = isRunning() ? (passed ? t("thinkingFor", { time: passed }) : t("thinking")) : took ? t("thoughtFor", { time: durationText(took) }) : t("thought");
    if (title.textContent !== words) title.textContent = words;
    line.textContent = isRunning() && !element.open ? liveLine(answer.thinking) : "";
  }

  /** Closed thoughts are not drawn. */
  function draw() {
    if (!element.open) return;
    line.textContent = "";
    const finished = !isRunning();
    const state = [answer.thinking, answer.thinkingHtml, finished].join("\n");
    if (drawn === state) return;
    drawn = state;
    if (!answer.thinkingHtml) return thoughts.replaceChildren(el("p", { className: "raw" }, answer.thinking));
    showHtml(thoughts, answer.thinkingHtml, finished);
    if (finished) listSteps(thoughts);
  }

  return { element, update };
}

/** Thoughts with titles become a list of steps. */
function listSteps(thoughts) {
  const steps = [];
  for (const block of [...thoughts.children]) {
    const [first] = block.childNodes;
    const isStrong = block.tagName === "P" && block.childNodes.length === 1 && first.nodeName === "STRONG";
    const titled = isStrong || (block.tagName === "P" && first?.nodeType === Node.TEXT_NODE && splitTitle(block.textContent) && first.data.includes("\n"));
    if (titled) {
      steps.push(el("li", {}));
      if (!isStrong) {
        const end = first.data.indexOf("\n");
        first.before(el("strong", {}, first.data.slice(0, end).trim()), document.createElement("br"));
        first.data = first.data.slice(end + 1);
      }
    }
    steps.at(-1)?.append(block);
  }
  if (steps.length > 0) thoughts.append(el("ol", { className: "thought-steps" }, ...steps));
}
