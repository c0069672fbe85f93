import { HASHES } from "../mechanisms.js";
import { PARTITION_KEYS } from "../partition-keys.js";
import { failureKindOf, RESTARTING, returnValueOf, WorkerFailure } from "./errors.js";
import type { Token } from "./token.js";

const PROBE = Buffer.alloc(32, 0x3c);

/**
 * Proves that the token is there and works: its canary key is found and signs. Throws `unavailable` and asks for a new
 * worker where it does not.
 */
export function proveToken(token: Token): void {
  token.checkCanary();
  const canary = token.requireKey(PARTITION_KEYS.canary.tokenId, "secret");
  const mechanism = { mechanism: HASHES.sha256.hmac };
  try {
    token.operate((session) => token.sign(session, mechanism, canary, PROBE, Buffer.alloc(HASHES.sha256.length)));
  } catch (cause) {
    const kind = failureKindOf(cause);
    const fault = (kind === undefined ? undefined : RESTARTING[kind]) ?? "device-error";
    const reason = cause instanceof Error ? cause.message : "unknown error";
    const returnValue = returnValueOf(cause) ?? 0;
    const message = `the canary key of the partition does not sign: ${reason}`;
    throw new WorkerFailure("unavailable", message, { cause, returnValue, restart: true, fault });
  }
}
