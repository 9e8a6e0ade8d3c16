// track.ts - tells the shop what happens on a page. Its manual is docs/tracking.md.
//
//   <script defer src="SHOP/t/track.js" data-key="WRITE_KEY"></script>
//
// Before the script is there, `window.rapport ||= []; rapport.push(["track", "…"])` waits for it.
import { clicks } from "./clicks";
import * as who from "./consent";
import { errors } from "./errors";
import { forms } from "./forms";
import { guard, isHidden, note, on, talk, type Properties } from "./guard";
import * as at from "./page";
import { reading } from "./reading";
import * as send from "./send";
import * as shop from "./shop";
import { vitals } from "./vitals";

const script = document.currentScript as HTMLScriptElement | null;
const set = script?.dataset ?? ({} as DOMStringMap);
const off = new Set((set.off ?? "").split(/[\s,]+/));
const CONSENT = "Segment Consent Preference Updated";
const SETTLES = 400; // ms that an application takes for the title and the contents of its next page

let page: at.Page;

// --- messages --------------------------------------------------------------------------------

function message(type: string, rest: Partial<send.Message>): send.Message {
  const anonymousId = who.anonymousId(), userId = who.granted() && who.userId();
  return { type, messageId: `rap-${who.uuid()}`, timestamp: new Date().toISOString(), ...(anonymousId && { anonymousId }),
    ...(userId && { userId }), context: at.context(page), ...rest };
}

function tell(type: string, rest: Partial<send.Message>) {
  if (who.refused()) return note("not sent, they or their browser said no:", rest.event ?? type);
  send.add(message(type, rest));
}

const track = (event: string, properties: Properties = {}) => tell("track", { event, properties });

// --- page views ------------------------------------------------------------------------------

const routes = set.hash !== undefined;
let settling = 0, address = "";
let read: ReturnType<typeof reading>, abandoned: () => void;

/** What is an address of its own: without anchors, and without what is only kept in it. */
const addressOf = () => location.pathname + location.search + (routes ? location.hash : "");

function view(name?: string, properties: Properties = {}) {
  settled();
  page = at.here(routes);
  tell("page", { ...(name && { name }), properties });
  if (!off.has("shop")) shop.page(track);
}

function settled() {
  clearTimeout(settling);
  settling = 0;
}

/** Somebody turns away from the page, or goes to another of this application. */
function left(another: boolean) {
  if (settling) { // it was there for less than that
    const now = at.here(routes);
    if (now.url === page.url) page = now; // by now it has its title
    settled();
    tell("page", { properties: {} });
  }
  if (!read) return;
  const said = read(another);
  if (said.engaged_ms > 50) track("Page Left", { path: page.path, ...said });
}

/** The address changed without a new page. */
function moved(replaced: boolean) {
  const before = address, now = addressOf();
  if (now === before) return;
  // A list or a product keeps in its address what was chosen: no other page.
  if (replaced && now.split(/[?#]/)[0] === before.split(/[?#]/)[0]) {
    address = now;
    return;
  }
  left(true);
  abandoned?.();
  at.arrive(location.origin + before);
  address = now;
  settling = window.setTimeout(guard(() => view()), SETTLES);
  page = at.here(routes);
}

function navigation() {
  const follow = (name: "pushState" | "replaceState") => {
    const as = history[name];
    history[name] = function (this: History, ...args: Parameters<typeof as>) {
      as.apply(this, args);
      guard(moved)(name === "replaceState");
    };
  };
  follow("pushState");
  follow("replaceState");
  on(window, "popstate hashchange", () => moved(false));
  on<PageTransitionEvent>(window, "pageshow", (e) => {
    if (!e.persisted) return;
    at.arrive(null);
    address = addressOf();
    view();
  });
  // A piece of the page is new: a list with its filters, a cart that was opened.
  on<CustomEvent<Element | undefined>>(document, "shown", (e) => {
    if (settling) view();
    else if (e.detail && !off.has("shop")) shop.shown(track, e.detail);
  });
}

// --- consent ---------------------------------------------------------------------------------

/** `elsewhere`: it was said in another tab, which tells of it. */
function consent(yes: boolean, version?: string, elsewhere = false) {
  const knew = who.granted(), user = who.userId();
  if (!who.decide(yes)) return;
  const categoryPreferences = { analytics: who.granted() };
  const said = { event: CONSENT, properties: {}, context: { ...at.context(page),
    consent: { categoryPreferences, ...(version && { version }), locale: document.documentElement.lang } } };
  note("consent", categoryPreferences);
  if (who.granted()) {
    send.claim();
    if (!elsewhere) send.add(message("track", said));
    if (user) tell("identify", { traits: traits ?? {} });
    return;
  }
  send.drop();
  if (knew && !elsewhere) send.add(message("track", said));
  void send.flush(); // and again while the page is there; nothing of it is kept
  who.forget();
}

// --- what pages may call ---------------------------------------------------------------------

let traits: Properties | null = null;

const calls = {
  track,
  consent(yes: boolean, version?: string) { consent(yes, version); },
  page(name?: string, properties?: Properties) { view(name, properties); },
  /** Who it is. Told once they agree. */
  identify(id: string, about: Properties = {}) {
    who.signIn(String(id));
    traits = about;
    if (who.granted()) tell("identify", { traits });
  },
  reset() {
    traits = null;
    send.leave();
    who.renew();
  },
  debug(yes: boolean = true) { talk(yes); },
};

type Call = [keyof typeof calls, ...unknown[]];

let early: Call[] | null = []; // until the page is seen
const run = guard((call: Call) => { (calls[call[0]] as ((...a: unknown[]) => void) | undefined)?.(...call.slice(1)); });
const take = (call: Call) => { if (early && call[0] !== "debug") early.push(call); else run(call); };

const api: Properties = { push: take, flush: () => send.flush(), anonymousId: () => who.anonymousId() };
for (const name of Object.keys(calls)) api[name] = (...args: unknown[]) => take([name, ...args] as Call);

// --- begin -----------------------------------------------------------------------------------

function start() {
  at.arrive("");
  address = addressOf();
  page = at.here(routes);
  who.begin((yes) => consent(yes, undefined, true));
  send.begin(set.to ?? new URL("/t/events", script?.src || location.href).href, set.key ?? "");
  const waiting = early ?? [];
  early = null;
  waiting.forEach(run);
  on<CustomEvent<{ granted: boolean; version?: string }>>(document, "consent", (e) => consent(e.detail?.granted === true, e.detail?.version));

  let measured: ReturnType<typeof vitals> | null = null;
  const part = (name: string, begins: () => void) => { if (!off.has(name)) guard(begins)(); };
  part("reading", () => { read = reading(); });
  part("forms", () => { abandoned = forms(track); });
  part("errors", () => errors(track));
  part("clicks", () => clicks(track));
  part("vitals", () => { measured = vitals(); });
  part("shop", () => {
    const own = !!script?.src && new URL(script.src).origin === location.origin;
    shop.opened(track);
    shop.added((event, properties) => { if (!own || !who.granted()) track(event, properties); }); // else the shop tells of it
  });
  const away = guard(() => {
    left(false);
    const v = measured?.();
    if (!v) return;
    measured = null;
    track("Web Vitals Measured", v);
  });
  on(window, "pagehide", () => {
    away();
    abandoned?.();
    send.leave();
  });
  on(document, "visibilitychange", () => {
    if (!isHidden()) return;
    away();
    send.hide();
  });
  navigation();
  view();
}

/** Once, for people, and not for pages that are made ready before anybody wants them. */
function begin() {
  const there = (window as { rapport?: unknown }).rapport;
  if (there && !Array.isArray(there)) return;
  (window as { rapport?: unknown }).rapport = api;
  talk(set.debug !== undefined || location.hash === "#rapport-debug");
  if (Array.isArray(there)) (there as Call[]).forEach(take);
  if (!set.key) return note("not started: the script has no data-key");
  if (navigator.webdriver && set.always === undefined) return note("not started: a program drives this browser");
  const ready = guard(start);
  if ((document as { prerendering?: boolean }).prerendering) document.addEventListener("prerenderingchange", ready, { once: true });
  else ready();
}

guard(begin)();
