import { attributes } from "#protocol/attributes/definitions.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { MechanismKey } from "#src/crypto/mechanisms/key.js";
import type { UsableKey } from "#src/crypto/rsa/perform.js";
import { referenceOf } from "#src/inventory/key-keeper.js";
import type { ManagedObject } from "#src/objects/managed-object.js";

/** An object's key, with what the choice of a mechanism depends on. Throws KmipError where the object has none. */
export function keyOf(object: ManagedObject): MechanismKey & UsableKey {
  const reference = referenceOf(object);
  return {
    reference,
    keyType: reference.keyType,
    algorithm: object.attributes.get(attributes.cryptographicAlgorithm),
    modulusBits: object.attributes.get(attributes.cryptographicLength) ?? 0,
  };
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
