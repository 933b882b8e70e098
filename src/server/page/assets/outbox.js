// Prompts that the account may not have: running ones of this tab, and failed ones until they are sent again
// or discarded. They are shown after the messages of the account.

import { newAnswer, newPrompt, ROOT } from "./conversation.js";

const RUNNING = { storage: "sessionStorage", key: "qwen_underway", most: 20 };
const FAILED = { storage: "localStorage", key: "qwen_unsent", most: 30 };
/** Failed prompts are kept up to this number of characters in total. */
const MAX_TOTAL = 500_000;
/** The answer of an older prompt is no longer awaited, in milliseconds. */
const MAX_AGE = 10 * 60_000;
const LOST = { code: "lost" };

export const outbox = {
  /**
   * A prompt is sent: `{ key, chat, parent, branch, content, same }`. With `branch` it follows `parent`, otherwise the
   * newest message; `same` is the number of prompts with this content that the account already has.
   */
  begin(prompt) {
    const note = { ...prompt, at: Date.now() };
    change(RUNNING, (notes) => [...without(notes, prompt.key), note]);
    // Other tabs show it as lost if this tab is closed and it never arrives.
    change(FAILED, (notes) => [...without(notes, prompt.key), { ...note, failure: LOST, awaited: true }]);
  },
  /** It failed before the account had it; without a `failure` it was stopped. */
  fail(key, failure = null) {
    const note = [...read(RUNNING), ...read(FAILED)].find((note) => note.key === key);
    if (note === undefined) return;
    change(FAILED, (notes) => [...without(notes, key), { ...note, failure: plain(failure), awaited: false }]);
    change(RUNNING, (notes) => without(notes, key));
  },
  /** The account has it, or it is not needed any more. */
  end: (key) => [RUNNING, FAILED].forEach((place) => change(place, (notes) => without(notes, key))),
  /** The prompts for `chat`, oldest first; those that never arrived have a `failure`, or `null` if they were stopped. */
  of(chat) {
    const isRecent = ({ at }) => Date.now() - at < MAX_AGE;
    const running = read(RUNNING).filter(isRecent);
    const failed = read(FAILED).filter((note) => !(note.awaited && isRecent(note)));
    return [...failed, ...running].filter((note) => note.chat === chat);
  },
};

/** The number of prompts in `messages` that say `content`. */
export const countOf = (messages, content) =>
  messages.filter((message) => message.role === "user" && message.content.trim() === content.trim()).length;

/** Whether the account, which has `messages`, has the prompt of `note` as well. */
export const hasArrived = (note, messages) => countOf(messages, note.content) > note.same;

/**
 * The prompts of `notes` that are not in `messages`, each with its answer. One that begins no branch follows the
 * message `leaf`.
 */
export function missing(notes, messages, leaf) {
  const known = new Set(messages.map(({ id }) => id));
  let end = leaf ?? ROOT;
  return notes.filter((note) => !hasArrived(note, messages)).flatMap((note) => {
    const isBranch = note.branch && (note.parent === ROOT || known.has(note.parent));
    const prompt = { ...newPrompt(note.content, isBranch ? note.parent : end), key: note.key, branch: note.branch, id: `local:${note.key}` };
    const answer = { ...newAnswer(undefined), key: note.key, id: `local:${note.key}:answer`, parent: prompt.id, ...outcome(note) };
    if (!isBranch) end = answer.id;
    return [prompt, answer];
  });
}

function outcome({ failure }) {
  if (failure === undefined) return {};
  if (failure === null) return { state: "stopped" };
  const { until, ...rest } = failure;
  return { state: "failed", failure: { ...rest, retryAfter: until && Math.max(Math.ceil((until - Date.now()) / 1000), 0) } };
}

function plain(failure) {
  if (failure === null) return null;
  const { code, status, message, byServer, ofModel, retryAfter } = failure;
  return { code, status, message, byServer, ofModel, until: retryAfter && Date.now() + retryAfter * 1000 };
}

const without = (notes, key) => notes.filter((note) => note.key !== key);

function read({ storage, key }) {
  try {
    const notes = JSON.parse(globalThis[storage].getItem(key));
    return Array.isArray(notes) ? notes.filter((note) => typeof note?.content === "string") : [];
  } catch {
    return [];
  }
}

function change(place, edit) {
  const before = read(place);
  const after = edit(before).slice(-place.most);
  if (before.length === 0 && after.length === 0) return;
  while (after.length > 1 && after.reduce((sum, { content }) => sum + content.length, 0) > MAX_TOTAL) after.shift();
  try {
    if (after.length === 0) globalThis[place.storage].removeItem(place.key);
    else globalThis[place.storage].setItem(place.key, JSON.stringify(after));
  } catch {
    // Without storage the page shows these prompts until it is reloaded.
  }
}
