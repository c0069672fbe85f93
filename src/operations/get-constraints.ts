import { Operation } from "#protocol/enums/index.js";
import { getConstraintsRequest, getConstraintsResponse } from "#protocol/payloads/get-constraints.js";
import { V2_1 } from "#protocol/versions.js";
import { defineOperation } from "./contract/operation.js";

/** Get Constraints (KMIP 2.1 §6.1.22): what has to hold of objects that are made or changed in the caller's tenant. */
export const getConstraints = defineOperation({
  code: Operation.GetConstraints,
  name: "Get Constraints",
  versions: { since: V2_1 },
  request: getConstraintsRequest,
  response: getConstraintsResponse,
  permission: "inquire",
  run: ({ request }) => Promise.resolve({ constraints: request.caller.settings.constraints }),
});
