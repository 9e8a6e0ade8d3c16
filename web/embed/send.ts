// send.ts - how messages leave: together, by beacon when the page goes, again when it did not work.
//
// What is handed over without an answer (a page that goes hears none) stays kept and is sent once
// more from the next page: the shop counts a message id once in 24 hours. Of people who have not
// agreed nothing is kept: what they did goes by one beacon, or is lost.
import { anonymousId, answered, granted, kept } from "./consent";
import { note, on } from "./guard";
import { timezone } from "./page";

export interface Message {
  type: string; messageId: string; timestamp: string;
  event?: string; anonymousId?: string; userId?: string; name?: string;
  properties?: Record<string, unknown>; traits?: Record<string, unknown>; context: Record<string, unknown>;
}

/** `given`: when it was handed over without an answer, in ms since 1970; 0: it was not. */
interface Waiting { m: Message; given: number }

const SOON = 2000, ASKED = 15_000;           // ms; before somebody has answered for longer
const BATCH = 20, KEEP = 200;                // messages
const BODY = 30_000, MESSAGE = 29_000;       // bytes; of all that is on its way browsers take 64 KB
const SLOWEST = 60_000, PATIENCE = 300_000;  // ms between attempts; what the server may ask for
const COUNTED_ONCE = 20 * 3_600_000;         // ms; later the shop might count it again

let queue: Waiting[] = [];
let sending: Waiting[] = [];
let address = "", key = "";
let timer = 0, delay = 0, notBefore = 0;

export function begin(url: string, writeKey: string) {
  address = url;
  key = writeKey;
  adopt();
  on(window, "online", () => { delay = notBefore = 0; adopt(); flush(); });
  on<PageTransitionEvent>(window, "pageshow", (e) => {
    if (!e.persisted) return;
    if (granted()) queue = []; // kept when the page went, and sent by another since, or taken up now
    adopt();
  });
}

/** What this page and others could not send. Two tabs may both have it: it counts once. */
function adopt() {
  const there = new Set(queue.map((w) => w.m.messageId));
  const left: Waiting[] = [];
  for (const text of kept.take()) {
    try {
      for (const w of JSON.parse(text) as Waiting[])
        if (w.m?.messageId && !there.has(w.m.messageId) && !(w.given && Date.now() - w.given > COUNTED_ONCE)) {
          there.add(w.m.messageId);
          left.push(w);
        }
    } catch { /* not ours */ }
  }
  if (!left.length) return;
  queue = [...left, ...queue].slice(-KEEP);
  keep();
  later(SOON);
}

const keep = () => kept.write(queue.length ? JSON.stringify(queue) : "");
const bytes = (text: string) => new TextEncoder().encode(text).length;

function body(some: Waiting[]): string {
  for (const { m } of some) m.context.timezone ??= timezone();
  return JSON.stringify({ batch: some.map((w) => w.m), writeKey: key, sentAt: new Date().toISOString() });
}

/** As many of the oldest as fit. */
function first(all: Waiting[]): Waiting[] {
  let size = 200, n = 0;
  while (n < all.length && (size += bytes(JSON.stringify(all[n].m)) + 1) < BODY) n++;
  return all.slice(0, n);
}

function later(ms: number) {
  if (!timer && !sending.length) timer = window.setTimeout(() => { timer = 0; flush(); }, Math.max(ms, notBefore - Date.now()));
}

export function add(m: Message) {
  const text = JSON.stringify(m); // as it is now, and whether it can be sent at all
  if (bytes(text) > MESSAGE) return note("too big, not sent", m);
  note(m.event ?? m.type, m);
  queue = [...queue, { m: JSON.parse(text) as Message, given: 0 }].slice(-KEEP);
  if (queue.length >= BATCH) flush();
  else later(answered() ? SOON : ASKED);
}

/** Who agrees does so for the page they are on: what has not left yet is theirs. */
export function claim() {
  for (const { m } of queue) m.anonymousId ??= anonymousId()!;
  clearTimeout(timer);
  timer = 0;
  if (queue.length) later(SOON);
}

export function drop() { queue = []; }

/** Send what waits. What the server cannot take now comes again; what it refuses is let go. */
export async function flush(): Promise<void> {
  if (sending.length || !queue.length || !address) return;
  clearTimeout(timer);
  timer = 0;
  if (Date.now() < notBefore) return later(0);
  const some = sending = first(queue);
  let again = true, wait = 0;
  for (const w of some) w.given = Date.now();
  try {
    const reply = await fetch(address, { method: "POST", body: body(some), keepalive: true, credentials: "omit",
      headers: { "content-type": "text/plain" } });
    await reply.text(); // until it is read, the browser counts the request as under way
    again = reply.status === 429 || reply.status === 408 || reply.status >= 500;
    wait = Math.min(PATIENCE, Number(reply.headers.get("retry-after")) * 1000 || 0);
    note(reply.ok ? "sent" : `not taken: ${reply.status}`, some.length);
    if (again) for (const w of some) w.given = 0;
  } catch { note("no answer", some.length); }
  sending = [];
  if (again) {
    delay = Math.min(SLOWEST, delay * 2 || SOON);
    notBefore = Date.now() + Math.max(wait, delay * (0.5 + Math.random() / 2)); // not all browsers at once
  } else {
    delay = notBefore = 0;
    queue = queue.filter((w) => !some.includes(w));
  }
  keep();
  if (queue.length) later(0);
}

/** The page is not seen any more: on a phone often the last that it hears. */
export function hide() {
  flush();
  keep();
}

/** The page goes: all that waits leaves at once, and what nobody will hear an answer to stays kept. */
export function leave() {
  for (let rest = queue.filter((w) => !sending.includes(w)); rest.length && address;) {
    const some = first(rest);
    if (!navigator.sendBeacon?.(address, new Blob([body(some)], { type: "text/plain" }))) break;
    for (const w of some) w.given = Date.now();
    rest = rest.slice(some.length);
    if (!granted()) queue = queue.filter((w) => !some.includes(w));
  }
  keep();
}
