// The version of a conversation that the user has chosen. It is shown until the account has a newer message.

const keyOf = (chat) => `qwen_version:${chat}`;

export const chosenVersion = {
  /** The last message of the chosen branch of `chat`, if it is among `messages`; `null` while the account's own is shown. */
  of(chat, current, messages) {
    try {
      const chosen = JSON.parse(sessionStorage.getItem(keyOf(chat)));
      return chosen?.current === current && messages.some(({ id }) => id === chosen.leaf) ? chosen.leaf : null;
    } catch {
      return null;
    }
  },
  /** Keeps `{ leaf, current }`, or nothing. */
  set(chat, chosen) {
    try {
      if (chosen === null) sessionStorage.removeItem(keyOf(chat));
      else sessionStorage.setItem(keyOf(chat), JSON.stringify(chosen));
    } catch {
      // Without storage a reload shows the newest version.
    }
  },
};
