// What a failure means for the person in front of the page, and what can be done about it.

const KINDS = {
  browser_check: { words: "failBrowserCheck", action: "site" },
  chat_in_progress: { words: "failChatInProgress", action: "retry" },
  content_refused: { words: "failContentRefused", action: null },
  context_too_long: { words: "failContextTooLong", action: null },
  forbidden: { words: "failForbidden", action: "retry" },
  network: { words: "failNetwork", action: "retry" },
  not_found: { words: "failNotFound", action: null },
  rate_limited: { words: "failRateLimited", action: "wait" },
  silent: { words: "failSilent", action: "retry" },
  timeout: { words: "failTimeout", action: "retry" },
  token_expired: { words: "failToken", action: "token" },
  token_invalid: { words: "failToken", action: "token" },
  token_missing: { words: "failTokenMissing", text: "failTokenText", action: "token" },
  upstream_unreachable: { words: "failUpstream", action: "retry" },
};
/** The request is too large for the server (413). */
const TOO_LONG = { words: "failTooLong", action: null };
const OTHER = { words: "failOther", action: "retry" };

/**
 * `{ title, text, detail, action, seconds }`: keys of two sentences, the server's own words, what to
 * offer (`token`, `site`, `wait`, `retry` or nothing), and how long to wait before.
 */
export function explain(error) {
  const kind = KINDS[error.code] ?? (error.status === 413 ? TOO_LONG : OTHER);
  const { words, text = `${words}Text`, action } = kind;
  // The server's hints are for command lines: a token is entered here, the site is opened from here, and
  // how much the server takes is not for the person in front of the page to say.
  const hint = ["token", "site"].includes(action) || kind === TOO_LONG ? null : error.hint;
  const detail = [error.message, hint].filter(Boolean).join(" — ");
  return { title: words, text, detail, action, seconds: action === "wait" ? (error.retryAfter ?? 0) : 0 };
}

/** Whether a new token is the remedy. */
export const needsToken = (error) => KINDS[error.code]?.action === "token";

/** `3:07:05`, `7:05`, `5 s`. */
export function countdown(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return `${hours}:${two(minutes)}:${two(rest)}`;
  return minutes > 0 ? `${minutes}:${two(rest)}` : `${rest} s`;
}
