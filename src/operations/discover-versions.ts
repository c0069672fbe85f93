import { Operation } from "#protocol/enums/index.js";
import { discoverVersionsRequest, discoverVersionsResponse } from "#protocol/payloads/discover-versions.js";
import { V1_1 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";

/** Discover Versions (KMIP 2.1 §6.1.18): the server's versions best first, or those of the client's it shares. */
export const discoverVersions = defineOperation({
  code: Operation.DiscoverVersions,
  name: "Discover Versions",
  versions: { since: V1_1 },
  request: discoverVersionsRequest,
  response: discoverVersionsResponse,
  permission: "inquire",
  async run({ deployment: { versions } }, { protocolVersions }) {
    if (protocolVersions.some((version) => version < 0)) {
      throw new KmipError("InvalidField", "the numbers of a Protocol Version are not negative");
    }
    if (protocolVersions.length === 0) return { protocolVersions: versions };
    return { protocolVersions: versions.filter((version) => protocolVersions.includes(version)) };
  },
});
