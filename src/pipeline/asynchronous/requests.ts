import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import { inSpan } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { type AsynchronousRequests, isOutstanding } from "#src/operations/contract/asynchronous-requests.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import type { ItemAnswer } from "#src/operations/contract/item-answer.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import { change } from "#storage/changes.js";
import type { Services } from "../services.js";
import { openAnswer } from "./documents.js";

/** The asynchronous requests of the client that asks. */
export function asynchronousRequestsOf(services: Services, request: RequestContext): AsynchronousRequests {
  const { asynchronous, database } = services;
  const { tenantId, clientId } = request.caller;
  return {
    async find(correlationValue) {
      const row = await database.read.asynchronousRequests.byId(tenantId, correlationValue.toString("hex"));
      return row === null || row.clientId !== clientId ? undefined : row;
    },
    outstanding: () => database.read.asynchronousRequests.outstanding(tenantId, clientId),
    hasten: (row, milliseconds) => asynchronous.hasten(row.batchId, milliseconds),
    answerOf: (row) => answerOf(services, row, request.version),
    obtained: (row) => {
      const now = services.clock.wallMilliseconds();
      return change("asynchronousRequests", "obtain", tenantId, row.id, now, now + asynchronous.repeatMilliseconds);
    },
  };
}

async function answerOf(
  services: Services,
  row: AsynchronousRequestRow,
  version: ProtocolVersion,
): Promise<ItemAnswer> {
  const { operation, state } = row;
  if (isOutstanding(row)) return { kind: "pending", correlationValue: Buffer.from(row.id, "hex") };
  if (state === "canceled") {
    const error = new KmipError("OperationCanceledByRequester", "the request was canceled");
    return { kind: "failure", operation, error };
  }
  if (row.sealedAnswer === null) throw new TypeError("an ended asynchronous request has no answer");
  const document = await openAnswer(services.asynchronous.sealing, row, row.sealedAnswer);
  if (document.failure !== undefined) {
    const { reason, message, oneXReason = services.operation(operation)?.oneXReasons?.[reason] } = document.failure;
    return { kind: "failure", operation, error: new KmipError(reason, message, { oneXReason }) };
  }
  const payload = inVersion(services, operation, document.payload, { from: document.version, to: version });
  return { kind: state === "undone" ? "undone" : "success", operation, payload };
}

/** The payload of an answer as the version of the request that polls has it. */
function inVersion(
  services: Services,
  code: number,
  payload: Item | undefined,
  { from, to }: { readonly from: ProtocolVersion; readonly to: ProtocolVersion },
): Item | undefined {
  if (from === to || payload === undefined) return payload;
  const operation = services.operation(code);
  if (operation === undefined || !inSpan(operation.versions, to)) {
    throw new KmipError("InvalidMessage", "the answer is of an operation that this version does not have");
  }
  const response = operation.response.decode(payload, { version: from });
  return operation.response.encode(Tag.ResponsePayload, response, { version: to });
}
