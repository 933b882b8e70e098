// Follows an answer that is written without this page: polls, and gives up in the end.

/** In milliseconds: the time between two polls, and the maximum time without a change. */
export const PACE = { first: 1000, most: 5000, growth: 1.4, patience: 240_000 };

/** Errors that may be over at the next poll. */
const PASSING = ["network", "rate_limited", "timeout", "upstream_unreachable"];

/**
 * Calls `look()`, which gives `done`, `changed` or `same`, until it is done (then `true`) or has been the
 * same for too long (`false`). `wait(milliseconds)` fails when the result is no longer needed.
 */
export async function follow({ look, wait, now = Date.now, pace = PACE }) {
  let delay = pace.first;
  let changedAt = now();
  for (;;) {
    await wait(delay);
    const seen = await look().catch(ignorePassing);
    if (seen === "done") return true;
    if (seen === "changed") {
      delay = pace.first;
      changedAt = now();
    } else if (now() - changedAt >= pace.patience) {
      return false;
    } else {
      delay = Math.min(delay * pace.growth, pace.most);
    }
  }
}

function ignorePassing(error) {
  if (PASSING.includes(error.code)) return "same";
  throw error;
}

/** Waits; fails with an `AbortError` as soon as `signal`, if there is one, says so. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", giveUp);
      resolve();
    }, milliseconds);
    if (signal?.aborted) giveUp();
    else signal?.addEventListener("abort", giveUp, { once: true });
  });
}
