import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, State } from "#protocol/enums/index.js";
import { stateAt } from "./lifecycle.js";
import type { ManagedObject } from "./managed-object.js";

/** Object types that the server replaces by itself: those of Re-key, Re-key Key Pair and Re-certify (KMIP 2.1 §4.48). */
export const rotatedTypes: ReadonlySet<number> = new Set([
  ObjectType.SymmetricKey,
  ObjectType.PrivateKey,
  ObjectType.PublicKey,
  ObjectType.Certificate,
]);

const rotatedStates: ReadonlySet<number | undefined> = new Set([State.PreActive, State.Active]);

type Rotated = Pick<ManagedObject, "objectType" | "attributes">;

/** Whether the server replaces an object at a moment: not one that was replaced, archived, revoked or destroyed. */
export function isRotatable({ objectType, attributes: set }: Rotated, now: number): boolean {
  if (!rotatedTypes.has(objectType) || set.get(attributes.rotateLatest) === false) return false;
  return !set.has(attributes.archiveDate.name) && rotatedStates.has(stateAt(set, now));
}

/**
 * When the server is to replace an object: a Rotate Interval after its Initial Date (KMIP 2.1 §4.51), in seconds since
 * 1970. Undefined where it never is: nobody asked for it, or the object cannot be replaced then.
 */
export function rotationDate(object: Rotated): number | undefined {
  const { attributes: set } = object;
  const interval = set.get(attributes.rotateInterval) ?? 0;
  if (set.get(attributes.rotateAutomatic) !== true || interval === 0) return undefined;
  const date = (set.get(attributes.initialDate) ?? 0) + interval;
  return isRotatable(object, date) ? date : undefined;
}

/** Whether an object is to be replaced at a moment. */
export function isRotationDue(object: Rotated, now: number): boolean {
  const date = rotationDate(object);
  return date !== undefined && date <= now && isRotatable(object, now);
}

/** How the rotation of one object ended. */
export type RotationEnd =
  /** It is replaced, in a commit that took it off the list. */
  | { readonly kind: "rotated" }
  /** It is not to be replaced as it is; a change of it decides anew. */
  | { readonly kind: "left" }
  /** It could not be replaced, which is in the audit; `since` is when it was due, in seconds since 1970. */
  | { readonly kind: "failed"; readonly since: number | undefined }
  /** Its tenant is suspended. */
  | { readonly kind: "suspended" };
