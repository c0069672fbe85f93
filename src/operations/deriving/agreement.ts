import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType, SecretDataType } from "#protocol/enums/index.js";
import { badParameters } from "#src/crypto/mechanisms/key.js";
import { CryptoError, type StoredKey } from "#src/crypto/port.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { isConfined } from "#src/objects/protection.js";
import { newIdentifier } from "#storage/identifiers.js";
import { keyOf } from "../cryptography/key.js";
import { secretAlgorithms } from "../making/key-algorithms.js";
import { refuseTokenStorage, wantsToken } from "../making/requested.js";
import { badDerivation, type Derivation } from "./derivation.js";

/** The two keys of an agreement. Throws KmipError where the request names others. */
export function agreeingKeys({ bases, parameters }: Derivation): {
  readonly privateKey: ManagedObject;
  readonly publicKey: ManagedObject;
} {
  if (parameters.derivationData.length > 0) throw badDerivation("key agreement takes no Derivation Data");
  const privateKey = bases.find(({ objectType }) => objectType === ObjectType.PrivateKey);
  const publicKey = bases.find(({ objectType }) => objectType === ObjectType.PublicKey);
  if (privateKey === undefined || publicKey === undefined || bases.length !== 2) {
    throw badDerivation("key agreement takes a private and a public key");
  }
  return { privateKey, publicKey };
}

/**
 * The object that two keys agree on, made in the token from key to key; undefined where the token does not agree so, or
 * knows no keys of their kind. Throws KmipError and CryptoError.
 */
export async function agreedInToken(
  derivation: Derivation,
  objectType: number,
  requested: AttributeSet,
): Promise<ManagedObject | undefined> {
  const { context, length } = derivation;
  const { privateKey, publicKey } = agreeingKeys(derivation);
  const usable = keyOf(privateKey);
  if (usable.softwareOnly || usable.keyType !== "ec") return undefined;
  const isKey = objectType === ObjectType.SymmetricKey;
  const inToken = wantsToken(requested, undefined);
  const id = newIdentifier();
  const algorithm = requested.get(attributes.cryptographicAlgorithm);
  const row = isKey && algorithm !== undefined ? secretAlgorithms.get(algorithm) : undefined;
  const keyType = row?.keyType ?? "generic";
  const isOfToken = isKey && row?.softwareOnly !== true;
  if (inToken && !isOfToken) throw refuseTokenStorage();
  const custody = isOfToken ? context.keys.custodyFor({ highProtection: inToken }) : "wrapped";
  const peer = await context.keys.plaintext(publicKey);
  const stored = await orUndefined(
    context.keys.agreeKey(usable.reference, peer, {
      objectId: id,
      keyType,
      length,
      custody,
      confined: isConfined(requested),
    }),
    usable.mayLeave,
  );
  if (stored === undefined) return undefined;
  const material: Material = {
    form: isKey ? "secret" : "bytes",
    custody,
    keyType,
    blob: stored.material,
    keyEncryptionKeyVersion: stored.keyEncryptionKeyVersion,
    keyFormatType: KeyFormatType.Raw,
    ...(isKey ? {} : { subtype: SecretDataType.Seed }),
  };
  return newObject({
    tenantId: context.tenantId,
    id,
    objectType,
    now: context.now,
    requested: requested.with(attributes.originalCreationDate, context.now),
    material,
    digest: stored.digest,
    digestFormat: KeyFormatType.Raw,
    defaultUsageMask: row?.usage,
  });
}

/** What the token does not do, software may, for keys that may be there. */
async function orUndefined(agreed: Promise<StoredKey>, mayLeave: boolean): Promise<StoredKey | undefined> {
  try {
    return await agreed;
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    if (error.code === "unsupported" || (error.code === "invalid-data" && mayLeave)) return undefined;
    if (error.code === "invalid-data") throw badParameters("the private and the public key do not agree so");
    throw error;
  }
}
