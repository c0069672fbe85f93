import { ObjectType } from "#protocol/enums/index.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";

/** The field of a response that carries an object of each type, around its Key Block. */
type KeyField = Pick<GetResponse, "symmetricKey" | "publicKey" | "privateKey" | "secretData">;

const keyFields: ReadonlyMap<number, (keyBlock: KeyBlock, subtype: number) => KeyField> = new Map<
  number,
  (keyBlock: KeyBlock, subtype: number) => KeyField
>([
  [ObjectType.SymmetricKey, (keyBlock) => ({ symmetricKey: { keyBlock } })],
  [ObjectType.PublicKey, (keyBlock) => ({ publicKey: { keyBlock } })],
  [ObjectType.PrivateKey, (keyBlock) => ({ privateKey: { keyBlock } })],
  [ObjectType.SecretData, (keyBlock, secretDataType) => ({ secretData: { secretDataType, keyBlock } })],
]);

/** The field that carries an object made of a Key Block. Throws KmipError for other objects. */
export function keyField(object: ManagedObject, keyBlock: KeyBlock): KeyField {
  const make = keyFields.get(object.objectType);
  if (make === undefined) throw new KmipError("InvalidObjectType", "objects of this type have no Key Block");
  return make(keyBlock, object.material?.subtype ?? 0);
}

/** Whether objects of a type are made of a Key Block. */
export function hasKeyBlock(objectType: number): boolean {
  return keyFields.has(objectType);
}
