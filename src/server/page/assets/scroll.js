// Keeps the newest words in sight, unless the person has scrolled away from them.

import { byId } from "./dom.js";

/** The distance from the end that is treated as the end, in pixels. */
const NEAR = 80;

export function createScroll() {
  const scroller = byId("scroller");
  const jump = byId("jump");
  let following = true;

  const isNear = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

  scroller.addEventListener("scroll", () => {
    following = isNear();
    jump.hidden = following;
  });
  jump.addEventListener("click", toEnd);

  function toEnd() {
    following = true;
    jump.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  return {
    toEnd,
    /** Shows `element`, and stays there. */
    to(element) {
      following = false;
      element.scrollIntoView({ block: element.offsetHeight < scroller.clientHeight * 0.8 ? "center" : "start" });
      jump.hidden = isNear();
    },
    /** Redraws everything: a reader at the end stays at the end, any other keeps the position. */
    keep(draw) {
      const [wasFollowing, top] = [following, scroller.scrollTop];
      draw();
      if (wasFollowing) return toEnd();
      scroller.scrollTop = top;
      jump.hidden = isNear();
    },
    follow() {
      if (following) scroller.scrollTop = scroller.scrollHeight;
      else jump.hidden = isNear();
    },
  };
}
