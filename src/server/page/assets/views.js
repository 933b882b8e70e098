// The messages of the shown branch in the document. The newest are made at once, the older ones while the browser is
// idle, so that a long chat opens quickly. What has not changed stays as it is.

/** The number of messages that are made at once. */
const AT_ONCE = 30;
/** For how long older ones are made in one go, and the pause while an answer is written, in milliseconds. */
const SLICE = 8;
const PAUSE = 300;

const whenIdle = (work) => (globalThis.requestIdleCallback ?? ((later) => setTimeout(later, 50)))(work);

/** The number of entries at the beginning of `before` and `after` that are the same: `{ id, mark }`. */
export function sameStart(before, after) {
  const end = Math.min(before.length, after.length);
  let same = 0;
  while (same < end && before[same].id === after[same].id && before[same].mark === after[same].mark) same += 1;
  return same;
}

/** `make(index)` gives the `{ element, update(message) }` of a message, and `refresh(index)` updates it. */
export function createViews(place, { make, refresh }) {
  let entries = [];
  /** The first message that is in the document; all after it are, too. */
  let first = 0;
  let isWaiting = false;

  function element(index) {
    entries[index].view = make(index);
    refresh(index);
    return entries[index].view.element;
  }

  const elements = (from, to) => Array.from({ length: to - from }, (_, index) => element(from + index));

  /** Makes the messages from `index` on. */
  function reach(index) {
    if (index >= first) return;
    const after = entries[first]?.view.element ?? null;
    const before = first;
    first = index;
    const made = elements(index, before);
    if (after) after.before(...made);
    else place.append(...made);
  }

  function fillLater() {
    if (first === 0 || isWaiting) return;
    isWaiting = true;
    whenIdle(() => {
      isWaiting = false;
      // An answer that is written comes first.
      if (place.classList.contains("busy")) return setTimeout(fillLater, PAUSE);
      const end = performance.now() + SLICE;
      while (first > 0 && performance.now() < end) reach(Math.max(first - 2, 0));
      fillLater();
    });
  }

  // What is printed is the whole chat.
  globalThis.addEventListener?.("beforeprint", () => reach(0));

  return {
    isEmpty: () => entries.length === 0,
    /** Shows `content` instead of messages. */
    clear(...content) {
      entries = [];
      first = 0;
      place.replaceChildren(...content);
    },
    /** Shows these messages: `{ id, mark }`. Those at the beginning with the same marks are kept; gives their number. */
    show(list) {
      const same = sameStart(entries, list);
      const isKept = same > first && list.length - same <= AT_ONCE;
      if (!isKept) {
        entries = list;
        first = entries.length;
        place.replaceChildren();
        reach(Math.max(list.length - AT_ONCE, 0));
      } else {
        for (const { view } of entries.slice(same)) view.element.remove();
        entries = [...entries.slice(0, same), ...list.slice(same)];
        place.append(...elements(same, entries.length));
      }
      fillLater();
      return isKept ? same : 0;
    },
    update(index, message) {
      if (index < first) return;
      // A message gets its name while it is shown.
      entries[index].id = message.id;
      entries[index].view.update(message);
    },
    /** The element of a message, which is made if it is not there yet. */
    element(index) {
      reach(index);
      return entries[index].view.element;
    },
  };
}
