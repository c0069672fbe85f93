import { Operation } from "#protocol/enums/index.js";
import { pollRequest, pollResponse } from "#protocol/payloads/poll.js";
import { requestNamed } from "./asynchronous/naming.js";
import { isOutstanding } from "./contract/asynchronous-requests.js";
import { defineOperation } from "./contract/operation.js";

/** How long a client that asks is kept waiting for a request that would be done by then. */
const patienceMilliseconds = 1000;

/**
 * Poll (KMIP 2.1 §6.1.38): pending, or the answer the operation would have been given at once. It is given again for a
 * while, because an answer may be lost on its way; then the value is forgotten.
 */
export const poll = defineOperation({
  code: Operation.Poll,
  name: "Poll",
  versions: {},
  request: pollRequest,
  response: pollResponse,
  permission: "inquire",
  asynchrony: "never",
  undo: "impossible",
  async run({ asynchronous, changes, answerWith }, { asynchronousCorrelationValue }) {
    let row = await requestNamed(asynchronous, asynchronousCorrelationValue);
    if (isOutstanding(row)) {
      await asynchronous.hasten(row, patienceMilliseconds);
      row = await requestNamed(asynchronous, asynchronousCorrelationValue);
    }
    answerWith(await asynchronous.answerOf(row));
    if (!isOutstanding(row)) changes.add(asynchronous.obtained(row));
    return {};
  },
});
