import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, State } from "#protocol/enums/index.js";
import { activateRequest, activateResponse } from "#protocol/payloads/activate.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { stateAt } from "#src/objects/lifecycle.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import { hasAttribute } from "./attributes/reading.js";
import { defineOperation } from "./contract/operation.js";

/** Activate (KMIP 2.1 §6.1.1): from Pre-Active to Active, at once. */
export const activate = defineOperation({
  code: Operation.Activate,
  name: "Activate",
  versions: {},
  request: activateRequest,
  response: activateResponse,
  permission: "modify",
  oneXReasons: { InvalidObjectType: "IllegalOperation" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes, version }) {
    if (!hasAttribute(attributes.state, target.objectType, version)) {
      throw new KmipError("InvalidObjectType", "objects of this type have no state");
    }
    if (stateAt(target.attributes, now) !== State.PreActive) {
      throw new KmipError("WrongKeyLifecycleState", "only a Pre-Active object can be activated");
    }
    const set = target.attributes.with(attributes.state, State.Active).with(attributes.activationDate, now);
    changes.update(changedAt(withAttributes(target, set), now));
    return { uniqueIdentifier: target.id };
  },
});
