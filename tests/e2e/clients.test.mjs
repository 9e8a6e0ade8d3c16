// Clients of other makers, unmodified: every event arrives once, with the right person.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Analytics } from "@segment/analytics-node";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { jitsuAnalytics } from "@jitsu/js";
import MatomoTracker from "matomo-tracker";
import { hasBrowser, openPage, startBrowser } from "./browser.mjs";
import { startShop } from "./server.mjs";
import { until } from "./until.mjs";

const require = createRequire(import.meta.url);
const quiet = { tz: "UTC" };
let shop, server, browserKey;

const ask = async (path, body) => {
  const reply = await fetch(shop.url + path, {
    method: body ? "POST" : "GET", body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, ...(body && { "content-type": "application/json" }) } });
  const text = await reply.text();
  assert.ok(reply.ok, `${path}: ${reply.status} ${text}`);
  return JSON.parse(text);
};

before(async () => {
  shop = await startShop();
  const { data } = await ask("/api/v1/tracking/keys");
  browserKey = data[0].write_key;
  server = (await ask("/api/v1/tracking/keys", { name: "Servers", kind: "server", aliases: ["7"] })).write_key;
});
after(() => shop?.stop());

/** All events whose property `where` says so, as [name, times], in order of the name. */
async function counted(where) {
  const answer = await ask("/api/v1/journey/query", { type: "trends", series: [{ measure: "events" }], by: "event", interval: "year",
    last: "2 days", timezone: quiet.tz, where });
  return answer.series.map((s) => [s.by, s.values.reduce((a, b) => a + b, 0)]).sort();
}

/** The events of whoever has this identifier, by name. */
async function timeline(namespace, value) {
  const reply = await fetch(`${shop.url}/api/v1/customers/lookup?namespace=${namespace}&value=${encodeURIComponent(value)}`,
    { headers: { authorization: `Bearer ${shop.key}` } });
  if (!reply.ok) return [];
  const answer = await ask("/api/v1/journey/query", { type: "timeline", customer: (await reply.json()).id });
  return answer.events.map((e) => e.event).sort();
}

test("@segment/analytics-node", async () => {
  const segment = new Analytics({ writeKey: server, host: shop.url, maxEventsInBatch: 5, flushInterval: 50 });
  for (let i = 0; i < 12; i++)
    segment.track({ anonymousId: "seg-anon", event: "Product Viewed", properties: { client: "segment-node", n: i } });
  segment.identify({ userId: "seg-user", anonymousId: "seg-anon", traits: { email: "seg@example.org", client: "x" } });
  segment.page({ userId: "seg-user", name: "Home", properties: { client: "segment-node" } });
  segment.group({ userId: "seg-user", groupId: "acme", traits: { name: "Acme" } });
  segment.alias({ userId: "seg-user", previousId: "seg-older" });
  segment.track({ userId: "seg-user", event: "Completed Order", properties: { client: "segment-node", revenue: 20.5, products: [{ product_id: "a" }] } });
  await segment.closeAndFlush();
  await until(() => counted({ client: "segment-node" }), [["Order Completed", 1], ["Page Viewed", 1], ["Product Viewed", 12]]);
  await until(() => timeline("email", "seg@example.org"), ["Aliased", "Grouped", "Identified", "Order Completed", "Page Viewed", ...Array(12).fill("Product Viewed")]);
});

/** Stands between a client and the shop, and answers the first requests badly: "lost" after they were stored. */
async function badLine(faults) {
  const proxy = createServer((q, s) => {
    const body = [], fault = faults.shift();
    q.on("data", (c) => body.push(c));
    q.on("end", () => {
      if (fault === "hangup") return q.socket.destroy();
      if (fault === "busy") return s.writeHead(503).end();
      const up = request(shop.url + q.url, { method: q.method, headers: q.headers }, (a) => {
        const got = [];
        a.on("data", (c) => got.push(c));
        a.on("end", () => fault === "lost" ? s.writeHead(500).end() : s.writeHead(a.statusCode, a.headers).end(Buffer.concat(got)));
      });
      up.end(Buffer.concat(body));
    });
  });
  await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${proxy.address().port}`, stop: () => { proxy.close(); proxy.closeAllConnections(); } };
}

test("what had to be sent again counts once", async () => {
  const line = await badLine(["lost", "hangup", "busy", "lost"]);
  try {
    const segment = new Analytics({ writeKey: server, host: line.url, maxEventsInBatch: 3, flushInterval: 20 });
    for (let i = 0; i < 6; i++) segment.track({ userId: "again-user", event: "Product Viewed", properties: { client: "again", n: i } });
    await segment.closeAndFlush();
    await until(() => counted({ client: "again" }), [["Product Viewed", 6]]);
    // Nothing was ever said of them but what they did: they are found all the same.
    await until(() => timeline("user_id", "again-user"), Array(6).fill("Product Viewed"));
  } finally {
    line.stop();
  }
});

test("@rudderstack/rudder-sdk-node", async () => {
  const rudder = new RudderAnalytics(server, { dataPlaneUrl: shop.url, flushAt: 3, flushInterval: 50, gzip: true });
  for (let i = 0; i < 7; i++)
    rudder.track({ userId: "rud-user", event: "Product Added", properties: { client: "rudder", n: i } });
  rudder.identify({ userId: "rud-user", traits: { email: "rud@example.org" } });
  await rudder.flush();
  await until(() => counted({ client: "rudder" }), [["Product Added", 7]]);
  await until(() => timeline("user_id", "rud-user"), ["Identified", ...Array(7).fill("Product Added")]);
});

test("@jitsu/js", async () => {
  const jitsu = jitsuAnalytics({ host: shop.url, writeKey: `${server}:x`, fetch, s2s: true, runtime: undefined });
  await jitsu.identify("jit-user", { email: "jit@example.org" });
  for (let i = 0; i < 3; i++) await jitsu.track("Product Viewed", { client: "jitsu", n: i });
  await jitsu.page({ client: "jitsu" });
  await until(() => counted({ client: "jitsu" }), [["Page Viewed", 1], ["Product Viewed", 3]]);
  await until(() => timeline("email", "jit@example.org"), ["Identified", "Page Viewed", ...Array(3).fill("Product Viewed")]);
});

test("matomo-tracker", async () => {
  const matomo = new MatomoTracker(7, `${shop.url}/matomo.php`);
  const failed = [];
  matomo.on("error", (e) => failed.push(e));
  matomo.track({ url: "https://shop.example/a", action_name: "A", _id: "0123456789abcdef", uid: "mat-user" });
  await new Promise((done) => matomo.trackBulk([
    { url: "https://shop.example/b", e_c: "Video", e_a: "Video Played", e_v: 3, uid: "mat-user" },
    { url: "https://shop.example/c", idgoal: 0, ec_id: "M-1", revenue: 12.5, uid: "mat-user", ec_items: '[["sku","Kettle","Kitchen",12.5,1]]' }], done));
  await until(() => timeline("user_id", "mat-user"), ["Order Completed", "Page Viewed", "Video Played"]);
  assert.deepEqual(failed, []);
});

test("@segment/analytics-next in Chromium", { skip: !hasBrowser && "there is no browser" }, async () => {
  const browser = await startBrowser();
  try {
    const page = await openPage(browser, shop.url, {});
    const files = join(require.resolve("@segment/analytics-next"), "../../umd");
    await page.route("**/other/**", async (route) => {
      const name = new URL(route.request().url()).pathname.split("/").pop();
      if (name === "page.html") return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Other</title><h1>Another page</h1>" });
      return route.fulfill({ contentType: "text/javascript", body: await readFile(join(files, name)) });
    });
    await page.goto(`${shop.url}/other/page.html`);
    await page.addScriptTag({ url: "/other/index.js" });
    await page.evaluate(async ([key, url]) => {
      const api = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url });
      window.api = api;
      await api.page("Catalogue", "Tea", { client: "segment-next" });
      await api.track("Product Viewed", { client: "segment-next" });
      await api.identify("next-user", { plan: "gold" });
      await api.track("Completed Order", { client: "segment-next", revenue: 7 });
    }, [browserKey, shop.url]);
    await until(() => counted({ client: "segment-next" }), [["Order Completed", 1], ["Page Viewed", 1], ["Product Viewed", 1]]);
    await until(() => timeline("user_id", "next-user"), ["Identified", "Order Completed", "Page Viewed", "Product Viewed"]);
    await page.context().close();
  } finally {
    await browser.close();
  }
});
