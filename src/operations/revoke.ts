import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, RevocationReasonCode, State } from "#protocol/enums/index.js";
import { revokeRequest, revokeResponse } from "#protocol/payloads/revoke.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { hasState, stateAt } from "#src/objects/lifecycle.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";

const compromising: ReadonlySet<number> = new Set([
  RevocationReasonCode.KeyCompromise,
  RevocationReasonCode.CACompromise,
]);

/** What a compromise makes of each state (KMIP 2.1 §4.57, transitions 3, 5, 8 and 10). */
const afterCompromise: ReadonlyMap<number | undefined, number> = new Map([
  [State.PreActive, State.Compromised],
  [State.Active, State.Compromised],
  [State.Deactivated, State.Compromised],
  [State.Compromised, State.Compromised],
  [State.Destroyed, State.DestroyedCompromised],
]);

/** Revoke (KMIP 2.1 §6.1.44): deactivates an active object, or marks one in any state as compromised. */
export const revoke = defineOperation({
  code: Operation.Revoke,
  name: "Revoke",
  versions: {},
  request: revokeRequest,
  response: revokeResponse,
  permission: "modify",
  oneXReasons: { InvalidObjectType: "IllegalOperation" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, destroyedAllowed: true, archivedAllowed: true },
  async run({ target, now, changes }, request) {
    if (!hasState(target.objectType)) throw new KmipError("InvalidObjectType", "objects of this type have no state");
    const state = stateAt(target.attributes, now);
    const compromised = compromising.has(request.revocationReason.revocationReasonCode);
    const set = compromised
      ? compromise(target.attributes, state, request.compromiseOccurrenceDate, now)
      : deactivate(target.attributes, state, now);
    const reasoned = set.with(attributes.revocationReason, request.revocationReason);
    changes.update(changedAt(withAttributes(target, reasoned), now));
    return { uniqueIdentifier: target.id };
  },
});

function compromise(
  set: AttributeSet,
  state: number | undefined,
  occurrence: number | undefined,
  now: number,
): AttributeSet {
  const next = afterCompromise.get(state);
  if (next === undefined)
    throw new KmipError("WrongKeyLifecycleState", "the object is compromised and destroyed already");
  return set
    .with(attributes.state, next)
    .with(attributes.compromiseDate, now)
    .with(attributes.compromiseOccurrenceDate, occurrence ?? set.get(attributes.initialDate));
}

function deactivate(set: AttributeSet, state: number | undefined, now: number): AttributeSet {
  if (state !== State.Active) {
    throw new KmipError(
      "WrongKeyLifecycleState",
      "only an Active object can be deactivated; revoke with a compromise code",
    );
  }
  return set.with(attributes.state, State.Deactivated).with(attributes.deactivationDate, now);
}
