import { ObjectType } from "#protocol/enums/index.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import type { SplitKeyFacts } from "#protocol/structures/managed-objects.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import { readSplitKeyFacts } from "#src/objects/split-key-facts.js";

/** The field of a response that carries an object of each type, around its Key Block. */
type KeyField = Pick<GetResponse, "symmetricKey" | "publicKey" | "privateKey" | "secretData" | "splitKey" | "pgpKey">;

type MakeField = (keyBlock: KeyBlock, material: Pick<Material, "subtype" | "splitKey">) => KeyField;

const keyFields: ReadonlyMap<number, MakeField> = new Map<number, MakeField>([
  [ObjectType.SymmetricKey, (keyBlock) => ({ symmetricKey: { keyBlock } })],
  [ObjectType.PublicKey, (keyBlock) => ({ publicKey: { keyBlock } })],
  [ObjectType.PrivateKey, (keyBlock) => ({ privateKey: { keyBlock } })],
  [ObjectType.SecretData, (keyBlock, { subtype }) => ({ secretData: { secretDataType: subtype ?? 0, keyBlock } })],
  [ObjectType.PGPKey, (keyBlock, { subtype }) => ({ pgpKey: { pgpKeyVersion: subtype ?? 0, keyBlock } })],
  [ObjectType.SplitKey, (keyBlock, { splitKey }) => ({ splitKey: { ...splitKeyFactsOf(splitKey), keyBlock } })],
]);

/** The field that carries an object made of a Key Block. Throws KmipError for other objects. */
export function keyField(object: ManagedObject, keyBlock: KeyBlock): KeyField {
  const make = keyFields.get(object.objectType);
  if (make === undefined) throw new KmipError("InvalidObjectType", "objects of this type have no Key Block");
  return make(keyBlock, object.material ?? {});
}

function splitKeyFactsOf(kept: Buffer | undefined): SplitKeyFacts {
  if (kept === undefined) throw new TypeError("a split key is kept with its parts, threshold and method");
  return readSplitKeyFacts(kept);
}

/** Whether objects of a type are made of a Key Block. */
export function hasKeyBlock(objectType: number): boolean {
  return keyFields.has(objectType);
}
