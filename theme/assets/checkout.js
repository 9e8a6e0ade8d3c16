// The checkout works without this; with it, what it costs is renewed while one types.

const $ = (selector, root = document) => root.querySelector(selector);
const page = /** @type {HTMLElement} */ ($("checkout-page"));
const parts = [".checkout__form", ".checkout__side"];

/** @param {HTMLFormElement} form */
const values = (form) => new Map([...form.elements].filter((e) => e.name && !["radio", "checkbox", "submit"].includes(e.type)).map((e) => [e.id || e.name, e.value]));

/** What was typed while the answer was on its way stays. @param {Map<string, string>} sent @param {Map<string, string>} now @param {HTMLFormElement} form */
function keepTyped(sent, now, form) {
  for (const field of form.elements) {
    const key = field.id || field.name;
    if (now.has(key) && now.get(key) !== sent.get(key) && !field.matches("[type=hidden]")) field.value = now.get(key);
  }
}

let running = null;

/** Ask for the page as it is with what stands in the form, and put its parts in place.
 * @param {HTMLFormElement} form @param {string} name @param {string} value */
async function renew(form, name, value) {
  running?.abort();
  const mine = running = new AbortController(), sent = values(form);
  const data = new URLSearchParams();
  for (const [n, v] of new FormData(form)) data.append(n, String(v));
  data.set(name, value);
  for (const part of parts) $(part)?.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(form.action, { method: "POST", body: data, signal: mine.signal, headers: { Accept: "text/html" } });
    if (reply.redirected && !new URL(reply.url).pathname.endsWith("/checkout")) return location.assign(reply.url);
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!$("checkout-page", fresh)) throw new Error("no checkout");
    const active = document.activeElement, focus = active?.id, pick = active?.getAttribute("name"), what = active?.getAttribute("value");
    const now = values(form), open = $(".summary")?.hasAttribute("open");
    for (const part of parts) {
      const old = $(part), next = $(part, fresh);
      if (old && next) old.replaceChildren(...next.childNodes);
      old?.removeAttribute("aria-busy");
    }
    keepTyped(sent, now, form);
    $(".summary")?.toggleAttribute("open", open || name !== "act");
    const again = (focus && document.getElementById(focus)) || [...form.elements].find((e) => pick && e.name === pick && e.value === what);
    again?.focus({ preventScroll: true });
    const total = $(".pay__total"), status = $("#status");
    if (total && status) status.textContent = $(".code--refused .field__error")?.textContent ?? total.textContent.trim().replace(/\s+/g, " ");
  } catch (error) {
    if (error.name === "AbortError") return;
    for (const part of parts) $(part)?.removeAttribute("aria-busy");
  }
}

page?.addEventListener("change", (event) => {
  const field = event.target;
  if (field.form && field.matches("[data-renews], #email")) renew(field.form, "act", "renew");
});
page?.addEventListener("submit", (event) => {
  const button = event.submitter, form = event.target;
  if (button?.value === "pay") {
    if (button.getAttribute("aria-busy") === "true") return event.preventDefault();
    button.setAttribute("aria-busy", "true");
    return;
  }
  event.preventDefault();
  if (button) renew(form, button.name, button.value);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // back from the payment: as it stands now
});
// How far somebody comes, told to the tracking script, if there is one: which part, never what stands in it.

/** @param {string} event @param {object} properties */
function tell(event, properties) {
  (window.rapport ||= []).push(["track", event, properties]);
}

const told = new Set();
/** @param {string} event @param {HTMLElement} part */
function step(event, part) {
  const number = [...page.querySelectorAll("fieldset.step")].indexOf(part) + 1, key = event + number;
  if (number === 0 || told.has(key)) return;
  told.add(key);
  tell(event, { checkout_id: page.dataset.checkout, step: number, step_name: part.id || "contact", ...chosen() });
}

function chosen() {
  const title = (name) => $(`input[name^="${name}"]:checked`, page)?.closest("label")?.querySelector("strong")?.textContent;
  return { shipping_method: title("delivery"), payment_method: title("payment") };
}

/** Whatever is needed and can be seen stands there. @param {HTMLElement} part */
const complete = (part) => [...part.querySelectorAll("input,select,textarea")].every((f) => f.offsetParent === null || f.validity.valid);

/** Somebody is at `part`; null: past them all. What stands before it was seen. @param {HTMLElement?} part */
function reach(part) {
  for (const each of page.querySelectorAll("fieldset.step")) {
    step("Checkout Step Viewed", each);
    if (each === part) return;
    if (complete(each)) step("Checkout Step Completed", each);
  }
}

page?.addEventListener("focusin", (event) => {
  const part = event.target.closest("fieldset.step");
  if (part) reach(part);
});
page?.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "pay") return;
  reach(null);
  if (told.has("paid")) return;
  told.add("paid");
  tell("Payment Info Entered", { checkout_id: page.dataset.checkout, ...chosen() });
}, true);
{
  const first = page?.querySelector("fieldset.step");
  if (first && !$("#problems")) step("Checkout Step Viewed", first);
}
document.documentElement.classList.add("js");
$("#problems")?.focus();
