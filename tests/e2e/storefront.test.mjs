// The store as shoppers use it: on phones and desktops, with and without JavaScript, in both colour schemes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESKTOP, hasBrowser, measures, openPage, PHONE, startBrowser, violations } from "./browser.mjs";
import { rapport, root, startShop } from "./server.mjs";

const FASHION = join(root, "../shared/data/shopify/fashion.csv.xz"), PICTURES = join(root, "../shared/data/shopify/images");
const fashion = existsSync(FASHION);
const skip = hasBrowser ? false : "there is no Chromium";

/** Products of a CSV file, as a shop. */
async function shopOf(csv, pictures) {
  return startShop({ prepare: (folder) => rapport("import", "products", csv, "--images", pictures, "--data", folder, "--log-level", "error") });
}

async function fashionShop() {
  const csv = `/tmp/rapport-e2e-fashion-${process.pid}.csv`;
  await writeFile(csv, execFileSync("xz", ["-dc", FASHION], { maxBuffer: 64 << 20 }));
  return shopOf(csv, PICTURES);
}

let browser, demo, large;
before(async () => {
  if (!hasBrowser) return;
  if (!fashion) console.log("# ../shared/data/shopify is absent: the journeys go through the demo catalogue");
  browser = await startBrowser();
  demo = await shopOf(join(root, "demo/products.csv"), join(root, "demo/pictures"));
  execFileSync("python3", [join(root, "demo/fill.py"), demo.url, demo.key], { stdio: "inherit" });
  large = fashion ? await fashionShop() : demo;
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  if (large !== demo) await large?.stop();
});

test("the demo shop keeps what its ways of delivery say: express comes sooner, and it can be fetched", { skip: hasBrowser ? false : "there is no Chromium" }, async () => {
  const store = async (method, path, body) => {
    const reply = await fetch(`${demo.url}/store/v1/carts${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    assert.ok(reply.ok, `${method} ${path}: ${reply.status}`);
    return reply.json();
  };
  const product = (await (await demo.get("/api/v1/products?limit=1")).json()).data[0];
  const { variants } = await (await demo.get(`/api/v1/products/${product.id}`)).json();
  const { token } = await store("POST", "", {});
  await store("POST", `/${token}/lines`, { items: [{ variant_id: variants[0].id, qty: 1 }] });
  await store("PATCH", `/${token}`, { address: { last_name: "Vries", line1: "Singel 1", city: "Amsterdam", postal_code: "1012 AB", country: "NL" } });
  const ways = Object.fromEntries((await store("GET", `/${token}/delivery-options`)).options.map((o) => [o.kind, o]));
  assert.ok(ways.express.promise_to < ways.standard.promise_from, `express ${ways.express.promise_to}, standard ${ways.standard.promise_from}`);
  assert.equal(ways.pickup.points[0].city, "Utrecht");
});

const count = async (page) => Number((await page.locator(".list-bar__count").textContent()).replace(/\D/g, ""));

/** Choose the first value of the filter that is called so; gives how many it promised. */
async function choose(page, name, script) {
  const shown = page.locator(".facets > summary");
  if (!script || await shown.isVisible()) await page.evaluate(() => document.querySelector("details.facets")?.setAttribute("open", "")).catch(() => {});
  const fold = page.locator(".facets__form details").filter({ has: page.locator("summary", { hasText: name }) });
  if (await fold.getAttribute("open") === null) await fold.locator("summary").click();
  const value = fold.locator("label").filter({ has: page.locator("input[type=checkbox]:not(:disabled)") }).nth(1);
  const promised = Number(/(\d+)\D*$/.exec(await value.textContent())[1]);
  await value.locator("input").check();
  if (script) await page.waitForURL(/filter\./);
  else await page.locator(".facets__form button:visible").last().click();
  await page.waitForFunction((n) => document.querySelector(".list-bar__count")?.textContent.replace(/\D/g, "") === String(n), promised).catch(() => {});
  assert.equal(await count(page), promised, `as many as the filter ${name} promised`);
  return promised;
}

/** Home, list, filters, order, product, variant, cart, and back. */
async function journey(shop, options, script) {
  const page = await openPage(browser, shop.url, { ...options, javaScriptEnabled: script });
  await page.goto("/");
  if (script) {
    const refuse = page.locator("consent-banner [data-answer=no]");
    if (await refuse.isVisible()) await refuse.click();
  }
  await page.locator("main a[href$='/collections/all']").first().click();
  await page.waitForURL("**/collections/all");
  const all = await count(page);
  assert.ok(all > 5);

  const coloured = await choose(page, /^\s*(colou?r|glaze)/i, script);
  assert.ok(coloured < all);
  if (fashion) {
    const address = page.url();
    const sized = await choose(page, /^\s*size/i, script);
    assert.ok(sized <= coloured);
    assert.notEqual(page.url(), address);
  }
  await page.locator("#sort").selectOption("price-ascending");
  if (!script) await page.locator(".list-bar__sort button").click();
  await page.waitForURL(/sort_by=price-ascending/);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  const filtered = page.url();
  assert.match(filtered, /filter\./, "the filter is kept");
  const prices = (await page.locator(".grid .price").allTextContents()).map((t) => Number(/\d[\d,]*\.\d\d/.exec(t)[0].replace(",", "")));
  assert.deepEqual(prices, [...prices].sort((a, b) => a - b), "cheapest first");

  await page.locator(".grid .card a").first().click();
  await page.waitForURL(/\/products\//);
  await page.locator("h1").waitFor();
  const other = page.locator("variant-picker input[type=radio]:not(:checked)").first();
  if (script && await other.count() > 0) {
    const name = await other.getAttribute("value");
    await page.locator("variant-picker label").filter({ has: page.locator(`input[value=${JSON.stringify(name)}]`) }).first().click();
    await page.waitForURL(/variant=/);
    assert.ok(await page.locator(`variant-picker input:checked[value=${JSON.stringify(name)}]`).count() > 0, "the choice is shown");
  } else if (!script) {
    const select = page.locator("select[name=id]");
    if (await select.count() > 0) assert.ok(await select.locator("option").count() > 1);
  }
  await page.locator("#cart-link").click();
  if (script) { // the drawer: Escape closes it, and the focus goes back to what opened it
    await page.locator("#cart-drawer[open]").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#cart-drawer[open]").count(), 0);
  } else {
    await page.waitForURL("**/cart");
    await page.locator("h1").waitFor();
    await page.goBack();
    await page.waitForURL(/\/products\//);
  }
  await page.goBack();
  if (!page.url().includes("/collections/")) await page.goBack();
  await page.waitForURL(filtered);
  assert.ok(await page.locator(".grid .card").count() > 0, "the filtered list is there again");
  // without scripts Chromium reports its own view transitions as errors of the page
  assert.deepEqual(page.said.filter((s) => script || !/Transition was/.test(s)), []);
  await page.context().close();
}

describe("a shopper", { skip }, () => {
  for (const [device, options] of [["phone", PHONE], ["desktop", DESKTOP]])
    for (const script of [true, false])
      test(`finds, filters, chooses and comes back on a ${device} ${script ? "with" : "without"} JavaScript`,
        () => journey(large, options, script));

  test("gets suggestions while typing, and walks through them with the keyboard", async () => {
    const page = await openPage(browser, demo.url, DESKTOP);
    await page.goto("/search");
    const input = page.locator("main input[type=search]");
    await input.pressSequentially("mug");
    const first = page.locator("main [role=option]").first();
    await first.waitFor();
    assert.equal(await input.getAttribute("aria-expanded"), "true");
    await input.press("ArrowDown");
    assert.equal(await input.getAttribute("aria-activedescendant"), await first.getAttribute("id"));
    await input.press("Escape");
    assert.equal(await input.getAttribute("aria-expanded"), "false");
    await page.context().close();
  });

  test("is told what was meant once, in a box that stays where it is", async () => {
    const page = await openPage(browser, demo.url, DESKTOP);
    await page.goto("/");
    await page.locator("[data-opens=search-dialog]").first().click();
    const input = page.locator("#search-dialog input[type=search]");
    const before = await input.boundingBox();
    await input.pressSequentially("ketle");
    await page.locator("#search-dialog [role=option]").first().waitFor();
    assert.equal((await input.boundingBox()).y, before.y);
    const queries = await page.locator("#search-dialog [role=option]:not(:has(.frame))").allTextContents();
    const told = queries.map((q) => q.trim());
    assert.equal(told.filter((q) => q === "kettle").length, 1, told.join("|"));
    assert.ok(await page.locator("#search-dialog [role=listbox]").getAttribute("aria-label"));
    await page.context().close();
  });

  test("stores nothing in the browser before being asked, and as little after refusing", async () => {
    const page = await openPage(browser, demo.url, DESKTOP);
    await page.goto("/");
    const stored = () => page.evaluate(() => Object.keys(localStorage).concat(Object.keys(sessionStorage)));
    assert.deepEqual(await stored(), []);
    await page.locator("consent-banner [data-answer=no]").click();
    assert.deepEqual(await stored(), ["consent"]);
    assert.deepEqual(await page.context().cookies(), []);
    await page.reload();
    assert.equal(await page.locator("consent-banner").isVisible(), false);
    await page.context().close();
  });
});

const PAGES = ["/", "/collections", "/collections/all", "/collections/kitchen-and-table?filter.v.price.gte=20", "/products/waffle-bath-towel",
  "/products/gift-card", "/search", "/search?q=linen", "/search?q=nothinglikethis", "/cart", "/blogs/journal", "/blogs/journal/a-desk-for-one-hour", "/pages/about",
  "/policies/privacy-policy", "/account/login", "/account/register", "/track", "/uk/track", "/nothing-here", "/zh/products/low-tide-mug", "/uk/collections/all"];

describe("every page", { skip }, () => {
  for (const [device, scheme, options] of [["phone", "light", PHONE], ["desktop", "dark", DESKTOP]])
    test(`gives axe-core nothing to say in ${scheme} colours on a ${device}`, async () => {
      const page = await openPage(browser, demo.url, { ...options, colorScheme: scheme });
      const found = [];
      for (const path of PAGES) {
        await page.goto(path);
        found.push(...(await violations(page)).map((v) => `${path} ${v}`));
      }
      assert.deepEqual(found, []);
      assert.deepEqual(page.said.filter((s) => !/404/.test(s)), []);
      await page.context().close();
    });

  test("stands still, and paints its largest part from the first response", async () => {
    for (const options of [PHONE, DESKTOP])
      for (const path of ["/", "/collections/all", "/products/waffle-bath-towel", "/search?q=linen"]) {
        const page = await openPage(browser, demo.url, options);
        const html = await (await page.goto(path, { waitUntil: "networkidle" })).text();
        const { shift, largest } = await measures(page);
        assert.ok(shift < 0.001, `${path} shifts by ${shift}`); // fonts that come late move less than a pixel
        const inside = largest.url ? html.includes(new URL(largest.url).pathname) : html.replace(/&amp;/g, "&").includes(largest.text.split("\n")[0]);
        assert.ok(inside, `${path}: ${JSON.stringify(largest)} is not in the first response`);
        await page.context().close();
      }
  });

  test("has no scroll bar across at 320 pixels, which is 400 % zoom", async () => {
    const page = await openPage(browser, demo.url, { viewport: { width: 320, height: 640 } });
    for (const path of PAGES) {
      await page.goto(path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
    }
    await page.context().close();
  });
});

test("a product page without its pictures takes at most 60 KB; what the first paint needs, 14 KB", { skip }, async (t) => {
  const page = await openPage(browser, demo.url, DESKTOP);
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  const kinds = new Map(), sizes = {};
  client.on("Network.responseReceived", (e) => kinds.set(e.requestId, e.type));
  client.on("Network.loadingFinished", (e) => {
    const kind = kinds.get(e.requestId) ?? "Other";
    sizes[kind] = (sizes[kind] ?? 0) + e.encodedDataLength;
  });
  await page.goto("/products/waffle-bath-towel", { waitUntil: "networkidle" });
  const total = Object.entries(sizes).filter(([kind]) => kind !== "Image").reduce((sum, [, n]) => sum + n, 0);
  t.diagnostic(JSON.stringify({ ...sizes, total }));
  assert.ok(total <= 60 * 1024, `${total} bytes`);
  assert.ok(sizes.Document <= 14 * 1024, `the document has ${sizes.Document} bytes`);
  await page.context().close();
});
