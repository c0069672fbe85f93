import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  LinkType,
  ObjectType,
  State,
} from "#protocol/enums/index.js";
import { isDestroyed, stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { type AttributeName, attributeRows } from "./attribute-types.js";
import { certificateX509, KeyKind, ObjectClass } from "./constants.js";
import { curveParameters, publicNumbers } from "./key-numbers.js";
import type { AttributeValue } from "./templates.js";

/** Where the CKA_ID of an object is kept: Application Specific Information of this namespace, in hexadecimal. */
export const identifierNamespace = "PKCS#11 CKA_ID";

/** Object Types that PKCS#11 sees, and their CK_OBJECT_CLASS. */
export const objectClasses: ReadonlyMap<number, number> = new Map<number, number>([
  [ObjectType.SymmetricKey, ObjectClass.secretKey],
  [ObjectType.PublicKey, ObjectClass.publicKey],
  [ObjectType.PrivateKey, ObjectClass.privateKey],
  [ObjectType.Certificate, ObjectClass.certificate],
  [ObjectType.OpaqueObject, ObjectClass.data],
]);

/** CK_KEY_TYPE by Cryptographic Algorithm; keys for message authentication codes are generic secrets. */
export const keyKinds: ReadonlyMap<number, number> = new Map<number, number>([
  [CryptographicAlgorithm.AES, KeyKind.aes],
  [CryptographicAlgorithm.RSA, KeyKind.rsa],
  [CryptographicAlgorithm.EC, KeyKind.ec],
  [CryptographicAlgorithm.ECDSA, KeyKind.ec],
  [CryptographicAlgorithm.ECDH, KeyKind.ec],
  [CryptographicAlgorithm.HMAC_SHA1, KeyKind.generic],
  [CryptographicAlgorithm.HMAC_SHA224, KeyKind.generic],
  [CryptographicAlgorithm.HMAC_SHA256, KeyKind.generic],
  [CryptographicAlgorithm.HMAC_SHA384, KeyKind.generic],
  [CryptographicAlgorithm.HMAC_SHA512, KeyKind.generic],
]);

/** What an attribute of a use means in the usage mask. */
export const usageBits = [
  ["ENCRYPT", CryptographicUsageMask.Encrypt],
  ["DECRYPT", CryptographicUsageMask.Decrypt],
  ["SIGN", CryptographicUsageMask.Sign | CryptographicUsageMask.MACGenerate],
  ["VERIFY", CryptographicUsageMask.Verify | CryptographicUsageMask.MACVerify],
  ["WRAP", CryptographicUsageMask.WrapKey],
  ["UNWRAP", CryptographicUsageMask.UnwrapKey],
  ["DERIVE", CryptographicUsageMask.DeriveKey],
] as const satisfies readonly (readonly [AttributeName, number])[];

/** States of objects whose keys can still be used for something. */
const visibleStates: ReadonlySet<number | undefined> = new Set([
  State.PreActive,
  State.Active,
  State.Deactivated,
  State.Compromised,
]);

/** Whether PKCS#11 shows an object at all: of a type it knows, neither destroyed nor archived. */
export function isVisible(object: ManagedObject, now: number): boolean {
  const state = stateAt(object.attributes, now);
  return (
    objectClasses.has(object.objectType) &&
    keyKindOf(object) !== "unknown" &&
    !isDestroyed(state) &&
    visibleStates.has(state) &&
    object.attributes.get(attributes.archiveDate) === undefined
  );
}

/** CK_KEY_TYPE of a key, undefined for what is no key, "unknown" for keys that PKCS#11 has no word for. */
export function keyKindOf({ objectType, attributes: set, material }: ManagedObject): number | undefined | "unknown" {
  if (objectType === ObjectType.Certificate || objectType === ObjectType.OpaqueObject) return undefined;
  if (material?.keyWrappingData !== undefined) return "unknown";
  const algorithm = set.get(attributes.cryptographicAlgorithm);
  if (algorithm === CryptographicAlgorithm.DES3) {
    return (set.get(attributes.cryptographicLength) ?? 0) <= 128 ? KeyKind.des2 : KeyKind.des3;
  }
  return (algorithm === undefined ? undefined : keyKinds.get(algorithm)) ?? "unknown";
}

/** CKA_LABEL: the first Alternative Name, or the first Name. */
export function labelOf({ attributes: set }: ManagedObject): string {
  const [alternative] = set.values(attributes.alternativeName);
  if (alternative !== undefined) return alternative.alternativeNameValue;
  return set.values(attributes.name)[0]?.nameValue ?? "";
}

/** CKA_ID: what the client gave, else the identifier of the object, of key pairs that of the private key. */
export function identifierOf({ id, objectType, attributes: set }: ManagedObject): Buffer {
  const given = set
    .values(attributes.applicationSpecificInformation)
    .find(({ applicationNamespace }) => applicationNamespace === identifierNamespace);
  if (given?.applicationData !== undefined) return Buffer.from(given.applicationData, "hex");
  const link = set.values(attributes.link).find(({ linkType }) => linkType === LinkType.PrivateKeyLink);
  const linked = objectType === ObjectType.PublicKey ? link?.linkedObjectIdentifier : undefined;
  return Buffer.from((linked?.kind === "identifier" ? linked.identifier : id).replaceAll("-", ""), "hex");
}

/** The attributes of an object that are no secret, by type. */
export function attributesOf(object: ManagedObject, isStored: boolean): ReadonlyMap<number, AttributeValue> {
  const all = [...generalValues(object, isStored), ...valuesOfClass(object)];
  return new Map(all.map(([name, value]) => [attributeRows[name][0], value]));
}

type Values = readonly (readonly [AttributeName, AttributeValue])[];

function generalValues(object: ManagedObject, isStored: boolean): Values {
  return [
    ["CLASS", objectClasses.get(object.objectType) ?? ObjectClass.data],
    ["TOKEN", isStored],
    ["PRIVATE", false],
    ["MODIFIABLE", false],
    ["COPYABLE", false],
    ["DESTROYABLE", true],
    ["LABEL", labelOf(object)],
    ["UNIQUE_ID", object.id],
  ];
}

function valuesOfClass(object: ManagedObject): Values {
  switch (object.objectType) {
    case ObjectType.Certificate:
      return certificateValues(object);
    case ObjectType.OpaqueObject:
      return [];
    default:
      return [...keyValues(object), ...valuesOfKey(object)];
  }
}

function certificateValues(object: ManagedObject): Values {
  const { material, attributes: set } = object;
  const subject = set.get(attributes.x509CertificateSubject)?.subjectDistinguishedName;
  const identifier = set.get(attributes.x509CertificateIdentifier);
  if (material === null || material.subtype !== CertificateType.X_509) return [];
  if (subject === undefined || identifier === undefined) return [];
  return [
    ["CERTIFICATE_TYPE", certificateX509],
    ["VALUE", material.blob],
    ["SUBJECT", subject],
    ["ISSUER", identifier.issuerDistinguishedName],
    ["SERIAL_NUMBER", identifier.certificateSerialNumber],
    ["ID", identifierOf(object)],
    ["TRUSTED", false],
  ];
}

function keyValues(object: ManagedObject): Values {
  const { attributes: set } = object;
  const kind = keyKindOf(object);
  const mask = set.get(attributes.cryptographicUsageMask) ?? 0;
  return [
    ["KEY_TYPE", typeof kind === "number" ? kind : KeyKind.generic],
    ["ID", identifierOf(object)],
    ["LOCAL", set.has(attributes.randomNumberGenerator.name)],
    ...usageBits.map(([name, bits]) => [name, (mask & bits) !== 0] as const),
  ];
}

function valuesOfKey(object: ManagedObject): Values {
  const { attributes: set, material, objectType } = object;
  if (objectType === ObjectType.PublicKey) {
    if (material === null) return [];
    return [["PUBLIC_KEY_INFO", material.blob], ...publicNumbers(material.blob)];
  }
  const protection: Values = [
    ["SENSITIVE", isSecret(object)],
    ["ALWAYS_SENSITIVE", set.get(attributes.alwaysSensitive) ?? false],
    ["EXTRACTABLE", set.get(attributes.extractable) ?? false],
    ["NEVER_EXTRACTABLE", set.get(attributes.neverExtractable) ?? false],
  ];
  if (objectType === ObjectType.SymmetricKey) {
    const bits = set.get(attributes.cryptographicLength) ?? 0;
    // The parity bits of 3DES are part of the key and not of its length.
    const length = set.get(attributes.cryptographicAlgorithm) === CryptographicAlgorithm.DES3 ? bits / 7 : bits / 8;
    return [...protection, ["VALUE_LEN", Math.ceil(length)]];
  }
  const curve = curveParameters(set.get(attributes.cryptographicDomainParameters)?.recommendedCurve);
  return curve === undefined ? protection : [...protection, ["EC_PARAMS", curve]];
}

/** Whether the value of a key is not given: what is not extractable is not given either. */
export function isSecret({ attributes: set }: ManagedObject): boolean {
  return set.get(attributes.sensitive) === true || set.get(attributes.extractable) !== true;
}
