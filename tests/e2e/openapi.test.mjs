// openapi.test.mjs - the document that describes the API is valid, and every reply is as it says:
// all addresses that can be read are read, lists first, then what is in them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";

import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { rapport, root, startShop } from "./server.mjs";
import { until } from "./until.mjs";

let shop;
let ajv;

before(async () => {
  shop = await startShop({
    prepare: (folder) => rapport("import", "products", join(root, "demo/products.csv"), "--images",
      join(root, "demo/pictures"), "--data", folder, "--log-level", "error"),
  });
  ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ ...shop.api, $id: "rapport:api" });
});
after(() => shop?.stop());

const STORE = "/store/v1/carts";
let order; // of a sale, so that lists of orders are not empty

/** Send JSON; the reply must be as the document says, too. */
async function send(method, path, address, body, expected = 200) {
  const reply = await fetch(shop.url + address, { method, body: JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, "content-type": "application/json" } });
  const said = await reply.json();
  assert.equal(reply.status, expected, `${address}: ${JSON.stringify(said)}`);
  const place = `/paths/${path.replaceAll("/", "~1")}/${method.toLowerCase()}/responses/${expected}`;
  const fits = ajv.compile({ $ref: `rapport:api#${encodeURI(place)}/content/application~1json/schema` });
  assert.ok(fits(said), `${address}: ${JSON.stringify(fits.errors?.slice(0, 5))}`);
  return said;
}

test("what is sent of a sale is answered as the document says", async () => {
  const eur = (amount) => ({ amount, currency: "EUR" });
  const product = await send("POST", "/api/v1/products", "/api/v1/products", { title: "Sold", status: "active", variants: [{ prices: [{ price: eur(1000) }] }] }, 201);
  const zone = await send("POST", "/api/v1/delivery/zones", "/api/v1/delivery/zones", { title: "All", places: [{ country: "" }] }, 201);
  const method = await send("POST", "/api/v1/delivery/methods", "/api/v1/delivery/methods", { zone_id: zone.id, title: "Post", kind: "standard", rates: [{ amount: eur(500) }] }, 201);
  await send("PATCH", "/api/v1/settings/{name}", "/api/v1/settings/payment.cash", { on: true });
  const cart = await until(() => send("POST", STORE, STORE, { items: [{ variant_id: product.variants[0].id, qty: 1 }] }, 201).catch(() => null),
    (c) => c?.lines.length === 1);
  await send("PATCH", `${STORE}/{token}`, `${STORE}/${cart.token}`, { email: "a@example.com", delivery_method_id: method.id,
    address: { last_name: "B", line1: "1", city: "Amsterdam", postal_code: "1012 AB", country: "NL" } });
  order = await send("POST", `${STORE}/{token}/checkout`, `${STORE}/${cart.token}/checkout`, { payment: "cash", consent: { terms: true } });
  assert.equal(order.state, "placed");
  const [parcel] = (await send("POST", "/api/v1/orders/{id}/fulfillments/plan", `/api/v1/orders/${order.order_id}/fulfillments/plan`)).data;
  await send("POST", "/api/v1/fulfillments/{id}/ship", `/api/v1/fulfillments/${parcel.id}/ship`, { parcels: [{ carrier: "dhl", tracking: "J1" }] });
  for (const end of ["", "/events", "/payment", "/tracking"])
    await check(`/store/v1/orders/{token}${end}`, `/store/v1/orders/${order.order_token}${end}`, 200);
});

/** The schema of an operation's reply; its references are into the document. */
function replySchema(path, status) {
  const responses = shop.api.paths[path].get.responses;
  const at = responses[status] ? status : "default";
  const place = responses[at].$ref
    ? responses[at].$ref.slice(1)
    : `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/get/responses/${at}`;
  const reply = place.split("/").slice(1)
    .reduce((o, part) => o[part.replaceAll("~1", "/").replaceAll("~0", "~")], shop.api);
  const type = Object.keys(reply.content ?? {})[0];
  return type === undefined ? null : { type, $ref: `rapport:api#${encodeURI(place)}/content/${type.replaceAll("/", "~1")}/schema` };
}

async function check(path, address, expected) {
  const reply = await shop.get(address);
  assert.equal(reply.status, expected, `${address}: ${await reply.clone().text()}`);
  const schema = replySchema(path, String(expected));
  assert.ok(schema, `${path} says nothing about ${expected}`);
  assert.equal(reply.headers.get("content-type").split(";")[0], schema.type, address);
  if (!schema.type.endsWith("json")) return null;
  const body = await reply.json();
  const fits = ajv.compile({ $ref: schema.$ref });
  assert.ok(fits(body), `${address}: ${JSON.stringify(fits.errors?.slice(0, 5))}\n${JSON.stringify(body).slice(0, 600)}`);
  return body;
}

const readable = () => Object.keys(shop.api.paths).filter((p) => shop.api.paths[p].get);
const hasParameter = (p) => p.includes("{");
/** Needs a query parameter that only who knows the address can give. */
const needsQuery = (p) => shop.api.paths[p].get.parameters?.some((q) => q.in === "query" && q.required);

test("the document is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(shop.api));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.match(shop.api.openapi, /^3\.1/);
});

test("no object of the document has a key twice", async () => {
  const text = await (await shop.get("/api/v1/openapi.json")).text();
  const open = []; // the keys of each object around; null: an array
  for (const [token, string] of text.matchAll(/("(?:[^"\\]|\\.)*"\s*:?)|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (string.endsWith(":")) {
      assert.ok(!open.at(-1).has(string), `${string} twice`);
      open.at(-1).add(string);
    }
  }
  assert.equal(open.length, 0);
  assert.ok(shop.api.components.schemas.Page.properties.handle, "a page of text, not of a list");
});

test("operations have names of their own, a summary and a tag that is declared", () => {
  const seen = new Set();
  const tags = new Set(shop.api.tags.map((t) => t.name));
  assert.equal(tags.size, shop.api.tags.length, "a tag twice");
  for (const [path, operations] of Object.entries(shop.api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const where = `${method} ${path}`;
      assert.ok(operation.operationId && !seen.has(operation.operationId), `${where}: operationId`);
      seen.add(operation.operationId);
      assert.ok(operation.summary, `${where}: summary`);
      const parameters = (operation.parameters ?? []).map((p) => `${p.in} ${p.name}`);
      assert.deepEqual(parameters, [...new Set(parameters)], `${where}: a parameter twice`);
      assert.ok(operation.tags.every((t) => tags.has(t)), `${where}: tag`);
    }
  }
});

test("examples of bodies are as their schema says", () => {
  let sale = 0;
  for (const [path, operations] of Object.entries(shop.api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      for (const [type, content] of Object.entries(operation.requestBody?.content ?? {})) {
        if (!content.examples || !content.schema) continue;
        const place = `/paths/${path.replaceAll("/", "~1")}/${method}/requestBody/content/${type.replaceAll("/", "~1")}/schema`;
        const fits = ajv.compile({ $ref: `rapport:api#${encodeURI(place)}` });
        for (const [name, example] of Object.entries(content.examples)) {
          assert.ok(fits(example.value), `${method} ${path}, ${name}: ${JSON.stringify(fits.errors?.slice(0, 5))}`);
          sale += /\/(carts|orders|payments|bank-receipts)/.test(path);
        }
      }
    }
  }
  assert.ok(sale >= 20, `${sale} of the sale`);
});

/** Is it for customers, whose cookie these tests do not have? */
const forCustomers = (path) => shop.api.paths[path].get.security?.some((s) => "customer" in s);

/** Only for people: the key of these tests is refused, as the document says. */
const FOR_PEOPLE = ["/api/v1/sessions"];

/** What must be asked for by a query, made from the first product. */
const QUERIES = {
  "/api/v1/translations": (product) => `?entity=${product}&locale=uk`,
};

test("every list and every single thing is as the document says", async (t) => {
  const product = (await (await shop.get("/api/v1/products?limit=1")).json()).data[0].id;
  for (const path of readable().filter((p) => !hasParameter(p) && !needsQuery(p))) {
    await t.test(`GET ${path}`, async (one) => {
      const body = await check(path, path + (QUERIES[path]?.(product) ?? ""), FOR_PEOPLE.includes(path) ? 403 : forCustomers(path) ? 401 : 200);
      for (const inner of readable().filter((p) => p.startsWith(`${path}/{id}`) && !needsQuery(p))) {
        for (const { id } of body?.data?.slice(0, 3) ?? []) {
          if (!id || inner.slice(path.length + 5).includes("{")) continue;
          await one.test(`GET ${inner}`, () => check(inner, inner.replace("{id}", id), 200));
        }
      }
    });
  }
});

test("a list in pages gives every element once", async () => {
  const all = [];
  let after = "";
  do {
    const body = await check("/api/v1/products", `/api/v1/products?limit=7${after}`, 200);
    all.push(...body.data.map((p) => p.id));
    after = body.page.has_more ? `&after=${encodeURIComponent(body.page.next)}` : null;
  } while (after !== null);
  assert.equal(new Set(all).size, all.length);
  assert.equal(all.length, 27);
});

test("refusals are problem documents", async () => {
  for (const path of readable().filter((p) => hasParameter(p) && p.endsWith("{id}"))) {
    await check(path, path.replaceAll(/\{\w+\}/g, "nobody_has_this"), forCustomers(path) ? 401 : 404);
  }
  const reply = await shop.get("/api/v1/roles", null);
  assert.equal(reply.status, 401);
  assert.equal(reply.headers.get("content-type"), "application/problem+json");
});
