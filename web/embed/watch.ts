// What is noticed on a page. What people type is never read.

type Tell = (event: string, properties: Record<string, unknown>) => void;

const text = (s: string | null | undefined, n = 80) => (s ?? "").replace(/\s+/g, " ").trim().slice(0, n);
const now = () => performance.now();

/** "main>form#login>button.primary", short and without what changes. */
function selector(e: Element): string {
  const parts: string[] = [];
  for (let at: Element | null = e; at && at !== document.body && parts.length < 4; at = at.parentElement) {
    const name = at.tagName.toLowerCase();
    const id = at.getAttribute("id"); // a form's .id may be its field of that name
    if (id && !/\d{3}/.test(id)) { parts.unshift(`${name}#${id}`); break; }
    const kind = at.classList[0];
    parts.unshift(kind && !/\d{3}/.test(kind) ? `${name}.${kind}` : name);
  }
  return parts.join(">");
}

const hidden = (e: Element) => e.closest("[data-private]") !== null;

function about(e: Element): Record<string, unknown> {
  const href = (e as HTMLAnchorElement).href;
  return { selector: selector(e), text: hidden(e) ? "" : text((e as HTMLElement).innerText || e.getAttribute("aria-label")),
    ...(typeof href === "string" && href && { href: href.split(/[?#]/)[0] }) };
}

// --- clicks -----------------------------------------------------------------------------------

const ACTS = "a[href],button,summary,label,select,input,textarea,[role=button],[role=tab],[role=menuitem],[onclick],[data-track]";

export function clicks(tell: Tell) {
  let recent: { x: number; y: number; at: number }[] = [];
  let changed = 0;
  const mark = () => { changed = now(); };
  new MutationObserver(mark).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const type of ["scroll", "change", "toggle", "beforeunload"]) addEventListener(type, mark, { capture: true, passive: true });
  // The focus goes to what is clicked by itself; anywhere else somebody has sent it.
  let pressed: Node | null = null;
  addEventListener("pointerdown", (e) => { pressed = e.target as Node | null; }, { capture: true, passive: true });
  addEventListener("focusin", (e) => { if (!(e.target as Node).contains(pressed)) mark(); }, { capture: true, passive: true });

  document.addEventListener("click", (event) => {
    const target = event.target as Element | null;
    if (!target?.closest || !event.isTrusted) return;
    const acts = target.closest(ACTS), at = now();
    if (acts && !/^(label|select|input|textarea)$/i.test(acts.tagName)) tell(acts.getAttribute("data-track") || "Element Clicked", about(acts));
    recent = [...recent.filter((c) => at - c.at < 1000 && Math.hypot(c.x - event.clientX, c.y - event.clientY) < 30), { x: event.clientX, y: event.clientY, at }];
    if (recent.length === 3) tell("Rage Clicked", { ...about(acts ?? target), clicks: 3 });
    // Nothing came of it: no change, no scrolling, no other page.
    const looks = acts ?? (getComputedStyle(target).cursor === "pointer" ? target : null);
    if (!looks || /^(label|select|input|textarea)$/i.test(looks.tagName) || event.ctrlKey || event.metaKey) return;
    const here = location.href;
    setTimeout(() => {
      if (changed < at && location.href === here && document.visibilityState === "visible" && (looks as HTMLAnchorElement).target !== "_blank")
        tell("Dead Clicked", about(looks));
    }, 1000);
  }, { capture: true, passive: true });
}

// --- forms -----------------------------------------------------------------------------------

export function forms(tell: Tell) {
  const begun = new Map<HTMLFormElement, { fields: Set<string>; at: number }>();
  const which = (f: HTMLFormElement) => ({ form: f.getAttribute("id") || f.getAttribute("name") || selector(f), action: new URL(f.getAttribute("action") || location.href, location.href).pathname });
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement | null, form = field?.form;
    if (!form || hidden(form)) return;
    const seen = begun.get(form) ?? { fields: new Set<string>(), at: now() };
    seen.fields.add(field.name || field.id);
    begun.set(form, seen);
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    tell("Form Submitted", { ...which(form), seconds: begun.has(form) ? Math.round((now() - begun.get(form)!.at) / 1000) : 0 });
    begun.delete(form);
  }, true);
  return () => {
    for (const [form, seen] of begun) tell("Form Abandoned", { ...which(form), fields: [...seen.fields].slice(0, 20), seconds: Math.round((now() - seen.at) / 1000) });
    begun.clear();
  };
}

// --- how far and how long --------------------------------------------------------------------

export function reading() {
  let deepest = 0, engaged = 0, since = 0, last = 0;
  const IDLE = 30_000;
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
    if (document.visibilityState !== "visible") return;
    if (since && now() - last > IDLE) pause();
    last = now();
    since ||= last;
  };
  for (const type of ["pointermove", "pointerdown", "keydown", "scroll", "touchstart"]) addEventListener(type, active, { capture: true, passive: true });
  addEventListener("scroll", depth, { passive: true });
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? active() : pause()));
  active();
  requestAnimationFrame(depth);
  return (): Record<string, unknown> => {
    pause();
    depth();
    const said = { scroll_depth: deepest, engaged_ms: Math.round(engaged) };
    deepest = engaged = 0;
    active();
    return said;
  };
}

// --- errors ----------------------------------------------------------------------------------

export function errors(tell: Tell) {
  let left = 5;
  const say = (message: unknown, source: unknown, line?: number) => { if (left-- > 0) tell("Error Occurred", { message: text(String(message), 200), source: text(String(source ?? ""), 200).split("?")[0], line }); };
  addEventListener("error", (e) => { if (e.message) say(e.message, e.filename, e.lineno); });
  addEventListener("unhandledrejection", (e) => say((e.reason as Error | undefined)?.message ?? e.reason, "promise"));
}

// --- Core Web Vitals -------------------------------------------------------------------------

interface Shift extends PerformanceEntry { value: number; hadRecentInput: boolean }
interface Timing extends PerformanceEntry { interactionId?: number }

export function vitals() {
  let lcp = 0, fcp = 0, cls = 0, session = 0, begun = 0, before = 0;
  const slow: number[] = [];
  const seen = new Set<number>();
  const observe = (type: string, fn: (e: PerformanceEntry) => void, more = {}) => {
    try { new PerformanceObserver((l) => l.getEntries().forEach(fn)).observe({ type, buffered: true, ...more }); } catch { /* not here */ }
  };
  observe("largest-contentful-paint", (e) => { lcp = e.startTime; });
  observe("paint", (e) => { if (e.name === "first-contentful-paint") fcp = e.startTime; });
  // The worst burst of shifts: gaps of less than a second, five seconds at most.
  observe("layout-shift", (e) => {
    const s = e as Shift;
    if (s.hadRecentInput) return;
    if (s.startTime - before > 1000 || s.startTime - begun > 5000) { session = 0; begun = s.startTime; }
    before = s.startTime;
    session += s.value;
    cls = Math.max(cls, session);
  });
  observe("event", (e) => {
    const id = (e as Timing).interactionId;
    if (!id) return;
    seen.add(id);
    slow.push(e.duration);
    slow.sort((a, b) => b - a).splice(10);
  }, { durationThreshold: 40 });
  return (): Record<string, unknown> | null => {
    const nav = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
    if (!fcp && !lcp) return null;
    return { lcp_ms: Math.round(lcp), fcp_ms: Math.round(fcp), cls: Math.round(cls * 1000) / 1000, ttfb_ms: Math.round(nav?.responseStart ?? 0),
      ...(slow.length && { inp_ms: Math.round(slow[Math.min(slow.length - 1, Math.floor(seen.size / 50))]) }) };
  };
}
