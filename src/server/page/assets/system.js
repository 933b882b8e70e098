// An upstream without roles stores the system prompt in front of each message. The page removes it again, so
// it remembers the system prompts that it has sent.

const fold = (text) => text.replace(/\s+/g, " ").trim();

/** `content` without the system prompt, one of `used`, in front of it. */
export function withoutSystem(content, used) {
  const system = longestFirst(used).find((system) => content.startsWith(`${system}\n\n`));
  return system === undefined ? content : content.slice(system.length + 2);
}

/** A title of such a message; `null` if it holds only the system prompt. */
export function titleWithoutSystem(title, used) {
  if (title === null || title === undefined || used.length === 0) return title;
  const words = fold(title);
  const cut = words.replace(/\s*(…|\.\.\.)$/, "");
  for (const system of longestFirst(used).map(fold)) {
    if (words.startsWith(`${system} `)) return words.slice(system.length + 1);
    // A short title may begin like a system prompt by chance.
    if (words === system || (cut.length >= 12 && system.startsWith(cut))) return null;
  }
  return title;
}

const longestFirst = (used) => used.filter(Boolean).sort((a, b) => b.length - a.length);

/** The first words of a message, until its chat has a title. */
export function firstWords(content) {
  const words = fold(content);
  if (words.length <= 60) return words;
  const cut = words.slice(0, 60);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 40)).trimEnd()}…`;
}
