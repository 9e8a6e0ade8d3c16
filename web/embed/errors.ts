// errors.ts - what breaks on a page; each once, and not many.
import { text } from "./dom";
import { on, type Tell } from "./guard";
import { clean } from "./page";

const MOST = 10; // of one page load
const NOISE = /^ResizeObserver loop|^Script error\.?$/; // says nothing of what is wrong, or of where

export function errors(tell: Tell) {
  const told = new Set<string>();
  const say = (message: unknown, source: string, line?: number) => {
    const words = text(String(message), 200), at = `${words}@${source}:${line}`;
    if (!words || NOISE.test(words) || /^[a-z-]+-extension:/.test(source) || told.has(at) || told.size >= MOST) return;
    told.add(at);
    tell("Error Occurred", { message: words, source, line });
  };
  on<ErrorEvent>(window, "error", (e) => { if (e.message) say(e.message, clean(e.filename || location.href).split("?")[0], e.lineno); });
  on<PromiseRejectionEvent>(window, "unhandledrejection", (e) => {
    const why = e.reason as Error | undefined;
    if (why?.name !== "AbortError") say(why?.message ?? why, "promise");
  });
}
