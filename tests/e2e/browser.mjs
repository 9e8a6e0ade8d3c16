// browser.mjs - Debian's Chromium, phones and desktops, and what a page is measured by.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const axe = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DESKTOP = { viewport: { width: 1440, height: 900 } };

export const hasBrowser = CHROMIUM !== undefined;

export function startBrowser(...more) {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage", ...more] });
}

/** One that keeps a page that is left, as they all do outside of tests, and shows it again on the way back. */
export function startBrowserThatKeeps() {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"],
    ignoreDefaultArgs: ["--disable-back-forward-cache"] });
}

/** A page in a browser of its own; what it says on the console and refuses by policy is kept in page.said.
 *  Pictures of other hosts are answered with nothing: no test leaves this machine. */
export async function openPage(browser, base, options) {
  const context = await browser.newContext({ baseURL: base, locale: "en-GB", ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.said = [];
  page.on("console", (m) => { if (m.type() === "error") page.said.push(m.text()); });
  page.on("pageerror", (e) => page.said.push(e.message));
  await context.route((url) => url.hostname !== new URL(base).hostname, (route) => route.fulfill({ status: 200, contentType: "image/svg+xml",
    body: '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="5"/>' }));
  return page;
}

/** What axe-core finds, one line for each element. */
export async function violations(page) {
  await page.waitForLoadState("load");
  const found = await page.evaluate(`${await axe}; axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`);
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} (${n.any[0]?.message ?? n.all[0]?.message ?? v.help})`));
}

/** Layout shift since the beginning, the address of the largest paint's picture, and whether it or its text came with the document. */
export async function measures(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const ret = { shift: 0, largest: null };
    new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) ret.shift += e.value; })
      .observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((l) => { const e = l.getEntries().at(-1); if (e) ret.largest = { url: e.url, text: e.element?.textContent?.trim().slice(0, 200) ?? "" }; })
      .observe({ type: "largest-contentful-paint", buffered: true });
    setTimeout(() => resolve(ret), 300);
  }));
}
