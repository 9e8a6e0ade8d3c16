// How messages leave: together, by beacon when the page goes, again when it did not work.
import { anonymousId, answered, kept } from "./consent";

export interface Message {
  type: string; messageId: string; timestamp: string;
  event?: string; anonymousId?: string; userId?: string; name?: string;
  properties?: Record<string, unknown>; traits?: Record<string, unknown>; context: Record<string, unknown>;
}

const WAIT = 2000, ASKED = 15_000, TOGETHER = 20, KEEP = 200, BYTES = 60_000, SLOWEST = 60_000;

let queue: Message[] = [];
let address = "", key = "";
let timer = 0, busy = false, delay = 0;

export function begin(url: string, writeKey: string) {
  address = url;
  key = writeKey;
  try { queue = [...(JSON.parse(kept.read() ?? "[]") as Message[]), ...queue].slice(-KEEP); } catch { /* not ours */ }
  addEventListener("online", () => { delay = 0; flush(); });
  // Whichever comes last; phones often tell only the first.
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") beacon(); });
  addEventListener("pagehide", beacon);
  if (queue.length) later(0);
}

const body = (messages: Message[]) => JSON.stringify({ batch: messages, writeKey: key, sentAt: new Date().toISOString() });

/** As many of the oldest as fit a beacon. */
function first(): Message[] {
  let n = 0;
  for (let size = 0; n < queue.length; n++) {
    size += JSON.stringify(queue[n]).length + 1;
    if (size > BYTES && n > 0) break;
  }
  return queue.slice(0, n);
}

function later(ms: number) {
  if (!timer && !busy) timer = window.setTimeout(() => { timer = 0; flush(); }, ms);
}

export function add(m: Message) {
  queue = [...queue, m].slice(-KEEP);
  if (queue.length >= TOGETHER) flush();
  else later(answered() ? WAIT : ASKED);
}

/** Who agrees does so for the page they are on: what has not left yet is theirs. */
export function claim() {
  for (const m of queue) m.anonymousId ??= anonymousId()!;
  clearTimeout(timer);
  timer = 0;
  if (queue.length) later(WAIT);
}

export function drop() { queue = []; }

/** Send what waits. What the server cannot take now comes again; what it refuses is let go. */
export async function flush(): Promise<void> {
  if (busy || !queue.length || !address) return;
  busy = true;
  clearTimeout(timer);
  timer = 0;
  const some = first();
  let again = true, wait = 0;
  try {
    const reply = await fetch(address, { method: "POST", body: body(some), keepalive: true, credentials: "omit", headers: { "content-type": "text/plain" } });
    again = reply.status === 429 || reply.status >= 500;
    wait = Number(reply.headers.get("retry-after")) * 1000 || 0;
  } catch { /* offline, or the page is going */ }
  busy = false;
  if (!again) queue = queue.filter((m) => !some.includes(m));
  delay = again ? Math.min(SLOWEST, Math.max(wait, delay * 2 || WAIT)) : 0;
  kept.write(again ? JSON.stringify(queue) : "");
  if (queue.length) later(delay || 0);
}

/** The page may end: message ids keep what was under way already from counting twice. */
export function beacon() {
  while (queue.length && address) {
    const some = first();
    if (!navigator.sendBeacon?.(address, new Blob([body(some)], { type: "text/plain" }))) break;
    queue = queue.slice(some.length);
  }
  kept.write(queue.length ? JSON.stringify(queue) : "");
}
