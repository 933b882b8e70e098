// Tells the other tabs of this server's page what has changed.

/** `onNews(news)` gets what another tab `tell`s: `{ chat, title }` has changed, `{ gone }` is deleted. */
export function createTabs(onNews) {
  if (typeof BroadcastChannel === "undefined") return { tell() {} };
  const channel = new BroadcastChannel("qwenctl");
  channel.addEventListener("message", ({ data }) => onNews(data ?? {}));
  return { tell: (news) => channel.postMessage(news) };
}
