import { Operation } from "#protocol/enums/index.js";
import { exportRequest, exportResponse } from "#protocol/payloads/export.js";
import { V1_4 } from "#protocol/versions.js";
import { isDestroyed, stateAt } from "#src/objects/lifecycle.js";
import { instancesOf, listedNames, readableAttributes } from "./attributes/reading.js";
import { defineOperation } from "./contract/operation.js";
import { destroyedObject } from "./giving/destroyed-object.js";
import { givenObject } from "./giving/given-object.js";

/** Export (KMIP 2.1 §6.1.18): the object as Get gives it, with all its attributes; of a destroyed one those only. */
export const exportObject = defineOperation({
  code: Operation.Export,
  name: "Export",
  versions: { since: V1_4 },
  request: exportRequest,
  response: exportResponse,
  permission: "read",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, destroyedAllowed: true },
  placeholder: ({ uniqueIdentifier }) => ({ current: uniqueIdentifier }),
  async run(context, request) {
    const { target, now, version } = context;
    const set = readableAttributes(target, now, version);
    const object = isDestroyed(stateAt(target.attributes, now))
      ? destroyedObject(target)
      : await givenObject(context, target, request);
    return {
      objectType: target.objectType,
      uniqueIdentifier: target.id,
      attributes: instancesOf(set, listedNames(set, version)),
      ...object,
    };
  },
});
