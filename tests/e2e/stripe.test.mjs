// stripe.test.mjs - our client against a server that plays Stripe: each request is checked against the
// types that the official package publishes, and webhooks are signed by it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import Stripe from "stripe";
import ts from "typescript";

const SECRET = "whsec_test_secret";
const stripe = new Stripe("sk_test_123");
const requests = []; // { method, path, params, headers }
const objects = new Map(); // id -> object
const replies = new Map(); // Idempotency-Key -> reply
let fake, driver, ask, count = 0, decline = null, down = 0;

/** "a[b][0]=1" into nested objects, as Stripe's API reads it. */
function decode(text) {
  const root = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = name.replaceAll("]", "").split("[");
    let at = root;
    keys.forEach((key, i) => {
      if (i === keys.length - 1) at[key] = value;
      else at = at[key] ??= /^\d+$/.test(keys[i + 1]) ? [] : {};
    });
  }
  return root;
}

const NUMBERS = new Set(["amount", "unit_amount", "quantity", "expires_at", "limit", "amount_to_capture"]);
const typed = (value, key) => Array.isArray(value) ? value.map((v) => typed(v, key))
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, typed(v, k)]))
  : NUMBERS.has(key) ? Number(value) : value === "true" ? true : value === "false" ? false : value;

const id = (prefix) => `${prefix}_${String(++count).padStart(8, "0")}`;
const card = () => ({ id: id("pm"), object: "payment_method", type: "card",
  card: { brand: "visa", last4: "4242", exp_month: 12, exp_year: 2030, fingerprint: "fp1" } });

function intent(params, status, amount) {
  const pi = { id: id("pi"), object: "payment_intent", amount, currency: params.currency, status, metadata: params.metadata ?? {},
    amount_received: status === "succeeded" ? amount : 0, payment_method: card(), setup_future_usage: params.setup_future_usage ?? null };
  objects.set(pi.id, pi);
  return pi;
}

const ROUTES = {
  "POST /v1/customers": (p) => put({ id: id("cus"), object: "customer", email: p.email, metadata: p.metadata }),
  "POST /v1/checkout/sessions": (p) => put({ id: id("cs_test"), object: "checkout.session", status: "open", metadata: p.metadata,
    url: "https://checkout.stripe.com/c/pay/test", payment_intent: null, customer: p.customer ?? null, asked: p }),
  "POST /v1/payment_intents": (p) => {
    if (decline) throw { status: 402, error: decline };
    return intent({ ...p, metadata: p.metadata }, p.capture_method === "manual" ? "requires_capture" : "succeeded", Number(p.amount));
  },
  "POST /v1/refunds": (p) => put({ id: id("re"), object: "refund", status: "succeeded", amount: Number(p.amount), currency: "eur",
    payment_intent: p.payment_intent, metadata: p.metadata }),
  "GET /v1/refunds": (p) => ({ object: "list", data: [...objects.values()].filter((o) => o.object === "refund" && o.payment_intent === p.payment_intent) }),
};
const put = (o) => (objects.set(o.id, o), o);
const ACTIONS = {
  capture: (pi, p) => Object.assign(pi, { status: "succeeded", amount_received: Number(p.amount_to_capture ?? pi.amount) }),
  cancel: (pi) => Object.assign(pi, { status: "canceled" }),
  expire: (cs) => { if (cs.status !== "open") throw { status: 400, error: { message: "not open" } }; return Object.assign(cs, { status: "expired" }); },
  detach: (pm) => pm,
};

function serve(method, path, params) {
  const route = ROUTES[`${method} ${path}`];
  if (route) return route(params);
  const [, , , ...rest] = path.split("/");
  const [name, action] = rest[0] === "sessions" ? rest.slice(1) : rest;
  const object = objects.get(name) ?? (action === "detach" ? { id: name } : undefined);
  if (!object) throw { status: 404, error: { message: `No such object: ${name}` } };
  return action ? ACTIONS[action](object, params) : object;
}

before(async () => {
  fake = createServer((request, response) => {
    let body = "";
    request.on("data", (c) => (body += c)).on("end", () => {
      const url = new URL(request.url, "http://fake");
      const params = decode(request.method === "GET" ? url.search.slice(1) : body);
      requests.push({ method: request.method, path: url.pathname, params, headers: request.headers });
      const key = request.headers["idempotency-key"];
      let reply;
      if (down > 0) {
        down--;
        reply = { status: 503, body: { error: { message: "down" } } };
      } else if (key && replies.has(key)) {
        reply = replies.get(key);
      } else {
        try {
          reply = { status: 200, body: serve(request.method, url.pathname, params) };
        } catch (e) {
          if (!e.status) throw e;
          reply = { status: e.status, body: { error: e.error } };
        }
        if (key) replies.set(key, reply);
      }
      response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
    });
  });
  await new Promise((resolve) => fake.listen(0, "127.0.0.1", resolve));
  driver = spawn(process.env.STRIPE_DRIVER, [`http://127.0.0.1:${fake.address().port}`, SECRET], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  createInterface({ input: driver.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
  ask = (...words) => new Promise((resolve) => {
    waiting.push(resolve);
    driver.stdin.write(words.join(" ") + "\n");
  });
});
after(async () => {
  driver?.stdin.end();
  fake?.close();
});

const event = (type, object) => JSON.stringify({ id: id("evt"), object: "event", type, data: { object } });
const send = (payload, { secret = SECRET, timestamp } = {}) => ask("webhook",
  stripe.webhooks.generateTestHeaderString({ payload, secret, ...(timestamp && { timestamp }) }), Buffer.from(payload).toString("base64"));

/** The buyer pays on Stripe's page. */
function pays(cs, status = "succeeded") {
  const asked = cs.asked;
  const pi = intent({ currency: asked.line_items[0].price_data.currency, metadata: asked.payment_intent_data.metadata,
    setup_future_usage: asked.payment_intent_data.setup_future_usage }, status, Number(asked.line_items[0].price_data.unit_amount));
  Object.assign(cs, { status: "complete", payment_intent: pi });
  return pi;
}
const lastPage = () => [...objects.values()].findLast((o) => o.object === "checkout.session");

test("events that Stripe signed are taken, tampered and old ones are not", async () => {
  const payload = event("payment_intent.succeeded", { id: "pi_unknown1", object: "payment_intent" });
  assert.ok(stripe.webhooks.constructEvent(payload, stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET }), SECRET));
  assert.equal((await send(payload)).status, "ok");
  const refused = async (answer) => assert.equal((await answer).error, "payment.bad_signature");
  await refused(send(payload, { secret: "whsec_other" }));
  await refused(send(payload, { timestamp: Math.floor(Date.now() / 1000) - 301 }));
  const header = stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET });
  await refused(ask("webhook", header, Buffer.from(payload.replace("succeeded", "canceled_")).toString("base64")));
  await refused(ask("webhook", header.replace("v1=", "v0="), Buffer.from(payload).toString("base64")));
  await refused(ask("webhook", "t=x,v1=y", Buffer.from(payload).toString("base64")));
  assert.equal((await send('{"id":"evt_1x"}')).error, "payment.bad_event");
});

test("a buyer pays on Stripe's page; webhook and return settle it once", async () => {
  const begun = await ask("begin", 4800, "EUR", 0, 0, 0, 0);
  assert.equal(begun.kind, "redirect");
  assert.match(begun.url, /^https:\/\/shop\.example\/pay\/go\//);
  assert.match(begun.next, /checkout\.stripe\.com/);
  const pi = pays(lastPage());
  assert.equal((await send(event("checkout.session.completed", lastPage()))).status, "ok");
  const done = await ask("continue", begun.token);
  assert.equal(done.kind, "done");
  const { payment, payment_id } = await ask("payment", begun.session);
  assert.equal(payment.captured, 4800);
  assert.equal(payment.ref, pi.id);
  assert.equal(payment.last4, "4242");

  const refund = await ask("refund", payment_id, 1000);
  assert.equal(refund.txn.status, "done");
  assert.equal((await ask("refund", payment_id, 4000)).error, "payment.too_much");
  const made = [...objects.values()].findLast((o) => o.object === "refund");
  assert.equal((await send(event("refund.created", made))).status, "ok"); // ours: known
  const other = put({ id: id("re"), object: "refund", status: "succeeded", amount: 500, currency: "eur", payment_intent: pi.id, metadata: {} });
  await send(event("refund.created", other)); // made in Stripe's dashboard
  await send(event("refund.updated", other));
  assert.equal((await ask("payment", begun.session)).payment.refunded, 1500);
  const dispute = put({ id: id("dp"), object: "dispute", amount: 3300, currency: "eur", payment_intent: pi.id, status: "needs_response", reason: "fraudulent" });
  await send(event("charge.dispute.created", dispute));
  assert.equal((await ask("payment", begun.session)).payment.disputed, 3300);
  dispute.status = "won";
  await send(event("charge.dispute.closed", dispute));
  assert.equal((await ask("payment", begun.session)).payment.disputed, 0);
});

test("what is authorised is captured in part, or let go", async () => {
  let begun = await ask("begin", 5000, "EUR", 0, 0, 0, 1);
  assert.equal(lastPage().asked.payment_intent_data.capture_method, "manual");
  pays(lastPage(), "requires_capture");
  assert.equal((await ask("continue", begun.token)).state, "authorized");
  let { payment_id } = await ask("payment", begun.session);
  await ask("capture", payment_id, 3000);
  let { payment } = await ask("payment", begun.session);
  assert.deepEqual([payment.captured, payment.voided], [3000, 2000]);
  begun = await ask("begin", 700, "EUR", 0, 0, 0, 1);
  pays(lastPage(), "requires_capture");
  await ask("continue", begun.token);
  ({ payment_id } = await ask("payment", begun.session));
  await ask("void", payment_id);
  ({ payment } = await ask("payment", begun.session));
  assert.equal(payment.status, "cancelled");
});

test("a card is kept, charged again, and forgotten", async () => {
  const first = await ask("begin", 1500, "EUR", 4711, 1, 0, 0);
  assert.ok(lastPage().customer);
  pays(lastPage());
  await ask("continue", first.token);
  const { methods } = await ask("methods", 4711);
  assert.equal(methods.length, 1);
  const again = await ask("begin", 900, "EUR", 4711, 0, methods[0].id, 0);
  assert.equal(again.kind, "done");
  assert.equal((await ask("payment", again.session)).payment.captured, 900);
  decline = { type: "card_error", code: "card_declined", decline_code: "insufficient_funds", message: "no money" };
  const no = await ask("begin", 901, "EUR", 4711, 0, methods[0].id, 0);
  decline = null;
  assert.deepEqual([no.kind, no.code], ["failed", "insufficient_funds"]);
  assert.equal((await ask("begin", 900, "EUR", 1, 0, methods[0].id, 0)).error, "payment.bad_input"); // another's
  assert.equal((await ask("forget", 4711, methods[0].id)).status, "ok");
  assert.equal((await ask("methods", 4711)).methods.length, 0);

  assert.match((await ask("keep", 4711)).url, /checkout\.stripe\.com/);
  const page = lastPage();
  assert.equal(page.asked.mode, "setup");
  Object.assign(page, { status: "complete", setup_intent: { id: id("seti"), status: "succeeded", payment_method: card() } });
  assert.equal((await ask("kept", 4712, page.id)).error, "payment.no_session"); // another's
  assert.equal((await ask("kept", 4711, page.id)).status, "ok");
  assert.equal((await ask("methods", 4711)).methods[0].last4, "4242");
});

test("when Stripe is away nothing is lost, and nothing is asked twice", async () => {
  const first = await ask("begin", 2000, "EUR", 0, 0, 0, 0);
  pays(lastPage());
  down = 1;
  assert.equal((await ask("continue", first.token)).error, "payment.provider_busy");
  await ask("sweep", 400);
  assert.equal((await ask("payment", first.session)).payment.captured, 2000);
  const { payment_id } = await ask("payment", first.session);
  down = 1;
  const refund = await ask("refund", payment_id, 100);
  assert.equal(refund.error, "payment.provider_busy");
  await ask("sweep", 120);
  const { payment } = await ask("payment", first.session);
  assert.deepEqual([payment.refunded, payment.refunding], [100, 0]);
  assert.equal([...objects.values()].filter((o) => o.object === "refund" && o.amount === 100).length, 1);
});

test("a page that nobody uses is closed", async () => {
  const begun = await ask("begin", 2100, "EUR", 0, 0, 0, 0);
  const page = lastPage();
  assert.equal((await ask("give_up", begun.session)).status, "ok");
  assert.equal(page.status, "expired");
  assert.equal((await ask("continue", begun.token)).kind, "failed");
});

test("amounts are in Stripe's smallest unit, which is not always ISO's", async () => {
  await ask("begin", 500, "JPY", 0, 0, 0, 0);
  assert.equal(lastPage().asked.line_items[0].price_data.unit_amount, "500");
  await ask("begin", 500, "ISK", 0, 0, 0, 0);
  assert.equal(lastPage().asked.line_items[0].price_data.unit_amount, "50000");
  assert.equal((await ask("begin", 1234, "KWD", 0, 0, 0, 0)).error, "payment.no_provider"); // must end in 0
});

test("every request has the headers and the types of the official package", async () => {
  const TYPES = { "POST /v1/customers": "CustomerCreateParams", "POST /v1/checkout/sessions": "Checkout.SessionCreateParams",
    "POST /v1/payment_intents": "PaymentIntentCreateParams", "POST /v1/refunds": "RefundCreateParams", "GET /v1/refunds": "RefundListParams" };
  const PATTERNS = [[/^GET \/v1\/checkout\/sessions\/cs_/, "Checkout.SessionRetrieveParams"], [/^GET \/v1\/payment_intents\/pi_/, "PaymentIntentRetrieveParams"],
    [/\/capture$/, "PaymentIntentCaptureParams"], [/\/cancel$/, "PaymentIntentCancelParams"], [/\/expire$/, "Checkout.SessionExpireParams"],
    [/\/detach$/, "PaymentMethodDetachParams"], [/^GET \/v1\/refunds\/re_/, "RefundRetrieveParams"], [/^GET \/v1\/disputes\//, "DisputeRetrieveParams"]];
  const lines = ['import Stripe from "stripe";'];
  const seen = new Set();
  for (const [i, r] of requests.entries()) {
    assert.equal(r.headers.authorization, "Bearer sk_test_123");
    assert.equal(r.headers["stripe-version"], stripe.getApiField("version"));
    const what = `${r.method} ${r.path}`;
    const type = TYPES[what] ?? PATTERNS.find(([p]) => p.test(what))?.[1];
    assert.ok(type, what);
    seen.add(type);
    if (r.method === "POST" && TYPES[what] && r.params.mode !== "setup") assert.ok(r.headers["idempotency-key"].length <= 255, what);
    lines.push(`export const r${i}: Stripe.${type} = ${JSON.stringify(typed(r.params))};`);
  }
  assert.ok(seen.size >= 10, [...seen].join(" "));
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = await mkdtemp(join(here, "node_modules", ".stripe-types-"));
  try {
    const file = join(folder, "requests.ts");
    await writeFile(file, lines.join("\n"));
    const program = ts.createProgram([file], { noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16, target: ts.ScriptTarget.ES2022, types: [] });
    const source = program.getSourceFile(file);
    const problems = program.getSemanticDiagnostics(source).map((d) =>
      `${ts.flattenDiagnosticMessageText(d.messageText, "\n")}\n  ${lines[source.getLineAndCharacterOfPosition(d.start).line]}`);
    assert.deepEqual(problems, []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
