// What makes the pages quicker to use; each works without it. No library, one file.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Tell those who listen. @param {string} text */
function say(text) {
  const status = $("#status");
  if (status) status.textContent = text;
}

/** For the tracking script. @param {Element} piece */
function shown(piece) {
  document.dispatchEvent(new CustomEvent("shown", { detail: piece }));
}

/** @template {(...a: any[]) => void} F @param {F} fn @param {number} ms */
function later(fn, ms) {
  let timer = 0;
  return (/** @type {Parameters<F>} */ ...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), ms);
  };
}

const keep = {
  /** @param {string} key */
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  /** @param {string} key @param {string} value */
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* then not */ } },
};

// dialogs

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const opener = target.closest("[data-opens]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = /** @type {HTMLDialogElement?} */ (document.getElementById(opener.getAttribute("data-opens") ?? ""));
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
      $("input[type=search]", dialog)?.focus();
    }
  }
  if (target.closest("[data-closes]")) target.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && target.open) { // its backdrop
    const r = target.getBoundingClientRect();
    const inside = event.clientX >= r.left && event.clientX <= r.right && event.clientY >= r.top && event.clientY <= r.bottom;
    if (!inside) target.close();
  }
  for (const open of $$("details.mega-menu[open]"))
    if (!open.contains(target)) open.removeAttribute("open");
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && $("details.mega-menu[open]");
  if (menu) {
    menu.removeAttribute("open");
    $("summary", menu)?.focus();
  }
});

// quantity

customElements.define("quantity-input", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-step]");
      const input = /** @type {HTMLInputElement?} */ ($("input", this));
      if (!button || !input) return;
      button.getAttribute("data-step") === "1" ? input.stepUp() : input.stepDown();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
});

// pieces of a page from the server

/** Fetch a page and give the part of it that `selector` names.
 * @param {string} url @param {string} selector @param {AbortSignal} [signal] */
async function part(url, selector, signal) {
  const reply = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!reply.ok) throw new Error(String(reply.status));
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  return { page, part: $(selector, page) };
}

// lists with filters

customElements.define("product-list", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => {
      const field = /** @type {HTMLInputElement} */ (event.target);
      if (field.form) this.go(addressOf(field.form), field.id || field.name + "\0" + field.value);
    });
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go(addressOf(/** @type {HTMLFormElement} */ (event.target)), "");
    });
    this.addEventListener("click", (event) => {
      const link = /** @type {HTMLAnchorElement?} */ (/** @type {Element} */ (event.target).closest(".chosen a"));
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.go(link.href, "");
    });
    addEventListener("popstate", this.back);
  }
  disconnectedCallback() { removeEventListener("popstate", this.back); }
  back = () => { this.show(location.href, ""); };

  /** @param {string} url @param {string} focus */
  async go(url, focus) {
    history.pushState(null, "", url);
    await this.show(url, focus);
  }

  /** @param {string} url @param {string} focus */
  async show(url, focus) {
    this.running?.abort();
    this.running = new AbortController();
    const listing = $(".listing", this);
    listing?.setAttribute("aria-busy", "true");
    const open = $$("details", this).map((d) => d.hasAttribute("open"));
    try {
      const { page, part: fresh } = await part(url, "product-list", this.running.signal);
      if (!fresh) throw new Error("no list");
      $$("details", fresh).forEach((d, i) => { if (i in open) d.toggleAttribute("open", open[i]); });
      this.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      shown(this);
      say($(".list-bar__count", this)?.textContent ?? "");
      const again = $$("input, select", this).find((e) => {
        const field = /** @type {HTMLInputElement} */ (e);
        return focus && (field.id === focus || field.name + "\0" + field.value === focus);
      });
      again?.focus({ preventScroll: true });
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") location.assign(url);
    }
  }
});

/** The address that a GET form leads to, without what is empty. @param {HTMLFormElement} form */
function addressOf(form) {
  const url = new URL(form.action, location.href);
  const data = new FormData(form);
  const other = form.id === "facets" ? $("#sort") : null;
  if (other instanceof HTMLSelectElement) data.set("sort_by", other.value);
  url.search = "";
  for (const [name, value] of data) if (value !== "") url.searchParams.append(name, String(value));
  return url.href;
}

// variants

customElements.define("variant-picker", class extends HTMLElement {
  connectedCallback() {
    const id = /** @type {HTMLInputElement?} */ ($("input[name=id]", this));
    if (id) id.disabled = false;
    this.addEventListener("change", (event) => this.pick(/** @type {HTMLInputElement} */ (event.target)));
  }
  /** @param {HTMLInputElement} input */
  async pick(input) {
    const variant = input.dataset.variant;
    const url = new URL(this.dataset.url ?? "", location.href);
    if (variant) url.searchParams.set("variant", variant);
    this.running?.abort();
    this.running = new AbortController();
    const focus = [input.name, input.value];
    try {
      const { page } = await part(url.href, "main", this.running.signal);
      for (const selector of ["variant-picker", "#price", ".buy__row", ".facts"]) {
        const now = $(selector), fresh = $(selector, page);
        if (now && fresh) now.replaceChildren(...fresh.childNodes);
      }
      const id = /** @type {HTMLInputElement?} */ ($("input[name=id]", this));
      if (id) id.disabled = false;
      history.replaceState(history.state, "", url);
      $$("input[type=radio]", this).find((e) => e.getAttribute("name") === focus[0] && e.getAttribute("value") === focus[1])?.focus();
      const picture = $("[data-first-media]", this)?.getAttribute("data-first-media");
      if (picture) document.getElementById("media-" + picture)?.scrollIntoView({ block: "nearest", inline: "start" });
    } catch (error) {
      if (/** @type {Error} */ (error).name !== "AbortError") location.assign(url);
    }
  }
});

// pictures of a product

customElements.define("product-gallery", class extends HTMLElement {
  connectedCallback() {
    const rail = $(".rail", this), zoom = /** @type {HTMLDialogElement?} */ ($("dialog", this));
    if (!rail || !zoom) return;
    const items = $$(":scope > li", rail), thumbs = $$(".thumbs a", this);
    const mark = new IntersectionObserver((seen) => {
      for (const s of seen) if (s.isIntersecting) thumbs.forEach((t) => t.toggleAttribute("aria-current", t.hash === "#" + s.target.id));
    }, { root: rail, threshold: 0.6 });
    for (const item of items) mark.observe(item);
    rail.addEventListener("keydown", arrows);
    $(".zoom__list", zoom)?.addEventListener("keydown", arrows);
    this.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const thumb = /** @type {HTMLAnchorElement?} */ (target.closest(".thumbs a"));
      if (thumb) {
        event.preventDefault();
        const item = document.getElementById(thumb.hash.slice(1));
        if (item) rail.scrollTo({ left: item.offsetLeft - rail.offsetLeft, behavior: "smooth" });
        return;
      }
      const open = target.closest(".rail .frame");
      if (open && !target.closest("video,model-viewer")) {
        event.preventDefault();
        this.enlarge(zoom, items.findIndex((i) => i.contains(open)));
      } else if (target.closest(".zoom__list img")) {
        target.classList.toggle("is-big");
      }
    });
  }
  /** @param {HTMLDialogElement} dialog @param {number} at */
  enlarge(dialog, at) {
    const list = $(".zoom__list", dialog);
    if (!list) return;
    list.replaceChildren(...$$(".rail [data-zoom]", this).map((link) => {
      const item = document.createElement("li"), picture = document.createElement("img");
      picture.src = /** @type {HTMLAnchorElement} */ (link).href;
      picture.alt = $("img", link.parentElement ?? this)?.getAttribute("alt") ?? "";
      item.append(picture);
      return item;
    }));
    dialog.showModal();
    list.children[at]?.scrollIntoView({ behavior: "instant", inline: "start" });
    /** @type {HTMLElement} */ (list).focus();
  }
});

/** Left and right turn to the picture beside. @param {Event} event */
function arrows(event) {
  const key = /** @type {KeyboardEvent} */ (event).key;
  if (key !== "ArrowLeft" && key !== "ArrowRight") return;
  event.preventDefault();
  const rail = /** @type {HTMLElement} */ (event.currentTarget);
  rail.scrollBy({ left: (key === "ArrowRight" ? 1 : -1) * rail.clientWidth, behavior: "smooth" });
}

// search with suggestions (ARIA combobox)

customElements.define("search-bar", class extends HTMLElement {
  connectedCallback() {
    const input = /** @type {HTMLInputElement?} */ ($("input", this)), box = $(".suggest", this);
    if (!input || !box) return;
    Object.assign(input, { role: "combobox", ariaExpanded: "false", ariaAutoComplete: "list" });
    input.setAttribute("aria-controls", box.id);
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", input.labels?.[0]?.textContent?.trim() ?? "");
    let at = -1;
    const options = () => $$("[role=option]", box);
    const mark = (/** @type {number} */ i) => {
      const all = options();
      at = all.length ? (i + all.length + 1) % (all.length + 1) : -1;
      if (i === -2) at = all.length - 1;
      all.forEach((o, n) => o.setAttribute("aria-selected", String(n === at)));
      const now = all[at];
      now ? input.setAttribute("aria-activedescendant", now.id) : input.removeAttribute("aria-activedescendant");
      if (!now) at = -1;
      now?.scrollIntoView({ block: "nearest" });
    };
    const close = () => { box.hidden = true; input.ariaExpanded = "false"; mark(-1); };
    const ask = later(async () => {
      const terms = input.value.trim();
      if (terms.length < 2) return close();
      this.running?.abort();
      this.running = new AbortController();
      try {
        const url = new URL(this.dataset.url ?? "", location.href);
        url.searchParams.set("q", terms);
        url.searchParams.set("section_id", "predictive-search");
        const { part: fresh } = await part(url.href, "#suggestions", this.running.signal);
        box.replaceChildren(...(fresh?.childNodes ?? []));
        $$("a", box).forEach((a, i) => { a.setAttribute("role", "option"); a.id = `${box.id}-${i}`; a.tabIndex = -1; });
        for (const list of $$("ul,li", box)) list.setAttribute("role", "presentation");
        box.hidden = box.childElementCount === 0;
        input.ariaExpanded = String(!box.hidden);
        at = -1;
      } catch { /* the search itself still works */ }
    }, 120);
    input.addEventListener("input", ask);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (box.hidden) return;
        event.preventDefault();
        mark(event.key === "ArrowDown" ? at + 1 : at === -1 ? -2 : at - 1);
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        options()[at]?.click();
      } else if (event.key === "Escape" && !box.hidden) {
        event.preventDefault();
        close();
      }
    });
    this.addEventListener("focusout", (event) => {
      if (!this.contains(/** @type {Node?} */ (event.relatedTarget)) && !this.closest("dialog")) close();
    });
  }
});

// colours, language, consent

customElements.define("scheme-switch", class extends HTMLElement {
  connectedCallback() {
    const button = $("button", this), root = document.documentElement;
    const dark = () => root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
    const tell = () => button?.setAttribute("aria-pressed", String(dark()));
    button?.addEventListener("click", () => {
      root.dataset.scheme = dark() ? "light" : "dark";
      keep.set("scheme", root.dataset.scheme); // asked for by the visitor: needs no consent
      tell();
    });
    tell();
  }
});

const places = /** @type {HTMLFormElement?} */ ($("#localization"));
if (places) {
  const go = $("button", places);
  if (go) go.hidden = true;
  places.addEventListener("change", () => places.submit());
}

customElements.define("consent-banner", class extends HTMLElement {
  connectedCallback() {
    const refused = /** @type {any} */ (navigator).globalPrivacyControl === true || navigator.doNotTrack === "1";
    if (keep.get("consent") === null && !refused) this.hidden = false;
    this.addEventListener("click", (event) => {
      const answer = /** @type {Element} */ (event.target).closest("[data-answer]")?.getAttribute("data-answer");
      if (!answer) return;
      keep.set("consent", answer);
      this.hidden = true;
      document.dispatchEvent(new CustomEvent("consent", { detail: { granted: answer === "yes", version: this.dataset.version } }));
    });
    addEventListener("storage", (event) => { if (event.key === "consent") this.hidden = true; });
    $("[data-opens-consent]")?.addEventListener("click", () => {
      this.hidden = false;
      $("button", this)?.focus();
    });
  }
});

// Which product of an answer was opened: told without a cookie, and not by whom.
document.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement?} */ (/** @type {Element} */ (event.target).closest("a[href*='/products/']"));
  const bar = link?.closest("search-bar");
  const typed = bar ? /** @type {HTMLInputElement?} */ ($("input", bar))?.value : /\/search\/?$/.test(location.pathname) ? new URLSearchParams(location.search).get("q") : "";
  const handle = link?.pathname.split("/products/")[1];
  if (!typed || !handle) return;
  const told = JSON.stringify({ q: typed.slice(0, 200), handle: decodeURIComponent(handle), locale: document.documentElement.lang });
  navigator.sendBeacon("/store/v1/search/click", new Blob([told], { type: "application/json" }));
});

// cart: count, drawer, forms

/** What the server says of the cart, in a cookie that holds nothing but the number. */
function showCount() {
  const n = Number(/(?:^|; )cart_count=(\d+)/.exec(document.cookie)?.[1] ?? 0);
  const badge = $("#cart-link .count");
  if (!badge) return;
  badge.textContent = n > 99 ? "99+" : String(n);
  badge.toggleAttribute("hidden", n === 0);
}
showCount();
addEventListener("pageshow", showCount);

/** The drawer, made when it is first wanted. @returns {HTMLDialogElement} */
function drawer() {
  const there = /** @type {HTMLDialogElement?} */ ($("#cart-drawer"));
  if (there) return there;
  const made = document.createElement("dialog");
  made.id = "cart-drawer";
  made.className = "drawer";
  made.setAttribute("aria-labelledby", "cart-drawer-title");
  document.body.append(made);
  return made;
}

/** Put a section's HTML into the drawer and open it. @param {string} html */
function openCart(html) {
  const dialog = drawer(), page = new DOMParser().parseFromString(html, "text/html");
  dialog.replaceChildren(...page.body.childNodes);
  if (!dialog.open) dialog.showModal();
  showCount();
  shown(dialog);
}

/** Send a form of the cart as a script; gives the answer, or throws what the server said.
 * @param {HTMLFormElement} form @param {HTMLElement?} submitter @param {string} sections */
async function sendCart(form, submitter, sections) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter)) data.append(name, String(value));
  data.set("sections", sections);
  const reply = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: data });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.description || String(reply.status));
  return answer;
}

/** Say beside a form what went wrong. @param {Element} place @param {string} text */
function complain(place, text) {
  $(".complaint", place)?.remove();
  const p = document.createElement("p");
  p.className = "notice notice--bad complaint";
  p.setAttribute("role", "alert");
  p.textContent = text;
  place.prepend(p);
}

document.addEventListener("click", async (event) => {
  const link = /** @type {HTMLAnchorElement?} */ (/** @type {Element} */ (event.target).closest("a[data-drawer]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || location.pathname === link.pathname) return;
  event.preventDefault();
  try {
    const reply = await fetch(link.dataset.drawer ?? link.href, { headers: { Accept: "text/html" } });
    if (!reply.ok) throw new Error(String(reply.status));
    openCart(await reply.text());
  } catch {
    location.assign(link.href);
  }
});

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target), button = event.submitter;
  if (!form.matches("form[action$='/cart/add']") || form.closest("cart-form") || button?.getAttribute("name") === "buy") return;
  event.preventDefault();
  button?.setAttribute("aria-busy", "true");
  try {
    const answer = await sendCart(form, button, "cart-drawer");
    openCart(answer.sections["cart-drawer"]);
    say(answer.product_title ?? "");
  } catch (error) {
    complain(form, /** @type {Error} */ (error).message);
  }
  button?.removeAttribute("aria-busy");
});

customElements.define("cart-form", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (button?.getAttribute("name") === "checkout") return;
      event.preventDefault();
      this.send(/** @type {HTMLFormElement} */ (event.target), button);
    });
    const soon = later((/** @type {HTMLFormElement} */ form) => this.send(form, null), 350);
    this.addEventListener("change", (event) => {
      const field = /** @type {HTMLInputElement} */ (event.target);
      if (field.matches("[data-key],[data-note]") && field.form) soon(field.form);
    });
  }
  /** @param {HTMLFormElement} form @param {HTMLElement?} button */
  async send(form, button) {
    const all = /** @type {HTMLElement[]} */ ($$("cart-form"));
    const focus = document.activeElement?.id, note = document.activeElement?.matches("[data-note]");
    this.setAttribute("aria-busy", "true");
    try {
      const { sections } = await sendCart(form, button, all.map((c) => c.dataset.section).join(","));
      for (const each of all) {
        const html = sections[each.dataset.section ?? ""];
        const fresh = html && $("cart-form", new DOMParser().parseFromString(html, "text/html"));
        if (fresh && !(note && each === this)) each.replaceChildren(...fresh.childNodes);
        const title = html && /id="cart-drawer-title">([^<]*)/.exec(html)?.[1];
        const heading = title && $("#cart-drawer-title");
        if (heading) heading.textContent = title;
      }
      showCount();
      say($(".sum__total", this)?.textContent?.trim().replace(/\s+/g, " ") ?? $(".empty", this)?.textContent?.trim() ?? "");
      const next = (focus && document.getElementById(focus)) || $("[data-undo]", this) || $("a, button, input", this);
      if (!note) /** @type {HTMLElement?} */ (next)?.focus({ preventScroll: true });
    } catch (error) {
      complain(this, /** @type {Error} */ (error).message);
    }
    this.removeAttribute("aria-busy");
  }
});

// tabs of the account: the one that is open is in sight on a phone, too

$(".account__nav [aria-current]")?.scrollIntoView({ behavior: "instant", block: "nearest", inline: "center" });
