// reading.ts - how far somebody read, and how long.
import { isHidden, now, on } from "./guard";

const IDLE = 30_000; // ms without a sign of life

export interface Read { scroll_depth: number; engaged_ms: number }

/** Gives a function that says how long since it was asked last, and how far on this page; `another`:
 *  from now on it is another page. */
export function reading(): (another: boolean) => Read {
  let deepest = 0, engaged = 0, since = 0, last = 0;
  const depth = () => {
    const e = document.documentElement;
    deepest = Math.max(deepest, Math.min(100, Math.round(((scrollY + innerHeight) / Math.max(e.scrollHeight, 1)) * 100)));
  };
  /** Time counts while the page is seen and somebody does something. */
  const pause = () => {
    if (since) engaged += Math.max(0, Math.min(now(), last + IDLE) - since);
    since = 0;
  };
  const active = () => {
    if (isHidden()) return;
    if (since && now() - last > IDLE) pause();
    last = now();
    since ||= last;
  };
  on(window, "pointermove pointerdown keydown scroll touchstart", active);
  on(window, "scroll", depth);
  on(document, "visibilitychange", () => (isHidden() ? pause() : active()));
  active();
  requestAnimationFrame(depth);
  return (another) => {
    pause();
    depth();
    const said = { scroll_depth: deepest, engaged_ms: Math.round(engaged) };
    engaged = 0;
    if (another) deepest = 0;
    if (last && now() - last < IDLE && !isHidden()) since = now();
    return said;
  };
}
