// shop.ts - what is read from a shop's pages: lists, products, carts, steps of a checkout.
//
// A page says it in words of its own, beside what it shows:
//   <script type="application/json" data-track="Product Viewed">{"product_id": "…", …}</script>
// Where it says nothing, structured data and the address do.
import { clean } from "./page";
import { note, on, type Properties, type Tell } from "./guard";

type Thing = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const SAID = "script[type='application/json'][data-track]";

function json(e: Element): any { // eslint-disable-line @typescript-eslint/no-explicit-any
  try { return JSON.parse(e.textContent ?? ""); } catch { return null; }
}

/** The path without the language. */
const path = (of: { pathname: string }) => of.pathname.replace(/^\/[a-z]{2}(-[a-z]{2,3})?(?=\/|$)/i, "") || "/";

const query = () => new URLSearchParams(location.search);

// --- a product, by the page's own words or by structured data --------------------------------

function structured(): Properties | null {
  const all = [...document.querySelectorAll('script[type="application/ld+json"]')].flatMap((s): Thing[] => {
    const v = json(s) as Thing | null;
    return Array.isArray(v) ? v : v?.["@graph"] ?? (v ? [v] : []);
  });
  const p = all.find((t) => t["@type"] === "Product" || t["@type"] === "ProductGroup");
  if (!p) return null;
  const variants: Thing[] = p.hasVariant ?? [], wanted = query().get("variant");
  const v = variants.find((x) => wanted && JSON.stringify(x).includes(wanted)) ?? variants[0] ?? p;
  const offer: Thing = (Array.isArray(v.offers) ? v.offers[0] : v.offers) ?? {};
  const price = Number(offer.price ?? offer.lowPrice);
  return { product_id: p.productGroupID ?? p.productID ?? v.sku ?? p.sku, ...(v !== p && v.productID && { variant_id: v.productID }),
    sku: v.sku ?? p.sku, name: p.name, brand: p.brand?.name ?? p.brand, category: p.category,
    ...(price > 0 && { price, value: price }), currency: offer.priceCurrency, url: location.origin + location.pathname };
}

function product(): Properties | null {
  const said = document.querySelector(`${SAID}[data-track="Product Viewed"]`);
  return said ? json(said) as Properties | null : path(location).startsWith("/products/") ? structured() : null;
}

// --- what is shown ---------------------------------------------------------------------------

let list: Properties = {}; // the last that was told of, for what is opened from it

/** What a piece of a page says; false: nothing. */
export function shown(tell: Tell, root: ParentNode): boolean {
  const all = [...root.querySelectorAll(SAID)];
  for (const e of all) {
    const said = json(e) as Properties | null, event = e.getAttribute("data-track");
    if (!said || !event) {
      note("no JSON", e);
      continue;
    }
    if (Array.isArray(said.products)) list = said;
    tell(event, said);
  }
  return all.length > 0;
}

/** What the page shows. */
export function page(tell: Tell) {
  list = {};
  if (shown(tell, document)) return;
  const at = path(location), handle = at.split("/")[2], terms = query().get("q"), one = at.startsWith("/products/") && structured();
  if (one) tell("Product Viewed", one);
  else if (at.startsWith("/collections/") && handle) tell("Product List Viewed", { list_id: handle, category: handle });
  else if (at === "/search" && terms) tell("Products Searched", { query: terms.slice(0, 200) });
  else if (at === "/cart") tell("Cart Viewed", {});
}

// --- what is done ----------------------------------------------------------------------------

/** What is opened from a list. */
export function opened(tell: Tell) {
  on<MouseEvent>(document, "click", (event) => {
    const link = (event.target as Element).closest?.("a[href*='/products/']") as HTMLAnchorElement | null;
    if (!link || !event.isTrusted) return;
    const p = (list.products as Properties[] | undefined)?.find((x) => path(new URL(String(x.url), location.href)) === path(link));
    if (p) tell("Product Clicked", { ...p, list_id: list.list_id, url: clean(link.href).split("?")[0] });
  });
}

/** What is put into the cart, by whichever form. */
export function added(tell: Tell) {
  on(document, "submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!/\/cart\/add(\.js)?$/.test(new URL(form.getAttribute("action") ?? "", location.href).pathname)) return;
    const data = new FormData(form), { url, value, ...what } = product() ?? {}, variant = data.get("id");
    tell("Product Added", { ...what, ...(variant && { variant_id: String(variant) }), quantity: Number(data.get("quantity") ?? 1) || 1 });
  });
}
