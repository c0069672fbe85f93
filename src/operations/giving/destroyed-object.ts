import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { GivenObject } from "./given-object.js";
import { keyField } from "./object-fields.js";
import { declared } from "./registered-key-block.js";

/** Types whose structure holds nothing beside the Key Block, so that it can stand when the material is gone. */
const bare: ReadonlySet<number> = new Set([ObjectType.SymmetricKey, ObjectType.PublicKey, ObjectType.PrivateKey]);

/** What Export gives of a destroyed object: a Key Block without its value, or nothing (KMIP 2.1 §6.1.18). */
export function destroyedObject(object: ManagedObject): GivenObject {
  if (!bare.has(object.objectType)) return {};
  const { algorithm, bits } = declared(object);
  return keyField(object, {
    keyFormatType: object.attributes.get(attributes.keyFormatType) ?? KeyFormatType.Raw,
    cryptographicAlgorithm: algorithm,
    cryptographicLength: bits,
  });
}
