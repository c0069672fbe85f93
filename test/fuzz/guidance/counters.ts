/** The counters of instrumented code: one byte a place in the code, shared by all modules of this thread. */

/** The most places there are; a build that has more says so at once. */
const mostPlaces = 128 * 1024;

const memory = new ArrayBuffer(mostPlaces);
let used = 0;

/** How often each place was reached since the last look, modulo 256. */
export const hits = new Uint8Array(memory);
/** The same bytes, four at a time. */
export const hitWords = new Uint32Array(memory);

/** Places that are in use. */
export function places(): number {
  return used;
}

/** The counters of one module, called by its first line. Throws RangeError where there is no room. */
export function region(count: number): Uint8Array {
  const start = used;
  // Regions start at whole words, so that a look can skip four places at once.
  used += Math.ceil(count / 4) * 4;
  if (used > mostPlaces) throw new RangeError("the instrumented code has more places than there are counters");
  return hits.subarray(start, start + count);
}
