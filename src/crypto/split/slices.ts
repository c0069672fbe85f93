import { setImmediate } from "node:timers/promises";

/** Multiplications in a field that are done at once: a few milliseconds. */
const mostAtOnce = 30_000;

/**
 * Does the work of many elements, each of which takes so many multiplications, in slices between which others have their
 * turn. `run` does those from `start` on, up to `end`.
 */
export async function inSlices(
  count: number,
  multiplications: number,
  run: (start: number, end: number) => void,
): Promise<void> {
  const size = Math.max(1, Math.floor(mostAtOnce / Math.max(1, multiplications)));
  for (let start = 0; start < count; start += size) {
    if (start > 0) await setImmediate();
    run(start, Math.min(count, start + size));
  }
  await setImmediate();
}
