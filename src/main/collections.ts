import { setFlagsFromString } from "node:v8";

/** How much more than what is in use a heap may take before all of it is collected, in percent. */
const growth = 300;

/**
 * Has this process let its heap grow to four times what is in use before it collects all of it. V8 by itself begins with
 * a tenth more where little was going on, so that a tenant which begins to ask for much costs all others a pause of 10 to
 * 25 ms several times a second. The short collections of what is young are as before. To be called before much is
 * allocated.
 */
export function collectWholeHeapRarely(): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}
