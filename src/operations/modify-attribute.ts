import { Operation } from "#protocol/enums/index.js";
import { modifyAttributeRequest, modifyAttributeResponse } from "#protocol/payloads/modify-attribute.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedObject, checkChangeable, ruleOf, selectInstance, withChanged } from "./attributes/changing.js";
import { defineOperation } from "./contract/operation.js";

/** Modify Attribute (KMIP 2.1 §6.1.34): another value for an instance that stands. */
export const modifyAttribute = defineOperation({
  code: Operation.ModifyAttribute,
  name: "Modify Attribute",
  versions: {},
  request: modifyAttributeRequest,
  response: modifyAttributeResponse,
  permission: "modify",
  oneXReasons: {
    AttributeNotFound: "InvalidField",
    InvalidAttribute: "InvalidField",
    NonUniqueNameAttribute: "IllegalOperation",
  },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes, version }, { currentAttribute, newAttribute }) {
    const { name, index } = newAttribute;
    ruleOf(name);
    if (currentAttribute !== undefined && currentAttribute.name !== name) {
      throw new KmipError("InvalidField", "Current Attribute and New Attribute are of different names");
    }
    checkChangeable(target.attributes, name, now);
    const by = { index, current: currentAttribute, oneX: version < V2_0 };
    const instance = selectInstance(target.attributes, name, by);
    const set = withChanged(target.attributes, instance, newAttribute);
    changes.update(changedObject(target, set, now));
    const place = target.attributes.instances(name).indexOf(instance);
    return { uniqueIdentifier: target.id, attribute: set.of(name)[place] };
  },
});
