import { Operation } from "#protocol/enums/index.js";
import { logRequest, logResponse } from "#protocol/payloads/log.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";

/** Characters of one message at most: it stays in the audit trail for good. */
const longestMessage = 4096;

/** Log (KMIP 2.1 §6.1.29): the client's words go into the audit trail, as its words. */
export const log = defineOperation({
  code: Operation.Log,
  name: "Log",
  versions: { since: V2_0 },
  request: logRequest,
  response: logResponse,
  permission: "use",
  async run(context, { logMessage }) {
    if (logMessage.length > longestMessage) {
      throw new KmipError("InvalidField", `a message has ${longestMessage} characters at most`);
    }
    context.note({ clientMessage: logMessage });
    return {};
  },
});
