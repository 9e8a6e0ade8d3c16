// Our own script in Chromium, on the shop's own pages: what is noticed, and that consent comes first.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { hasBrowser, openPage, startBrowser } from "./browser.mjs";
import { root, startShop } from "./server.mjs";
import { until } from "./until.mjs";

const built = join(root, "src/channel/track/embed/track.js");
const skip = !hasBrowser && "there is no browser";
const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
let shop, browser;

before(async () => {
  shop = await startShop();
  if (!skip) browser = await startBrowser(`--user-agent=${agent}`);
});
after(async () => {
  await browser?.close();
  await shop?.stop();
});

async function ask(body) {
  const reply = await fetch(`${shop.url}/api/v1/journey/query`, { method: "POST", body: JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" } });
  const text = await reply.text();
  assert.ok(reply.ok, text);
  return JSON.parse(text);
}

/** How often each event came from a browser of this agent. (What is sent while a page goes has the browser's own, not the context's.) */
async function seen(mark, where = {}) {
  const answer = await ask({ type: "trends", series: [{ measure: "events" }], by: "event", interval: "year", last: "2 days",
    where: { "context.userAgent": mark ? `${agent} ${mark}` : agent, ...where } });
  return Object.fromEntries(answer.series.map((s) => [s.by, s.values.reduce((a, b) => a + b, 0)]));
}

/** A visitor: not a program, as far as the page can tell. */
async function visit(mark, options = {}) {
  const page = await openPage(browser, shop.url, { userAgent: `${agent} ${mark}`, ...options });
  await page.addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  return page;
}

const stored = (page) => page.evaluate(() => ({ cookie: document.cookie, kept: Object.keys(localStorage) }));

test("the committed file is what the sources make, and small", async () => {
  const tool = join(root, "web/embed/node_modules/.bin/esbuild");
  const text = await readFile(built);
  assert.ok(gzipSync(text, { level: 9 }).length <= 10 * 1024, "more than 10 KB");
  if (!existsSync(tool)) return console.log("# web/embed is not installed: not built anew");
  const folder = await mkdtemp(join(tmpdir(), "embed-"));
  await promisify(execFile)(tool, ["track.ts", "--bundle", "--minify", "--format=iife", "--target=es2020", "--legal-comments=none",
    `--outfile=${folder}/track.js`], { cwd: join(root, "web/embed") });
  assert.equal(String(await readFile(join(folder, "track.js"))), String(text), "run `npm run build` in web/embed");
  await rm(folder, { recursive: true });
});

test("before an answer nothing is stored, and visits count without an id", { skip }, async () => {
  const page = await visit("quiet");
  await page.goto("/");
  await page.evaluate(() => window.rapport.flush());
  await until(() => seen("quiet"), (v) => v["Page Viewed"] === 1);
  assert.deepEqual(await stored(page), { cookie: "", kept: [] });
  assert.equal((await seen("quiet", { "context.ephemeral": true }))["Page Viewed"], 1);
  assert.deepEqual(page.said, []);
  await page.context().close();
});

test("who agrees in the banner is known from then on; who takes it back is forgotten", { skip }, async () => {
  const page = await visit("agrees");
  await page.goto("/");
  await page.locator("consent-banner [data-answer=yes]").click();
  const { cookie } = await stored(page);
  const id = /ajs_anonymous_id=([^;]+)/.exec(cookie)?.[1];
  assert.ok(id, cookie);
  await page.evaluate(() => window.rapport.track("Newsletter Opened", { place: "footer" }));
  await page.evaluate(() => window.rapport.flush());
  await until(() => seen("agrees"), (v) => v["Newsletter Opened"] === 1 && v["Segment Consent Preference Updated"] === 1);
  const reply = await until(() => shop.get(`/api/v1/customers/lookup?namespace=anonymous_id&value=${id}`), (r) => r.ok);
  const { id: customer } = await reply.json();
  const { data } = await (await shop.get(`/api/v1/customers/${customer}/consents`)).json();
  assert.deepEqual([data[0].purpose, data[0].status], ["analytics", "granted"]);
  // The page that they came by is theirs, too; the words that they agreed to are known.
  const events = (await ask({ type: "timeline", customer })).events.map((e) => e.event);
  assert.equal(events.filter((e) => e === "Page Viewed").length, 1, events.join());
  assert.match(data[0].text_version, /^[0-9a-f]{8}$/);
  assert.equal(data[0].locale, "en");
  await page.evaluate(() => window.rapport.reset());
  const other = /ajs_anonymous_id=([^;]+)/.exec((await stored(page)).cookie)?.[1];
  assert.ok(other && other !== id, "somebody else, who is still asked nothing");
  await page.evaluate(() => window.rapport.consent(false));
  assert.equal((await stored(page)).cookie, "");
  const { id: reset } = await (await until(() => shop.get(`/api/v1/customers/lookup?namespace=anonymous_id&value=${other}`), (r) => r.ok)).json();
  await until(async () => (await (await shop.get(`/api/v1/customers/${reset}/consents`)).json()).data[0]?.status, (s) => s === "denied");
  await page.reload();
  assert.equal(await page.locator("consent-banner").isVisible(), false, "nobody is asked twice");
  await page.context().close();
});

test("GPC and DNT are a no: nothing is sent, nothing is stored", { skip }, async () => {
  for (const [mark, what] of [["gpc", "globalPrivacyControl"], ["dnt", "doNotTrack"]]) {
    const page = await visit(mark);
    const sent = [];
    page.on("request", (r) => { if (r.url().includes("/t/events")) sent.push(r.url()); });
    await page.addInitScript((name) => Object.defineProperty(navigator, name, { get: () => name === "doNotTrack" ? "1" : true }), what);
    await page.goto("/");
    await page.evaluate(async () => { window.rapport.track("X"); window.rapport.consent(true); await window.rapport.flush(); });
    assert.deepEqual(sent, []);
    assert.deepEqual(await stored(page), { cookie: "", kept: [] });
    await page.context().close();
  }
});

test("it notices navigation, clicks, rage, what is dead, forms, errors, reading and vitals", { skip }, async () => {
  const page = await visit("all");
  await page.goto("/");
  await page.evaluate(() => {
    document.querySelector("consent-banner")?.remove();
    document.body.insertAdjacentHTML("afterbegin", `<div style="height:10px"></div><button id="works">Works</button><button id="dead" type="button">Dead</button>
      <form id="join" action="/nowhere"><input name="mail"><input name="id" hidden><input name="action" hidden><button>Join</button></form>${"<p>Long</p>".repeat(300)}`);
    document.querySelector("#works").addEventListener("click", (e) => { e.target.textContent = "Done"; });
    document.querySelector("#join").addEventListener("submit", (e) => e.preventDefault());
  });
  await page.locator("#works").click();
  await page.locator("#join [name=mail]").fill("secret@example.org");
  await page.locator("#join button").click();
  await page.locator("#dead").click({ clickCount: 3, delay: 30 });
  await page.evaluate(() => { history.pushState(null, "", "/other?x=1"); });
  await page.evaluate(() => { setTimeout(() => { throw new Error("broken on purpose"); }); });
  await page.waitForTimeout(1200);
  await page.locator("#dead").click();
  await page.waitForTimeout(2700);
  await page.evaluate(() => window.rapport.flush());
  await page.mouse.wheel(0, 4000);
  await page.goto("/cart");
  const v = await until(() => seen("all", { "context.page.path": { $ne: "/cart" } }), (x) => x["Dead Clicked"]);
  assert.equal(v["Page Viewed"], 2, JSON.stringify(v));
  assert.ok(v["Element Clicked"] >= 3, JSON.stringify(v));
  assert.equal(v["Form Submitted"], 1);
  assert.ok(v["Rage Clicked"] >= 1);
  assert.equal(v["Error Occurred"], 1);
  assert.ok(v["Page Left"] >= 1);
  assert.equal((await seen("all", { selector: "form#join>button" }))["Element Clicked"], 1);
  assert.equal((await seen("all", { form: "join", action: "/nowhere" }))["Form Submitted"], 1);
  await until(() => seen(""), (x) => x["Web Vitals Measured"] >= 1 && x["Page Left"] >= 1);
  const { total } = await ask({ type: "people", of: { type: "trends", series: [{ measure: "people" }], interval: "year", last: "2 days",
    where: { "context.userAgent": `${agent} all` } }, cell: { series: 0, bucket: new Date().getUTCFullYear() === new Date(Date.now() - 2 * 864e5).getUTCFullYear() ? 0 : 1 } });
  assert.equal(total, 1, "one visitor");
  const typed = await ask({ type: "trends", series: [{ measure: "events" }], interval: "year", last: "2 days", where: { form: "secret@example.org" } });
  assert.equal(typed.population.events === 0 || typed.series[0].values.every((n) => n === 0), true);
  await page.context().close();
});

test("what could not be sent is sent later, once", { skip }, async () => {
  const page = await visit("offline");
  let down = true;
  await page.route("**/t/events", (route) => down ? route.abort() : route.continue());
  await page.goto("/");
  await page.evaluate(() => window.rapport.consent(true));
  await page.evaluate(async () => { window.rapport.track("Kept", {}); await window.rapport.flush(); });
  assert.ok((await stored(page)).kept.some((k) => k.startsWith("rapport_queue")));
  down = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await until(() => seen("offline"), (v) => v.Kept === 1);
  await until(async () => (await stored(page)).kept, (kept) => !kept.some((k) => k.startsWith("rapport_queue")));
  await page.context().close();
});

test("a browser whose clock is wrong by a year tells of now", { skip }, async () => {
  for (const [mark, years] of [["ahead", 1], ["behind", -1]]) {
    const page = await visit(mark);
    await page.clock.setSystemTime(Date.now() + years * 365 * 864e5);
    await page.goto("/");
    await page.evaluate(() => window.rapport.flush());
    await until(() => seen(mark), (v) => v["Page Viewed"] === 1); // of the last two days
    await page.context().close();
  }
});

test("pages count without scripts, and programs do not", { skip }, async () => {
  const page = await visit("plain", { javaScriptEnabled: false });
  await page.goto("/");
  await until(() => seen("plain"), (v) => v["Page Viewed"] === 1);
  await page.context().close();
  const view = (headers, method = "GET") => fetch(`${shop.url}/t/page.css`, { method, headers: { referer: `${shop.url}/`, "sec-fetch-site": "same-origin", "user-agent": `${agent} plain`, ...headers } });
  for (const headers of [{ "user-agent": `${agent} plain Googlebot/2.1` }, { "sec-purpose": "prefetch;prerender" }, { purpose: "prefetch" }, { "sec-gpc": "1" },
    { dnt: "1" }, { referer: "https://elsewhere.example/", "sec-fetch-site": "cross-site" }, { referer: "" }]) assert.equal((await view(headers)).headers.get("cache-control"), "no-store");
  await view({}, "HEAD");
  await view({ "user-agent": `${agent} secret`, referer: `${shop.url}/orders/aB3dEfGh1jKlMnOpQrStUv?token=1&utm_source=letter` });
  await until(() => seen("secret", { "context.page.path": "/orders/-", "context.campaign.source": "letter" }), (v) => v["Page Viewed"] === 1);
  assert.equal((await seen("plain"))["Page Viewed"], 1);
  const v = await ask({ type: "trends", series: [{ measure: "events" }], interval: "year", last: "2 days", where: { "context.userAgent": { $regex: "Googlebot" } } });
  assert.ok(v.series.every((s) => s.values.every((n) => n === 0)));
});
