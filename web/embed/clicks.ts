// clicks.ts - what is clicked, in anger too, and what nothing comes of.
import { about, isUntold } from "./dom";
import { isHidden, now, on, type Tell } from "./guard";

const ACTS = "a[href],button,summary,label,select,input,textarea,[role=button],[role=tab],[role=menuitem],[onclick],[data-track]";
const FIELD = "label,select,textarea,input:not([type=button],[type=submit],[type=image],[type=reset]),[contenteditable]";
const OF_ITS_OWN = "video,audio,canvas,iframe,object,embed"; // what happens in there is not seen here
const QUIET = 2500;                                          // ms without any consequence: it is dead
const CLOSE = 30, BURST = 1000;                              // px, ms: clicks of one burst
const CONSEQUENCES = "scroll change toggle submit close copy selectionchange fullscreenchange beforeunload blur";

/** It leads out of the page, or into another tab, or opens a program. */
function opens(e: Element): boolean {
  const a = e.closest("a");
  return a !== null && (a.hasAttribute("download") || (a.target !== "" && a.target !== "_self") || !/^https?:/.test(a.protocol) ||
    a.href.startsWith(location.href.split("#")[0] + "#"));
}

export function clicks(tell: Tell) {
  let changed = 0, watched = 0, pressed: Node | null = null;
  let recent: { x: number; y: number; at: number }[] = [];
  const mark = () => { changed = now(); };

  // Only while somebody waits for what comes of a click.
  const watcher = new MutationObserver(mark);
  const watch = () => {
    if (!watched++) watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    setTimeout(() => { if (!--watched) watcher.disconnect(); }, QUIET + 50);
  };
  on(window, CONSEQUENCES, mark);
  // The focus goes to what is clicked by itself; anywhere else somebody has sent it.
  on<PointerEvent>(window, "pointerdown", (e) => { pressed = e.target as Node | null; });
  on<FocusEvent>(window, "focusin", (e) => { if (!(e.target as Node).contains(pressed)) mark(); });

  const burst = (event: MouseEvent, at: number): boolean => {
    recent = recent.filter((c) => at - c.at < BURST && Math.hypot(c.x - event.clientX, c.y - event.clientY) < CLOSE);
    recent.push({ x: event.clientX, y: event.clientY, at });
    return recent.length === 3 && changed < recent[0].at;
  };

  on<MouseEvent>(document, "click", (event) => {
    const target = event.target as Element | null;
    if (!target?.closest || !event.isTrusted || isUntold(target)) return;
    const acts = target.closest(ACTS), at = now();
    const isField = (acts ?? target).matches(FIELD) || target.closest(OF_ITS_OWN) !== null || target.shadowRoot !== null;
    if (acts && !isField) tell(acts.getAttribute("data-track") || "Element Clicked", about(acts));
    if (isField) return;
    watch();
    if (burst(event, at)) tell("Rage Clicked", { ...about(acts ?? target), clicks: 3 });
    const looks = acts ?? (getComputedStyle(target).cursor === "pointer" ? target : null);
    if (!looks || event.ctrlKey || event.metaKey || event.shiftKey || opens(looks)) return;
    const address = location.href;
    setTimeout(() => { if (changed < at && location.href === address && !isHidden()) tell("Dead Clicked", about(looks)); }, QUIET);
  });
}
