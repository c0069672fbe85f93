import { Operation } from "#protocol/enums/index.js";
import { getAttributesRequest, getAttributesResponse } from "#protocol/payloads/get-attributes.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { instancesOf, listedNames, readableAttributes } from "./attributes/reading.js";
import { defineOperation } from "./contract/operation.js";

/** Get Attributes (KMIP 2.1 §6.1.20): the named attributes the object has, or all. */
export const getAttributes = defineOperation({
  code: Operation.GetAttributes,
  name: "Get Attributes",
  versions: {},
  request: getAttributesRequest,
  response: getAttributesResponse,
  permission: "read",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, destroyedAllowed: true, archivedAllowed: true },
  async run({ target, now, version }, { attributeNames }) {
    const repeated = attributeNames.find((name, index) => attributeNames.indexOf(name) !== index);
    if (repeated !== undefined) throw new KmipError("InvalidMessage", `"${repeated}" is asked for more than once`);
    const set = readableAttributes(target, now, version);
    const names = attributeNames.length === 0 ? listedNames(set, version) : attributeNames;
    return { uniqueIdentifier: target.id, attributes: instancesOf(set, names) };
  },
});
