import { Operation } from "#protocol/enums/index.js";
import { getAttributeListRequest, getAttributeListResponse } from "#protocol/payloads/get-attribute-list.js";
import { listedNames, readableAttributes } from "./attributes/reading.js";
import { defineOperation } from "./contract/operation.js";

/** Get Attribute List (KMIP 2.1 §6.1.21): the names of the attributes the object has. */
export const getAttributeList = defineOperation({
  code: Operation.GetAttributeList,
  name: "Get Attribute List",
  versions: {},
  request: getAttributeListRequest,
  response: getAttributeListResponse,
  permission: "read",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, destroyedAllowed: true, archivedAllowed: true },
  async run({ target, now, version }) {
    return {
      uniqueIdentifier: target.id,
      attributeNames: listedNames(readableAttributes(target, now, version), version),
    };
  },
});
