// Marks found words in the conversation, without a change of the document.

const NAME = "found";
/** More places are not marked. */
const MOST = 200;

/** Marks `words` in `element`, and nowhere else. */
export function markWords(element, words) {
  globalThis.CSS?.highlights?.delete(NAME);
  if (words.length === 0 || !globalThis.Highlight) return;
  const ranges = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const wanted = words.map((word) => word.toLowerCase()).filter(Boolean);
  for (let node = walker.nextNode(); node && ranges.length < MOST; node = walker.nextNode()) {
    const text = node.data.toLowerCase();
    // A text that changes its length has other places than the document.
    if (text.length !== node.data.length) continue;
    for (const word of wanted) {
      for (let at = text.indexOf(word); at >= 0 && ranges.length < MOST; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set(NAME, new Highlight(...ranges));
}
