// Keeps the newest words in sight, unless the person has scrolled away from them.

import { byId } from "./dom.js";

/** The distance from the end that is treated as the end, in pixels. */
const NEAR = 80;

/** `place` is what grows. */
export function createScroll(place) {
  const scroller = byId("scroller");
  const jump = byId("jump");
  let following = true;

  const isNear = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

  let top = 0;
  scroller.addEventListener("scroll", () => {
    // Only a person scrolls up; what grows takes the end away.
    following = isNear() || (following && scroller.scrollTop >= top);
    top = scroller.scrollTop;
    jump.hidden = following;
  });
  jump.addEventListener("click", toEnd);

  function toEnd() {
    following = true;
    jump.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  // Runs after the layout and before the frame is drawn, whatever has grown.
  const observer = new ResizeObserver(() => {
    if (following) scroller.scrollTop = scroller.scrollHeight;
    else jump.hidden = isNear();
  });
  observer.observe(scroller);
  observer.observe(place);

  return {
    toEnd,
    /** Shows `element`, and stays there. */
    to(element) {
      following = false;
      const block = element.offsetHeight < scroller.clientHeight * 0.8 ? "center" : "start";
      const show = () => element.scrollIntoView({ block });
      show();
      // What comes into sight gets its size only then.
      requestAnimationFrame(show);
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
  };
}
