// vitals.ts - Core Web Vitals, as npm's web-vitals counts them.
import { isHidden, now, on, type Properties } from "./guard";

interface Shift extends PerformanceEntry { value: number; hadRecentInput: boolean }
interface Timing extends PerformanceEntry { interactionId?: number }

const WORST = 10; // interactions that are remembered

/** Gives a function that says what was measured so far; null: the page was never seen. */
export function vitals(): () => Properties | null {
  let lcp = 0, fcp = 0, cls = 0, session = 0, begun = 0, before = 0, interactions = 0;
  let worst: { id: number; ms: number }[] = [];
  let unseen = isHidden() ? 0 : Infinity; // what is painted while nobody looks does not count
  const nav = performance.getEntriesByType?.("navigation")[0] as (PerformanceNavigationTiming & { activationStart?: number }) | undefined;
  const start = nav?.activationStart ?? 0; // of a page that was made ready before it was wanted
  const ids = new Set<number>();
  const observe = (type: string, fn: (e: PerformanceEntry) => void, more = {}) => {
    try { new PerformanceObserver((l) => l.getEntries().forEach(fn)).observe({ type, buffered: true, ...more }); } catch { /* not here */ }
  };
  on(document, "visibilitychange", () => { if (isHidden()) unseen = Math.min(unseen, now()); });
  observe("visibility-state", (e) => { if (e.name === "hidden" && e.startTime >= start) unseen = Math.min(unseen, e.startTime); });
  observe("largest-contentful-paint", (e) => { if (e.startTime < unseen) lcp = Math.max(0, e.startTime - start); });
  observe("paint", (e) => { if (e.name === "first-contentful-paint" && e.startTime < unseen) fcp = Math.max(0, e.startTime - start); });

  // The worst burst of shifts: gaps of less than a second, five seconds at most.
  observe("layout-shift", (e) => {
    const s = e as Shift;
    if (s.hadRecentInput) return;
    if (s.startTime - before >= 1000 || s.startTime - begun >= 5000) {
      session = 0;
      begun = s.startTime;
    }
    before = s.startTime;
    session += s.value;
    cls = Math.max(cls, session);
  });

  // The slowest interaction; of each fifty one may be slower.
  const interaction = (e: PerformanceEntry) => {
    const id = (e as Timing).interactionId;
    if (!id) return;
    ids.add(id);
    const known = worst.find((w) => w.id === id);
    if (known) known.ms = Math.max(known.ms, e.duration);
    else worst.push({ id, ms: e.duration });
    worst = worst.sort((a, b) => b.ms - a.ms).slice(0, WORST);
  };
  observe("event", interaction, { durationThreshold: 40 });
  observe("first-input", interaction);

  return () => {
    interactions = (performance as Performance & { interactionCount?: number }).interactionCount ?? ids.size;
    if (!fcp && !lcp) return null;
    const slow = worst[Math.min(worst.length - 1, Math.floor(interactions / 50))];
    return { lcp_ms: Math.round(lcp), fcp_ms: Math.round(fcp), cls: Math.round(cls * 1000) / 1000,
      ttfb_ms: Math.round(Math.max(0, (nav?.responseStart ?? 0) - start)), ...(slow && { inp_ms: Math.round(slow.ms) }) };
  };
}
