// What the model searched for, and the sources that it found.

import { el, safeUrl } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

/** The number of sites in the folded list. */
const SITES = 4;
/** The pointer may take so long from a mark to its card, in milliseconds. */
const WAY = 200;

const hostOf = (url) => new URL(url).host.replace(/^www\./, "");

/** The address as far as it names a page: not its place in the page, and not where the reader comes from. */
function pageOf(url) {
  if (!safeUrl(url)) return `text:${url}`;
  const { host, pathname, searchParams } = new URL(url);
  const kept = [...searchParams].filter(([name]) => !/^utm_|^(spm|fbclid|gclid|ref)$/i.test(name)).sort();
  return `${host.replace(/^www\./, "")}${pathname.replace(/\/+$/, "")}?${new URLSearchParams(kept)}`;
}

/** One source for each page, with all of its numbers: `{ numbers, url, title, snippet, date }`. */
export function mergeSources(citations) {
  const byPage = new Map();
  for (const { number, ...source } of citations) {
    const page = pageOf(source.url ?? "");
    const known = byPage.get(page);
    if (!known) byPage.set(page, { ...source, numbers: [number] });
    else byPage.set(page, { ...known, numbers: [...known.numbers, number], snippet: known.snippet || source.snippet, title: known.title || source.title });
  }
  return [...byPage.values()];
}

/** Shows `queries` as chips. */
export function showQueries(list, queries) {
  list.hidden = queries.length === 0;
  list.replaceChildren(...queries.map((query) => el("li", { dir: "auto" }, icon("search"), query)));
}

/** Shows the sources of an answer, folded. */
export function showSources(details, citations) {
  const sources = mergeSources(citations);
  details.hidden = sources.length === 0;
  const hosts = [...new Set(sources.map(({ url }) => (safeUrl(url) ? hostOf(url) : "")))].filter(Boolean);
  const sites = el("span", { className: "sites", "aria-hidden": "true" }, ...hosts.slice(0, SITES).map(site));
  const count = t(sources.length === 1 ? "sourceOne" : "sourceCount", { count: sources.length });
  details.replaceChildren(el("summary", {}, icon("globe"), sites, el("span", {}, count)), el("ul", {}, ...sources.map(sourceItem)));
}

/** The first letter of a site stands for its icon, which would have to be loaded from elsewhere. */
function site(host) {
  const hue = [...host].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  return el("span", { className: `site site-${hue}` }, host[0].toUpperCase());
}

function sourceItem({ numbers, ...source }) {
  return el("li", {}, el("span", { className: "numbers" }, numbers.join(", ")), ...sourceParts(source));
}

function sourceParts({ url, title, snippet, date }) {
  const href = safeUrl(url);
  const link = { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "auto" };
  const name = title || url;
  const about = [href && hostOf(href), date].filter(Boolean).join(" · ");
  return [
    href ? el("a", link, name) : el("span", {}, name),
    el("span", { className: "host" }, about),
    snippet ? el("span", { className: "snippet", dir: "auto" }, snippet) : null,
  ];
}

let card;
let timer;

function hideCard() {
  clearTimeout(timer);
  if (!card?.matches(":popover-open")) return;
  card.hidePopover();
  for (const mark of document.querySelectorAll("[aria-describedby=cite-card]")) mark.removeAttribute("aria-describedby");
}

/** Escape closes the card, and nothing else at the same time. */
function closeByKey(event) {
  if (event.key !== "Escape" || !card.matches(":popover-open")) return;
  event.stopPropagation();
  hideCard();
}

const hideSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(hideCard, WAY);
};

function showCard(mark, source) {
  clearTimeout(timer);
  if (!card) {
    card = el("div", { id: "cite-card", className: "cite-card", role: "tooltip", popover: "manual" });
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", hideSoon);
    document.addEventListener("keydown", closeByKey, true);
    document.addEventListener("scroll", hideCard, { capture: true, passive: true });
    document.body.append(card);
  }
  const { url, title, snippet, date } = source;
  const host = safeUrl(url) ? hostOf(url) : "";
  card.replaceChildren(
    el("span", { className: "host" }, host ? site(host) : null, [host, date].filter(Boolean).join(" · ")),
    el("strong", { dir: "auto" }, title || url),
    snippet ? el("span", { className: "snippet", dir: "auto" }, snippet) : null,
  );
  card.showPopover();
  // The browser would show its title as well.
  if (mark.title) mark.ariaLabel = `${mark.textContent} ${mark.title}`;
  mark.removeAttribute("title");
  mark.setAttribute("aria-describedby", card.id);
  const [place, { width, height }] = [mark.getBoundingClientRect(), card.getBoundingClientRect()];
  const below = place.bottom + 6;
  card.style.left = `${Math.max(8, Math.min(place.left - 12, innerWidth - width - 8))}px`;
  card.style.top = `${below + height > innerHeight ? Math.max(8, place.top - height - 6) : below}px`;
}

/** Shows a card at the marks of sources in `body`, for the pointer and for the keyboard; `sources()` are the sources. */
export function explainMarks(body, sources) {
  const show = ({ target }) => {
    const mark = target.closest?.("a.cite");
    const source = mark && sources().find(({ number }) => String(number) === mark.textContent.trim());
    if (source) showCard(mark, source);
  };
  const hide = ({ target }) => target.closest?.("a.cite") && hideSoon();
  body.addEventListener("pointerover", (event) => event.pointerType !== "touch" && show(event));
  body.addEventListener("pointerout", hide);
  body.addEventListener("focusin", show);
  body.addEventListener("focusout", hide);
}
