import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, State } from "#protocol/enums/index.js";
import { destroyRequest, destroyResponse } from "#protocol/payloads/destroy.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { destroyableStates, hasState, stateAt } from "#src/objects/lifecycle.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";

/** Destroy (KMIP 2.1 §6.1.16): the key material is gone for good, the attributes stay. */
export const destroy = defineOperation({
  code: Operation.Destroy,
  name: "Destroy",
  versions: {},
  request: destroyRequest,
  response: destroyResponse,
  permission: "destroy",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, archivedAllowed: true },
  async run({ target, now, changes, keys }) {
    const state = stateAt(target.attributes, now);
    if (hasState(target.objectType) && (state === undefined || !destroyableStates.has(state))) {
      throw new KmipError("WrongKeyLifecycleState", "the object is Active; revoke it before it is destroyed");
    }
    await keys.destroy(target);
    const next = state === State.Compromised ? State.DestroyedCompromised : State.Destroyed;
    const set = target.attributes.with(attributes.state, next).with(attributes.destroyDate, now);
    changes.update(changedAt({ ...withAttributes(target, set), material: null }, now));
    return { uniqueIdentifier: target.id };
  },
});
