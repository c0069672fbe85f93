import { ObjectType } from "#protocol/enums/index.js";
import type { RegisterRequest } from "#protocol/payloads/register.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** The parts of an object to be registered, whatever its type. */
export type Registered =
  | { readonly kind: "key"; readonly keyBlock: KeyBlock; readonly subtype?: number }
  | { readonly kind: "certificate"; readonly type: number; readonly value: Buffer }
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
]);

/** Object Types that can be registered. */
export const registrableTypes: readonly number[] = [...parts.keys()];

/** The object of a request, which must be of the Object Type it announces. Throws KmipError. */
export function registeredObject(objectType: number, fields: ObjectFields): Registered {
  const find = parts.get(objectType);
  if (find === undefined) throw new KmipError("InvalidObjectType", "objects of this type cannot be registered here");
  const registered = find(fields);
  if (registered === undefined) throw new KmipError("InvalidField", "the request holds no object of its Object Type");
  if (Object.values(objectsOf(fields)).filter((each) => each !== undefined).length > 1) {
    throw new KmipError("InvalidField", "the request holds more than one object");
  }
  return registered;
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
