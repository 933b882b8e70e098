// What a failure means for the person in front of the page, and what can be done about it.

const KINDS = {
  browser_check: { words: "failBrowserCheck", action: "site" },
  chat_in_progress: { words: "failChatInProgress", action: "retry" },
  content_refused: { words: "failContentRefused", action: null },
  context_too_long: { words: "failContextTooLong", action: "model" },
  cut: { words: "failCut", action: "retry" },
  forbidden: { words: "failForbidden", action: "retry" },
  internal: { words: "failOther", action: "retry" },
  interrupted: { words: "failInterrupted", action: "retry" },
  lost: { words: "failLost", action: "retry" },
  network: { words: "failNetwork", action: "retry" },
  not_found: { words: "failNotFound", action: "chats" },
  silent: { words: "failSilent", action: "retry" },
  sync_in_progress: { words: "failSyncInProgress", action: "retry" },
  timeout: { words: "failTimeout", action: "retry" },
  token_expired: { words: "failToken", action: "token" },
  token_invalid: { words: "failToken", action: "token" },
  token_missing: { words: "failTokenMissing", text: "failTokenText", action: "token" },
  upstream_protocol: { words: "failProtocol", action: "retry" },
  upstream_unreachable: { words: "failUpstream", action: "retry" },
};
/** The request is too large for the server (413). */
const TOO_LONG = { words: "failTooLong", action: null };
/** A model that the upstream does not have. */
const NO_MODEL = { words: "failNoModel", action: "model" };
/** A limit of the account, of the server, and requests that came too fast for the upstream. */
const QUOTA = { words: "failRateLimited", action: "wait" };
const LIMIT = { words: "failLimit", action: "wait" };
const THROTTLED = { words: "failThrottled", action: "wait", auto: true };
const OTHER = { words: "failOther", action: "retry" };

/** The wait before another attempt at a throttled request that says nothing about it, in seconds. */
const THROTTLE_WAIT = 5;

/** A quota is used up for at least this time, in seconds. A limit of requests ends sooner, and a busy service names no time. */
const QUOTA_WAIT = 300;

/** Hints of the server for its command line, which mean nothing on a page. */
const COMMAND = /`|qwenctl|(^|\s)--\w/;

function kindOf(error) {
  const { code, status, ofChat, ofModel, byServer, retryAfter = 0 } = error;
  if (code === "rate_limited") return !byServer && retryAfter >= QUOTA_WAIT ? QUOTA : byServer || retryAfter > 0 ? LIMIT : THROTTLED;
  if (code === "not_found" && ofModel) return NO_MODEL;
  // An address with an id that no chat can have.
  if (code === "invalid_request" && ofChat) return KINDS.not_found;
  return KINDS[code] ?? (status === 413 ? TOO_LONG : OTHER);
}

/**
 * `{ title, text, detail, action, seconds, auto }`: keys of two sentences, the server's own words, what to
 * offer (`token`, `site`, `wait`, `chats`, `model`, `retry` or nothing), how long to wait before, and whether the
 * page tries again by itself then. The server's words are English: only an `english` page shows them beside
 * its own.
 */
export function explain(error, { english = true } = {}) {
  const kind = kindOf(error);
  const { words, text = `${words}Text`, action, auto = false } = kind;
  const hint = error.hint && !COMMAND.test(error.hint) && !["token", "site"].includes(action) ? error.hint : null;
  const isSaid = !english && kind !== OTHER;
  const detail = isSaid ? "" : [error.message, hint].filter(Boolean).join(" — ");
  const wait = error.retryAfter ?? (auto ? THROTTLE_WAIT : 0);
  return { title: words, text, detail, action, seconds: action === "wait" ? wait : 0, auto };
}

/** Whether a quota of the account is used up, and not for a moment only. */
export const isQuota = (error) => kindOf(error) === QUOTA;

/** Whether a new token is the remedy. */
export const needsToken = (error) => KINDS[error.code]?.action === "token";

/** `3:07:05`, `7:05`, `5 s`. */
export function countdown(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return `${hours}:${two(minutes)}:${two(rest)}`;
  return minutes > 0 ? `${minutes}:${two(rest)}` : `${rest} s`;
}
