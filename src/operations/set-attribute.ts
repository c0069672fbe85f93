import { Operation } from "#protocol/enums/index.js";
import { setAttributeRequest, setAttributeResponse } from "#protocol/payloads/set-attribute.js";
import { V2_0 } from "#protocol/versions.js";
import { acceptOne } from "#src/objects/accept-attributes.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedObject, checkAddable, checkAddableNow, checkChangeable, withChanged } from "./attributes/changing.js";
import { defineOperation } from "./contract/operation.js";

/** Set Attribute (KMIP 2.1 §6.1.51): adds the attribute where there is none, changes the only instance where there is one. */
export const setAttribute = defineOperation({
  code: Operation.SetAttribute,
  name: "Set Attribute",
  versions: { since: V2_0 },
  request: setAttributeRequest,
  response: setAttributeResponse,
  permission: "modify",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes }, { newAttribute }) {
    const { name } = newAttribute;
    checkAddable(newAttribute);
    checkAddableNow(target.attributes, name, now);
    const [first, second] = target.attributes.instances(name);
    if (second !== undefined)
      throw new KmipError("MultiValuedAttribute", `the object has several instances of "${name}"`);
    if (first !== undefined) checkChangeable(target.attributes, name, now);
    const set =
      first === undefined
        ? acceptOne(target.attributes, target.objectType, newAttribute)
        : withChanged(target.attributes, first, newAttribute);
    changes.update(changedObject(target, set, now));
    return { uniqueIdentifier: target.id };
  },
});
