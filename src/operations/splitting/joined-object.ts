import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType, SecretDataType, SplitKeyMethod } from "#protocol/enums/index.js";
import { symmetricAlgorithm } from "#src/crypto/formats/algorithms.js";
import { DerReader, DerTag } from "#src/crypto/formats/der.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { readSplitKeyFacts } from "#src/objects/split-key-facts.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keep } from "../making/keep.js";

/** What parts were joined to, and what the request says of it. */
export interface Joined {
  readonly objectType: number;
  readonly requested: AttributeSet;
  readonly inToken: boolean;
  readonly parts: readonly ManagedObject[];
  /** Zeroed when it is taken into custody. */
  readonly secret: Buffer;
  readonly secretDataType: number | undefined;
}

/** The object that parts were joined to. What the request does not say of it the parts do. Throws KmipError and CryptoError. */
export async function joinedObject(context: OperationContext, joined: Joined): Promise<ManagedObject> {
  const { objectType, secret, secretDataType, inToken } = joined;
  const id = newIdentifier();
  try {
    const requested = withAttributesOfParts(joined);
    const keyMaterial = exactly(joined, requested);
    const keyBlock = { keyFormatType: formatOf(objectType, keyMaterial), keyValue: { keyMaterial } };
    const subtype = objectType === ObjectType.SecretData ? { subtype: secretDataType ?? SecretDataType.Seed } : {};
    const kept = await keep(context, { id, objectType, requested, inToken }, { kind: "key", keyBlock, ...subtype });
    return newObject({
      tenantId: context.tenantId,
      id,
      objectType,
      now: context.now,
      requested: kept.set,
      material: kept.material,
      digest: kept.digest,
      digestFormat: kept.material.keyFormatType,
      algorithm: kept.algorithm,
      length: kept.length,
    });
  } finally {
    secret.fill(0);
  }
}

const inherited = [
  attributes.cryptographicAlgorithm,
  attributes.cryptographicLength,
  attributes.cryptographicUsageMask,
] as const;

/** What the request leaves out, the parts say. None of them is sensitive: those are not joined. */
function withAttributesOfParts({ requested, parts, objectType }: Joined): AttributeSet {
  const [first] = parts;
  return inherited.reduce((set, definition) => {
    const isSecretLength = objectType === ObjectType.SecretData && definition !== attributes.cryptographicUsageMask;
    if (set.has(definition.name) || isSecretLength) return set;
    return set.with(definition, first?.attributes.get(definition));
  }, requested);
}

/** The secret without the zeros that fill up elements of the field: before a number, behind pieces. */
function exactly({ secret, parts, objectType }: Joined, requested: AttributeSet): Buffer {
  const isNumber = methodOf(parts[0]) === SplitKeyMethod.PolynomialSharingPrimeField;
  if (objectType === ObjectType.PrivateKey) {
    const start = isNumber
      ? Math.max(
          0,
          secret.findIndex((byte) => byte !== 0),
        )
      : 0;
    return wholeElement(secret.subarray(start));
  }
  const length = lengthOf(parts[0], requested);
  if (length === undefined || length === secret.length) return secret;
  const start = isNumber ? secret.length - length : 0;
  if (start < 0 || length > secret.length) throw altered();
  const beside = isNumber ? secret.subarray(0, start) : secret.subarray(length);
  if (beside.some((byte) => byte !== 0) || (!isNumber && beside.length > 1)) throw altered();
  return secret.subarray(start, start + length);
}

function altered(): KmipError {
  return new KmipError("CryptographicFailure", "the parts do not belong together: the key has another length");
}

function methodOf(part: ManagedObject | undefined): number | undefined {
  const facts = part?.material?.splitKey;
  return facts === undefined ? undefined : readSplitKeyFacts(facts).splitKeyMethod;
}

/** Bytes of the key by its Cryptographic Length, where anybody says it. */
function lengthOf(part: ManagedObject | undefined, requested: AttributeSet): number | undefined {
  const bits = requested.get(attributes.cryptographicLength) ?? part?.attributes.get(attributes.cryptographicLength);
  const algorithm = requested.get(attributes.cryptographicAlgorithm);
  if (bits === undefined) return undefined;
  const known = [...(symmetricAlgorithm(algorithm).lengths ?? [])].find(([, lengths]) => lengths.includes(bits));
  return known?.[0] ?? Math.ceil(bits / 8);
}

/** The DER of a private key without a zero behind it. */
function wholeElement(bytes: Buffer): Buffer {
  for (const candidate of [bytes, bytes.subarray(0, -1)]) {
    try {
      const reader = new DerReader(candidate, "private key");
      reader.take(DerTag.Sequence);
      reader.end();
      return candidate;
    } catch (error) {
      if (!(error instanceof KmipError)) throw error;
    }
  }
  throw new KmipError("CryptographicFailure", "the parts do not give a private key");
}

/** The formats of private keys that are told by their content. */
const privateFormats = [KeyFormatType.PKCS_8, KeyFormatType.PKCS_1, KeyFormatType.ECPrivateKey] as const;

function formatOf(objectType: number, keyMaterial: Buffer): number {
  if (objectType !== ObjectType.PrivateKey) return KeyFormatType.Raw;
  const format = privateFormats.find((keyFormatType) => isReadable(keyFormatType, keyMaterial));
  if (format !== undefined) return format;
  throw new KmipError("CryptographicFailure", "the parts do not give a private key");
}

function isReadable(keyFormatType: number, keyMaterial: Buffer): boolean {
  try {
    readKeyBlock(ObjectType.PrivateKey, { keyFormatType, keyValue: { keyMaterial } }).value.fill(0);
    return true;
  } catch (error) {
    if (error instanceof KmipError) return false;
    throw error;
  }
}
