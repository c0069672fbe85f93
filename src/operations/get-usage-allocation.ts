import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, Operation } from "#protocol/enums/index.js";
import { getUsageAllocationRequest, getUsageAllocationResponse } from "#protocol/payloads/get-usage-allocation.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";
import { usesOf } from "./cryptography/key-uses.js";
import { allocateUnits } from "./cryptography/usage-limits.js";

/** Get Usage Allocation (KMIP 2.1 §6.1.23): units of an object's Usage Limits, for the client to use up by itself. */
export const getUsageAllocation = defineOperation({
  code: Operation.GetUsageAllocation,
  name: "Get Usage Allocation",
  versions: {},
  request: getUsageAllocationRequest,
  response: getUsageAllocationResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([
      ObjectType.SymmetricKey,
      ObjectType.PublicKey,
      ObjectType.PrivateKey,
      ObjectType.SplitKey,
      ObjectType.SecretData,
      ObjectType.PGPKey,
    ]),
  },
  async run(context, { usageLimitsCount }) {
    const { target, now } = context;
    if (usageLimitsCount < 0n) throw new KmipError("InvalidField", "Usage Limits Count is not negative");
    if (!target.attributes.has(attributes.usageLimits.name)) {
      throw new KmipError("AttributeNotFound", "the object has no Usage Limits");
    }
    checkProtects(target, now);
    allocateUnits(context, target, usageLimitsCount);
    return { uniqueIdentifier: target.id };
  },
});

/** Throws KmipError `PermissionDenied` where the object does not apply protection, ever or now. */
function checkProtects({ attributes: set }: ManagedObject, now: number): void {
  if (!usesOf(set.get(attributes.cryptographicUsageMask) ?? 0).includes("protect")) {
    throw new KmipError("PermissionDenied", "the object is not used to protect anything");
  }
  const refusal = useRefusal(set, "protect", now);
  if (refusal !== undefined) throw new KmipError("PermissionDenied", refusal);
}
