import { isDeepStrictEqual } from "node:util";
import type { SplitKeyFacts } from "#protocol/structures/managed-objects.js";
import type { Share } from "#src/crypto/split/sharing.js";
import { demandOutside, materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import { readSplitKeyFacts } from "#src/objects/split-key-facts.js";
import type { OperationContext } from "../contract/context.js";
import { checkWork, sharingFor } from "./sharing-for.js";

function cannotJoin(message: string): KmipError {
  return new KmipError("CryptographicFailure", message);
}

interface Part {
  readonly object: ManagedObject;
  readonly material: Material;
  readonly facts: SplitKeyFacts;
}

function partOf(object: ManagedObject): Part {
  const material = materialOf(object);
  if (material.splitKey === undefined) throw new TypeError("a split key says which part it is");
  if (material.keyWrappingData !== undefined || material.structured === true) {
    throw new KmipError("FeatureNotSupported", "parts that were registered wrapped are not joined");
  }
  return { object, material, facts: readSplitKeyFacts(material.splitKey) };
}

/** What the parts of one key have in common. */
function commonOf({ facts, material }: Part): unknown {
  const { keyPartIdentifier: _own, ...common } = facts;
  return { ...common, reduction: material.splitKeyReduction };
}

/**
 * The secret that parts stand for, in as many bytes as the parts have; the caller zeroes it. The parts are in the memory
 * of this process meanwhile: no token knows this arithmetic.
 * Throws KmipError `CryptographicFailure` where they are too few, or not all of one key.
 */
export async function joinParts(context: OperationContext, objects: readonly ManagedObject[]): Promise<Buffer> {
  for (const object of objects) demandOutside(object);
  const parts = objects.map(partOf);
  const [first] = parts;
  if (first === undefined) throw new TypeError("there is at least one part");
  const { splitKeyThreshold: threshold } = first.facts;
  if (parts.some((part) => !isDeepStrictEqual(commonOf(part), commonOf(first)))) {
    throw cannotJoin("the parts are not of one key");
  }
  if (new Set(parts.map(({ facts }) => facts.keyPartIdentifier)).size < parts.length) {
    throw cannotJoin("a part is there twice");
  }
  if (parts.length < threshold) throw cannotJoin(`there are ${parts.length} parts, and ${threshold} are needed`);
  checkWork(parts.length, threshold, first.material.blob.length);
  const sharing = await sharingFor(first.facts, first.material.splitKeyReduction);
  const shares: Share[] = [];
  try {
    for (const { object, facts } of parts) {
      shares.push({ part: facts.keyPartIdentifier, value: await context.keys.plaintext(object) });
    }
    const secret = await sharing.join(shares, threshold);
    if (secret === null) throw cannotJoin("the parts do not belong together");
    return secret;
  } finally {
    for (const { value } of shares) value.fill(0);
  }
}
