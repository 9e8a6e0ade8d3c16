// The sale as shoppers meet it: cart, code, checkout, 3-D Secure, the order's page, parcels, change and cancel.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESKTOP, hasBrowser, openPage, PHONE, startBrowser, violations } from "./browser.mjs";
import { rapport, root, startShop } from "./server.mjs";

const FASHION = join(root, "../shared/data/shopify/fashion.csv.xz"), PICTURES = join(root, "../shared/data/shopify/images");
const fashion = existsSync(FASHION);
const skip = hasBrowser ? false : "there is no Chromium";

let browser, shop, mails;
before(async () => {
  if (!hasBrowser) return;
  if (!fashion) console.log("# ../shared/data/shopify is absent: people buy from the demo catalogue");
  browser = await startBrowser();
  mails = await mkdtemp(join(tmpdir(), "rapport-mails-"));
  const csv = join(mails, "fashion.csv");
  if (fashion) await writeFile(csv, execFileSync("xz", ["-dc", FASHION], { maxBuffer: 64 << 20 }));
  shop = await startShop({
    prepare: (folder) => rapport("import", "products", fashion ? csv : join(root, "demo/products.csv"), "--images", fashion ? PICTURES : join(root, "demo/pictures"), "--data", folder, "--log-level", "error"),
    args: ["--test-payments", "--mail-dir", mails],
  });
  const { currency } = await api("GET", "settings/catalog.shop").then((s) => s.value ?? s);
  const zone = await api("POST", "delivery/zones", { title: "Home", profile_id: (await api("GET", "delivery/profiles")).data[0].id, places: [{ country: "NL" }, { country: "GB" }] });
  for (const [title, amount] of [["Standard", 495], ["Express", 995]])
    await api("POST", "delivery/methods", { zone_id: zone.id, title, kind: "standard", active: true, transit_min: 1, transit_max: 2, rates: [{ amount: { amount, currency } }] });
  const promotion = await api("POST", "promotions", { title: "Ten percent off", kind: "percent", target: "order", percent_ppm: 100000, automatic: false, active: true });
  await api("POST", `promotions/${promotion.id}/codes`, { code: "WELCOME10" });
});
after(async () => {
  await browser?.close();
  await shop?.stop();
  if (mails) await rm(mails, { recursive: true, force: true });
});

async function api(method, path, body) {
  const reply = await fetch(`${shop.url}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" }, body: body && JSON.stringify(body) });
  const text = await reply.text();
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** After something that scripts do with an answer of the server. */
const settled = (page, script) => script ? page.waitForFunction(() => !document.querySelector("[aria-busy=true]")) : page.waitForLoadState();

/** From the list to the checkout, with two pieces and a code. */
async function fillCart(page, script) {
  await page.goto("/collections/all?filter.v.availability=1");
  await page.locator(".grid .card a").first().click();
  await page.locator("#quantity").fill("2");
  await page.locator("button[name=add]").click();
  if (script) {
    await page.locator("#cart-drawer[open] .line").first().waitFor();
    assert.equal(await page.locator("#cart-link .count").textContent(), "2");
    await page.locator("#cart-drawer a.more").click();
  }
  await page.waitForURL("**/cart");
  const code = page.locator("main details").first();
  for (const [typed, told] of [["NOSUCH", ".field__error"], ["WELCOME10", ".sum .saving"]]) {
    if (await code.getAttribute("open") === null) await code.locator("summary").click();
    await page.locator("main input[name=discount]").fill(typed);
    await page.locator("main button[name=apply]").click();
    await page.locator(`main ${told}`).first().waitFor();
  }
  await page.locator("main button[name=checkout]").click();
  await page.waitForURL("**/checkout");
}

const typed = { "#email": "anna@example.com", "#ship-first_name": "Anna <b>x</b>", "#ship-last_name": "<img src=x onerror=alert(1)>", "#ship-line1": "Dam 1", "#ship-city": "Amsterdam", "#ship-postal_code": "1012 JS" };

async function checkOut(page, script, card) {
  if (await page.locator("#ship-country").inputValue() !== "NL") {
    await page.locator("#ship-country").selectOption("NL");
    if (!script) await page.locator("noscript button, .field button[value=renew]").first().click();
    await settled(page, script);
  }
  await page.locator("button[value=pay]").click(); // too early: everything that is missing is told, nothing is lost
  await page.locator("[role=alert] li").first().waitFor();
  for (const [selector, value] of Object.entries(typed)) await page.fill(selector, value);
  await page.locator("#ship-phone").focus();
  await settled(page, script);
  for (const [selector, value] of Object.entries(typed)) assert.equal(await page.inputValue(selector), value, `${selector} is kept`);
  await page.locator("input[name^='pay[test]']").first().fill(card);
  const terms = page.locator("#terms");
  if (await terms.count() > 0) await terms.check();
  const total = await page.locator(".pay__total strong").textContent();
  await page.locator("button[value=pay]").click();
  return total;
}

async function confirm(page) {
  await page.waitForURL(/\/pay\//);
  await page.locator("main button, form button").first().click();
  await page.waitForURL(/\/orders\//, { timeout: 15_000 });
}

const orderOf = async (page) => {
  const number = /(\d+)/.exec(await page.locator(".eyebrow").textContent())[1];
  return (await api("GET", "orders")).data.find((o) => o.number === number);
};

describe("a person buys", { skip }, () => {
  for (const [device, options] of [["phone", PHONE], ["desktop", DESKTOP]])
    for (const script of [true, false])
      test(`on a ${device} ${script ? "with" : "without"} JavaScript, by a card with 3-D Secure`, async () => {
        const page = await openPage(browser, shop.url, { ...options, javaScriptEnabled: script });
        await fillCart(page, script);
        const total = await checkOut(page, script, "4000 0000 0000 3220");
        await confirm(page);
        assert.equal((await page.locator(".sum__total dd").textContent()).trim(), total.trim());
        assert.equal(await page.locator("address b, address img, h1 b").count(), 0, "what was typed is text");
        assert.match(await page.locator("h1").textContent(), /Anna <b>x<\/b>/);
        const order = await orderOf(page);
        assert.equal(order.payment_status, "paid");
        await page.goto("/cart");
        assert.equal(await page.locator("main .line").count(), 0, "the cart is empty again");
        assert.deepEqual(page.said.filter((s) => !/Transition was|422|404/.test(s)), []);
        await page.context().close();
      });

  test("is told of a declined card, keeps everything, and orders once with another", async () => {
    const page = await openPage(browser, shop.url, DESKTOP);
    await fillCart(page, true);
    await checkOut(page, true, "4000 0000 0000 0002");
    await page.locator("#problems").waitFor();
    for (const [selector, value] of Object.entries(typed)) assert.equal(await page.inputValue(selector), value);
    await page.locator("input[name^='pay[test]']").first().fill("4242 4242 4242 4242");
    if (await page.locator("#terms").count() > 0) await page.locator("#terms").check();
    await page.locator("button[value=pay]").click();
    await page.waitForURL(/\/orders\//);
    const order = await orderOf(page);
    assert.equal(order.payment_status, "paid");
    const url = page.url().replace(/\?.*/, "");

    // one piece less, then all of it: previewed, and given back
    await page.goto(`${url}?change=1`);
    await page.locator("input[name^='qty[']").first().fill("1");
    await page.locator("button[value=preview]").click();
    await page.locator("button[value=change]").click();
    await page.waitForURL(/done=changed/);
    assert.match(await page.locator(".line__text").first().textContent(), /1 ×/);
    await page.locator("button[value=preview_cancel]").click();
    await page.locator("button[value=cancel]").click();
    await page.waitForURL(/done=cancelled/);
    assert.equal((await api("GET", `orders/${order.id}`)).status, "cancelled");
    await page.goto(url);
    assert.equal(await page.locator("button[value=preview_cancel]").count(), 0);
    await page.context().close();
  });

  test("finds the order by number and address, and nothing of it with another address", async () => {
    const order = (await api("GET", "orders")).data.find((o) => o.payment_status === "paid");
    const page = await openPage(browser, shop.url, PHONE);
    for (const [email, found] of [["eve@example.com", false], ["Anna@Example.com", true]]) {
      await page.goto("/track");
      await page.fill("#track-number", order.number);
      await page.fill("#track-email", email);
      await page.locator("main form button").click();
      await page.waitForLoadState();
      assert.equal(await page.locator(".progress").count() > 0, found);
      assert.doesNotMatch(await page.locator("main").textContent(), /Dam 1|Amsterdam/);
    }
    await page.context().close();
  });

  test("axe-core finds nothing on cart, checkout and order, in both colour schemes", async () => {
    for (const [scheme, options] of [["light", PHONE], ["dark", DESKTOP]]) {
      const page = await openPage(browser, shop.url, { ...options, colorScheme: scheme });
      await fillCart(page, true);
      const found = await violations(page);
      await page.goto("/cart");
      found.push(...await violations(page));
      await page.goto("/checkout");
      await checkOut(page, true, "4242 4242 4242 4242");
      await page.waitForURL(/\/orders\//);
      found.push(...await violations(page));
      assert.deepEqual(found, []);
      await page.context().close();
    }
  });
});

describe("the Ajax cart", { skip }, () => {
  test("answers as themes expect, and says what is wrong", async () => {
    const product = await (await fetch(`${shop.url}/collections/all?filter.v.availability=1`)).text();
    const handle = /href="[^"]*\/products\/([^"?#]+)"/.exec(product)[1];
    const { variants } = await (await fetch(`${shop.url}/products/${handle}.js`)).json();
    const id = variants.find((v) => v.available).id;
    let cookie = "";
    const send = async (path, body) => {
      const reply = await fetch(shop.url + path, { method: body ? "POST" : "GET", headers: { "content-type": "application/json", accept: "application/json", cookie }, body: body && JSON.stringify(body) });
      for (const line of reply.headers.getSetCookie()) if (line.startsWith("cart=")) cookie = line.split(";")[0];
      return [reply.status, await reply.json()];
    };
    const [, added] = await send("/cart/add.js", { id, quantity: 2, properties: { Engraving: "</script><script>alert(1)</script>" }, sections: "cart-drawer" });
    assert.equal(added.quantity, 2);
    assert.doesNotMatch(added.sections["cart-drawer"], /<script>alert/);
    let [, cart] = await send("/cart.js");
    assert.equal(cart.item_count, 2);
    [, cart] = await send("/cart/change.js", { line: 1, quantity: 3 });
    assert.equal(cart.items[0].quantity, 3);
    [, cart] = await send("/cart/update.js", { updates: { [cart.items[0].key]: 1 }, note: "For <Ann>" });
    assert.deepEqual([cart.item_count, cart.note], [1, "For <Ann>"]);
    for (const [path, body, status] of [["/cart/add.js", { id: "var_nothing" }, 404], ["/cart/add.js", { id, quantity: -1 }, 422], ["/cart/add.js", { id, quantity: 1e12 }, 422],
      ["/cart/change.js", { id: "cln_none", quantity: 1 }, 404], ["/cart/add.js", {}, 422]]) {
      const [got, problem] = await send(path, body);
      assert.equal(got, status, `${path} ${JSON.stringify(body)}`);
      assert.ok(problem.description.length > 0);
    }
    [, cart] = await send("/cart/clear.js", {});
    assert.equal(cart.item_count, 0);
    const there = await fetch(`${shop.url}/cart/${id}:2?discount=WELCOME10`, { redirect: "manual" });
    assert.deepEqual([there.status, there.headers.get("location")], [303, "/checkout"]);
    const foreign = await fetch(`${shop.url}/cart/add`, { method: "POST", headers: { "sec-fetch-site": "cross-site" }, body: new URLSearchParams({ id }) });
    assert.equal(foreign.status, 403);
  });
});
