/** What the owner of an object is told, by the state of the object: written down from the specification, not from the server. */
import { type KindName, type StateName, stateNames } from "./subjects.js";
import { bestKind } from "./usual.js";

const standing: readonly StateName[] = ["Pre-Active", "Active", "Deactivated", "Compromised"];
const processing: readonly StateName[] = ["Active", "Deactivated", "Compromised"];

/** States in which operations serve the kind of object they work on best (KMIP 2.1 §4.57, §6.1). */
const served: Readonly<Record<string, readonly StateName[]>> = {
  "Get Attributes": stateNames,
  "Get Attribute List": stateNames,
  // Of what is destroyed, the attributes.
  Export: stateNames,
  Get: standing,
  Check: standing,
  "Add Attribute": standing,
  "Modify Attribute": standing,
  "Set Attribute": standing,
  "Delete Attribute": standing,
  Archive: standing,
  Recover: standing,
  Validate: standing,
  "Re-key": standing,
  "Re-key Key Pair": standing,
  "Create Split Key": standing,
  Activate: ["Pre-Active"],
  Destroy: ["Pre-Active", "Deactivated", "Compromised"],
  // Told to have been compromised.
  Revoke: ["Pre-Active", "Active", "Deactivated", "Compromised", "Destroyed"],
  Certify: ["Pre-Active", "Active"],
  "Obtain Lease": ["Pre-Active", "Active", "Deactivated"],
  Encrypt: ["Active"],
  Sign: ["Active"],
  MAC: ["Active"],
  "Derive Key": ["Active"],
  "Get Usage Allocation": ["Active"],
  Decrypt: processing,
  "Signature Verify": processing,
  "MAC Verify": processing,
};

/** Whether an operation serves its own client with an object; undefined where nothing is written down. */
export function isServed(operation: string, kind: KindName, state: StateName): boolean | undefined {
  return kind === bestKind(operation) ? served[operation]?.includes(state) : undefined;
}
