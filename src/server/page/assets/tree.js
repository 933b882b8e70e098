// The branches of a conversation: each message names the one that it follows.

import { ROOT } from "./conversation.js";

/** A view of `messages`, which stand in any order and may have gaps and cycles. */
export function createTree(messages) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const byParent = new Map(messages.map(({ parent }) => [parent, []]));
  for (const message of messages) byParent.get(message.parent).push(message);
  const following = (id) => byParent.get(id) ?? [];

  /** The messages from the first one to the one with this id. */
  function branchTo(id) {
    const branch = new Set();
    for (let message = byId.get(id); message && !branch.has(message); message = byId.get(message.parent)) branch.add(message);
    return [...branch].reverse();
  }

  /** What stands in the place of `message`, itself among them, oldest first. */
  function siblings({ parent = ROOT, role }) {
    return following(parent)
      .filter((other) => other.role === role)
      .sort((a, b) => (a.timestamp ?? Infinity) - (b.timestamp ?? Infinity) || 0);
  }

  /** The last message of the newest branch through the message with this id. */
  function leafOf(id) {
    const seen = new Set();
    let leaf = id;
    while (!seen.has(leaf) && following(leaf).length > 0) {
      seen.add(leaf);
      leaf = following(leaf).at(-1).id;
    }
    return leaf;
  }

  /**
   * The versions of `message`, oldest first: the different prompts in its place, or all answers to equal prompts.
   * A retry repeats the prompt, so equal prompts are one version.
   */
  function versions(message) {
    if (message.role === "user") {
      const wordings = new Map();
      for (const prompt of siblings(message)) wordings.set(prompt.content.trim(), prompt);
      wordings.set(message.content.trim(), message);
      return [...wordings.values()];
    }
    const prompt = byId.get(message.parent);
    const prompts = prompt ? siblings(prompt).filter(({ content }) => content.trim() === prompt.content.trim()) : [];
    const answers = (prompts.length > 0 ? prompts : [{ id: message.parent }]).flatMap(({ id }) => siblings({ parent: id, role: "assistant" }));
    return answers.filter((answer) => answer === message || !isNothing(answer));
  }

  return { branchTo, siblings, versions, leafOf };
}

/** Whether an answer has failed before its first word. */
const isNothing = (answer) => !answer.content && Boolean(answer.error || answer.failure);

/** The last message of the branch that the account shows; without such a mark, the newest message. */
export function currentLeaf(messages, currentId) {
  if (messages.some(({ id }) => id === currentId)) return currentId;
  const newest = messages.reduce((best, message) => ((message.timestamp ?? 0) >= (best?.timestamp ?? 0) ? message : best), null);
  return newest?.id ?? null;
}
