// Repeats work, but not too often.

/** How long the result of the last run stays fresh, in milliseconds. */
export const FRESH = 2_000;

/** Runs `look`, unless the last run is not over or began less than `fresh` milliseconds ago. */
export function throttle(look, { now = () => Date.now(), fresh = FRESH } = {}) {
  let beganAt = -Infinity;
  let isLooking = false;
  return async () => {
    if (isLooking || now() - beganAt < fresh) return;
    beganAt = now();
    isLooking = true;
    try {
      await look();
    } finally {
      isLooking = false;
    }
  };
}
