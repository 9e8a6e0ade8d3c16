// account.test.mjs - a customer's account by plain forms, as a browser without JavaScript sends them;
// the codes are read from the mails that the shop writes.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { root, startShop } from "./server.mjs";
import { until } from "./until.mjs";

let shop, mails;
let address = 0;

before(async () => {
  mails = await mkdtemp(join(tmpdir(), "rapport-mails-"));
  shop = await startShop({ args: ["--mail-dir", mails, "--theme", join(root, "tests/storefront/theme")] });
});
after(async () => {
  await shop?.stop();
  await rm(mails, { recursive: true, force: true });
});

/** A browser: keeps cookies, follows redirects by hand, knows the form token of the page it shows. */
function browser() {
  const jar = new Map();
  const self = {
    html: "",
    async go(path, form) {
      const headers = { cookie: [...jar].map(([k, v]) => `${k}=${v}`).join("; "), "sec-fetch-site": "same-origin",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0" };
      const reply = await fetch(shop.url + path, { method: form ? "POST" : "GET", redirect: "manual", headers,
        body: form && new URLSearchParams(form) });
      for (const line of reply.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/Max-Age=0/.test(line)) jar.delete(name);
        else jar.set(name, value);
        if (name !== "cart_count") assert.match(line, /HttpOnly/);
      }
      const to = reply.headers.get("location");
      if (reply.status === 303 && form) return self.go(to.replace(shop.url, ""));
      self.status = reply.status;
      self.location = to;
      self.html = await reply.text();
      self.headers = reply.headers;
      return self;
    },
    /** Of the account's own forms: the layout has one to choose a language. */
    hidden: (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(self.html.slice(self.html.indexOf('class="wrap account"')))?.[1],
    cookies: () => [...jar].map(([k, v]) => `${k}=${v}`).join("; "),
    post: (path, form) => self.go(path, { csrf_token: self.hidden("csrf_token") ?? "", ...form }),
  };
  return self;
}

/** The newest mail to an address, once it is there. */
async function mailTo(email, subject) {
  return until(async () => {
    for (const name of (await readdir(mails)).filter((n) => n.endsWith(".eml")).sort().reverse()) {
      const text = await readFile(join(mails, name), "utf8");
      if (text.includes(`To: ${email}`) && (!subject || subject.test(text))) return text;
    }
    return null;
  });
}
const codeIn = (mail) => /^ {4}(\d{6})\r?$/m.exec(mail)[1];

async function signedIn() {
  const b = browser();
  const email = `ann${++address}@customer.example`;
  await b.go("/account/login", { "customer[email]": email });
  await b.go("/account/login", { token: b.hidden("token"), code: codeIn(await mailTo(email)) });
  assert.equal(b.status, 200);
  assert.match(b.html, new RegExp(email));
  return Object.assign(b, { email });
}

test("who is not signed in is sent to the form, and then on", async () => {
  const b = browser();
  await b.go("/account/addresses");
  assert.equal(b.status, 303);
  assert.equal(b.location, "/account/login?return_to=/account/addresses");
  await b.go(b.location);
  const email = "onward@customer.example";
  await b.go("/account/login", { "customer[email]": email, return_to: b.hidden("return_to") });
  await b.go("/account/login", { token: b.hidden("token"), return_to: b.hidden("return_to"), code: codeIn(await mailTo(email)) });
  assert.equal(b.status, 200, `${b.location}`);
  assert.match(b.html, /name="address\[address1\]"/);
});

test("nobody is led to a foreign address", async () => {
  for (const to of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const b = browser();
    await b.go(`/account/login?return_to=${encodeURIComponent(to)}`);
    assert.ok(!b.html.includes("evil.example") && !b.html.includes("javascript:alert"));
  }
});

test("a wrong code is told, in the language of the page", async () => {
  const b = browser();
  await b.go("/uk/account/login", { "customer[email]": "uk@customer.example" });
  assert.match(b.html, /Введіть код/);
  await b.go("/uk/account/login", { token: b.hidden("token"), code: "000000" });
  assert.equal(b.status, 401);
  assert.match(b.html, /role="alert"/);
  assert.equal(b.headers.get("cache-control"), "no-store");
  assert.match(b.headers.get("x-robots-tag"), /noindex/);
});

test("sign up with a password, forget it, set another", async () => {
  const b = browser();
  const email = "bob@customer.example";
  await b.go("/account/register", { "customer[email]": email, "customer[first_name]": "<Bob>", "customer[password]": "short" });
  assert.equal(b.status, 422);
  assert.match(b.html, /value="&lt;Bob&gt;"/);
  await b.go("/account/register", { "customer[email]": email, "customer[first_name]": "<Bob>", "customer[password]": "correct horse battery" });
  await b.go("/account/login", { token: b.hidden("token"), code: codeIn(await mailTo(email)) });
  await b.go("/account/details");
  assert.match(b.html, /value="&lt;Bob&gt;"/);
  await b.post("/account/logout", {});
  await b.go("/account/login", { "customer[email]": email, "customer[password]": "wrong wrong wrong", way: "password" });
  assert.equal(b.status, 401);
  await b.go("/account/login", { "customer[email]": email, "customer[password]": "correct horse battery", way: "password" });
  assert.equal(b.status, 200);
  const other = browser();
  await other.go("/account/login", { "customer[email]": email, way: "forgotten" });
  await other.go("/account/reset", { token: other.hidden("token"), "customer[email]": email,
    code: codeIn(await mailTo(email, /new password/)), "customer[password]": "another horse battery" });
  assert.equal(other.status, 200);
  await b.go("/account");
  assert.equal(b.status, 303); // signed out by the new password
});

test("details, addresses and consent are kept; forms need their token", async () => {
  const b = await signedIn();
  await b.go("/account/profile", { "customer[first_name]": "Eve" });
  assert.equal(b.status, 403);
  await b.go("/account");
  await b.post("/account/profile", { "customer[first_name]": "Ann", "customer[last_name]": "A", "customer[phone]": "" });
  assert.match(b.html, /value="Ann"/);
  const form = { "address[last_name]": "A", "address[address1]": "Dam 1", "address[city]": "Amsterdam", "address[country]": "NL" };
  await b.post("/account/addresses", form);
  assert.equal(b.status, 422);
  assert.match(b.html, /Postal code/);
  assert.match(b.html, /value="Dam 1"/); // what was typed is still there
  await b.post("/account/addresses", { ...form, "address[zip]": "1012 AB" });
  assert.match(b.html, /1012 AB Amsterdam/);
  const id = /\/account\/addresses\/(adr_\w+)/.exec(b.html)[1];
  await b.post(`/account/addresses/${id}`, { ...form, "address[zip]": "1012 AB", "address[address1]": "Dam 2" });
  assert.match(b.html, /Dam 2/);
  const eve = await signedIn();
  await eve.post(`/account/addresses/${id}`, { _method: "delete" });
  assert.equal(eve.status, 404);
  await b.post(`/account/addresses/${id}`, { _method: "delete" });
  assert.doesNotMatch(b.html, /Dam 2<br>/);
  await b.go("/uk/account/details");
  assert.match(b.html, />Firefox, Linux/); // where they are signed in, in words
  await b.go("/account");
  await b.post("/account/consent", { marketing: "yes" });
  assert.match(b.html, /name="marketing" value="no"/);
  await b.post("/account/export", {});
  assert.match(b.headers.get("content-disposition"), /attachment/);
  assert.ok(JSON.parse(b.html).consents.length === 1);
});

test("a product is kept from its page, which has no token, and from there only", async () => {
  const b = await signedIn();
  const { id } = JSON.parse(await (await fetch(`${shop.url}/api/v1/products`, { method: "POST", headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" },
    body: JSON.stringify({ title: "Kept", handle: "kept", status: "active" }) })).text());
  await b.go("/account/wishlist", { product: id, return_to: "/products/kept" });
  assert.equal(b.status, 200);
  assert.match(b.html, /\/products\/kept/);
  const foreign = await fetch(`${shop.url}/account/wishlist`, { method: "POST", redirect: "manual",
    headers: { cookie: b.cookies(), "sec-fetch-site": "cross-site" }, body: new URLSearchParams({ product: id, remove: "1" }) });
  assert.equal(foreign.status, 403);
  await b.go("/account/wishlist");
  assert.match(b.html, /\/products\/kept/);
  await b.go("/account/wishlist", { product: id, remove: "1" });
  assert.doesNotMatch(b.html, /\/products\/kept/);
  const stranger = await fetch(`${shop.url}/account/wishlist`, { method: "POST", redirect: "manual",
    headers: { "sec-fetch-site": "same-origin" }, body: new URLSearchParams({ product: id, return_to: "/products/kept" }) });
  assert.equal(stranger.status, 303);
  assert.match(stranger.headers.get("location"), /\/account\/login\?return_to=\/products\/kept$/);
});

test("forms that are the same for everybody work for who is signed in", async () => {
  const b = await signedIn();
  await b.go("/track", { number: "1001", email: b.email });
  assert.equal(b.status, 404); // there is none; but it was looked for
  assert.match(b.html, /name="number"/);
  await b.go("/localization", { language_code: "uk", return_to: "/account" });
  assert.equal(b.status, 200);
});

test("the address is changed by a code that is sent there", async () => {
  const b = await signedIn();
  await b.post("/account/email", { "customer[email]": "new-ann@customer.example" });
  await b.post("/account/login", { token: b.hidden("token"), code: codeIn(await mailTo("new-ann@customer.example")) });
  assert.match(b.html, /new-ann@customer\.example/);
  assert.match(await mailTo(b.email, /has a new address/), /new-ann/);
});

test("a customer can ask to be forgotten", async () => {
  const b = await signedIn();
  await b.post("/account/erase", {});
  assert.match(b.html, /role="status"/);
  const requests = await (await shop.get("/api/v1/data-requests")).json();
  assert.equal(requests.data[0].kind, "erase");
  assert.equal(requests.data[0].status, "pending");
});
