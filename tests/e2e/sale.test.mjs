// The sale as shoppers meet it: cart, code, checkout, 3-D Secure, the e-mail that a mail server took, the order's page behind its
// link, the parcel on its way, change and cancel.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { startMailbox } from "./mailbox.mjs";
import { DESKTOP, hasBrowser, openPage, PHONE, startBrowser, violations } from "./browser.mjs";
import { rapport, root, startShop } from "./server.mjs";

const FASHION = join(root, "../shared/data/shopify/fashion.csv.xz"), PICTURES = join(root, "../shared/data/shopify/images");
const fashion = existsSync(FASHION);
const SECRET = `whsec_${Buffer.from("a secret of the carrier, 32 bytes").toString("base64")}`;
const skip = hasBrowser ? false : "there is no Chromium";

let browser, shop, mailbox, folder, variant;
before(async () => {
  if (!hasBrowser) return;
  if (!fashion) console.log("# ../shared/data/shopify is absent: people buy from the demo catalogue");
  browser = await startBrowser();
  mailbox = await startMailbox();
  folder = await mkdtemp(join(tmpdir(), "rapport-sale-"));
  const csv = join(folder, "fashion.csv");
  if (fashion) await writeFile(csv, execFileSync("xz", ["-dc", FASHION], { maxBuffer: 64 << 20 }));
  shop = await startShop({
    prepare: (data) => rapport("import", "products", fashion ? csv : join(root, "demo/products.csv"), "--images", fashion ? PICTURES : join(root, "demo/pictures"), "--data", data, "--log-level", "error"),
    args: ["--test-payments"],
  });
  await api("PATCH", "settings/people.mail", { host: "127.0.0.1", port: mailbox.port, security: "plain", from_address: "shop@example.com" });
  await api("PATCH", "settings/order.delivery", { webhook_secret: SECRET });
  await api("PATCH", "settings/storefront.site", { url: shop.url });
  const handle = await firstProduct();
  const { variants } = await (await fetch(`${shop.url}/products/${handle}.js`)).json();
  variant = variants.find((v) => v.available).id;
  await api("POST", "stock/set", { items: variants.map((v) => ({ variant_id: v.id, on_hand: 500, reason: "counted" })) }); // many people buy it here
  const { currency } = await api("GET", "settings/catalog.shop").then((s) => s.value ?? s);
  const zone = await api("POST", "delivery/zones", { title: "Home", profile_id: (await api("GET", "delivery/profiles")).data[0].id, places: [{ country: "NL" }, { country: "GB" }] });
  for (const [title, amount] of [["Standard", 495], ["Express", 995]])
    await api("POST", "delivery/methods", { zone_id: zone.id, title, kind: "standard", active: true, translations: [{ locale: "nl", title: `${title} NL` }], transit_min: 1, transit_max: 2, rates: [{ amount: { amount, currency } }] });
  const promotion = await api("POST", "promotions", { title: "Ten percent off", kind: "percent", target: "order", percent_ppm: 100000, automatic: false, active: true, translations: [{ locale: "nl", title: "Tien procent korting" }] });
  await api("POST", `promotions/${promotion.id}/codes`, { code: "WELCOME10" });
});
after(async () => {
  await browser?.close();
  await shop?.stop();
  await mailbox?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The handle of what stands first in the list, of those that can be had. */
async function firstProduct() {
  const list = await (await fetch(`${shop.url}/collections/all?filter.v.availability=1`)).text();
  return /class="[^"]*card[^]*?href="[^"]*\/products\/([^"?#]+)"/.exec(list)[1];
}

async function api(method, path, body) {
  const reply = await fetch(`${shop.url}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" }, body: body && JSON.stringify(body) });
  const text = await reply.text();
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** After something that scripts do with an answer of the server. */
const settled = (page, script) => script ? page.waitForFunction(() => !document.querySelector("[aria-busy=true]")) : page.waitForLoadState();

/** From the list to the checkout, with two pieces and a code. */
async function fillCart(page, script, root = "") {
  await page.goto(`${root}/collections/all?filter.v.availability=1`);
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

const typed = { "#ship-first_name": "Anna <b>x</b>", "#ship-last_name": "<img src=x onerror=alert(1)>", "#ship-line1": "Dam 1", "#ship-city": "Amsterdam", "#ship-postal_code": "1012 JS" };

/** Everything typed, after an attempt that came too early; gives the total. */
async function checkOut(page, script, card, email = "anna@example.com") {
  const all = { "#email": email, ...typed };
  if (await page.locator("#ship-country").inputValue() !== "NL") {
    await page.locator("#ship-country").selectOption("NL");
    if (!script) await page.locator("noscript button, .field button[value=renew]").first().click();
    await settled(page, script);
  }
  await page.locator("button[value=pay]").click(); // too early: everything that is missing is told, nothing is lost
  await page.locator("[role=alert] li").first().waitFor();
  for (const [selector, value] of Object.entries(all)) await page.fill(selector, value);
  await page.locator("#ship-phone").focus();
  await settled(page, script);
  for (const [selector, value] of Object.entries(all)) assert.equal(await page.inputValue(selector), value, `${selector} is kept`);
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

const lastOrder = async (email) => (await api("GET", `orders?email=${encodeURIComponent(email)}`)).data.find((o) => o.email === email);

/** Staff pack and send all of an order; what was the parcel's number. */
async function send(order) {
  const parcel = `3SRAP${order.number}`;
  for (const f of (await api("POST", `orders/${order.id}/fulfillments/plan`)).data) {
    await api("POST", `fulfillments/${f.id}/pack`);
    await api("POST", `fulfillments/${f.id}/ship`, { parcels: [{ carrier: "postnl", tracking: parcel }] });
  }
  return parcel;
}

/** What a carrier's service tells us, signed as Standard Webhooks say. */
async function carrierTells(tracking, code, place) {
  const body = JSON.stringify({ events: [{ carrier: "postnl", tracking, code, place, at: new Date().toISOString() }] });
  const id = `msg_${tracking}_${code}`, now = new Date();
  const signature = new Webhook(SECRET).sign(id, now, body);
  const reply = await fetch(`${shop.url}/webhooks/tracking`, { method: "POST", body, headers: { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": String(Math.floor(now / 1000)), "webhook-signature": signature } });
  assert.ok(reply.ok, `${code}: ${reply.status} ${await reply.text()}`);
}

const order = async (page, script, email) => {
  await page.goto(`/cart/${variant}:2`); // as from a mail or a shop elsewhere: straight to the checkout
  await page.waitForURL("**/checkout");
  await checkOut(page, script, "4242 4242 4242 4242", email);
  await page.waitForURL(/\/orders\//);
  return lastOrder(email);
};

/** Another order with one piece less, and a third that is cancelled: the money comes back. */
async function changeAndCancel(page, script, email) {
  const second = await order(page, script, email);
  await page.locator("a[href*='change=1']").click();
  await page.locator("input[name^='qty[']").first().fill("1");
  await page.locator("button[value=preview]").click();
  await page.locator("button[value=change]").click();
  await page.waitForURL(/done=changed/);
  assert.match(await page.locator(".line__text").first().textContent(), /1 ×/);
  assert.ok((await api("GET", `orders/${second.id}`)).total.amount < second.total.amount);
  await mailbox.find(email, new RegExp(`${second.number} was changed`));
  const third = await order(page, script, email);
  await page.locator("button[value=preview_cancel]").click();
  await page.locator("button[value=cancel]").click();
  await page.waitForURL(/done=cancelled/);
  assert.equal((await api("GET", `orders/${third.id}`)).status, "cancelled");
  await mailbox.find(email, new RegExp(`${third.number} was cancelled`));
  await mailbox.find(email, new RegExp(`given back for order ${third.number}`));
}

describe("a person buys", { skip }, () => {
  for (const [device, options] of [["phone", PHONE], ["desktop", DESKTOP]])
    for (const script of [true, false])
      test(`on a ${device} ${script ? "with" : "without"} JavaScript: card with 3-D Secure, e-mail, parcel${script === (device === "phone") ? "; changes one order, cancels another" : ""}`, async () => {
        const page = await openPage(browser, shop.url, { ...options, javaScriptEnabled: script });
        const email = `anna.${device}.${script}@example.com`;
        await fillCart(page, script);
        const total = await checkOut(page, script, "4000 0000 0000 3220", email);
        await confirm(page);
        assert.equal((await page.locator(".sum__total dd").textContent()).trim(), total.trim());
        assert.equal(await page.locator("address b, address img, h1 b").count(), 0, "what was typed is text");
        assert.match(await page.locator("h1").textContent(), /Anna <b>x<\/b>/);
        const bought = await lastOrder(email);
        assert.equal(bought.payment_status, "paid");
        await page.goto("/cart");
        assert.equal(await page.locator("main .line").count(), 0, "the cart is empty again");

        // the e-mail, in another browser: its link needs no account
        const confirmed = await mailbox.find(email, /is confirmed/);
        assert.ok(confirmed.text.includes(total.trim()) && confirmed.html.includes(bought.number));
        assert.equal(confirmed.mail.from.value[0].address, "shop@example.com");
        assert.doesNotMatch(confirmed.html, /<img src=x/);
        const elsewhere = await openPage(browser, shop.url, { ...options, javaScriptEnabled: script });
        await elsewhere.goto(confirmed.url);
        assert.match(await elsewhere.locator(".eyebrow").textContent(), new RegExp(bought.number));
        const pdf = await elsewhere.context().request.get(await elsewhere.locator("a[href*='confirmation.pdf']").getAttribute("href"));
        assert.equal((await pdf.body()).subarray(0, 5).toString(), "%PDF-");

        // it is sent, and its way is shown: by the link, and by number and address
        const parcel = await send(bought);
        const sent = await mailbox.find(email, /is on its way/);
        assert.ok(sent.text.includes(parcel), "the mail names the parcel");
        await elsewhere.goto(sent.url);
        assert.match(await elsewhere.locator("main").textContent(), new RegExp(parcel));
        assert.equal(await elsewhere.locator("button[value=preview_cancel]").count(), 0, "what has left cannot be cancelled");
        await carrierTells(parcel, "in_transit", "Utrecht");
        await carrierTells(parcel, "out_for_delivery", "Amsterdam");
        await mailbox.find(email, /arrives today/);
        await elsewhere.goto("/track");
        await elsewhere.fill("#track-number", bought.number);
        await elsewhere.fill("#track-email", email);
        await elsewhere.locator("main form button").click();
        await elsewhere.locator(".parcel, .trail").first().waitFor();
        for (const place of ["Utrecht", "Amsterdam"]) assert.match(await elsewhere.locator("main").textContent(), new RegExp(place));
        assert.doesNotMatch(await elsewhere.locator("main").textContent(), /Dam 1|Anna/, "whoever knows number and address sees no more than the way");
        await carrierTells(parcel, "delivered", "Amsterdam");
        const there = await mailbox.find(email, /has arrived/);
        await elsewhere.goto(there.url);
        assert.equal(await elsewhere.locator(".progress__done").count(), 5, "every step is done");

        if (script === (device === "phone")) await changeAndCancel(page, script, email);
        for (const p of [page, elsewhere]) {
          assert.deepEqual(p.said.filter((x) => !/Transition was|422|404/.test(x)), []);
          await p.context().close();
        }
      });

  test("is told of a declined card, keeps everything, and orders once with another", async () => {
    const page = await openPage(browser, shop.url, DESKTOP);
    await fillCart(page, true);
    await checkOut(page, true, "4000 0000 0000 0002", "ann@example.com");
    await page.locator("#problems").waitFor();
    for (const [selector, value] of Object.entries(typed)) assert.equal(await page.inputValue(selector), value);
    await page.locator("input[name^='pay[test]']").first().fill("4242 4242 4242 4242");
    if (await page.locator("#terms").count() > 0) await page.locator("#terms").check();
    await page.locator("button[value=pay]").click();
    await page.waitForURL(/\/orders\//);
    const order = await orderOf(page);
    assert.equal(order.payment_status, "paid");
    assert.equal((await api("GET", "orders?limit=250")).data.filter((o) => o.email === "ann@example.com").length, 1, "one order");
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
    const order = (await api("GET", "orders")).data.find((o) => o.email === "anna.phone.true@example.com" && o.status !== "cancelled");
    const page = await openPage(browser, shop.url, PHONE);
    for (const [email, found] of [["eve@example.com", false], ["Anna.Phone.True@Example.com", true]]) {
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

  test("reads everything in Dutch: product, promotion, delivery, order, e-mail", async () => {
    const page = await openPage(browser, shop.url, { ...PHONE, locale: "nl-NL" });
    await fillCart(page, true, "/nl");
    assert.equal(await page.locator("#ship-country").inputValue(), "NL");
    const text = await page.locator("main").textContent();
    for (const word of ["Tien procent korting", "Standard NL", "Express NL"]) assert.ok(text.includes(word), word);
    assert.doesNotMatch(text, /Ten percent off/);
    await checkOut(page, true, "4242 4242 4242 4242", "neel@example.com");
    await page.waitForURL(/\/nl\/orders\//);
    assert.match(await page.locator("main").textContent(), /Tien procent korting[^]*Standard NL/);
    const mail = await mailbox.find("neel@example.com", /./);
    assert.equal(/lang="([a-z]+)"/.exec(mail.html)[1], "nl");
    assert.ok(mail.html.includes("Standard NL"));
    await page.goto(mail.url);
    await page.waitForURL(/\/nl\/orders\//);
    await page.goto(page.url().replace("/nl/", "/")); // the same order, read in English
    assert.match(await page.locator("main").textContent(), /Ten percent off/);
    await page.context().close();
  });

  test("with the keyboard alone: reaches every field in order, is led to what is missing", async () => {
    const page = await openPage(browser, shop.url, DESKTOP);
    const at = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.name || "");
    const tabTo = async (id, most = 40) => {
      for (let i = 0; i < most; i++) {
        await page.keyboard.press("Tab");
        if (await at() === id) return;
      }
      assert.fail(`${id} is not reached; now at ${await at()}`);
    };
    await page.goto(`/cart/${variant}:1`);
    await page.waitForURL("**/checkout");
    await tabTo("email");
    await page.keyboard.type("kim@gmial.com");
    await tabTo("ship-country", 6);
    await settled(page, true);
    assert.match(await page.locator("#email-typo").innerText(), /gmail\.com/, "a likely slip is named");
    await page.locator("[data-typo]").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#email").value === "kim@gmail.com");
    await page.keyboard.press("Escape");
    await page.locator("#ship-first_name").focus();
    await page.keyboard.type("Kim");
    await tabTo("ship-last_name", 2);
    await page.keyboard.type("Lee");
    for (const id of ["ship-company", "ship-line1", "ship-line2"]) await tabTo(id, 2);
    for (let i = 0; i < 30 && await page.evaluate(() => document.activeElement?.value) !== "pay"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#problems li").first().waitFor();
    await page.waitForFunction(() => document.activeElement.id === "problems"); // what is wrong is read first
    await page.keyboard.press("Tab");
    assert.match(await page.evaluate(() => document.activeElement.textContent), /^Street and number: /);
    await page.keyboard.press("Enter");
    assert.equal(await at(), "ship-line1", "and leads to the field");
    await page.keyboard.type("Dam 1");
    assert.equal(await page.inputValue("#ship-last_name"), "Lee", "what was typed is kept");
    await page.context().close();
  });

  test("keeps a cart under a name, and gets it back", async () => {
    for (const script of [true, false]) {
      const page = await openPage(browser, shop.url, { ...PHONE, javaScriptEnabled: script, colorScheme: script ? "light" : "dark" });
      const email = `saver.${script}@example.com`;
      await page.goto(`/cart/${variant}:3?storefront=true`);
      await page.goto("/account/carts");
      await page.waitForURL("**/account/login**");
      await page.fill("main input[type=email]", email);
      await page.locator("main form button").first().click();
      const code = /\b(\d{3} ?\d{3})\b/.exec((await mailbox.find(email, /./)).text)[1].replace(" ", "");
      await page.fill("main input[autocomplete=one-time-code]", code);
      await page.locator("main form button").first().click();
      await page.waitForURL("**/account/carts");
      await page.fill("#cart-name", "For <Mum> & me");
      await page.locator("button[name='cart[save]']").click();
      await page.locator(".order-card h3").waitFor();
      assert.equal(await page.locator(".order-card h3").textContent(), "For <Mum> & me");
      await page.goto("/cart");
      assert.equal(await page.locator("main .line").count(), 0, "the cart is empty");
      await page.goto("/account/carts");
      await page.locator("button[name='cart[restore]']").click();
      await page.waitForURL("**/cart");
      assert.equal(await page.locator("main .line input[type=number]").inputValue(), "3");
      const found = [];
      for (const path of ["/account", "/account/carts", "/account/cards", "/track"]) {
        await page.goto(path);
        if (script) found.push(...await violations(page));
      }
      if (script) {
        await page.emulateMedia({ colorScheme: "dark" });
        for (const path of ["/account/carts", "/account/cards", "/track"]) {
          await page.goto(path);
          found.push(...await violations(page));
        }
      }
      assert.deepEqual(found, []);
      await page.goto("/account/carts");
      await page.locator("button[name='cart[remove]']").click();
      await page.locator(".empty").waitFor();
      assert.equal(await page.locator(".order-card").count(), 0);
      await page.context().close();
    }
  });

  test("axe-core finds nothing on cart, checkout with its errors, order and parcel, in both colour schemes", async () => {
    for (const [scheme, options] of [["light", PHONE], ["dark", DESKTOP]]) {
      const page = await openPage(browser, shop.url, { ...options, colorScheme: scheme });
      const found = [], look = async (path) => {
        if (path) await page.goto(path);
        found.push(...await violations(page));
      };
      await fillCart(page, true);
      await look();
      await look("/cart");
      await page.goto("/checkout");
      await page.locator("button[value=pay]").click();
      await page.locator("#problems").waitFor();
      await look();
      await checkOut(page, true, "4242 4242 4242 4242", `axe.${scheme}@example.com`);
      await page.waitForURL(/\/orders\//);
      await look();
      const url = page.url().replace(/\?.*/, ""), bought = await lastOrder(`axe.${scheme}@example.com`);
      await look(`${url}?change=1`);
      await carrierTells(await send(bought), "in_transit", "Utrecht");
      await look(url);
      assert.deepEqual(found, []);
      await page.context().close();
    }
  });

  test("at 200 % zoom and on 360 pixels nothing is cut off", async () => {
    const page = await openPage(browser, shop.url, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await fillCart(page, true);
    for (const path of ["/cart", "/checkout", "/track", "/nothing-here"])
      for (const width of [360, 720]) {
        await page.setViewportSize({ width, height: 450 });
        await page.goto(path);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${path} at ${width}`);
      }
    await page.context().close();
  });
});

describe("the Ajax cart", { skip }, () => {
  test("answers as themes expect, and says what is wrong", async () => {
    const handle = await firstProduct();
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
