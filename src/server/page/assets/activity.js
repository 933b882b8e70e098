// Which chats are being written, and which have an answer that has not been seen. An answer that is left continues, and
// is followed to its end.

import { isOpen, messagesOf } from "./conversation.js";
import { follow, pause } from "./follow.js";

/** In milliseconds: slower than for the answer that is shown. */
const PACE = { first: 2_000, most: 8_000, growth: 1.5, patience: 600_000 };
/** More answers are not followed at once. */
const MOST = 4;

/** `read(id, signal)` reads a chat, and `show(id, state)` shows that it is `writing`, has `news`, or neither: `null`. */
export function createActivity({ read, show, wait = pause, pace = PACE }) {
  const followed = new Map();

  function end(id) {
    followed.get(id)?.abort();
    followed.delete(id);
  }

  return {
    /** The chat is shown: its state is seen there, and in the list while it is `writing`. */
    seen(id, isWriting) {
      end(id);
      show(id, isWriting ? "writing" : null);
    },
    /** Another tab says so. */
    elsewhere(id, isWriting) {
      if (!followed.has(id)) show(id, isWriting ? "writing" : null);
    },
    /** The chat is left while its answer is written. */
    async left(id) {
      end(id);
      if (followed.size >= MOST) return show(id, null);
      const work = new AbortController();
      followed.set(id, work);
      show(id, "writing");
      const look = async () => (messagesOf(await read(id, work.signal)).some(isOpen) ? "changed" : "done");
      const isOver = await follow({ look, wait: (delay) => wait(delay, work.signal), pace: { ...pace } }).catch(() => false);
      if (followed.get(id) !== work) return;
      followed.delete(id);
      show(id, isOver ? "news" : null);
    },
  };
}
