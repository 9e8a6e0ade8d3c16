// dom.ts - elements of a page in a few words. What people type is never read.
import { clean } from "./page";
import type { Properties } from "./guard";

export const text = (s: string | null | undefined, n = 80) => (s ?? "").replace(/\s+/g, " ").trim().slice(0, n);

/** "main>form#login>button.primary", short and without what changes. */
export function selector(e: Element): string {
  const parts: string[] = [];
  for (let at: Element | null = e; at && at !== document.body && parts.length < 4; at = at.parentElement) {
    const name = at.tagName.toLowerCase();
    const id = at.getAttribute("id"); // a form's .id may be its field of that name
    if (id && !/\d{3}/.test(id)) {
      parts.unshift(`${name}#${id}`);
      break;
    }
    const kind = at.classList[0];
    parts.unshift(kind && !/\d{3}/.test(kind) ? `${name}.${kind}` : name);
  }
  return parts.join(">");
}

/** Nothing is told of it at all. */
export const isUntold = (e: Element) => e.closest("[data-track=off]") !== null;

/** Its words, unless they are somebody's own. */
function words(e: Element): string {
  if (e.closest("[data-private]") || e.querySelector("[data-private]") || (e as HTMLElement).isContentEditable) return "";
  return text(e.getAttribute("aria-label") || (e as HTMLElement).innerText || (e as HTMLInputElement).alt);
}

export function about(e: Element): Properties {
  const href = (e as HTMLAnchorElement).href;
  return { selector: selector(e), text: words(e), ...(typeof href === "string" && href && { href: clean(href).split("?")[0] }) };
}
