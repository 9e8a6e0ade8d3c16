// collector.mjs - pages with our script, and what it sends, without a shop: every message that was taken.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const script = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../src/channel/track/embed/track.js");

/** @returns {{url, taken: object[], requests: number, answer: (request) => {status, headers}|null, pages: Map, close()}}
 *  `taken` has each message once for each time that it was acknowledged. */
export async function startCollector() {
  const text = await readFile(script, "utf8");
  const self = { taken: [], requests: 0, answer: () => ({ status: 200 }), pages: new Map(), headers: {} };
  const server = createServer((request, reply) => {
    const { pathname } = new URL(request.url, "http://x");
    if (pathname === "/t/track.js") return reply.writeHead(200, { "content-type": "text/javascript" }).end(text);
    if (pathname === "/t/events") {
      const parts = [];
      request.on("data", (d) => parts.push(d)).on("end", () => {
        self.requests++;
        const said = self.answer(request);
        if (!said) return request.socket.destroy();
        const body = Buffer.concat(parts).toString();
        if (said.status === 200 && body) self.taken.push(...JSON.parse(body).batch);
        reply.writeHead(said.status, { "access-control-allow-origin": "*", "content-type": "application/json", ...said.headers }).end("{}");
      });
      return;
    }
    const page = self.pages.get(pathname) ?? "";
    reply.writeHead(pathname === "/favicon.ico" ? 404 : 200, { "content-type": "text/html; charset=utf-8", ...self.headers })
      .end(`<!doctype html><html lang="en"><title>${pathname}</title><script defer src="/t/track.js" data-key="k"></script><body>${page}`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  self.url = `http://127.0.0.1:${server.address().port}`;
  self.close = () => { server.closeAllConnections(); server.close(); };
  return self;
}

/** The events that were taken, each message once, by the time they happened. */
export function events(collector) {
  const seen = new Map(collector.taken.map((m) => [m.messageId, m]));
  return [...seen.values()].sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}

export const nameOf = (m) => m.event ?? m.type;
