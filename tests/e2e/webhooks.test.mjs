// webhooks.test.mjs - events sent to another program, checked by the library of Standard Webhooks.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Webhook } from "standardwebhooks";

import { startShop } from "./server.mjs";
import { until } from "./until.mjs";

let shop, receiver, receiverUrl;
const got = []; // { headers, body }
let answers = []; // what to answer next; then 204

before(async () => {
  receiver = createServer((request, response) => {
    const chunks = [];
    request.on("data", (c) => chunks.push(c)).on("end", () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      const { status = 204, headers = {} } = answers.shift() ?? {};
      response.writeHead(status, headers).end();
    });
  });
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  receiverUrl = `http://127.0.0.1:${receiver.address().port}/hook`;
  shop = await startShop();
});
after(async () => {
  receiver?.close();
  await shop?.stop();
});

const call = async (method, path, body, status = 200) => {
  const reply = await fetch(shop.url + path, { method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${shop.key}`, ...(body ? { "content-type": "application/json" } : {}) } });
  const text = await reply.text();
  assert.equal(reply.status, status, text);
  return text ? JSON.parse(text) : undefined;
};
const make = (events, url = receiverUrl) => call("POST", "/api/v1/webhooks", { url, events }, 201);
const log = async (id) => (await call("GET", `/api/v1/webhooks/${id}/deliveries`)).data;

test("an address in a private network is refused unless it is allowed", async () => {
  const { webhook } = await make(["x.nothing"]);
  const refused = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.equal(refused.status, "waiting");
  assert.match(refused.problem, /public internet/);
  assert.equal(got.length, 0);
  await call("DELETE", `/api/v1/webhooks/${webhook.id}`, undefined, 204);
  await call("PATCH", "/api/v1/settings/people.webhooks", { allow_private: true });
});

test("a ping is signed as Standard Webhooks has it, by secret and by key", async () => {
  const { webhook, secret } = await make(["x.nothing"]);
  assert.match(secret, /^whsec_/);
  const sent = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.equal(sent.status, "done");
  const { headers, body } = got.at(-1);
  const payload = new Webhook(secret).verify(body, headers);
  assert.equal(payload.type, "webhook.ping");
  assert.ok(!Number.isNaN(Date.parse(payload.timestamp)));
  assert.equal(headers["webhook-id"], sent.event_id);
  assert.throws(() => new Webhook(secret).verify(body.replace("ping", "pong"), headers));
  const raw = Buffer.from(webhook.public_key.slice("whpk_".length), "base64");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
  const v1a = headers["webhook-signature"].split(" ").find((s) => s.startsWith("v1a,")).slice(4);
  const text = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  assert.ok(verify(null, text, key, Buffer.from(v1a, "base64")));

  const rotated = await call("POST", `/api/v1/webhooks/${webhook.id}/secret`);
  await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  const after = got.at(-1);
  new Webhook(secret).verify(after.body, after.headers); // for a day both are good
  new Webhook(rotated.secret).verify(after.body, after.headers);
});

test("an event that was told arrives once, and only where it is wanted", async () => {
  const { webhook, secret } = await make(["people.role_changed"]);
  const other = await make(["order.*"]);
  const before = got.length;
  await call("POST", "/api/v1/roles", { name: "Packers", permissions: ["orders.read"] }, 201);
  await until(() => got.length > before);
  const { body, headers } = got.at(-1);
  const payload = new Webhook(secret).verify(body, headers);
  assert.equal(payload.type, "people.role_changed");
  assert.match(payload.data.id, /^rol_/);
  await until(async () => (await log(webhook.id))[0]?.status === "done");
  assert.equal((await log(webhook.id)).length, 1);
  assert.equal((await log(other.webhook.id)).length, 0);

  const again = await call("POST", `/api/v1/webhook-deliveries/${(await log(webhook.id))[0].id}/replay`);
  assert.equal(again.status, "waiting");
  await until(() => got.length === before + 2);
  assert.equal(got.at(-1).headers["webhook-id"], headers["webhook-id"]);
});

test("what fails is tried again after five seconds; redirects are failures; 410 ends it", async () => {
  const { webhook } = await make(["people.role_changed"]);
  answers = [{ status: 500 }, { status: 302, headers: { location: receiverUrl } }, { status: 410 }];
  let sent = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.equal(sent.http_status, 500);
  assert.equal(sent.status, "waiting");
  const wait = Date.parse(sent.next_at) - Date.now();
  assert.ok(wait > 3000 && wait < 6500, `${wait} ms`);
  sent = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.equal(sent.http_status, 302);
  assert.equal(sent.status, "waiting");
  sent = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.equal(sent.status, "failed");
  const off = await call("GET", `/api/v1/webhooks/${webhook.id}`);
  assert.equal(off.active, false);
  assert.equal(off.reason, "gone");
  const on = await call("PATCH", `/api/v1/webhooks/${webhook.id}`, { active: true });
  assert.equal(on.reason, "");
});

test("Retry-After is honoured", async () => {
  const { webhook } = await make(["x.nothing"]);
  answers = [{ status: 429, headers: { "retry-after": "600" } }];
  const sent = await call("POST", `/api/v1/webhooks/${webhook.id}/ping`);
  assert.ok(Date.parse(sent.next_at) - Date.now() > 590_000);
});

test("bad endpoints are refused", async () => {
  await call("POST", "/api/v1/webhooks", { url: "ftp://x", events: ["*"] }, 422);
  await call("POST", "/api/v1/webhooks", { url: "https://shop.example/", events: ["no\nname"] }, 422);
  await call("GET", "/api/v1/webhooks/whe_0000000000000", undefined, 404);
});
