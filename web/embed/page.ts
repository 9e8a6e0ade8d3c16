// page.ts - what is said of the page that somebody is on, and of what brought them there.
import type { Properties } from "./guard";

export interface Page { path: string; search: string; url: string; title: string; referrer: string }

/** Names of parameters that may tell who somebody is, or let others in as them. */
const SECRET = /token|secret|pass|pwd|auth|session|sig|mail|phone|otp|name|^(key|code|sid|state)$/i;

/** Without what nobody else should read: secret parameters, and keys that are a part of the path. */
function open(address: URL): { path: string; search: string } {
  const path = address.pathname.split("/")
    .map((part) => (/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w-]{20,}$/.test(part) ? "-" : part)).join("/");
  const search = address.search.slice(1).split("&").map((pair) => {
    const [name, value = ""] = pair.split("=");
    return SECRET.test(name) || /@|%40/.test(value) ? `${name}=-` : pair;
  }).join("&");
  return { path, search: search && `?${search}`.slice(0, 500) };
}

export function clean(address: string): string {
  if (!address) return "";
  try {
    const url = new URL(address, location.href), { path, search } = open(url);
    return /^https?:/.test(url.protocol) ? (url.origin + path + search).slice(0, 1000) : url.protocol;
  } catch { return ""; }
}

const bare = (address: string) => clean(address).split("?")[0].slice(0, 500);

/** Back, forth and anew: what brought somebody here before does not bring them again. */
function isAgain(): boolean {
  const nav = performance.getEntriesByType?.("navigation")[0] as PerformanceNavigationTiming | undefined;
  return nav?.type === "reload" || nav?.type === "back_forward";
}

const isOutside = (address: string) => address !== "" && !address.startsWith(location.origin + "/");

let came = "", again = false;

/** The page was loaded (""), shown again from where the browser kept it, or changed by script. */
export function arrive(from: string | null) {
  again = from === null ? true : from === "" && isAgain();
  came = from || document.referrer;
  if (again && isOutside(came)) came = "";
}

/** `hash`: what follows # is a part of the address. */
export function here(hash: boolean): Page {
  const { path, search } = open(new URL(location.href)), route = hash ? location.hash.split("?")[0] : "";
  return { path: path + route, search, url: (location.origin + path + search + route).slice(0, 1000),
    title: document.title.slice(0, 200), referrer: bare(came) };
}

function campaign(): Properties | undefined {
  const q = new URLSearchParams(location.search), said: Properties = {};
  for (const name of ["source", "medium", "campaign", "term", "content"]) {
    const value = q.get(`utm_${name}`);
    if (value) said[name === "campaign" ? "name" : name] = value.slice(0, 200);
  }
  return again || !Object.keys(said).length ? undefined : said;
}

let zone: string | undefined;

/** The first time it takes as long as all the rest: asked for when messages leave, not while a page is made. */
export const timezone = () => zone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;

export function context(page: Page): Properties {
  const from = campaign();
  return { library: { name: "rapport", version: "2" }, locale: navigator.language, page,
    screen: { width: screen.width, height: screen.height, density: devicePixelRatio },
    ...(from && { campaign: from }) };
}
