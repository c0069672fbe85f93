import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { OperationContext } from "../contract/context.js";
import { unwrapKeyBlock } from "../wrapping/unwrap.js";
import { withEncapsulated } from "./encapsulated.js";
import { isWrapped } from "./keep-wrapped.js";
import type { Registered } from "./registered-object.js";

/** An object as it came, or unwrapped. */
export interface Unwrapped {
  readonly registered: Registered;
  /** The attributes of the client, and behind them those that stand with the key and are not among them. */
  readonly attributes: readonly AttributeInstance[];
}

/**
 * A key that comes wrapped, in plaintext before it is stored (KMIP 2.1 §6.1.25, Key Wrap Type). Other objects stay as they
 * are. Throws KmipError where the wrapping key is not here or may not unwrap, and CryptoError.
 */
export async function unwrapped(
  context: OperationContext,
  registered: Registered,
  given: readonly AttributeInstance[],
): Promise<Unwrapped> {
  if (registered.kind !== "key" || !isWrapped(registered.keyBlock)) {
    return { registered, attributes: withEncapsulated(registered, given) };
  }
  const plain = { ...registered, keyBlock: await unwrapKeyBlock(context, registered.keyBlock) };
  return { registered: plain, attributes: withEncapsulated(plain, given) };
}
