import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
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

/** A Key Block with the algorithm and the length that only the attributes tell. */
function withDeclared(block: KeyBlock, given: readonly AttributeInstance[]): KeyBlock {
  const told = <Value>({ name }: { readonly name: string }): Value | undefined =>
    given.find((instance) => instance.name === name)?.value as Value | undefined;
  const algorithm = block.cryptographicAlgorithm ?? told<number>(attributes.cryptographicAlgorithm);
  const length = block.cryptographicLength ?? told<number>(attributes.cryptographicLength);
  return { ...block, cryptographicAlgorithm: algorithm, cryptographicLength: length };
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
  const block = withDeclared(registered.keyBlock, given);
  const plain = { ...registered, keyBlock: await unwrapKeyBlock(context, block), wasWrapped: true };
  return { registered: plain, attributes: withEncapsulated(plain, given) };
}
