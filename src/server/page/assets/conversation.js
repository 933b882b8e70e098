// A conversation, as a value: the messages of the branch that is shown.

/** Stands for "before the first message" in `parent_id`. */
export const ROOT = "root";

/** A prompt that has not been answered. `parent` is the message that it follows; without it the newest message. */
export const newPrompt = (content, parent) => ({ role: "user", content, parent, state: "done" });

/** A name for a prompt that the account has not named yet. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether the account knows this message, as far as this page knows. */
export const isNamed = ({ id }) => Boolean(id) && !id.startsWith("local:");

/** An answer of which nothing has been received. */
export const newAnswer = (model) => ({
  role: "assistant",
  content: "",
  html: "",
  thinking: "",
  queries: [],
  citations: [],
  images: [],
  model,
  state: "waiting",
});

/** The messages of a chat as the server reports it; `plain(content)` removes the system prompt from a prompt. */
export function messagesOf(chat, plain = (content) => content) {
  return chat.messages.map((message) => ({
    id: message.id,
    role: message.role,
    parent: message.parent_id ?? ROOT,
    content: message.role === "user" ? plain(message.content) : message.content,
    html: message.html ?? "",
    thinking: message.thinking ?? "",
    thinkingHtml: message.thinking_html ?? "",
    queries: [],
    citations: sources([], message.citations),
    images: message.images ?? [],
    model: message.model,
    timestamp: message.timestamp,
    error: message.error,
    state: message.state ?? "done",
  }));
}

/**
 * `answer` after an event of the stream at the time `now`. `thinkingSince` and `textSince` are the times of the first
 * thought and the first word, and `thought` is how long the model thought, in milliseconds.
 */
export function grow(answer, name, data, now = Date.now()) {
  switch (name) {
    case "start":
      return { ...answer, id: data.message_id ?? answer.id, model: data.model, state: "growing" };
    case "thinking":
      return { ...answer, thinking: answer.thinking + data.content, thinkingSince: answer.thinkingSince ?? now };
    case "search":
      return { ...answer, queries: merge(answer.queries, data.queries), citations: sources(answer.citations, data.citations) };
    case "delta":
      return { ...answer, content: answer.content + data.content, textSince: answer.textSince ?? now, thought: thoughtTime(answer, now) };
    case "rewrite_thinking":
      return { ...answer, thinking: data.content };
    case "rewrite":
      return { ...answer, content: data.content };
    case "render":
      return { ...answer, html: data.html, thinkingHtml: data.thinking_html ?? answer.thinkingHtml };
    case "done":
      return finished(answer, data.data, now);
    default:
      return answer;
  }
}

const thoughtTime = ({ thought, thinkingSince }, now) => thought ?? (thinkingSince && now - thinkingSince);

function finished(answer, reply, now) {
  const tokens = reply.usage?.output_tokens;
  const since = answer.thinkingSince ?? answer.textSince;
  // A rate over less time says little.
  const rate = tokens && now - since >= 1000 ? (tokens / (now - since)) * 1000 : undefined;
  return {
    ...answer,
    id: reply.message_id ?? answer.id,
    content: reply.content,
    thinking: reply.thinking ?? answer.thinking,
    citations: reply.citations ? sources([], reply.citations) : answer.citations,
    images: reply.images ?? answer.images,
    model: reply.model,
    timestamp: Math.floor(now / 1000),
    thought: thoughtTime(answer, now),
    tokens,
    rate,
    state: reply.completeness === "stopped" ? "stopped" : "done",
  };
}

const merge = (known, more = []) => [...new Set([...known, ...more])];

function sources(known, more = []) {
  const byNumber = new Map(known.map((source) => [source.number, source]));
  for (const source of more) byNumber.set(source.number, source);
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** What a prompt at `index` follows: the last answer before it that the account knows. */
export function parentOf(messages, index) {
  const before = messages.slice(0, index).findLast((message) => message.role === "assistant" && isNamed(message));
  return before?.id ?? ROOT;
}

/** The prompts of a branch that have an answer, and the answers, as the server takes them. */
export function historyOf(branch) {
  const said = branch.filter(({ role, content }, index) => content && (role !== "user" || branch[index + 1]?.content));
  return said.map(({ role, content }) => ({ role: role === "user" ? "user" : "assistant", content }));
}

const OPEN = ["waiting", "growing", "in_progress"];

/** Whether more of this answer is to come. */
export const isOpen = (answer) => OPEN.includes(answer?.state);

/** Whether nothing of this prompt or answer is known to have reached the account. */
export const isLost = (message) => message.state === "failed" && !isNamed(message);
