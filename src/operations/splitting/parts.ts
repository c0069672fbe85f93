import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import type { SplitKeyFacts } from "#protocol/structures/managed-objects.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keep } from "../making/keep.js";
import { tokenGenerator } from "../making/symmetric-key.js";
import { randomBytes } from "./secret-to-split.js";
import { checkCounts, checkWork, reductionFor, type Splitting, sharingFor } from "./sharing-for.js";

/** What is split, and the attributes of each part. */
export interface ToSplit {
  readonly requested: AttributeSet;
  /** Zeroed when it is split. */
  readonly secret: Buffer;
  /** Whether the server has made it. */
  readonly isNew: boolean;
}

/** Splits a secret into objects, and gives their identifiers by Key Part Identifier. Throws KmipError and CryptoError. */
export async function splitIntoParts(
  context: OperationContext,
  splitting: Splitting,
  { requested, secret, isNew }: ToSplit,
): Promise<readonly string[]> {
  const { splitKeyParts: parts, splitKeyThreshold: threshold } = splitting;
  let values: readonly Buffer[] = [];
  try {
    const sharing = await sharingFor(splitting, reductionFor(splitting.splitKeyMethod, context.version));
    checkCounts(splitting, sharing);
    checkWork(parts, threshold, secret.length);
    if (secret.length === 0 || secret.length > (sharing.longestSecret ?? secret.length)) {
      throw new KmipError("CryptographicFailure", "the Prime Field Size is too small for the key");
    }
    const random = await randomBytes(context, sharing.randomLength(secret.length, parts, threshold));
    const set = withLength(requested, secret);
    values = await sharing.split(secret, { parts, threshold }, random);
    const objects: ManagedObject[] = [];
    for (const [index, value] of values.entries()) {
      objects.push(await partOf(context, { ...factsOf(splitting), keyPartIdentifier: index + 1 }, set, value, isNew));
    }
    for (const object of objects) context.changes.insert(object);
    return objects.map(({ id }) => id);
  } finally {
    for (const each of [secret, ...values]) each.fill(0);
  }
}

/** By its length a secret without an algorithm is told from the zeros beside it when it is joined. */
function withLength(requested: AttributeSet, secret: Buffer): AttributeSet {
  if (requested.has(attributes.cryptographicLength.name)) return requested;
  return requested.with(attributes.cryptographicLength, secret.length * 8);
}

function factsOf({ splitKeyParts, splitKeyThreshold, splitKeyMethod, primeFieldSize }: Splitting): Splitting {
  return { splitKeyParts, splitKeyThreshold, splitKeyMethod, primeFieldSize };
}

async function partOf(
  context: OperationContext,
  splitKey: SplitKeyFacts,
  requested: AttributeSet,
  keyMaterial: Buffer,
  isNew: boolean,
): Promise<ManagedObject> {
  const id = newIdentifier();
  const objectType = ObjectType.SplitKey;
  const keyBlock = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial } };
  const kept = await keep(context, { id, objectType, requested, inToken: false }, { kind: "key", keyBlock, splitKey });
  return newObject({
    tenantId: context.tenantId,
    id,
    objectType,
    now: context.now,
    requested: kept.set,
    material: kept.material,
    digest: kept.digest,
    digestFormat: KeyFormatType.Raw,
    algorithm: kept.algorithm,
    length: kept.length,
    generator: isNew ? tokenGenerator : undefined,
  });
}
