import { Operation } from "#protocol/enums/index.js";
import { adjustAttributeRequest, adjustAttributeResponse } from "#protocol/payloads/adjust-attribute.js";
import { V2_0 } from "#protocol/versions.js";
import { acceptOne } from "#src/objects/accept-attributes.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { adjustedValue } from "./attributes/adjusting.js";
import { changedObject, checkChangeable } from "./attributes/changing.js";
import { defineOperation } from "./contract/operation.js";

/** Adjust Attribute (KMIP 2.1 §6.1.3): a number, an interval or a date is moved, a number or a truth value negated. */
export const adjustAttribute = defineOperation({
  code: Operation.AdjustAttribute,
  name: "Adjust Attribute",
  versions: { since: V2_0 },
  request: adjustAttributeRequest,
  response: adjustAttributeResponse,
  permission: "modify",
  twoXReasons: { ObjectNotFound: "ItemNotFound" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes }, { attributeName: name, ...adjustment }) {
    const rule = ruleFor(name);
    if (rule === undefined) throw new KmipError("UnsupportedAttribute", `"${name}" is no attribute this server knows`);
    if (!rule.settableByClient || rule.change === "never") {
      throw new KmipError("ReadOnlyAttribute", `"${name}" cannot be changed by clients`);
    }
    const [first, second] = target.attributes.instances(name);
    if (second !== undefined) {
      throw new KmipError("MultiValuedAttribute", `the object has several instances of "${name}"`);
    }
    const value = adjustedValue(name, first?.value, adjustment);
    if (first !== undefined) checkChangeable(target.attributes, name, now);
    const set =
      first === undefined
        ? acceptOne(target.attributes, target.objectType, { name, value })
        : target.attributes.changing(name, first.index, value);
    changes.update(changedObject(target, set, now));
    return { uniqueIdentifier: target.id };
  },
});
