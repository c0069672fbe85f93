import { Operation } from "#protocol/enums/index.js";
import { deleteAttributeRequest, deleteAttributeResponse } from "#protocol/payloads/delete-attribute.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedObject, checkChangeable, ruleOf, selectInstance } from "./attributes/changing.js";
import { defineOperation } from "./contract/operation.js";

/** Delete Attribute (KMIP 2.1 §6.1.13): one instance, or in 2.x all of a name that only is referred to. */
export const deleteAttribute = defineOperation({
  code: Operation.DeleteAttribute,
  name: "Delete Attribute",
  versions: {},
  request: deleteAttributeRequest,
  response: deleteAttributeResponse,
  permission: "modify",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  oneXReasons: { InvalidAttribute: "ItemNotFound" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes, version }, { currentAttribute, attributeName, attributeIndex }) {
    const name = currentAttribute?.name ?? attributeName;
    if (name === undefined) throw new KmipError("InvalidField", "the request names no attribute");
    const { deletable } = ruleOf(name);
    if (!deletable) throw new KmipError("AttributeReadOnly", `"${name}" cannot be deleted`);
    const by = { index: attributeIndex, current: currentAttribute, oneX: true };
    const instance = selectInstance(target.attributes, name, by);
    checkChangeable(target.attributes, name, now);
    const all = version >= V2_0 && currentAttribute === undefined;
    changes.update(changedObject(target, target.attributes.without(name, all ? undefined : instance.index), now));
    const place = target.attributes.instances(name).indexOf(instance);
    return { uniqueIdentifier: target.id, attribute: target.attributes.of(name)[place] };
  },
});
