// track.ts - tells the shop what happens on a page.
//
//   <script defer src="/t/track.js" data-key="WRITE_KEY"></script>
//
//   rapport.track("Newsletter Opened", { place: "footer" });
//   rapport.identify("user-1", { plan: "gold" });   rapport.page();
//   rapport.consent(true, "version of the text");   rapport.reset();
//
// Before the script is there, `window.rapport ||= []; rapport.push(["track", "…"])` waits for it.
import * as who from "./consent";
import * as send from "./send";
import * as shop from "./shop";
import * as watch from "./watch";

type Properties = Record<string, unknown>;

const script = document.currentScript as HTMLScriptElement | null;

function context(): Properties {
  const q = new URLSearchParams(location.search), campaign: Properties = {};
  for (const name of ["source", "medium", "term", "content"]) if (q.get(`utm_${name}`)) campaign[name] = q.get(`utm_${name}`)!.slice(0, 200);
  if (q.get("utm_campaign")) campaign.name = q.get("utm_campaign")!.slice(0, 200);
  return {
    library: { name: "rapport", version: "1" }, locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    page: { path: location.pathname, search: location.search.slice(0, 500), url: location.href.split("#")[0].slice(0, 1000), title: document.title.slice(0, 200), referrer: referrer.split("?")[0].slice(0, 500) },
    screen: { width: screen.width, height: screen.height, density: devicePixelRatio },
    ...(Object.keys(campaign).length && { campaign }),
  };
}

function tell(type: string, rest: Partial<send.Message>) {
  if (who.refused()) return;
  send.add({ type, messageId: `rap-${who.uuid()}`, timestamp: new Date().toISOString(),
    ...(who.anonymousId() && { anonymousId: who.anonymousId()! }), ...(who.userId() && { userId: who.userId()! }), context: context(), ...rest });
}

const track = (event: string, properties: Properties = {}) => tell("track", { event, properties });

let referrer = document.referrer, shown = "";
const read = watch.reading();

function page(name?: string, properties: Properties = {}) {
  shown = location.pathname + location.search;
  tell("page", { ...(name && { name }), properties });
  shop.page(track);
}

/** It is left: for another one of this application, or for good. */
function leave(path: string) {
  const said = read();
  if (Number(said.engaged_ms) > 50) track("Page Left", { path, ...said });
}

/** Single-page navigation: the address changed without a new page. */
function navigation() {
  const moved = () => setTimeout(() => {
    if (location.pathname + location.search === shown) return;
    const before = shown.split("?")[0];
    leave(before);
    referrer = location.origin + before;
    page();
  }, 0);
  const push = history.pushState;
  history.pushState = function (...args: Parameters<typeof push>) {
    push.apply(this, args);
    moved();
  };
  addEventListener("popstate", moved);
}

function consent(yes: boolean, version?: string) {
  const knew = who.granted();
  if (!who.decide(yes)) return;
  const said = { event: "Segment Consent Preference Updated", properties: {} };
  const of = (analytics: boolean) => ({ ...context(), consent: { categoryPreferences: { analytics }, ...(version && { version }), locale: document.documentElement.lang } });
  if (who.granted()) {
    send.claim();
    tell("track", { ...said, context: of(true) });
    return;
  }
  send.drop();
  if (knew) send.add({ type: "track", messageId: `rap-${who.uuid()}`, timestamp: new Date().toISOString(), anonymousId: who.anonymousId()!, ...said, context: of(false) });
  send.beacon();
  who.forget();
}

const api = {
  track, page, consent,
  identify(id: string, traits: Properties = {}) { who.signIn(id); tell("identify", { traits }); },
  reset() { send.beacon(); who.renew(); },
  flush: send.flush,
  push(call: [string, ...unknown[]]) { (api as unknown as Record<string, (...a: unknown[]) => void>)[call[0]]?.(...call.slice(1)); },
};

function start() {
  const waiting = (window as unknown as { rapport?: unknown }).rapport;
  const key = script?.dataset.key ?? "";
  (window as unknown as { rapport: typeof api }).rapport = api;
  who.begin();
  send.begin(script?.dataset.to ?? new URL("/t/events", script?.src || location.href).href, key);
  if (Array.isArray(waiting)) waiting.forEach(api.push);
  document.addEventListener("consent", (e) => {
    const said = (e as CustomEvent<{ granted: boolean; version?: string }>).detail;
    consent(said?.granted === true, said?.version);
  });
  const abandoned = watch.forms(track), measured = watch.vitals();
  let said = false;
  const end = () => {
    leave(location.pathname);
    abandoned();
    const v = said ? null : measured();
    if (v) { said = true; track("Web Vitals Measured", v); }
    send.beacon();
  };
  addEventListener("pagehide", end);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") end(); });
  watch.errors(track);
  watch.clicks(track);
  const own = !!script?.src && new URL(script.src).origin === location.origin;
  shop.cart((event, properties) => { if (!own || !who.granted()) track(event, properties); }); // else the shop tells of it
  navigation();
  page();
}

if (script?.dataset.key && !navigator.webdriver || script?.dataset.always !== undefined) start();
