// found.test.mjs - what crawlers, shopping services and assistants read of a shop is well formed, and
// says the same as the pages and the API: every product of two whole catalogues is looked at.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { XMLParser, XMLValidator } from "fast-xml-parser";
import jsonld from "jsonld";

import { rapport, root, startShop } from "./server.mjs";
import { until } from "./until.mjs";

const fashion = join(process.env.RAPPORT_DATA ?? join(root, "../shared/data"), "shopify/fashion.csv.xz");
const xml = new XMLParser({ ignoreAttributes: false, parseTagValue: false, isArray: (name) =>
  ["item", "url", "sitemap", "entry", "g:additional_image_link", "xhtml:link", "image:image", "link"].includes(name) });

let shop;
let products; // of the API, by handle

const text = async (path) => {
  const reply = await fetch(shop.url + path);
  assert.equal(reply.status, 200, path);
  return reply.text();
};

async function prepare(folder) {
  const all = [["--images", join(root, "demo/pictures"), join(root, "demo/products.csv")]];
  if (existsSync(fashion)) {
    const csv = join(folder, "..", `${folder.split("/").pop()}.csv`);
    await writeFile(csv, execFileSync("xz", ["-dc", fashion], { maxBuffer: 1 << 28 }));
    all.push([csv]);
  } else {
    console.log(`# skipped: the fashion catalogue is not there (${fashion})`);
  }
  for (const words of all) await rapport("import", "products", ...words, "--data", folder, "--log-level", "error");
}

async function everyProduct() {
  const found = new Map();
  let path = "/api/v1/products?limit=250";
  while (path) {
    const page = await (await shop.get(path)).json();
    for (const p of page.data) found.set(p.handle, p);
    path = page.page.has_more ? `/api/v1/products?limit=250&after=${encodeURIComponent(page.page.next)}` : null;
  }
  return found;
}

before(async () => {
  shop = await startShop({ prepare, args: ["--theme", join(root, "tests/storefront/theme")] });
  products = await everyProduct();
  const blog = await post("/api/v1/blogs", { title: "News & views" });
  await post(`/api/v1/blogs/${blog.id}/articles`, { title: "First <post>", body: "<p>Hello &amp; welcome</p>",
    published_at: "2026-01-02T03:04:05Z", author: "Ann", tags: ["a&b"] });
});
after(() => shop?.stop());

async function post(path, body) {
  const reply = await fetch(shop.url + path, { method: "POST", body: JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" } });
  const said = await reply.json();
  assert.ok(reply.ok, JSON.stringify(said));
  return said;
}

/** What the API says a variant costs and whether it can be bought. */
function facts(product, variant) {
  const price = variant.prices.find((p) => p.price.currency === "EUR" && p.min_qty === 1);
  return {
    price: price && (price.price.amount / 100).toFixed(2),
    compare: price?.compare_at && price.compare_at.amount > price.price.amount ? (price.compare_at.amount / 100).toFixed(2) : null,
    available: variant.availability !== "out_of_stock",
    availability: !variant.tracked || variant.quantity > 0 ? "in_stock"
      : { deny: "out_of_stock", continue: "backorder", preorder: "preorder" }[variant.policy],
  };
}

/** The objects in <script type="application/ld+json"> of a page, read by a JSON-LD processor. */
const context = { "@context": { "@vocab": "https://schema.org/" } };
async function structured(html) {
  const found = [];
  for (const [, json] of html.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/gs)) {
    const expanded = await jsonld.compact(JSON.parse(json), context,
      { documentLoader: async (url) => ({ contextUrl: null, documentUrl: url, document: context }) });
    found.push(expanded);
  }
  return found;
}

const list = (x) => (x === undefined ? [] : Array.isArray(x) ? x : [x]);

/** What people see on the page of the test theme: <option value="ID" disabled>… €12.50 SKU</option> */
function seen(html) {
  const found = new Map();
  for (const [, id, attributes, label] of html.matchAll(/<option value="(var_[^"]+)"([^>]*)>([^<]*)<\/option>/g))
    found.set(id, { available: !attributes.includes("disabled"), label });
  return found;
}

function readTsv(body) {
  const [head, ...rows] = body.trimEnd().split("\n").map((line) => line.split("\t"));
  return rows.map((cells) => {
    assert.equal(cells.length, head.length);
    return Object.fromEntries(head.map((name, i) => [name, cells[i]]));
  });
}

test("price and availability are the same on page, structured data, feeds and API", async () => {
  const rss = new Map(xml.parse(await text("/feeds/google.xml")).rss.channel.item.map((i) => [i["g:id"], i]));
  const tsv = new Map(readTsv(await text("/feeds/google.tsv")).map((row) => [row.id, row]));
  let variants = 0, sales = 0, sold = 0;
  for (const product of products.values()) {
    if (product.status !== "active") continue;
    const html = await text(`/products/${encodeURIComponent(product.handle)}`);
    const visible = seen(html);
    const ld = (await structured(html)).find((o) => /^Product/.test(o["@type"]));
    assert.ok(ld, product.handle);
    const parts = ld["@type"] === "ProductGroup" ? list(ld.hasVariant) : [ld];
    assert.equal(parts.length, product.variants.length, product.handle);
    for (const variant of product.variants) {
      const want = facts(product, variant);
      const part = parts.find((p) => p.productID === variant.id);
      assert.ok(part, variant.id);
      if (!want.price) {
        assert.equal(part.offers, undefined);
        assert.ok(!rss.has(variant.id));
        continue;
      }
      variants++;
      sales += want.compare !== null;
      sold += !want.available;
      assert.equal(part.offers.price, want.price, product.handle);
      assert.equal(part.offers.priceCurrency, "EUR");
      assert.match(part.offers.availability["@id"] ?? part.offers.availability, 
        new RegExp(`/${{ in_stock: "InStock", out_of_stock: "OutOfStock", backorder: "BackOrder", preorder: "PreOrder" }[want.availability]}$`));
      assert.equal(part.offers.priceSpecification?.price ?? null, want.compare);
      assert.equal(visible.get(variant.id).available, want.available, product.handle);
      assert.ok(visible.get(variant.id).label.replaceAll(",", "").includes(want.price), visible.get(variant.id).label);
      const row = rss.get(variant.id), line = tsv.get(variant.id);
      if (!row) {
        assert.ok(product.media.length === 0 || want.price === "0.00", `${product.handle} is not in the feed`);
        assert.ok(!line);
        continue;
      }
      for (const at of [{ price: row["g:price"], sale: row["g:sale_price"], availability: row["g:availability"] },
        { price: line.price, sale: line.sale_price || undefined, availability: line.availability }]) {
        assert.equal(at.price, `${want.compare ?? want.price} EUR`);
        assert.equal(at.sale, want.compare ? `${want.price} EUR` : undefined);
        assert.equal(at.availability, want.availability);
        assert.equal(variant.availability, want.availability);
      }
    }
  }
  console.log(`# ${products.size} products, ${variants} variants, ${sales} reduced, ${sold} sold out`);
  assert.ok(variants > 60 && sold > 0);
});

// Google's product data specification: name, required, form.
const REQUIRED = {
  id: /^.{1,50}$/u, title: /^.{1,150}$/u, description: /^[^]{1,5000}$/u, link: /^https?:\/\/\S+$/,
  image_link: /^https?:\/\/\S+$/, availability: /^(in_stock|out_of_stock|preorder|backorder)$/,
  price: /^\d+\.\d\d [A-Z]{3}$/, condition: /^(new|refurbished|used)$/, brand: /^.{1,70}$/u,
  identifier_exists: /^(yes|no)$/, is_eligible_search: /^(true|false)$/, is_eligible_checkout: /^(true|false)$/,
  is_ads_eligible: /^(true|false)$/,
};
const OPTIONAL = {
  sale_price: /^\d+\.\d\d [A-Z]{3}$/, gtin: /^\d{8}$|^\d{12,14}$/, mpn: /^.{1,70}$/u, item_group_id: /^.{1,50}$/u,
  color: /^.{1,100}$/u, size: /^.{1,100}$/u, material: /^.{1,200}$/u, pattern: /^.{1,100}$/u,
  product_type: /^.{1,750}$/u, google_product_category: /^.{1,750}$/u, shipping_weight: /^\d+ (g|kg|lb|oz)$/,
  unit_pricing_measure: /^[\d.]+ \S+$/, unit_pricing_base_measure: /^[\d.]+ \S+$/, is_bundle: /^(yes|no)$/,
  availability_date: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  additional_image_link: /^https?:\/\/\S+$/,
};

test("feeds hold what Google asks for", async () => {
  const reply = await fetch(`${shop.url}/feeds/google.xml`);
  const body = await reply.text();
  assert.match(reply.headers.get("content-type"), /xml/);
  assert.equal(XMLValidator.validate(body), true);
  const items = xml.parse(body).rss.channel.item;
  const ids = new Set();
  for (const item of items) {
    assert.ok(!ids.has(item["g:id"]));
    ids.add(item["g:id"]);
    for (const [name, form] of Object.entries(REQUIRED)) assert.match(String(item[`g:${name}`]), form, `${item["g:id"]} ${name}`);
    for (const [key, value] of Object.entries(item)) {
      const form = REQUIRED[key.slice(2)] ?? OPTIONAL[key.slice(2)];
      assert.ok(key.startsWith("g:") && form, key);
      assert.ok(list(value).length <= 10);
      for (const one of list(value)) assert.match(one, form, `${item["g:id"]} ${key}`);
    }
    assert.equal(item["g:identifier_exists"] === "no", !item["g:gtin"] && !item["g:mpn"]);
  }
  const groups = new Set(items.map((i) => i["g:item_group_id"]).filter(Boolean));
  assert.ok(groups.size > 5);
  const rows = readTsv(await text("/feeds/google.tsv"));
  assert.deepEqual(rows.map((r) => r.id), items.map((i) => i["g:id"]));
  const again = await fetch(`${shop.url}/feeds/google.xml`, { headers: { "if-none-match": reply.headers.get("etag") } });
  assert.equal(again.status, 304);
});

test("a change of a price is in the feed at once", async () => {
  const product = [...products.values()].find((p) => p.status === "active" && p.media.length > 0);
  const variant = product.variants[0];
  const reply = await fetch(`${shop.url}/api/v1/products/${product.id}`, { method: "PATCH",
    headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" },
    body: JSON.stringify({ variants: product.variants.map((v) => ({ id: v.id, ...(v.id === variant.id
      ? { prices: [{ price: { amount: 123456, currency: "EUR" } }] } : {}) })) }) });
  assert.equal(reply.status, 200, await reply.text());
  await until(async () => {
    const row = readTsv(await text("/feeds/google.tsv")).find((r) => r.id === variant.id);
    return row.sale_price || row.price;
  }, "1234.56 EUR");
});

test("sitemaps are valid and name every page once in each language", async () => {
  const index = xml.parse(await text("/sitemap.xml"));
  const robots = await text("/robots.txt");
  const locs = new Set();
  const xsd = join(root, "tests/e2e/schema/sitemap.xsd");
  for (const { loc } of index.sitemapindex.sitemap) {
    assert.ok(robots.includes(`Sitemap: ${loc}`));
    const body = await (await fetch(loc)).text();
    assert.ok(body.length <= 50 << 20);
    const file = join(shop.folder, "sitemap.xml");
    await writeFile(file, body);
    execFileSync("xmllint", ["--noout", "--nonet", "--schema", xsd, file], { stdio: ["ignore", "ignore", "pipe"] });
    const urls = xml.parse(body).urlset.url;
    assert.ok(urls.length <= 50000);
    for (const url of urls) {
      assert.ok(!locs.has(url.loc), url.loc);
      locs.add(url.loc);
      const ways = url["xhtml:link"].map((l) => l["@_href"]);
      assert.ok(ways.includes(url.loc)); // itself among its languages
      assert.ok(url["xhtml:link"].some((l) => l["@_hreflang"] === "x-default"));
    }
  }
  for (const url of locs) // what is named exists, and says so of itself
    if (Math.random() < 0.05) {
      const reply = await fetch(url);
      assert.equal(reply.status, 200, url);
      const canonical = /<link rel="canonical" href="([^"]+)"/.exec(await reply.text())[1];
      assert.equal(new URL(canonical).href, new URL(url).href);
    }
  for (const p of products.values())
    if (p.status === "active") assert.ok(locs.has(`${shop.url}/products/${encodeURI(p.handle)}`), p.handle);
});

test("a blog is an Atom feed", async () => {
  const body = await text("/blogs/news-views.atom");
  assert.equal(XMLValidator.validate(body), true);
  const { feed } = xml.parse(body);
  assert.equal(feed.entry[0].title, "First &lt;post&gt;".replaceAll("&lt;", "<").replaceAll("&gt;", ">"));
  assert.match(feed.entry[0].content["#text"], /<p>Hello &(amp;)? welcome<\/p>/);
  assert.equal(feed.entry[0].published, "2026-01-02T03:04:05.000Z");
  assert.equal((await fetch(feed.entry[0].link[0]["@_href"])).status, 200);
});

test("pages say who they are", async () => {
  const home = await structured(await text("/"));
  assert.deepEqual(home.map((o) => o["@type"]).sort(), ["Organization", "WebSite"]);
  const search = home.find((o) => o["@type"] === "WebSite").potentialAction;
  assert.ok(search.target.urlTemplate.includes("{search_term_string}"));
  const article = await text("/blogs/news-views/first-post");
  const types = (await structured(article)).map((o) => o["@type"]).sort();
  assert.deepEqual(types, ["Article", "BreadcrumbList"]);
  assert.match(article, /application\/atom\+xml/);
  const product = await text(`/products/${[...products.values()].find((p) => p.status === "active").handle}`);
  assert.equal([...product.matchAll(/rel="canonical"/g)].length, 1);
  assert.equal([...product.matchAll(/property="og:title"/g)].length, 1);
  assert.ok([...product.matchAll(/hreflang="/g)].length >= 3);
  assert.match(await text("/llms.txt"), /^# /);
  const filtered = await fetch(`${shop.url}/collections/all?sort_by=price-ascending&filter.v.availability=1`);
  assert.equal(filtered.headers.get("x-robots-tag"), "noindex");
});
