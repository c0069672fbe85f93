import { Operation } from "#protocol/enums/index.js";
import { processRequest, processResponse } from "#protocol/payloads/process.js";
import { V2_1 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import { requestNamed } from "./asynchronous/naming.js";
import { isOutstanding } from "./contract/asynchronous-requests.js";
import { defineOperation } from "./contract/operation.js";

/** How long it waits for the end of the request. */
const patienceMilliseconds = 60_000;

/**
 * Process (KMIP 2.1 §6.1.39): answers when the request has ended, so that the next Poll for it is never pending. Where
 * that takes too long it fails, and has promised nothing.
 */
export const process = defineOperation({
  code: Operation.Process,
  name: "Process",
  versions: { since: V2_1 },
  request: processRequest,
  response: processResponse,
  permission: "inquire",
  asynchrony: "never",
  undo: "impossible",
  async run({ asynchronous, changes }, { asynchronousCorrelationValue }) {
    const row = await requestNamed(asynchronous, asynchronousCorrelationValue);
    if (row.isProcessed) throw new KmipError("DuplicateProcessRequest", "the request was processed already");
    if (isOutstanding(row)) {
      await asynchronous.hasten(row, patienceMilliseconds);
      const after = await requestNamed(asynchronous, asynchronousCorrelationValue);
      if (isOutstanding(after)) throw new KmipError("GeneralFailure", "the request takes longer; poll for it");
    }
    changes.add(change("asynchronousRequests", "markProcessed", row.tenantId, row.id));
    return {};
  },
});
