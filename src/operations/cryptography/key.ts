import { type KeyObject, X509Certificate } from "node:crypto";
import { CertificateError } from "#certs/errors.js";
import { certifiedKey } from "#certs/key-reading.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, CryptographicAlgorithm, PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { curveTable } from "#src/crypto/formats/curves.js";
import type { KeyReference } from "#src/crypto/port.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import { materialOf, referenceOf } from "#src/inventory/key-keeper.js";
import type { MaterialKeyType } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";

/** An object's key, with everything its use depends on. Throws KmipError where the object has none to use. */
export function keyOf(object: ManagedObject): UsableKey {
  const material = materialOf(object);
  if (material.form === "certificate") return keyOfCertificate(object, material.subtype, material.blob);
  if (material.keyWrappingData !== undefined) {
    throw new KmipError("KeyValueNotPresent", "the key was registered wrapped, and its value is not known");
  }
  if (material.structured === true) {
    throw new KmipError("UnsupportedCryptographicParameters", "a key in this Key Format Type is only kept");
  }
  const bits = object.attributes.get(attributes.cryptographicLength) ?? 0;
  return {
    reference: referenceOf(object),
    keyType: material.keyType,
    algorithm: object.attributes.get(attributes.cryptographicAlgorithm),
    bits,
    modulusBits: bits,
    form: material.form === "bytes" ? "secret" : material.form,
    softwareOnly: material.custody === "software",
    mayLeave: material.custody !== "token" && !isConfined(object.attributes),
    namesPkcs1: object.attributes
      .values(attributes.cryptographicParameters)
      .some(({ paddingMethod }) => paddingMethod === PaddingMethod.PKCS1V1_5),
  };
}

/** What the types of public keys are called here, by node:crypto's name. */
const certifiedKeys: ReadonlyMap<string, { readonly keyType: MaterialKeyType; readonly algorithm: number }> = new Map<
  string,
  { readonly keyType: MaterialKeyType; readonly algorithm: number }
>([
  ["rsa", { keyType: "rsa", algorithm: CryptographicAlgorithm.RSA }],
  ["ec", { keyType: "ec", algorithm: CryptographicAlgorithm.EC }],
  ["dsa", { keyType: "dsa", algorithm: CryptographicAlgorithm.DSA }],
  ["ed25519", { keyType: "edwards", algorithm: CryptographicAlgorithm.Ed25519 }],
  ["ed448", { keyType: "edwards", algorithm: CryptographicAlgorithm.Ed448 }],
]);

/** The key in the DER of a certificate; undefined where it cannot be read. */
function keyIn(certificate: Buffer): KeyObject | undefined {
  try {
    return certifiedKey(new X509Certificate(certificate));
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

/** The key in a certificate (KMIP 2.1 §4.16: its Cryptographic Parameters are those of that key). */
function keyOfCertificate(object: ManagedObject, subtype: number | undefined, value: Buffer): UsableKey {
  if (subtype !== CertificateType.X_509) {
    throw new KmipError("UnsupportedCryptographicParameters", "only the keys of X.509 certificates are used");
  }
  const publicKey = keyIn(value);
  const known = certifiedKeys.get(publicKey?.asymmetricKeyType ?? "");
  if (publicKey === undefined || known === undefined) {
    throw new KmipError("UnsupportedCryptographicParameters", "the key of the certificate is of no known kind");
  }
  const { keyType, algorithm } = known;
  const bits = object.attributes.get(attributes.cryptographicLength) ?? 0;
  const inEngine = keyType === "rsa" || keyType === "ec";
  const reference: KeyReference = {
    objectId: object.id,
    custody: "wrapped",
    keyClass: "public",
    keyType: inEngine ? keyType : "generic",
    material: publicKey.export({ type: "spki", format: "der" }),
    keyEncryptionKeyVersion: 0,
  };
  return {
    reference,
    keyType,
    algorithm,
    bits,
    modulusBits: publicKey.asymmetricKeyDetails?.modulusLength ?? bits,
    form: "public",
    softwareOnly: !inEngine || !isEngineCurve(publicKey.asymmetricKeyDetails?.namedCurve),
    mayLeave: true,
    namesPkcs1: false,
  };
}

/** Whether the engine knows the curve of a key, if it has one. */
function isEngineCurve(name: string | undefined): boolean {
  return name === undefined || curveTable.some((curve) => curve.ecdhName === name && curve.name !== null);
}

/**
 * The Cryptographic Parameters of a request; where it names none, the first that the object has as an attribute
 * (KMIP 2.1 §6.1.17).
 */
export function parametersOf(
  object: ManagedObject,
  requested: CryptographicParameters | undefined,
): CryptographicParameters {
  const named = requested !== undefined && Object.values(requested).some((value) => value !== undefined);
  return named ? requested : (object.attributes.values(attributes.cryptographicParameters)[0] ?? {});
}
