import { Operation, ProcessingStage } from "#protocol/enums/index.js";
import {
  queryAsynchronousRequestsRequest,
  queryAsynchronousRequestsResponse,
} from "#protocol/payloads/query-asynchronous-requests.js";
import { V2_1 } from "#protocol/versions.js";
import type { AsynchronousRequestEntry } from "#storage/asynchronous-types.js";
import { defineOperation } from "./contract/operation.js";

function stageOf({ state }: AsynchronousRequestEntry): number {
  if (state === "submitted") return ProcessingStage.Submitted;
  return state === "running" ? ProcessingStage.InProcess : ProcessingStage.Completed;
}

/** Query Asynchronous Requests (KMIP 2.1 §6.1.41): the client's own whose results it has not obtained, oldest first. */
export const queryAsynchronousRequests = defineOperation({
  code: Operation.QueryAsynchronousRequests,
  name: "Query Asynchronous Requests",
  versions: { since: V2_1 },
  request: queryAsynchronousRequestsRequest,
  response: queryAsynchronousRequestsResponse,
  permission: "inquire",
  asynchrony: "never",
  async run({ asynchronous }, { asynchronousCorrelationValues, operations }) {
    const values = asynchronousCorrelationValues?.asynchronousCorrelationValue.map((value) => value.toString("hex"));
    const rows = (await asynchronous.outstanding()).filter(
      ({ id, operation }) =>
        (values === undefined || values.length === 0 || values.includes(id)) &&
        (operations === undefined || operations.operation.length === 0 || operations.operation.includes(operation)),
    );
    return {
      asynchronousRequests: rows.map((row) => ({
        asynchronousCorrelationValue: Buffer.from(row.id, "hex"),
        operation: row.operation,
        submissionDate: BigInt(row.submittedAt),
        processingStage: stageOf(row),
      })),
    };
  },
});
