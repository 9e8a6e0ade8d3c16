// What our script tells of a page, and how it gets there: message by message, on pages made for it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { hasBrowser, openPage, PHONE, startBrowser, startBrowserThatKeeps } from "./browser.mjs";
import { events, nameOf, startCollector } from "./collector.mjs";
import { until } from "./until.mjs";

const skip = !hasBrowser && "there is no browser";
let browser, shop;

before(async () => {
  if (!skip) browser = await startBrowser();
});
after(() => browser?.close());
beforeEach(async () => {
  shop = await startCollector(); // one for each test: what a page sends when it is closed may come late
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
  shop.close();
});

async function visit(path, options = {}, from = browser) {
  const page = await openPage(from, shop.url, options);
  await page.context().addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
  if (path) await page.goto(path);
  return page;
}

const agree = (page) => page.evaluate(() => window.rapport.consent(true));
const flush = (page) => page.evaluate(() => window.rapport.flush());
const called = (name) => events(shop).filter((m) => nameOf(m) === name);
const kept = (page) => page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("rapport_queue")));

/** The page is left and all of it has come, an event "End" among it. */
async function leave(page) {
  await page.evaluate(() => window.rapport.track("End"));
  await page.goto("about:blank");
  await until(() => called("End").length === 1);
  await new Promise((r) => setTimeout(r, 150));
}

// --- page views ------------------------------------------------------------------------------

const views = () => called("page").map((m) => [m.context.page.path + m.context.page.search, m.context.page.title, m.context.page.referrer.replace(shop.url, "")]);

test("a view of each page of an application, with its title and where somebody came from", { skip }, async () => {
  const page = await visit("/one");
  await page.evaluate(() => { history.pushState(null, "", "/two?x=1"); setTimeout(() => { document.title = "Two"; }, 100); });
  await page.waitForTimeout(500);
  await page.evaluate(() => { history.pushState(null, "", "/two?x=1#part"); history.replaceState({ a: 1 }, "", "/two?x=2"); location.hash = "there"; });
  await page.evaluate(() => { history.replaceState(null, "", "/three"); document.title = "Three"; });
  await page.waitForTimeout(500);
  await page.evaluate(() => { history.back(); });
  await page.waitForTimeout(700);
  await page.evaluate(() => { history.pushState(null, "", "/quick"); document.title = "Quick"; history.pushState(null, "", "/last"); document.title = "Last"; });
  await leave(page);
  assert.deepEqual(views(), [["/one", "/one", ""], ["/two?x=1", "Two", "/one"], ["/three", "Three", "/two"],
    ["/two?x=2", "Three", "/three"], ["/quick", "Three", "/two"], ["/last", "Last", "/quick"]]);
});

test("a page that was kept and is shown again is another view; what brought somebody there is not told again", { skip }, async () => {
  const keeps = await startBrowserThatKeeps();
  const page = await visit(null, {}, keeps);
  await page.goto("/landing?utm_source=letter", { referer: "https://search.example/" });
  await page.evaluate(() => { window.same = true; location.href = "/next"; });
  await page.waitForURL("**/next");
  await page.goBack({ waitUntil: "commit" });
  assert.equal(await page.evaluate(() => window.same), true, "it was kept");
  await page.reload();
  await leave(page);
  const all = called("page");
  assert.deepEqual(all.map((m) => m.context.page.path), ["/landing", "/next", "/landing", "/landing"]);
  assert.deepEqual(all.map((m) => m.context.campaign?.source), ["letter", undefined, undefined, undefined]);
  assert.deepEqual(all.map((m) => m.context.page.referrer.replace(shop.url, "")), ["https://search.example/", "/landing", "", ""]);
  await keeps.close();
});

test("a page that is made ready beforehand counts when it is looked at, and not before", { skip }, async () => {
  const page = await visit("/start");
  await flush(page);
  await page.evaluate(() => {
    const s = document.createElement("script");
    s.type = "speculationrules";
    s.textContent = JSON.stringify({ prerender: [{ urls: ["/ready"] }] });
    document.body.append(s);
  });
  await page.waitForTimeout(1000);
  assert.deepEqual(called("page").map((m) => m.context.page.path), ["/start"]);
  await page.evaluate(() => { location.href = "/ready"; });
  await page.waitForURL("**/ready");
  await flush(page);
  await until(() => called("page").length === 2);
});

test("what is secret in an address is not told", { skip }, async () => {
  const page = await visit("/orders/aB3dEfGh1jKlMnOpQrStUv?token=12345&email=a%40b.example&q=linen&x=a@b.example");
  await flush(page);
  await until(() => called("page").length === 1);
  assert.deepEqual(called("page")[0].context.page.path, "/orders/-");
  assert.deepEqual(called("page")[0].context.page.search, "?token=-&email=-&q=linen&x=-");
  delete called("page")[0].context.page.title;
  assert.doesNotMatch(JSON.stringify(shop.taken), /12345|a(%40|@)b|aB3dEf/);
});

// --- clicks ----------------------------------------------------------------------------------

const CLICKS = `<style>p{margin:40px 0}</style>
  <p><button id="dead">Dead</button> <button id="works" onclick="this.textContent = Date.now()">Works</button>
  <button id="slow" onclick="setTimeout(() => { this.textContent = 'done'; }, 1800)">Slow</button>
  <a id="tab" href="/other" target="_blank">Tab</a> <a id="mail" href="mailto:ann@private.example">Mail</a>
  <a id="anchor" href="#here">Anchor</a> <button id="copy" onclick="document.execCommand('copy')">Copy</button></p>
  <p id="text" style="font-size:20px">Some words that somebody selects</p>
  <p><input id="date" type="date"><select id="choice"><option>a<option>b</select><input id="field" value="typed">
  <div id="write" contenteditable style="cursor:pointer">Secret words</div></p>
  <p><button id="private" data-private>Ann Smith</button> <button id="untold" data-track="off">Untold</button>
  <button id="named" data-track="Size Guide Opened" onclick="this.title += 'x'">Guide</button></p>`;

test("what nothing comes of is dead, and nothing else is", { skip }, async () => {
  shop.pages.set("/clicks", CLICKS);
  const page = await visit("/clicks");
  await page.locator("#dead").click();
  await page.waitForTimeout(2700);
  for (const id of ["works", "slow", "mail", "anchor", "date", "choice", "field", "write", "named", "untold"]) {
    await page.locator(`#${id}`).click();
    await page.keyboard.press("Escape");
    if (id === "slow") await page.waitForTimeout(2000);
  }
  await page.locator("#text").dblclick();
  const [tab] = await Promise.all([page.context().waitForEvent("page"), page.locator("#tab").click()]);
  await tab.close();
  await page.waitForTimeout(2800);
  await leave(page);
  assert.deepEqual(called("Dead Clicked").map((m) => m.properties.selector), ["button#dead"]);
  assert.equal(called("Size Guide Opened").length, 1);
  const clicked = called("Element Clicked").map((m) => m.properties);
  assert.ok(clicked.some((p) => p.selector === "a#mail" && p.href === "mailto:"), JSON.stringify(clicked));
  assert.doesNotMatch(JSON.stringify(shop.taken), /ann@private|Secret words|typed|untold/i);
});

test("rage is three clicks at one place that nothing comes of", { skip }, async () => {
  shop.pages.set("/clicks", CLICKS);
  const page = await visit("/clicks", PHONE);
  for (const id of ["works", "text", "field", "date", "private", "dead"]) {
    await page.locator(`#${id}`).click({ clickCount: 3, delay: 20 });
    await page.waitForTimeout(1100);
  }
  await leave(page);
  assert.deepEqual(called("Rage Clicked").map((m) => m.properties.selector), ["button#private", "button#dead"]);
  assert.doesNotMatch(JSON.stringify(shop.taken), /Ann Smith/);
});

// --- forms -----------------------------------------------------------------------------------

test("forms are started, submitted, left; looking away is no leaving, and no value is told", { skip }, async () => {
  shop.pages.set("/forms", `<form id="join" method="post" onsubmit="event.preventDefault()"><input name="mail"><input name="pass" type="password"><button>Join</button></form>
    <form id="left" method="post"><input name="street"><input name="town"></form><form id="search" method="get"><input name="q"></form>
    <form id="cart" method="post" data-track="off"><input name="n"></form>`);
  const page = await visit("/forms");
  await page.locator("[name=mail]").pressSequentially("secret@example.org");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.visibilityState;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.locator("[name=pass]").pressSequentially("hunter2");
  await page.locator("#join button").click();
  for (const name of ["street", "town", "q", "n"]) await page.locator(`[name=${name}]`).pressSequentially("Nowhere 7");
  await leave(page);
  const told = events(shop).filter((m) => /^Form/.test(m.event)).map((m) => [m.event, m.properties.form, m.properties.field ?? m.properties.fields]);
  assert.deepEqual(told, [["Form Started", "join", "mail"], ["Form Submitted", "join", ["mail", "pass"]],
    ["Form Started", "left", "street"], ["Form Abandoned", "left", "town"]]);
  assert.doesNotMatch(JSON.stringify(shop.taken), /secret@|hunter2|Nowhere/);
});

// --- reading, errors -------------------------------------------------------------------------

test("time counts while a page is seen and somebody is there; how far they came stays", { skip }, async () => {
  shop.pages.set("/long", "<p>Long</p>".repeat(400));
  const page = await visit(null);
  await page.clock.install();
  await page.goto("/long");
  await page.mouse.wheel(0, 3000);
  await page.waitForFunction(() => scrollY > 0);
  await page.clock.runFor(10_000);
  await page.mouse.move(5, 5);
  await page.clock.runFor(120_000); // nobody there: 30 seconds of it count
  const hide = (state) => page.evaluate((s) => {
    Object.defineProperty(document, "visibilityState", { value: s, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
  await hide("hidden");
  await page.clock.runFor(60_000); // another tab, or the phone is locked
  await hide("visible");
  await page.clock.runFor(5_000);
  await hide("hidden");
  await page.clock.runFor(1000);
  await until(() => called("Page Left").length === 2);
  const [first, second] = called("Page Left").map((m) => m.properties);
  assert.ok(first.engaged_ms >= 39_000 && first.engaged_ms < 42_000, JSON.stringify(first));
  assert.ok(second.engaged_ms >= 5_000 && second.engaged_ms < 6_500, JSON.stringify(second));
  assert.ok(first.scroll_depth > 10 && second.scroll_depth === first.scroll_depth);
});

test("an error is told once, few of many, none of noise; the page goes on", { skip }, async () => {
  const page = await visit("/errors");
  await page.evaluate(async () => {
    const fail = (text) => setTimeout(() => { throw new Error(text); });
    for (let i = 0; i < 50; i++) fail("again");
    for (let i = 0; i < 50; i++) fail(`error ${i}`);
    dispatchEvent(new ErrorEvent("error", { message: "Script error." }));
    dispatchEvent(new ErrorEvent("error", { message: "ResizeObserver loop limit exceeded", filename: "/x" }));
    dispatchEvent(new ErrorEvent("error", { message: "theirs", filename: "chrome-extension://abc/x.js" }));
    Promise.reject(new DOMException("stopped", "AbortError"));
    await new Promise((r) => setTimeout(r, 100));
  });
  await leave(page);
  const told = called("Error Occurred").map((m) => m.properties.message);
  assert.equal(told.length, 10, told.join());
  assert.equal(told.filter((t) => t.includes("again")).length, 1);
  assert.doesNotMatch(told.join(), /Script error|ResizeObserver|theirs|stopped/);
});

test("what is measured is what npm's web-vitals measures", { skip }, async () => {
  shop.pages.set("/vitals", `<style>#late{height:300px}</style><h1>Vitals</h1><button id="slow">Slow</button><div id="grows"></div><p>Pushed down</p>
    <script>setTimeout(() => { grows.style.height = "120px"; }, 60); setTimeout(() => { grows.style.height = "400px"; }, 1500);
    slow.addEventListener("click", () => { const end = performance.now() + 120; while (performance.now() < end); });</script>`);
  const page = await visit(null);
  await page.addInitScript(`${await readFile(createRequire(import.meta.url).resolve("web-vitals").replace(/[^/]*$/, "web-vitals.iife.js"), "utf8")};
    window.theirs = {}; for (const name of ["LCP", "CLS", "INP", "FCP", "TTFB"]) webVitals["on" + name]((m) => { theirs[name] = m.value; }, { reportAllChanges: true });`);
  await page.goto("/vitals");
  await page.waitForTimeout(1800);
  for (let i = 0; i < 3; i++) await page.locator("#slow").click();
  await page.waitForTimeout(500);
  const theirs = await page.evaluate(() => theirs);
  await leave(page);
  const ours = called("Web Vitals Measured")[0].properties;
  assert.deepEqual(ours, { lcp_ms: Math.round(theirs.LCP), fcp_ms: Math.round(theirs.FCP), cls: Math.round(theirs.CLS * 1000) / 1000,
    ttfb_ms: Math.round(theirs.TTFB), inp_ms: Math.round(theirs.INP) });
  assert.ok(ours.cls > 0 && ours.inp_ms >= 100, JSON.stringify(ours));
});

// --- getting there ---------------------------------------------------------------------------

const mine = () => events(shop).filter((m) => /^Mine/.test(m.event ?? "")).map((m) => m.event);

test("offline, the tab is closed, back again: all of it comes, once", { skip }, async () => {
  const page = await visit("/off");
  await agree(page);
  await flush(page);
  await page.context().setOffline(true);
  await page.evaluate(() => { for (let i = 0; i < 5; i++) window.rapport.track(`Mine ${i}`); });
  await flush(page);
  const context = page.context();
  await Promise.all([page.waitForEvent("close"), page.close({ runBeforeUnload: true })]);
  await context.setOffline(false);
  const again = await context.newPage();
  await again.goto(`${shop.url}/back`);
  await until(() => mine().length === 5);
  assert.deepEqual(mine().sort(), ["Mine 0", "Mine 1", "Mine 2", "Mine 3", "Mine 4"]);
  await until(async () => (await kept(again)).length === 0);
});

test("the server is away while pages come and go: nothing is lost; it is asked no sooner than it says", { skip }, async () => {
  const page = await visit("/away");
  await agree(page);
  await flush(page);
  await until(() => called("page").length === 1);
  shop.answer = () => null; // killed
  await page.evaluate(() => window.rapport.track("Mine dead"));
  await page.goto("/away2");
  await page.evaluate(() => window.rapport.track("Mine dead too"));
  const full = (seconds) => ({ status: 503, headers: { "retry-after": `${seconds}` } });
  shop.answer = () => full(60);
  await page.goto("/away3");
  await page.evaluate(() => window.rapport.track("Mine full"));
  await until(() => shop.requests > 3);
  await flush(page);
  await page.waitForTimeout(100);
  const asked = shop.requests;
  await page.evaluate(() => { for (let i = 0; i < 40; i++) window.rapport.track("More"); return window.rapport.flush(); });
  await page.waitForTimeout(300);
  assert.equal(shop.requests, asked, "it waits as long as it was told to");
  shop.answer = () => full(1);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await until(() => shop.requests > asked);
  shop.answer = () => ({ status: 200 });
  await until(() => mine().length === 3 && called("More").length === 40);
  await until(async () => (await kept(page)).length === 0);
});

test("two tabs: neither loses what the other has", { skip }, async () => {
  const one = await visit("/tab1");
  await agree(one);
  await flush(one);
  shop.answer = () => ({ status: 503 });
  const two = await one.context().newPage();
  await two.goto(`${shop.url}/tab2`);
  for (const [i, tab] of [one, two, one, two].entries()) {
    await tab.evaluate((n) => window.rapport.track(`Mine ${n}`), i);
    await flush(tab);
  }
  await Promise.all([two.waitForEvent("close"), two.close({ runBeforeUnload: true })]);
  shop.answer = () => ({ status: 200 });
  await one.evaluate(() => dispatchEvent(new Event("online")));
  await until(() => mine().length === 4 && called("page").length === 2);
  await until(async () => (await kept(one)).length === 0);
});

test("a queue has an end, and what is too big or is no JSON hurts nobody", { skip }, async () => {
  const page = await visit("/limits");
  await agree(page);
  await flush(page);
  shop.answer = () => ({ status: 500 });
  await page.evaluate(() => {
    const round = {};
    round.round = round;
    window.rapport.track("Mine round", round);
    window.rapport.track("Mine big", { text: "я".repeat(20_000) });
    for (let i = 0; i < 500; i++) window.rapport.track(`Mine ${i}`, { text: "я".repeat(1000) });
  });
  await flush(page);
  shop.answer = () => ({ status: 200 });
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await until(() => mine().includes("Mine 499"));
  await page.waitForTimeout(300);
  assert.equal(mine().length, 200, "the newest");
  assert.doesNotMatch(mine().join(), /big|round/);
  assert.deepEqual(page.said.filter((s) => !/500/.test(s)), []);
});

// --- consent ---------------------------------------------------------------------------------

test("an answer in one tab holds in all; the consent is told once, and a no deletes everything", { skip }, async () => {
  const one = await visit("/consent1");
  const two = await one.context().newPage();
  await two.goto(`${shop.url}/consent2`);
  const ids = () => Promise.all([one, two].map((p) => p.evaluate(() => window.rapport.anonymousId())));
  await one.evaluate(() => { window.rapport.identify("u-1", { plan: "gold" }); });
  await flush(one);
  assert.doesNotMatch(JSON.stringify(shop.taken), /u-1|gold/, "who it is waits for their answer");
  await agree(one);
  await until(async () => (await ids())[1] !== null);
  const [a, b] = await ids();
  assert.equal(a, b);
  await flush(one);
  await until(() => called("identify").length === 1);
  await two.evaluate(() => { window.rapport.track("Mine before"); window.rapport.consent(false); window.rapport.track("Mine after"); });
  await until(async () => (await ids())[0] === null);
  await one.evaluate(() => window.rapport.track("Mine later"));
  await Promise.all([flush(one), flush(two)]);
  await until(() => called("Segment Consent Preference Updated").map((m) => m.context.consent.categoryPreferences.analytics), [true, false]);
  await one.waitForTimeout(300);
  assert.deepEqual(mine(), []);
  const left = await one.evaluate(() => ({ cookie: document.cookie, kept: Object.keys(localStorage), session: sessionStorage.length }));
  assert.deepEqual(left, { cookie: "", kept: ["consent"], session: 0 });
});

test("a no that does not get through is said again, and nothing is kept for it", { skip }, async () => {
  const page = await visit("/no");
  await agree(page);
  await flush(page);
  shop.answer = () => ({ status: 503 });
  await page.evaluate(() => { window.rapport.consent(false); });
  await until(() => shop.requests >= 2);
  assert.deepEqual(await page.evaluate(() => [document.cookie, Object.keys(localStorage)]), ["", ["consent"]]);
  shop.answer = () => ({ status: 200 });
  await until(() => called("Segment Consent Preference Updated").length === 2);
  assert.ok(called("Segment Consent Preference Updated")[1].anonymousId);
});

test("a browser that says no takes back what was agreed to before", { skip }, async () => {
  const page = await visit("/gpc");
  await agree(page);
  await page.context().addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { get: () => true }));
  await page.goto("/gpc2");
  assert.deepEqual(await page.evaluate(() => [document.cookie, Object.keys(localStorage).filter((k) => k !== "consent")]), ["", []]);
});

// --- never in the way ------------------------------------------------------------------------

test("storage that throws, cookies that throw, missing functions: the page does not notice", { skip }, async () => {
  const page = await visit(null);
  await page.addInitScript(() => {
    const no = () => { throw new DOMException("denied", "SecurityError"); };
    Object.defineProperty(window, "localStorage", { get: no });
    Object.defineProperty(Document.prototype, "cookie", { get: no, set: no });
    delete window.PerformanceObserver;
    delete Navigator.prototype.sendBeacon;
    delete Crypto.prototype.randomUUID;
    delete Performance.prototype.getEntriesByType;
    window.rapport = [["track", "Mine early"], ["nonsense", 1], ["push"]];
  });
  await page.goto("/broken");
  await agree(page);
  await flush(page);
  await until(() => mine().length === 1);
  assert.deepEqual(page.said, []);
});

test("a strict policy, another origin, the script twice: it works, and counts once", { skip }, async () => {
  const other = await startCollector();
  shop.headers = { "content-security-policy": `default-src 'none'; script-src ${other.url} 'self'; connect-src ${other.url}` };
  shop.pages.set("/embedded", `<script defer src="${other.url}/t/track.js" data-key="k" data-debug></script><script defer src="${other.url}/t/track.js" data-key="k"></script>`);
  const page = await visit(null);
  await page.route(`${shop.url}/t/track.js`, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.route(`${other.url}/**`, (route) => route.continue());
  const talked = [];
  page.on("console", (m) => { if (m.type() === "info") talked.push(m.text()); });
  await page.goto("/embedded");
  await agree(page);
  await flush(page);
  await until(() => events(other).length >= 2);
  assert.equal(events(other).filter((m) => m.type === "page").length, 1);
  assert.deepEqual(page.said, []);
  assert.ok(talked.some((t) => t.startsWith("[rapport] page")) && talked.some((t) => t.startsWith("[rapport] sent")), talked.join("\n"));
  other.close();
});

test("the guide's snippet works as it is printed, on another site", { skip }, async () => {
  const guide = await readFile(join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../docs/tracking.md"), "utf8");
  const snippet = /## Other sites\n+```html\n([^]*?)```/.exec(guide)[1].replace("SHOP", shop.url).replace("WRITE_KEY", "k");
  const site = await startCollector();
  const page = await visit(null);
  await page.route(`${site.url}/**`, (route) => new URL(route.request().url()).pathname === "/t/track.js"
    ? route.fulfill({ contentType: "text/javascript", body: "" }) : route.continue());
  site.pages.set("/their", snippet);
  await page.goto(`${site.url}/their`);
  await agree(page);
  await flush(page);
  await until(() => called("Newsletter Opened").length === 1 && called("page").length === 1);
  assert.equal(called("Newsletter Opened")[0].properties.place, "footer");
  assert.ok(called("page")[0].anonymousId);
  assert.deepEqual(page.said, []);
  site.close();
});

test("parts can be left out, and addresses behind # be pages", { skip }, async () => {
  const page = await visit(null);
  await page.route("**/set", async (route) => route.fulfill({ contentType: "text/html",
    body: `<!doctype html><title>Set</title><script defer src="/t/track.js" data-key="k" data-hash data-off="clicks,forms reading vitals"></script><button>Dead</button>` }));
  await page.goto("/set#/one?x=1");
  await page.locator("button").click();
  await page.evaluate(() => { location.hash = "#/two"; });
  await page.waitForTimeout(500);
  await leave(page);
  assert.deepEqual(events(shop).map(nameOf), ["page", "page", "End"]);
  assert.deepEqual(called("page").map((m) => m.context.page.path), ["/set#/one", "/set#/two"]);
});

test("a thousand pages of an application leave no memory behind", { skip }, async () => {
  const page = await visit("/app");
  const client = await page.context().newCDPSession(page);
  const used = async () => {
    await client.send("HeapProfiler.collectGarbage");
    return (await client.send("Runtime.getHeapUsage")).usedSize;
  };
  const walk = (n) => page.evaluate(async (to) => {
    for (let i = 0; i < to; i++) {
      history.pushState(null, "", `/app/${i}`);
      dispatchEvent(new Event("scroll"));
      document.dispatchEvent(new CustomEvent("shown"));
      if (i % 50 === 0) await window.rapport.flush();
    }
    await window.rapport.flush();
  }, n);
  await walk(200);
  const before = await used();
  await walk(1000);
  const middle = await used();
  await walk(1000);
  const grown = (await used()) - middle;
  console.log(`# ${middle - before}, then ${grown} bytes more`);
  assert.ok(grown < 300_000, `${grown} bytes more`);
});
