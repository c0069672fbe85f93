import { attributes } from "#protocol/attributes/definitions.js";
import { UsageLimitsUnit } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

/**
 * Takes what an operation protects off the Usage Limits of its key, if the key has any (KMIP 2.1 §4.59): its bytes, or
 * so many objects, one for an operation however many parts it has. The lower count becomes durable with the operation,
 * and not at all where it fails. Throws KmipError `UsageLimitExceeded` where not enough is left.
 */
export function allocateUsage(context: OperationContext, bytes: number, objects: 0 | 1 = 1): void {
  const { target, changes, now } = context;
  const limits = target.attributes.get(attributes.usageLimits);
  if (limits === undefined) return;
  const used = BigInt(limits.usageLimitsUnit === UsageLimitsUnit.Byte ? bytes : objects);
  if (used === 0n) return;
  const left = (limits.usageLimitsCount ?? limits.usageLimitsTotal) - used;
  if (left < 0n) throw new KmipError("UsageLimitExceeded", "the Usage Limits of the key do not allow this");
  const set = target.attributes.with(attributes.usageLimits, { ...limits, usageLimitsCount: left });
  changes.update(changedAt(withAttributes(target, set), now));
}
