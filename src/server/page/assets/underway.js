// What this tab has asked and not seen the end of: a page that is loaded again knows that there is more
// to come, even before the account shows it.

import { newAnswer, newPrompt } from "./conversation.js";

const KEY = "qwen_underway";
/** A note that is older than this is not believed, in milliseconds. */
const BELIEVED = 10 * 60_000;

export const underway = {
  /** A prompt was sent to `chat`, after the message `after`. */
  begin: (chat, after, prompt) => write(JSON.stringify({ chat, after, prompt, at: Date.now() })),
  end: () => write(null),
  /** The note about `chat`, or `null`. */
  of(chat) {
    try {
      const note = JSON.parse(sessionStorage.getItem(KEY));
      return note?.chat === chat && Date.now() - note.at < BELIEVED ? note : null;
    } catch {
      return null;
    }
  },
};

function write(text) {
  try {
    if (text === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, text);
  } catch {
    // A browser that keeps nothing shows what the account has, which is most of it.
  }
}

/** `messages`, with what the note says is still to come. */
export function withUnderway(messages, note) {
  const last = messages.at(-1);
  if (note === null) return messages;
  if (last?.role === "user") return [...messages, answerTo(last)];
  if ((last?.id ?? null) !== note.after) return messages;
  const prompt = { ...newPrompt(note.prompt, last?.id), id: "local:asked" };
  return [...messages, prompt, answerTo(prompt)];
}

const answerTo = (prompt) => ({ ...newAnswer(undefined), id: "local:answer", parent: prompt.id });
