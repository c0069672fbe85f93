import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, Operation } from "#protocol/enums/index.js";
import { type CheckRequest, checkRequest, checkResponse } from "#protocol/payloads/check.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";
import { usesOf } from "./cryptography/key-uses.js";
import { unitsLeft } from "./cryptography/usage-limits.js";

/**
 * Check (KMIP 2.1 §6.1.7): whether the caller may use an object as it intends to. Where it may not, the item fails with
 * what stands against it, which empties the ID placeholder.
 */
export const check = defineOperation({
  code: Operation.Check,
  name: "Check",
  versions: {},
  request: checkRequest,
  response: checkResponse,
  permission: "read",
  oneXReasons: { IllegalObjectType: "IllegalOperation" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now }, request) {
    checkType(target, request);
    checkMask(target, request, now);
    checkCount(target, request);
    checkLease(target, request);
    return { uniqueIdentifier: target.id };
  },
});

/** Types of objects that are not used for anything, unless their attributes say so. */
const unused: ReadonlySet<number> = new Set([ObjectType.OpaqueObject, ObjectType.CertificateRequest]);

/** Throws KmipError `IllegalObjectType` for uses and limits of uses that an object of its type does not have. */
function checkType(
  { objectType, attributes: set }: ManagedObject,
  { cryptographicUsageMask: mask, usageLimitsCount: count }: CheckRequest,
): void {
  const hasNoUses = mask !== undefined && !set.has(attributes.cryptographicUsageMask.name);
  const hasNoLimits = count !== undefined && !set.has(attributes.usageLimits.name);
  if (objectType === ObjectType.Template || (unused.has(objectType) && (hasNoUses || hasNoLimits))) {
    throw new KmipError("IllegalObjectType", "an object of this type is not used for what is to be checked");
  }
}

/** All uses of the mask must be in the object's, and open in its present state. */
function checkMask(
  { attributes: set }: ManagedObject,
  { cryptographicUsageMask: mask }: CheckRequest,
  now: number,
): void {
  if (mask === undefined) return;
  if ((mask & ~(set.get(attributes.cryptographicUsageMask) ?? 0)) !== 0) {
    throw new KmipError(
      "IncompatibleCryptographicUsageMask",
      "the Cryptographic Usage Mask of the object does not allow this",
    );
  }
  for (const use of usesOf(mask)) {
    const refusal = useRefusal(set, use, now);
    if (refusal !== undefined) throw new KmipError("PermissionDenied", `Cryptographic Usage Mask: ${refusal}`);
  }
}

function checkCount(target: ManagedObject, { usageLimitsCount: count }: CheckRequest): void {
  if (count === undefined) return;
  if (count < 0n) throw new KmipError("InvalidField", "Usage Limits Count is not negative");
  const left = unitsLeft(target);
  if (left !== undefined && count > left) {
    throw new KmipError("UsageLimitExceeded", `Usage Limits Count: ${left} units are left`);
  }
}

function checkLease({ attributes: set }: ManagedObject, { leaseTime }: CheckRequest): void {
  const longest = set.get(attributes.leaseTime);
  if (leaseTime === undefined || longest === undefined || leaseTime <= longest) return;
  throw new KmipError("PermissionDenied", `Lease Time: leases of the object last ${longest} seconds at most`);
}
