// Reports changes to the other tabs of this page.

/** `onNews(news)` receives the news of other tabs: `{ chat, title }` has changed, `{ gone }` is deleted. */
export function createTabs(onNews) {
  if (typeof BroadcastChannel === "undefined") return { tell() {} };
  const channel = new BroadcastChannel("qwenctl");
  channel.addEventListener("message", ({ data }) => onNews(data ?? {}));
  return { tell: (news) => channel.postMessage(news) };
}
