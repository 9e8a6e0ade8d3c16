// Who may be known. Nothing is stored before somebody says yes.

type Answer = "yes" | "no" | null;

const COOKIE = "ajs_anonymous_id"; // as Segment's client names it: the shop knows it when somebody signs in
const YEAR = 31_536_000;

const storage = {
  get(key: string): string | null { try { return localStorage.getItem(key); } catch { return null; } },
  set(key: string, value: string) { try { localStorage.setItem(key, value); } catch { /* then not */ } },
  remove(key: string) { try { localStorage.removeItem(key); } catch { /* nothing there */ } },
};

const cookie = () => new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(document.cookie)?.[1] ?? null;
const setCookie = (value: string, age: number) => {
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${age}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
};

export const uuid = (): string => crypto.randomUUID?.() ??
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

/** The browser itself says no. */
const opposed = (): boolean => {
  const n = navigator as Navigator & { globalPrivacyControl?: boolean };
  return n.globalPrivacyControl === true || n.doNotTrack === "1";
};

let answer: Answer = null;
let id: string | null = null;
let user: string | null = null;

export const granted = () => answer === "yes";
export const answered = () => answer !== null;
export const refused = () => answer === "no";
export const anonymousId = () => id;
export const userId = () => user;

/** What was answered before. The theme's banner keeps it under the same name. */
export function begin() {
  const said = storage.get("consent");
  answer = opposed() ? "no" : said === "yes" || said === "no" ? said : null;
  if (granted()) know();
}

function know() {
  id = cookie() ?? storage.get(COOKIE) ?? uuid();
  user = storage.get("rapport_user");
  setCookie(id, YEAR);
  storage.set(COOKIE, id);
}

/** True when it is another answer than before. */
export function decide(yes: boolean): boolean {
  const now: Answer = yes && !opposed() ? "yes" : "no";
  if (now === answer) return false;
  answer = now;
  if (!opposed()) storage.set("consent", now); // so that nobody is asked twice
  if (now === "yes") know();
  return true;
}

/** Somebody else sits here now; what was answered stays answered. */
export function renew() {
  forget();
  if (granted()) know();
}

export function forget() {
  if (cookie() !== null) setCookie("", 0);
  for (const key of [COOKIE, "rapport_user", "rapport_queue"]) storage.remove(key);
  id = user = null;
}

export function signIn(who: string) {
  user = who;
  if (granted()) storage.set("rapport_user", who);
}

/** Kept only for those who agreed. */
export const kept = {
  read(): string | null { return granted() ? storage.get("rapport_queue") : null; },
  write(text: string) { if (granted()) text ? storage.set("rapport_queue", text) : storage.remove("rapport_queue"); },
};
