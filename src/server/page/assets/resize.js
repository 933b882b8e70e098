// The width of the list of chats, changed with the mouse or the arrow keys.

import { byId } from "./dom.js";
import { settings } from "./settings.js";

/** In pixels. */
const WIDTH = { least: 200, usual: 280, most: 480 };
const STEP = 16;

/** `value` as a width, in the allowed range; what is no number is the usual one. */
export function widthOf(value) {
  const width = Number(value);
  return Number.isFinite(width) && width > 0 ? Math.round(Math.min(Math.max(width, WIDTH.least), WIDTH.most)) : WIDTH.usual;
}

export function createResize() {
  const handle = byId("resizer");
  let width = widthOf(settings.sidebarWidth.get());

  function show() {
    document.documentElement.style.setProperty("--sidebar", `${width}px`);
    handle.ariaValueNow = String(width);
    handle.ariaValueMin = String(WIDTH.least);
    handle.ariaValueMax = String(WIDTH.most);
  }

  function set(value) {
    width = widthOf(value);
    settings.sidebarWidth.set(width === WIDTH.usual ? "" : String(width));
    show();
  }

  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    width = widthOf(event.clientX);
    show();
  });
  handle.addEventListener("pointerup", () => set(width));
  handle.addEventListener("dblclick", () => set(WIDTH.usual));
  handle.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: WIDTH.least, End: WIDTH.most, Enter: WIDTH.usual }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  show();
}
