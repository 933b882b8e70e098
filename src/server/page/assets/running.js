// The prompt of this tab whose answer is still running, so that a reloaded page shows it even before the
// account has it.

import { newAnswer, newPrompt } from "./conversation.js";

const KEY = "qwen_underway";
/** Older notes are ignored, in milliseconds. */
const MAX_AGE = 10 * 60_000;

export const running = {
  /** A prompt was sent to `chat`, after the message `after`. */
  begin: (chat, after, prompt) => write(JSON.stringify({ chat, after, prompt, at: Date.now() })),
  end: () => write(null),
  /** The note about `chat`, or `null`. */
  of(chat) {
    try {
      const note = JSON.parse(sessionStorage.getItem(KEY));
      return note?.chat === chat && Date.now() - note.at < MAX_AGE ? note : null;
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
    // Without storage the page shows only the messages that the account has.
  }
}

/** `messages` with the prompt of the note and its answer, as far as they are missing. */
export function withRunning(messages, note) {
  const last = messages.at(-1);
  if (note === null) return messages;
  if (last?.role === "user") return [...messages, answerTo(last)];
  if ((last?.id ?? null) !== note.after) return messages;
  const prompt = { ...newPrompt(note.prompt, last?.id), id: "local:asked" };
  return [...messages, prompt, answerTo(prompt)];
}

const answerTo = (prompt) => ({ ...newAnswer(undefined), id: "local:answer", parent: prompt.id });
