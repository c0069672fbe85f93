import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ObjectType, SplitKeyMethod } from "#protocol/enums/index.js";
import { ObjectTypeTable } from "#protocol/enums/objects.js";
import { isKnownIn } from "#protocol/enums/table.js";
import type { RegisterRequest } from "#protocol/payloads/register.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import type { SplitKeyFacts } from "#protocol/structures/managed-objects.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** The parts of an object to be registered, whatever its type. */
export type Registered =
  | {
      readonly kind: "key";
      readonly keyBlock: KeyBlock;
      /** Secret Data Type or PGP Key Version. */
      readonly subtype?: number;
      readonly splitKey?: SplitKeyFacts;
      /** The Key Block came wrapped, and is plaintext now. */
      readonly wasWrapped?: boolean;
    }
  | { readonly kind: "certificate"; readonly type: number; readonly value: Buffer }
  | { readonly kind: "certificate-request"; readonly type: number; readonly value: Buffer }
  | { readonly kind: "template"; readonly content: readonly AttributeInstance[] }
  | { readonly kind: "opaque"; readonly subtype: number; readonly value: Buffer };

type ObjectFields = Pick<
  RegisterRequest,
  | "certificate"
  | "symmetricKey"
  | "publicKey"
  | "privateKey"
  | "secretData"
  | "opaqueObject"
  | "splitKey"
  | "template"
  | "pgpKey"
  | "certificateRequest"
>;

/** How each Object Type that can be registered finds its parts in a request. */
const parts: ReadonlyMap<number, (fields: ObjectFields) => Registered | undefined> = new Map<
  number,
  (fields: ObjectFields) => Registered | undefined
>([
  [ObjectType.SymmetricKey, ({ symmetricKey }) => symmetricKey && { kind: "key", keyBlock: symmetricKey.keyBlock }],
  [ObjectType.PublicKey, ({ publicKey }) => publicKey && { kind: "key", keyBlock: publicKey.keyBlock }],
  [ObjectType.PrivateKey, ({ privateKey }) => privateKey && { kind: "key", keyBlock: privateKey.keyBlock }],
  [
    ObjectType.SplitKey,
    ({ splitKey }) => splitKey && { kind: "key", keyBlock: splitKey.keyBlock, splitKey: checkedSplitKey(splitKey) },
  ],
  [ObjectType.Template, ({ template }) => template && { kind: "template", content: template.attributes }],
  [
    ObjectType.PGPKey,
    ({ pgpKey }) => pgpKey && { kind: "key", keyBlock: pgpKey.keyBlock, subtype: pgpKey.pgpKeyVersion },
  ],
  [
    ObjectType.SecretData,
    ({ secretData }) =>
      secretData && { kind: "key", keyBlock: secretData.keyBlock, subtype: secretData.secretDataType },
  ],
  [
    ObjectType.OpaqueObject,
    ({ opaqueObject }) =>
      opaqueObject && { kind: "opaque", subtype: opaqueObject.opaqueDataType, value: opaqueObject.opaqueDataValue },
  ],
  [
    ObjectType.Certificate,
    ({ certificate }) =>
      certificate && { kind: "certificate", type: certificate.certificateType, value: certificate.certificateValue },
  ],
  [
    ObjectType.CertificateRequest,
    ({ certificateRequest }) =>
      certificateRequest && {
        kind: "certificate-request",
        type: certificateRequest.certificateRequestType,
        value: certificateRequest.certificateRequestValue,
      },
  ],
]);

/** Object Types of a version that can be registered. */
export function registrableTypes(version: ProtocolVersion): readonly number[] {
  return [...parts.keys()].filter((type) => isKnownIn(ObjectTypeTable, type, version));
}

/**
 * The object of a request, which must be of the Object Type it announces, and that type one of the version.
 * Throws KmipError.
 */
export function registeredObject(objectType: number, fields: ObjectFields, version: ProtocolVersion): Registered {
  const find = isKnownIn(ObjectTypeTable, objectType, version) ? parts.get(objectType) : undefined;
  if (find === undefined) throw new KmipError("InvalidObjectType", "objects of this type cannot be registered here");
  const registered = find(fields);
  if (registered === undefined) throw new KmipError("InvalidField", "the request holds no object of its Object Type");
  if (Object.values(objectsOf(fields)).filter((each) => each !== undefined).length > 1) {
    throw new KmipError("InvalidField", "the request holds more than one object");
  }
  return registered;
}

/** A share has a number among the parts, and no more parts are needed than there are (KMIP 2.1 §2.8). */
function checkedSplitKey(facts: SplitKeyFacts): SplitKeyFacts {
  const { splitKeyParts, keyPartIdentifier, splitKeyThreshold, splitKeyMethod, primeFieldSize } = facts;
  if (splitKeyThreshold < 1 || splitKeyThreshold > splitKeyParts) {
    throw new KmipError("InvalidField", "the Split Key Threshold lies outside 1 to Split Key Parts");
  }
  if (keyPartIdentifier < 1 || keyPartIdentifier > splitKeyParts) {
    throw new KmipError("InvalidField", "the Key Part Identifier lies outside 1 to Split Key Parts");
  }
  if (splitKeyMethod === SplitKeyMethod.PolynomialSharingPrimeField && primeFieldSize === undefined) {
    throw new KmipError("InvalidField", "Prime Field Size is required for polynomial sharing in a prime field");
  }
  return { splitKeyParts, keyPartIdentifier, splitKeyThreshold, splitKeyMethod, primeFieldSize };
}

/**
 * The Object Type of a request that need not announce it: that of the object it holds (KMIP 1.4 §4.41).
 * Throws KmipError where it holds none.
 */
export function importedType({
  objectType,
  ...fields
}: ObjectFields & { readonly objectType?: number | undefined }): number {
  const type = objectType ?? [...parts].find(([, find]) => find(fields) !== undefined)?.[0];
  if (type === undefined) throw new KmipError("InvalidField", "the request holds no object");
  return type;
}

function objectsOf(fields: ObjectFields): ObjectFields {
  const { certificate, symmetricKey, publicKey, privateKey, secretData, opaqueObject } = fields;
  const { splitKey, template, pgpKey, certificateRequest } = fields;
  return {
    certificate,
    symmetricKey,
    publicKey,
    privateKey,
    secretData,
    opaqueObject,
    splitKey,
    template,
    pgpKey,
    certificateRequest,
  };
}
