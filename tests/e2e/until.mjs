// until.mjs - waiting for what happens elsewhere, for as long as a busy machine may take.
import assert from "node:assert/strict";

const PATIENCE = 30_000; // ms; only a test that fails waits as long

/** Asks until the answer is good, and returns it.
 *  @param good what the answer has to equal, or a function that tells; without it: anything true */
export async function until(ask, good = Boolean) {
  const accepts = typeof good === "function" ? good : (v) => {
    try { assert.deepEqual(v, good); return true; } catch { return false; }
  };
  for (const end = Date.now() + PATIENCE; ;) {
    const answer = await ask();
    if (accepts(answer)) return answer;
    if (Date.now() > end) return typeof good === "function" ? assert.fail(`still ${JSON.stringify(answer)}: ${ask}`) : assert.deepEqual(answer, good);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
