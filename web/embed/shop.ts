// What is read from a shop's pages: structured data and addresses, so that a theme needs no code for it.

type Tell = (event: string, properties: Record<string, unknown>) => void;
type Thing = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const path = () => location.pathname.replace(/^\/[a-z]{2}(-[a-z]{2,3})?(?=\/|$)/i, "") || "/"; // without the language

function things(): Thing[] {
  return [...document.querySelectorAll('script[type="application/ld+json"]')].flatMap((s) => {
    try {
      const v = JSON.parse(s.textContent ?? "") as Thing;
      return Array.isArray(v) ? v : v["@graph"] ?? [v];
    } catch { return []; }
  });
}

function product(): Record<string, unknown> | null {
  const all = things(), p = all.find((t) => t["@type"] === "Product" || t["@type"] === "ProductGroup");
  if (!p) return null;
  const variants: Thing[] = p.hasVariant ?? [];
  const wanted = new URLSearchParams(location.search).get("variant");
  const v = variants.find((x) => wanted && String(x.url ?? x["@id"] ?? "").includes(wanted)) ?? variants[0] ?? p;
  const offer: Thing = (Array.isArray(v.offers) ? v.offers[0] : v.offers) ?? {};
  const price = Number(offer.price ?? offer.lowPrice);
  return { product_id: p.productGroupID ?? p.productID ?? v.sku ?? p.sku, sku: v.sku ?? p.sku, name: p.name, brand: p.brand?.name ?? p.brand, category: p.category,
    ...(price > 0 && { price, value: price }), currency: offer.priceCurrency, url: location.origin + location.pathname };
}

/** What the page shows. */
export function page(tell: Tell) {
  const at = path(), query = new URLSearchParams(location.search).get("q");
  const shown = at.startsWith("/products/") ? product() : null;
  if (shown) tell("Product Viewed", shown);
  else if (at.startsWith("/collections/")) tell("Product List Viewed", { list_id: at.split("/")[2], category: at.split("/")[2] });
  else if (at === "/search" && query) tell("Products Searched", { query: query.slice(0, 200) });
  else if (at === "/cart") tell("Cart Viewed", {});
  else if (at === "/checkout") tell("Checkout Step Viewed", { step: 1 });
}

/** What is put into the cart, by whichever form. */
export function cart(tell: Tell) {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!/\/cart\/add(\.js)?$/.test(new URL(form.getAttribute("action") ?? "", location.href).pathname)) return;
    const data = new FormData(form);
    tell("Product Added", { ...product(), variant: String(data.get("id") ?? ""), quantity: Number(data.get("quantity") ?? 1) || 1 });
  }, true);
}
