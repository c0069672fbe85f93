import { attributes } from "#protocol/attributes/definitions.js";
import { UsageLimitsUnit } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedAt, type ManagedObject, withAttributes } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

/** The Usage Limits Units that are left of an object; undefined where it has no limits (KMIP 2.1 §4.59). */
export function unitsLeft({ attributes: set }: ManagedObject): bigint | undefined {
  const limits = set.get(attributes.usageLimits);
  return limits === undefined ? undefined : (limits.usageLimitsCount ?? limits.usageLimitsTotal);
}

/**
 * Takes units off the Usage Limits of an object, if it has any. The lower count becomes durable with the operation, and
 * not at all where it fails. Throws KmipError `UsageLimitExceeded` where not enough is left.
 */
export function allocateUnits({ changes, now }: OperationContext, named: ManagedObject, units: bigint): void {
  const object = changes.pending(named.id) ?? named;
  const limits = object.attributes.get(attributes.usageLimits);
  const before = unitsLeft(object);
  if (limits === undefined || before === undefined) return;
  if (units > before) throw new KmipError("UsageLimitExceeded", "the Usage Limits of the key do not allow this");
  const set = object.attributes.with(attributes.usageLimits, { ...limits, usageLimitsCount: before - units });
  changes.update(changedAt(withAttributes(object, set), now));
}

/** What an operation protects with a key. */
export interface ProtectedAmount {
  readonly bytes: number;
  /** One for an operation, however many parts it has. */
  readonly objects: 0 | 1;
}

/** Takes what an operation protects off the Usage Limits of a key. Throws KmipError `UsageLimitExceeded`. */
export function allocateUsageOf(context: OperationContext, key: ManagedObject, amount: ProtectedAmount): void {
  const unit = key.attributes.get(attributes.usageLimits)?.usageLimitsUnit;
  const units = BigInt(unit === UsageLimitsUnit.Byte ? amount.bytes : amount.objects);
  if (units !== 0n) allocateUnits(context, key, units);
}

/** The same for the object of the operation. */
export function allocateUsage(context: OperationContext, bytes: number, objects: 0 | 1 = 1): void {
  allocateUsageOf(context, context.target, { bytes, objects });
}
