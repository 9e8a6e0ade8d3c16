// guard.ts - nothing that goes wrong in here may be seen on the page; who looks for it can see it.

let talks = false;

/** From now on the console says what is sent, and what is not and why. */
export function talk(on: boolean) { talks = on; }

export function note(...words: unknown[]) { if (talks) console.info("[rapport]", ...words); }

/** The same function, which never throws. */
export function guard<A extends unknown[]>(fn: (...a: A) => void): (...a: A) => void {
  return (...a) => { try { fn(...a); } catch (e) { note("failed", e); } };
}

/** Listen first, and never in the way of scrolling. */
export function on<E extends Event>(target: EventTarget, types: string, fn: (event: E) => void) {
  const safe = guard(fn);
  for (const type of types.split(" "))
    target.addEventListener(type, safe as EventListener, { capture: true, passive: true });
}

export const now = () => performance.now();
export const isHidden = () => document.visibilityState === "hidden";

export type Properties = Record<string, unknown>;
export type Tell = (event: string, properties: Properties) => void;
