import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, State } from "#protocol/enums/index.js";
import { obtainLeaseRequest, obtainLeaseResponse } from "#protocol/payloads/obtain-lease.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";
import { usesOf } from "./cryptography/key-uses.js";
import { unitsLeft } from "./cryptography/usage-limits.js";

/**
 * Obtain Lease (KMIP 2.1 §6.1.35): how long the client may go on with what it has cached of an object. A compromised
 * object, and one of which nothing is left to use, get no lease.
 */
export const obtainLease = defineOperation({
  code: Operation.ObtainLease,
  name: "Obtain Lease",
  versions: {},
  request: obtainLeaseRequest,
  response: obtainLeaseResponse,
  permission: "read",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now }) {
    const { attributes: set } = target;
    if (stateAt(set, now) === State.Compromised) {
      throw new KmipError("PermissionDenied", "the object is compromised; no lease is given");
    }
    if (isUsedUp(target)) {
      throw new KmipError("UsageLimitExceeded", "the Usage Limits of the object are used up; no lease is given");
    }
    return {
      uniqueIdentifier: target.id,
      leaseTime: set.get(attributes.leaseTime) ?? 0,
      lastChangeDate: set.get(attributes.lastChangeDate) ?? now,
    };
  },
});

/** Whether an object only protects, and has no units left for that. */
function isUsedUp(object: ManagedObject): boolean {
  const uses = usesOf(object.attributes.get(attributes.cryptographicUsageMask) ?? 0);
  return unitsLeft(object) === 0n && !uses.includes("process");
}
