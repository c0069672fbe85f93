import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { getRequest, getResponse } from "#protocol/payloads/get.js";
import { withAttributes } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";
import { givenObject } from "./giving/given-object.js";

/** Get (KMIP 2.1 §6.1.19): the object itself, in the format asked for, wrapped where asked for. */
export const get = defineOperation({
  code: Operation.Get,
  name: "Get",
  versions: {},
  request: getRequest,
  response: getResponse,
  permission: "read",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run(context, request) {
    const { target, changes } = context;
    const fields = await givenObject(context, target, request);
    if (target.attributes.get(attributes.fresh) === true) {
      changes.update(withAttributes(target, target.attributes.with(attributes.fresh, false)));
    }
    return { objectType: target.objectType, uniqueIdentifier: target.id, ...fields };
  },
});
