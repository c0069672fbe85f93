import { randomBytes } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import { ProtectionStorageMask } from "#protocol/enums/index.js";
import type { Partition } from "#src/crypto/port.js";
import { referenceOf } from "#src/inventory/key-keeper.js";
import { type Custody, isOfEngine, type KeyType } from "#src/objects/custody.js";
import { changedAt, type ManagedObject, type Material, withAttributes } from "#src/objects/managed-object.js";

/** Material of a kind that can be moved. */
export type MovableMaterial = Material & { readonly form: "secret" | "private" };

/** What is to become of an object whose custody is to be another. */
export type MoveDecision =
  | { readonly kind: "move"; readonly material: MovableMaterial }
  /** It is there already, or has no key that could be moved. */
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly reason: string };

const nothing: MoveDecision = { kind: "nothing" };

/** Decides whether an object's key may go into another custody, by what the key is and by its attributes. */
export function decideMove(
  { material, attributes: set }: ManagedObject,
  to: Custody,
  { softwareAllowed }: { readonly softwareAllowed: boolean },
): MoveDecision {
  if (material === null || !isMovable(material) || material.custody === to) return nothing;
  if (material.custody === "token") return refused("the key was given to the token for ever, which never gives it out");
  if (to !== "software") {
    return isOfEngine(material.keyType) ? { kind: "move", material } : refused("the token has no keys of this kind");
  }
  if (!softwareAllowed) return refused("the tenant allows no cryptography beside the token");
  if (set.get(attributes.sensitive) === true)
    return refused("the key is Sensitive: it is never in the server's memory");
  if (set.get(attributes.extractable) === false) {
    return refused("the key is not Extractable: it is never in the server's memory");
  }
  return { kind: "move", material };
}

function refused(reason: string): MoveDecision {
  return { kind: "refused", reason };
}

/** Keys that are bytes to the server (registered wrapped, parts of keys, other algorithms) are only kept. */
function isMovable(material: Material): material is MovableMaterial {
  const isKey = material.form === "secret" || material.form === "private";
  return isKey && material.structured !== true && material.keyWrappingData === undefined;
}

/** The identifier for a key that is about to be made in the token. */
export function newTokenId(): Buffer {
  return randomBytes(16);
}

/**
 * Takes an object's key into another custody: into the token without its leaving the token on the way, out of software
 * or into it through the server's memory. Gives the material the object is to have. Throws CryptoError.
 */
export async function takeInto(
  partition: Partition,
  object: ManagedObject,
  material: MovableMaterial,
  { to, tokenId }: { readonly to: Custody; readonly tokenId: Buffer },
): Promise<Material> {
  const reference = referenceOf(object);
  if (to === "token" && material.custody === "wrapped") {
    await partition.moveToToken(reference, { tokenId });
    return { ...material, custody: "token", blob: tokenId, keyEncryptionKeyVersion: 0 };
  }
  const value = await partition.exportKey(reference);
  const stored = await partition.importKey({
    objectId: object.id,
    ...kindFor(to, material),
    value,
    ...(to === "token" ? { custody: "token" as const, tokenId } : { custody: "wrapped" as const }),
  });
  const { material: blob, keyEncryptionKeyVersion } = stored;
  return { ...material, custody: to, blob, keyEncryptionKeyVersion };
}

/** As what the partition keeps a key: what software uses is bytes to it. */
function kindFor(
  to: Custody,
  { form, keyType }: MovableMaterial,
): { readonly keyClass: "secret" | "private"; readonly keyType: KeyType } {
  if (to === "software" || !isOfEngine(keyType)) return { keyClass: "secret", keyType: "generic" };
  return { keyClass: form, keyType };
}

/** The object with its key in another custody, at a time in seconds: what the attributes say of it is true again. */
export function inCustody(object: ManagedObject, material: Material, now: number): ManagedObject {
  const inToken = material.custody === "token";
  const mask = inToken ? ProtectionStorageMask.Hardware : ProtectionStorageMask.Software;
  const set = object.attributes.with(attributes.protectionStorageMask, mask);
  const told = inToken ? set.with(attributes.extractable, false) : set;
  return changedAt({ ...withAttributes(object, told), material }, now);
}
