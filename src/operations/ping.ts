import { Operation } from "#protocol/enums/index.js";
import { pingRequest, pingResponse } from "#protocol/payloads/ping.js";
import { V2_1 } from "#protocol/versions.js";
import { defineOperation } from "./contract/operation.js";

/** Ping (KMIP 2.1 §6.1.36): the server is alive, and so are its database, which records it, and the tenant's partition. */
export const ping = defineOperation({
  code: Operation.Ping,
  name: "Ping",
  versions: { since: V2_1 },
  request: pingRequest,
  response: pingResponse,
  permission: "inquire",
  asynchrony: "never",
  async run({ partition }) {
    await partition.checkHealth();
    return {};
  },
});
