// What the journey knows of a shopper who goes the whole way, from a list to the order: each step once, with what it is about.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hasBrowser, openPage, PHONE, startBrowser } from "./browser.mjs";
import { rapport, root, startShop } from "./server.mjs";
import { until } from "./until.mjs";

const skip = !hasBrowser && "there is no browser";
const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
let shop, browser;

async function api(method, path, body) {
  const reply = await fetch(`${shop.url}/api/v1/${path}`, { method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" } });
  const text = await reply.text();
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

before(async () => {
  if (skip) return;
  browser = await startBrowser(`--user-agent=${agent}`);
  shop = await startShop({ args: ["--test-payments"],
    prepare: (data) => rapport("import", "products", join(root, "demo/products.csv"), "--images", join(root, "demo/pictures"), "--data", data, "--log-level", "error") });
  const { currency } = await api("GET", "settings/catalog.shop").then((s) => s.value ?? s);
  const { variants } = await (await fetch(`${shop.url}/products/oak-serving-board.js`)).json();
  await api("POST", "stock/set", { items: variants.map((v) => ({ variant_id: v.id, on_hand: 500, reason: "counted" })) });
  const zone = await api("POST", "delivery/zones", { title: "Home", profile_id: (await api("GET", "delivery/profiles")).data[0].id, places: [{ country: "NL" }, { country: "GB" }] });
  await api("POST", "delivery/methods", { zone_id: zone.id, title: "Standard", kind: "standard", active: true, transit_min: 1, transit_max: 2, rates: [{ amount: { amount: 495, currency } }] });
  const promotion = await api("POST", "promotions", { title: "Ten percent off", kind: "percent", target: "order", percent_ppm: 100000, automatic: false, active: true });
  await api("POST", `promotions/${promotion.id}/codes`, { code: "WELCOME10" });
});
after(async () => {
  await browser?.close();
  await shop?.stop();
});

async function visit(options = {}) {
  const page = await openPage(browser, shop.url, options);
  await page.addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  return page;
}

const settled = (page) => page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));

/** What a shopper does in the shop; the same on each device. */
async function shopping(page) {
  await page.goto("/collections/all");
  await page.locator("#facets input[type=checkbox]:enabled").first().evaluate((e) => { e.closest("details.facets")?.setAttribute("open", ""); e.click(); });
  await page.waitForURL(/filter/);
  await settled(page);
  await page.goto("/search?q=oak");
  await page.locator(".grid .card a", { hasText: "Oak serving board" }).click();
  await page.waitForURL("**/products/**");
  await page.locator("input[value=Medium]").evaluate((e) => e.click());
  await page.waitForURL(/variant=/);
  await settled(page);
  await page.locator("#quantity").fill("2");
  await page.locator("button[name=add]").click();
  await page.locator("#cart-drawer[open] .line").first().waitFor();
  await page.locator("#cart-drawer a.more").click();
  await page.waitForURL("**/cart");
  const code = page.locator("main details").first();
  for (const [typed, told] of [["NOSUCH", ".field__error"], ["WELCOME10", ".sum .saving"]]) {
    if (await code.getAttribute("open") === null) await code.locator("summary").click();
    await page.locator("main input[name=discount]").fill(typed);
    await page.locator("main button[name=apply]").click();
    await page.locator(`main ${told}`).first().waitFor();
  }
  await page.locator("main [data-step='-1']").first().click();
  await until(() => page.locator("main [data-key]").first().inputValue(), (v) => v === "1");
  await settled(page);
  await page.waitForTimeout(600);
  await settled(page);
  await page.locator("main button[name=checkout]").click();
  await page.waitForURL("**/checkout");
  if (await page.locator("#ship-country").inputValue() !== "NL") {
    await page.locator("#ship-country").selectOption("NL");
    await settled(page);
  }
  const all = { "#email": "shopper@example.com", "#ship-first_name": "Sam", "#ship-last_name": "Secretname", "#ship-line1": "Dam 1", "#ship-city": "Amsterdam", "#ship-postal_code": "1012 JS" };
  for (const [selector, value] of Object.entries(all)) await page.fill(selector, value);
  await page.locator("#ship-phone").focus();
  await settled(page);
  await page.locator("input[name^='pay[test]']").first().fill("4242424242424242");
  if (await page.locator("#terms").count()) await page.locator("#terms").check();
  await page.locator("button[value=pay]").click();
  await page.waitForURL(/\/orders\//);
}

test("who agreed: every step once, told by the page or the shop, with products, prices and places", { skip }, async () => {
  const page = await visit();
  await page.goto("/");
  await page.locator("consent-banner [data-answer=yes]").click();
  const id = await page.evaluate(() => window.rapport.anonymousId());
  await shopping(page);
  await page.evaluate(() => window.rapport.flush());
  const { id: customer } = await (await until(() => shop.get(`/api/v1/customers/lookup?namespace=anonymous_id&value=${id}`), (r) => r.ok)).json();
  const of = async () => (await api("POST", "journey/query", { type: "timeline", customer, limit: 500 })).events;
  const events = await until(of, (all) => all.some((e) => e.event === "Order Completed") && all.filter((e) => e.event === "Page Viewed").length >= 8);
  const all = (name) => events.filter((e) => e.event === name).map((e) => e.properties);
  const count = (name) => all(name).length;
  const counts = Object.fromEntries(["Product List Viewed", "Product List Filtered", "Products Searched", "Product Clicked", "Product Viewed", "Product Added",
    "Cart Viewed", "Coupon Entered", "Coupon Denied", "Coupon Applied", "Product Removed", "Checkout Started", "Payment Info Entered", "Order Completed"].map((n) => [n, count(n)]));
  assert.deepEqual(counts, { "Product List Viewed": 2, "Product List Filtered": 1, "Products Searched": 1, "Product Clicked": 1, "Product Viewed": 1, "Product Added": 1,
    "Cart Viewed": 2, "Coupon Entered": 2, "Coupon Denied": 1, "Coupon Applied": 1, "Product Removed": 1, "Checkout Started": 1, "Payment Info Entered": 1, "Order Completed": 1 });
  const [viewed] = all("Product Viewed"), [added] = all("Product Added"), [clicked] = all("Product Clicked"), [bought] = all("Order Completed");
  assert.match(viewed.product_id, /^prd_/);
  assert.deepEqual([viewed.name, viewed.price, viewed.currency, viewed.value], ["Oak serving board", 32, "EUR", 32]);
  assert.deepEqual([clicked.product_id, clicked.list_id, clicked.position], [viewed.product_id, "search", 1]);
  assert.deepEqual([added.product_id, added.quantity, added.price, added.sku], [viewed.product_id, 2, 46, "LL-006-MEDIUM"]);
  assert.deepEqual([all("Product Removed")[0].quantity, all("Coupon Denied")[0].coupon_id, all("Coupon Applied")[0].coupon_id], [1, "NOSUCH", "WELCOME10"]);
  assert.ok(all("Coupon Denied")[0].reason);
  const filtered = all("Product List Filtered")[0], filters = typeof filtered.filters === "string" ? JSON.parse(filtered.filters) : filtered.filters;
  assert.equal(filtered.list_id, "all");
  assert.match(filters[0].type, /^filter\./);
  assert.deepEqual(all("Checkout Step Viewed").map((p) => p.step), [1, 2, 3, 4]);
  assert.deepEqual(all("Checkout Step Completed").map((p) => p.step).sort(), [1, 2, 3, 4]);
  assert.equal(all("Payment Info Entered")[0].shipping_method, "Standard");
  assert.equal(bought.coupon, "WELCOME10");
  const names = events.map((e) => e.event), order = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"].map((n) => names.indexOf(n));
  assert.deepEqual(order, [...order].sort((a, b) => a - b), names.join());
  assert.equal(count("Form Abandoned"), 0);
  assert.doesNotMatch(JSON.stringify(events), /Secretname|shopper@example|1012 JS|4242/);
  assert.deepEqual(page.said, []);
  await page.context().close();
});

test("who was not asked, on a phone: what the page tells is one visitor's, without an id", { skip }, async () => {
  const page = await visit(PHONE);
  await page.addInitScript(() => addEventListener("DOMContentLoaded", () => document.querySelector("consent-banner")?.remove()));
  await shopping(page);
  await page.evaluate(() => window.rapport.flush());
  assert.deepEqual(await page.evaluate(() => [/ajs/.test(document.cookie), Object.keys(localStorage)]), [false, []]);
  const ask = (measure) => api("POST", "journey/query", { type: "trends", series: [{ measure }], by: "event", interval: "year", last: "2 days", where: { "context.ephemeral": true } });
  const sums = (answer) => Object.fromEntries(answer.series.map((s) => [s.by, s.values.reduce((a, b) => a + b, 0)]));
  const v = await until(async () => sums(await ask("events")), (x) => x["Payment Info Entered"] === 1 && x["Page Viewed"] >= 7);
  assert.deepEqual([v["Product List Viewed"], v["Product List Filtered"], v["Products Searched"], v["Product Viewed"], v["Product Added"], v["Cart Viewed"]], [2, 1, 1, 1, 1, 2]);
  assert.ok(Object.values(sums(await ask("people"))).every((n) => n <= 1), "one visitor");
  await page.context().close();
});
