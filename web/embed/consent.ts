// consent.ts - who may be known. Nothing is stored before somebody says yes.
import { on } from "./guard";

type Answer = "yes" | "no" | null;

const COOKIE = "ajs_anonymous_id"; // as Segment's client names it: the shop knows it when somebody signs in
const ANSWER = "consent", USER = "rapport_user", QUEUE = "rapport_queue";
const YEAR = 31_536_000;

/** Some browsers throw at the very name of it. */
export const storage = {
  get(key: string): string | null { try { return localStorage.getItem(key); } catch { return null; } },
  set(key: string, value: string) { try { localStorage.setItem(key, value); } catch { /* then not */ } },
  remove(key: string) { try { localStorage.removeItem(key); } catch { /* nothing there */ } },
  queues(): string[] { try { return Object.keys(localStorage).filter((k) => k.startsWith(QUEUE)); } catch { return []; } },
};

function cookie(): string | null {
  try { return new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(document.cookie)?.[1] ?? null; } catch { return null; }
}

function setCookie(value: string, age: number) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  try { document.cookie = `${COOKIE}=${value}; path=/; max-age=${age}; samesite=lax${secure}`; } catch { /* then not */ }
}

export const uuid = (): string => // randomUUID() is not there without TLS
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

/** The browser itself says no. */
function opposed(): boolean {
  const n = navigator as Navigator & { globalPrivacyControl?: boolean };
  return n.globalPrivacyControl === true || n.doNotTrack === "1";
}

let answer: Answer = null;
let id: string | null = null;
let user: string | null = null;

export const granted = () => answer === "yes";
export const answered = () => answer !== null;
export const refused = () => answer === "no";
export const anonymousId = () => id;
export const userId = () => user;

/** What was answered before: a banner keeps it under the same name. `changed` when another tab is
 *  answered differently. */
export function begin(changed: (yes: boolean) => void) {
  const said = storage.get(ANSWER);
  answer = opposed() ? "no" : said === "yes" || said === "no" ? said : null;
  if (granted()) know();
  if (refused()) forget(); // what was kept before the browser was told to say no
  on<StorageEvent>(window, "storage", (e) => {
    if (e.key === ANSWER && (e.newValue === "yes" || e.newValue === "no")) changed(e.newValue === "yes");
  });
}

function know() {
  id = cookie() ?? storage.get(COOKIE) ?? uuid();
  user ??= storage.get(USER);
  setCookie(id, YEAR);
  storage.set(COOKIE, id);
  if (user) storage.set(USER, user);
}

/** True when it is another answer than before. */
export function decide(yes: boolean): boolean {
  const said: Answer = yes && !opposed() ? "yes" : "no";
  if (said === answer) return false;
  answer = said;
  if (said === "yes") know(); // before other tabs hear of the answer
  if (!opposed()) storage.set(ANSWER, said); // so that nobody is asked twice
  return true;
}

/** Somebody else sits here now; what was answered stays answered. */
export function renew() {
  forget();
  if (granted()) know();
}

export function forget() {
  if (cookie() !== null) setCookie("", 0);
  for (const key of [COOKIE, USER, ...storage.queues()]) storage.remove(key);
  id = user = null;
}

export function signIn(who: string) {
  user = who;
  if (granted()) storage.set(USER, who);
}

/** Messages that wait, kept for those who agreed: each tab has a place of its own. */
const place = `${QUEUE}_${Math.random().toString(36).slice(2, 10)}`;

export const kept = {
  write(text: string) {
    if (text && granted()) storage.set(place, text);
    else storage.remove(place);
  },
  /** What all tabs have left, each place emptied. */
  take(): string[] {
    if (!granted()) return [];
    return storage.queues().map((key) => {
      const text = storage.get(key) ?? "";
      storage.remove(key);
      return text;
    });
  },
};
