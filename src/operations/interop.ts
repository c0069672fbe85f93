import { InteropFunction, Operation } from "#protocol/enums/index.js";
import { interopRequest, interopResponse } from "#protocol/payloads/interop.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";

/**
 * Interop (KMIP 2.1 §6.1.26): tells the server that an interoperability test begins or ends. The specification forbids
 * it on production servers, so it is there only where the tenant or the configuration says so.
 */
export const interop = defineOperation({
  code: Operation.Interop,
  name: "Interop",
  versions: { since: V2_0 },
  request: interopRequest,
  response: interopResponse,
  permission: "inquire",
  isOffered: ({ settings }, { interoperabilityTests }) => settings.interoperabilityTests || interoperabilityTests,
  undo: "impossible",
  asynchrony: "never",
  async run(_context, { interopFunction, interopIdentifier }) {
    if (interopIdentifier === "") throw new KmipError("InvalidField", "an Interop Identifier is not empty");
    if (interopFunction === InteropFunction.Reset) {
      throw new KmipError(
        "FeatureNotSupported",
        "the server does not reset itself; start one with a new data directory",
      );
    }
    return {};
  },
});
