// server.mjs - the real program on a folder of its own, for one test file.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const RAPPORT = process.env.RAPPORT;
if (!RAPPORT) throw new Error("RAPPORT must name the program");

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Run `rapport …words` to its end; gives what it wrote to stdout. */
export async function rapport(...words) {
  const { stdout } = await promisify(execFile)(RAPPORT, words, { timeout: 60_000 });
  return stdout;
}

/** A running shop with an API key that may do everything: { url, folder, api, key, get(), stop() }.
 *  `prepare(folder)` runs before it starts; `args` are further options of `rapport serve`. */
export async function startShop({ prepare = async () => {}, args = [] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "rapport-e2e-"));
  await prepare(folder);
  const child = spawn(RAPPORT, ["serve", "--data", folder, "--port", "0", "--log-level", "warn", ...args],
    { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /ready at (http:\S+?)\/?$/.exec(line);
      if (found) resolve(found[1]);
    });
    ended.then((code) => reject(new Error(`rapport serve ended with ${code}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const code = await ended;
    await rm(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`rapport serve ended with ${code}`);
  };
  try {
    const api = await (await fetch(`${url}/api/v1/openapi.json`)).json();
    const permissions = new Set(Object.values(api.paths).flatMap(Object.values).map((o) => o["x-permission"]).filter(Boolean));
    const { secret } = JSON.parse(await rapport("key", "add", "--data", folder, "--name", "e2e", "--json",
      "--permissions", [...permissions].join(",")));
    const get = (path, key = secret) => fetch(url + path, { headers: key ? { authorization: `Bearer ${key}` } : {} });
    return { url, folder, api, key: secret, get, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
