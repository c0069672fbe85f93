import { createHash, createPublicKey } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CryptographicUsageMask,
  KeyFormatType,
  LinkType,
  ObjectType,
  RecommendedCurve,
} from "#protocol/enums/index.js";
import type { GeneratePairRequest } from "#src/crypto/port.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { curveOfLength, curves, pairAlgorithms, rsaLengths } from "./key-algorithms.js";
import { linked } from "./links.js";
import { demand } from "./requested.js";
import { tokenGenerator } from "./symmetric-key.js";

/** The public exponent of every RSA key made here (FIPS 186-5 §5.4 asks for one above 2¹⁶). */
const rsaPublicExponent = 65537n;

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

interface PairKind {
  readonly algorithm: number;
  readonly length: number;
  readonly generate: GeneratePairRequest["algorithm"];
  readonly curve: number | undefined;
}

/** Makes a key pair in the tenant's partition and the objects around it. Throws KmipError and CryptoError. */
export async function makeKeyPair(context: OperationContext, request: PairRequest): Promise<KeyPair> {
  const kind = kindOf(request.privateRequested);
  const privateId = newIdentifier();
  const publicId = newIdentifier();
  const custody = context.keys.custodyFor({ highProtection: request.inToken });
  const made = await context.keys.generatePair({ objectId: privateId, algorithm: kind.generate, custody });
  const { keyType } = kind.generate;
  const common = { tenantId: context.tenantId, now: context.now, algorithm: kind.algorithm, length: kind.length };
  const privateKey = newObject({
    ...common,
    id: privateId,
    objectType: ObjectType.PrivateKey,
    requested: withCurve(request.privateRequested, kind),
    material: {
      form: "private",
      custody,
      keyType,
      blob: made.privateKey.material,
      keyEncryptionKeyVersion: made.privateKey.keyEncryptionKeyVersion,
      keyFormatType: keyType === "rsa" ? KeyFormatType.PKCS_1 : KeyFormatType.ECPrivateKey,
    },
    digest: made.privateKey.digest,
    digestFormat: keyType === "rsa" ? KeyFormatType.PKCS_1 : KeyFormatType.PKCS_8,
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
      custody: "wrapped",
      keyType,
      blob: made.publicKey,
      keyEncryptionKeyVersion: 0,
      keyFormatType: keyType === "rsa" ? KeyFormatType.PKCS_1 : KeyFormatType.X_509,
    },
    digest: publicDigest(made.publicKey, keyType),
    digestFormat: keyType === "rsa" ? KeyFormatType.PKCS_1 : KeyFormatType.X_509,
    defaultUsageMask: CryptographicUsageMask.Verify,
    generator: tokenGenerator,
  });
  return {
    privateKey: linked(privateKey, LinkType.PublicKeyLink, publicId),
    publicKey: linked(publicKey, LinkType.PrivateKeyLink, privateId),
  };
}

/** SHA-256 of a public key in the format its Digest names: RSAPublicKey (PKCS#1), or SubjectPublicKeyInfo. */
function publicDigest(subjectPublicKeyInfo: Buffer, keyType: "rsa" | "ec"): Buffer {
  const encoded =
    keyType === "rsa"
      ? createPublicKey({ key: subjectPublicKeyInfo, format: "der", type: "spki" }).export({
          format: "der",
          type: "pkcs1",
        })
      : subjectPublicKeyInfo;
  return createHash("sha256").update(encoded).digest();
}

function kindOf(requested: AttributeSet): PairKind {
  const algorithm = demand(requested.get(attributes.cryptographicAlgorithm), "Cryptographic Algorithm");
  const row = pairAlgorithms.get(algorithm);
  if (row === undefined) {
    throw new KmipError("InvalidAttributeValue", "the server makes no key pairs of this Cryptographic Algorithm");
  }
  return row.keyType === "rsa" ? rsaKind(requested, algorithm) : curveKind(requested, algorithm);
}

function rsaKind(requested: AttributeSet, algorithm: number): PairKind {
  const length = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  if (length < rsaLengths.from || length > rsaLengths.to || length % 8 !== 0) {
    throw new KmipError("InvalidAttributeValue", `RSA keys have ${rsaLengths.from} to ${rsaLengths.to} bits here`);
  }
  return {
    algorithm,
    length,
    generate: { keyType: "rsa", bits: length, publicExponent: rsaPublicExponent },
    curve: undefined,
  };
}

function curveKind(requested: AttributeSet, algorithm: number): PairKind {
  const length = requested.get(attributes.cryptographicLength);
  const named = requested.get(attributes.cryptographicDomainParameters)?.recommendedCurve;
  const curve = named ?? (length === undefined ? RecommendedCurve.P_256 : curveOfLength(length));
  const row = curve === undefined ? undefined : curves.get(curve);
  if (row === undefined || (length !== undefined && length !== row.bits)) {
    throw new KmipError("InvalidAttributeValue", "the server makes EC keys on P-256, P-384 and P-521");
  }
  return { algorithm, length: row.bits, generate: { keyType: "ec", curve: row.name }, curve };
}

function withCurve(requested: AttributeSet, { curve }: PairKind): AttributeSet {
  if (curve === undefined) return requested;
  const parameters = requested.get(attributes.cryptographicDomainParameters);
  return requested.with(attributes.cryptographicDomainParameters, { ...parameters, recommendedCurve: curve });
}
