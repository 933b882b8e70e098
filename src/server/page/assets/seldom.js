// Does again what is worth doing again, but not too often.

/** How long what was seen at the last look is new enough, in milliseconds. */
export const FRESH = 15_000;

/** `look()`, unless the last one is not over, or began less than `fresh` milliseconds ago. */
export function seldom(look, { now = () => Date.now(), fresh = FRESH } = {}) {
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
