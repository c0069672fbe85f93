import type { WorkerMethod } from "./messages.js";

/** Bytes that any module works through in a millisecond, well below what the slowest cipher of SoftHSM does. */
const BYTES_PER_MILLISECOND = 4096;

/** An RSA private key in a wrapped blob of more bytes has more than 4096 bits, and takes so many times as long. */
const LONG_RSA_KEY = 2500;
const LONG_RSA_FACTOR = 8;

/** Operations that look at every object of a token, and may take so many times as long. */
const SEARCHING: ReadonlySet<WorkerMethod> = new Set<WorkerMethod>([
  "tokenKeys",
  "tokenRemnants",
  "removeTokenRemnant",
  "sessionObjects",
]);
const SEARCHING_FACTOR = 8;

function isLongRsaKey(arg: unknown): boolean {
  const named = typeof arg === "object" && arg !== null ? (arg as Record<string, unknown>) : {};
  const { keyType, keyClass, material } = named;
  return keyType === "rsa" && keyClass === "private" && Buffer.isBuffer(material) && material.length > LONG_RSA_KEY;
}

/**
 * After how many milliseconds without an answer a worker counts as hung at a call that carries so many bytes; `base` is
 * that of a short call.
 */
export function deadlineOf(method: WorkerMethod, args: readonly unknown[], bytes: number, base: number): number {
  const searching = SEARCHING.has(method) ? SEARCHING_FACTOR : 1;
  const long = args.some(isLongRsaKey) ? LONG_RSA_FACTOR : 1;
  return base * Math.max(searching, long) + Math.floor(bytes / BYTES_PER_MILLISECOND);
}
