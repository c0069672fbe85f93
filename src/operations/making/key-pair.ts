import { createHash } from "node:crypto";
import { publicKeyFromDer } from "#certs/key-reading.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicUsageMask, KeyFormatType, LinkType, ObjectType } from "#protocol/enums/index.js";
import type { PairKeyType } from "#src/crypto/formats/key.js";
import { generatePairInSoftware, type SoftwarePair } from "#src/crypto/software/key-pairs.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import type { Custody } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { isConfined } from "#src/objects/protection.js";
import { newIdentifier } from "#storage/identifiers.js";
import { type OperationContext, takesPartInTests } from "../contract/context.js";
import { linked } from "./links.js";
import { type PairKind, pairKind } from "./pair-kinds.js";
import { tokenGenerator } from "./symmetric-key.js";

/** What is asked of each half, accepted. */
export interface PairRequest {
  readonly privateRequested: AttributeSet;
  readonly publicRequested: AttributeSet;
  readonly inToken: boolean;
}

/** The two halves, linked to each other. */
export interface KeyPair {
  readonly privateKey: ManagedObject;
  readonly publicKey: ManagedObject;
}

/** A pair as it is kept. */
interface KeptPair {
  readonly custody: Custody;
  readonly blob: Buffer;
  readonly keyEncryptionKeyVersion: number;
  readonly digest: Buffer | null;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Buffer;
}

/** The Key Format Types that the halves of a pair are told in, which their digests are of. */
interface PairFormats {
  readonly privateFormat: number;
  readonly publicFormat: number;
  readonly privateDigest: number;
}

/** PKCS#8 and SubjectPublicKeyInfo. */
const envelopes: PairFormats = {
  privateFormat: KeyFormatType.PKCS_8,
  publicFormat: KeyFormatType.X_509,
  privateDigest: KeyFormatType.PKCS_8,
};

const formats: Readonly<Record<PairKeyType, PairFormats>> = {
  rsa: {
    privateFormat: KeyFormatType.PKCS_1,
    publicFormat: KeyFormatType.PKCS_1,
    privateDigest: KeyFormatType.PKCS_1,
  },
  ec: {
    privateFormat: KeyFormatType.ECPrivateKey,
    publicFormat: KeyFormatType.X_509,
    privateDigest: KeyFormatType.PKCS_8,
  },
  dsa: envelopes,
  edwards: envelopes,
  dh: envelopes,
  montgomery: envelopes,
};

/**
 * Makes a key pair in the tenant's partition, or in software where the token makes none of its kind, and the objects
 * around it. Throws KmipError and CryptoError.
 */
export async function makeKeyPair(context: OperationContext, request: PairRequest): Promise<KeyPair> {
  const kind = pairKind(request.privateRequested, takesPartInTests(context));
  const privateId = newIdentifier();
  const publicId = newIdentifier();
  const confined = isConfined(request.privateRequested);
  const made = await make(context, privateId, kind, { inToken: request.inToken, confined });
  const { keyType } = kind;
  const { privateFormat, publicFormat, privateDigest } = formats[keyType];
  const common = { tenantId: context.tenantId, now: context.now, algorithm: kind.algorithm, length: kind.length };
  const { custody, blob, keyEncryptionKeyVersion } = made;
  const privateKey = newObject({
    ...common,
    id: privateId,
    objectType: ObjectType.PrivateKey,
    requested: withCurve(request.privateRequested, kind),
    material: { form: "private", custody, keyType, blob, keyEncryptionKeyVersion, keyFormatType: privateFormat },
    digest: made.digest,
    digestFormat: privateDigest,
    defaultUsageMask: CryptographicUsageMask.Sign,
    generator: tokenGenerator,
  });
  const publicKey = newObject({
    ...common,
    id: publicId,
    objectType: ObjectType.PublicKey,
    requested: withCurve(request.publicRequested, kind),
    material: {
      form: "public",
      custody: custody === "software" ? "software" : "wrapped",
      keyType,
      blob: made.publicKey,
      keyEncryptionKeyVersion: 0,
      keyFormatType: publicFormat,
    },
    digest: publicDigest(made.publicKey, keyType),
    digestFormat: publicFormat,
    defaultUsageMask: CryptographicUsageMask.Verify,
    generator: tokenGenerator,
  });
  return {
    privateKey: linked(privateKey, LinkType.PublicKeyLink, publicId),
    publicKey: linked(publicKey, LinkType.PrivateKeyLink, privateId),
  };
}

/** Where the private half may be. */
interface Secrecy {
  readonly inToken: boolean;
  /** Sensitive, or not Extractable. */
  readonly confined: boolean;
}

async function make(
  context: OperationContext,
  objectId: string,
  { maker }: PairKind,
  { inToken, confined }: Secrecy,
): Promise<KeptPair> {
  if (maker.by === "software") return makeInSoftware(context, objectId, maker.pair, { inToken, confined });
  const custody = context.keys.custodyFor({ highProtection: inToken });
  const request = { objectId, algorithm: maker.request, custody, confined };
  const { privateKey, publicKey } = await context.keys.generatePair(request);
  const { material: blob, keyEncryptionKeyVersion, digest } = privateKey;
  return { custody, blob, keyEncryptionKeyVersion, digest, publicKey };
}

/** Makes a pair in the process; its private half is kept wrapped, as bytes, like any other secret. */
async function makeInSoftware(
  context: OperationContext,
  objectId: string,
  pair: SoftwarePair,
  { inToken, confined }: Secrecy,
): Promise<KeptPair> {
  if (!context.cryptography.softwareAllowed) {
    throw new KmipError("InvalidAttributeValue", "the token makes no such key pairs, and the tenant allows no others");
  }
  if (inToken) throw new KmipError("PrivateProtectionStorageUnavailable", "the token makes no such key pairs");
  if (confined) {
    throw new KmipError(
      "PermissionDenied",
      "the token makes no such key pairs, and a private key that is Sensitive or not Extractable is made nowhere else",
    );
  }
  const { privateKey, publicKey } = await context.keys.makeOutside(() => generatePairInSoftware(pair));
  const digest = createHash("sha256").update(privateKey).digest();
  const stored = await context.keys.importKey({
    objectId,
    keyClass: "secret",
    keyType: "generic",
    value: privateKey,
    custody: "wrapped",
  });
  const { material: blob, keyEncryptionKeyVersion } = stored;
  return { custody: "software", blob, keyEncryptionKeyVersion, digest, publicKey };
}

/** SHA-256 of a public key in the format its Digest names: RSAPublicKey (PKCS#1), or SubjectPublicKeyInfo. */
function publicDigest(subjectPublicKeyInfo: Buffer, keyType: PairKeyType): Buffer {
  const encoded =
    keyType === "rsa"
      ? publicKeyFromDer(subjectPublicKeyInfo).export({
          format: "der",
          type: "pkcs1",
        })
      : subjectPublicKeyInfo;
  return createHash("sha256").update(encoded).digest();
}

function withCurve(requested: AttributeSet, { curve }: PairKind): AttributeSet {
  if (curve === undefined) return requested;
  const parameters = requested.get(attributes.cryptographicDomainParameters);
  return requested.with(attributes.cryptographicDomainParameters, { ...parameters, recommendedCurve: curve });
}
