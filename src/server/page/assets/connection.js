// The connection to the server. If it is lost, the page says so and reconnects by itself.

import { byId } from "./dom.js";
import { pause } from "./follow.js";

/** In milliseconds: the time between two attempts. */
const PACE = { first: 500, most: 4000, growth: 1.5 };

/** `ping()` fails while the server cannot be reached; `onBack()` is called when it can be again. */
export function createConnection({ ping, onBack }) {
  const bar = byId("connection");
  let back = null;

  async function tryAgain() {
    for (let delay = PACE.first; ; delay = Math.min(delay * PACE.growth, PACE.most)) {
      await pause(delay);
      const isThere = await ping().then(() => true, (error) => error.code !== "network");
      if (isThere) break;
    }
    back = null;
    bar.hidden = true;
    onBack();
  }

  return {
    /** The server did not answer. Resolves when it does again. */
    lost() {
      bar.hidden = false;
      back ??= tryAgain();
      return back;
    },
  };
}
