import { EndpointRole, Operation } from "#protocol/enums/index.js";
import { setEndpointRoleRequest, setEndpointRoleResponse } from "#protocol/payloads/set-endpoint-role.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";

/**
 * Set Endpoint Role (KMIP 2.1 §6.1.54): where this server is to be the client, it asks on this connection from now on
 * and the client answers. That holds once the answer is sent, and until the connection ends.
 */
export const setEndpointRole = defineOperation({
  code: Operation.SetEndpointRole,
  name: "Set Endpoint Role",
  versions: { since: V2_0 },
  request: setEndpointRoleRequest,
  response: setEndpointRoleResponse,
  permission: "inquire",
  asynchrony: "never",
  undo: "impossible",
  async run({ request, changes }, { endpointRole }) {
    if (endpointRole === EndpointRole.Client) {
      const { reverse } = request;
      if (reverse === undefined)
        throw new KmipError("FeatureNotSupported", "roles change on connections of KMIP over TLS");
      changes.afterCommit(async () => reverse());
    } else if (endpointRole !== EndpointRole.Server) {
      throw new KmipError("InvalidField", "there is no such role");
    }
    return { endpointRole };
  },
});
