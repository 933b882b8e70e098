// Takes an access token out of what people paste, and checks that it can be one (protocol 2.2).

const UNSEEN = /[\s\u0000-\u001f\u007f-\u009f\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff"'`\u2018-\u201f\u00ab\u00bb]/g;
const LABELS = ["authorization:", "bearer", "token=", "token:", "cookie:", "token"];
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** An API key of this server, which goes where a token goes. */
const KEY = /^qk-[0-9A-Za-z]{32}$/;

/** What is most likely the token in `pasted`: quotes, labels, cookies and unseen characters are left out. */
export function cleanToken(pasted) {
  const text = state(pasted) ?? cookie(pasted) ?? header(pasted) ?? pasted;
  const whole = withoutLabels(text.replace(UNSEEN, ""));
  if (SHAPE.test(whole)) return whole;
  const pieces = pasted.split(/[^\w.-]+/).filter((piece) => piece.startsWith("eyJ") && SHAPE.test(piece));
  const different = [...new Set(pieces)];
  return different.length === 1 ? different[0] : whole;
}

/** The token in the value of `qwen_access_token_state`, or in an object that holds it. */
function state(text) {
  try {
    let value = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
    const inner = value.qwen_access_token_state;
    if (inner) value = typeof inner === "string" ? JSON.parse(inner) : inner;
    return typeof value.token === "string" ? value.token : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `pasted` holds what gets further tokens. */
export const hasRefresh = (pasted) => /refresh_?token["']?\s*[=:\t]/i.test(pasted);

/** Whether this is an API key of this server. */
export const isKey = (token) => KEY.test(token);

function cookie(text) {
  const match = /(?:^|[;\s])token=([^;\r\n]*)/i.exec(text);
  return match?.[1];
}

function header(text) {
  return /authorization:([^\r\n]*)/i.exec(text)?.[1];
}

function withoutLabels(text) {
  const lower = text.toLowerCase();
  const found = LABELS.find((name) => lower.startsWith(name));
  return found ? withoutLabels(text.slice(found.length)) : text;
}

/** The key of the sentence that says what is wrong with a cleaned token, or `null`. `now` in seconds. */
export function tokenProblem(token, now) {
  if (token === "") return "tokenEmpty";
  if (token.endsWith("…") || token.endsWith("...")) return "tokenCut";
  if (KEY.test(token)) return null;
  if (!SHAPE.test(token)) return "tokenNotThree";
  const payload = tokenPayload(token);
  if (payload === null) return "tokenBadPayload";
  if (typeof payload.exp === "number" && payload.exp <= now) return "tokenExpired";
  return null;
}

/** The claims of a token, or `null` if they cannot be read. They are not verified. */
export function tokenPayload(token) {
  try {
    const base64 = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const payload = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return payload !== null && typeof payload === "object" && !Array.isArray(payload) ? payload : null;
  } catch {
    return null;
  }
}
