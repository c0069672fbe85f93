import { Operation } from "#protocol/enums/index.js";
import { addAttributeRequest, addAttributeResponse } from "#protocol/payloads/add-attribute.js";
import { acceptOne } from "#src/objects/accept-attributes.js";
import { changedObject, checkAddable, checkAddableNow } from "./attributes/changing.js";
import { defineOperation } from "./contract/operation.js";

/** Add Attribute (KMIP 2.1 §6.1.2): one more instance; values that stand are not touched. */
export const addAttribute = defineOperation({
  code: Operation.AddAttribute,
  name: "Add Attribute",
  versions: {},
  request: addAttributeRequest,
  response: addAttributeResponse,
  permission: "modify",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  oneXReasons: {
    AttributeSingleValued: "IllegalOperation",
    InvalidAttribute: "PermissionDenied",
    NonUniqueNameAttribute: "IllegalOperation",
    ServerLimitExceeded: "IndexOutOfBounds",
  },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes }, { newAttribute }) {
    checkAddable(newAttribute);
    checkAddableNow(target.attributes, newAttribute.name, now);
    const set = acceptOne(target.attributes, target.objectType, newAttribute);
    changes.update(changedObject(target, set, now));
    return { uniqueIdentifier: target.id, attribute: set.of(newAttribute.name).at(-1) };
  },
});
