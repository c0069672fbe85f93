import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, LinkType, ObjectType, SecretDataType } from "#protocol/enums/index.js";
import { symmetricAlgorithm } from "#src/crypto/formats/algorithms.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedAt, type ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keep } from "../making/keep.js";
import { allowsLength, secretAlgorithms } from "../making/key-algorithms.js";
import { linked } from "../making/links.js";
import { demand, wantsToken } from "../making/requested.js";

/** The most bytes derived at once: what one request makes the token do has an end. */
const longestSecret = 8192;

/** The most Derived Key Links of one object. What is derived beyond them is still found by its own link. */
const mostLinks = 500;

/**
 * The bytes that are to be derived for the attributes of a request, which give a Cryptographic Length and for a key also
 * its Cryptographic Algorithm (KMIP 2.1 §6.1.14). Throws KmipError.
 */
export function derivedLength(objectType: number, requested: AttributeSet): number {
  const bits = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  if (objectType === ObjectType.SymmetricKey) {
    const algorithm = demand(requested.get(attributes.cryptographicAlgorithm), "Cryptographic Algorithm");
    const row = secretAlgorithms.get(algorithm);
    if (row === undefined || !allowsLength(row, bits)) {
      throw new KmipError("InvalidAttributeValue", `the Cryptographic Algorithm has no keys of ${bits} bits here`);
    }
    const known = [...(symmetricAlgorithm(algorithm).lengths ?? [])].find(([, lengths]) => lengths.includes(bits));
    if (known !== undefined) return known[0];
  }
  if (bits < 8 || bits % 8 !== 0) {
    throw new KmipError("InvalidAttributeValue", "the Cryptographic Length is to be whole bytes");
  }
  if (bits / 8 > longestSecret) throw tooLong();
  return bits / 8;
}

function tooLong(): KmipError {
  return new KmipError("CryptographicFailure", "the Cryptographic Length exceeds the output of the Derivation Method");
}

/** Takes what was derived into custody, as a new object. Zeroes it. */
export async function derivedObject(
  context: OperationContext,
  derived: {
    readonly objectType: number;
    readonly requested: AttributeSet;
    readonly secret: Buffer;
    readonly length: number;
  },
): Promise<ManagedObject> {
  const { objectType, requested, secret, length } = derived;
  try {
    if (secret.length < length) throw tooLong();
    return await made(context, objectType, requested, secret.subarray(0, length));
  } finally {
    secret.fill(0);
  }
}

/** Has a derived object stored, linked with those it was derived from. */
export function insertLinked(context: OperationContext, object: ManagedObject, bases: readonly ManagedObject[]): void {
  context.changes.insert(bases.reduce((sum, { id }) => linked(sum, LinkType.DerivationBaseObjectLink, id), object));
  for (const base of bases) linkBase(context, base, object.id);
}

function linkBase({ changes, now }: OperationContext, base: ManagedObject, id: string): void {
  const links = base.attributes.values(attributes.link);
  if (links.filter(({ linkType }) => linkType === LinkType.DerivedKeyLink).length >= mostLinks) return;
  changes.update(changedAt(linked(base, LinkType.DerivedKeyLink, id), now));
}

async function made(
  context: OperationContext,
  objectType: number,
  requested: AttributeSet,
  keyMaterial: Buffer,
): Promise<ManagedObject> {
  const id = newIdentifier();
  const isKey = objectType === ObjectType.SymmetricKey;
  const keyBlock = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial } };
  const registered = { kind: "key", keyBlock, ...(isKey ? {} : { subtype: SecretDataType.Seed }) } as const;
  const inToken = wantsToken(requested, undefined);
  const kept = await keep(context, { id, objectType, requested, inToken }, registered);
  const algorithm = requested.get(attributes.cryptographicAlgorithm);
  return newObject({
    tenantId: context.tenantId,
    id,
    objectType,
    now: context.now,
    requested: kept.set.with(attributes.originalCreationDate, context.now),
    material: kept.material,
    digest: kept.digest,
    digestFormat: kept.material.keyFormatType,
    algorithm: kept.algorithm,
    length: kept.length,
    defaultUsageMask: isKey && algorithm !== undefined ? secretAlgorithms.get(algorithm)?.usage : undefined,
  });
}
