// What the service would refuse: messages that are too long, and models whose quota is used up.

import { language, t } from "./i18n.js";

/** In bytes: a longer message may be refused, and one that is longer still is not sent. */
const LARGE = 100 * 1024;
const TOO_LARGE = 180 * 1024;

const encoder = new TextEncoder();
const bytesOf = (text) => (text.length * 3 < LARGE ? text.length : encoder.encode(text).length);
const kilobytes = (bytes) => Math.ceil(bytes / 1024);

/** `{ words, isTooLarge }` about a message of this length, or `null` if it is short enough. */
export function sizeHint(text) {
  const size = bytesOf(text);
  if (size <= LARGE) return null;
  const isTooLarge = size > TOO_LARGE;
  return { words: t(isTooLarge ? "tooLarge" : "large", { size: kilobytes(size), limit: kilobytes(TOO_LARGE) }), isTooLarge };
}

/** Letters of scripts in which each is about a token. */
const WIDE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g;
/** From this part of the context on, the length of a message is shown. */
const NEAR = 0.5;

/** About how many tokens `text` has. */
function tokenEstimate(text) {
  const wide = text.match(WIDE)?.length ?? 0;
  return Math.ceil(wide * 0.75 + (text.length - wide) / 3.6);
}

/** `{ words }` about a message that fills much of a context of so many tokens, or `null`. */
export function contextHint(text, context) {
  if (!context || text.length < context * NEAR) return null;
  const tokens = tokenEstimate(text);
  const number = (value) => new Intl.NumberFormat(language).format(value);
  return tokens < context * NEAR ? null : { words: t("nearContext", { tokens: number(tokens), context: number(context), characters: number(text.length) }), isOver: tokens > context };
}

/** `14:20`, with the day if that is not today. */
export function clockTime(at, language, now = Date.now()) {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const day = isToday ? {} : { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", ...day }).format(at);
}
