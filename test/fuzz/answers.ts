import { ResultReasonTable, ResultStatus } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { announcedVersion, responseMessage } from "#protocol/messages/message.js";
import { fromThreeZero } from "#protocol/messages/three-zero.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { V3_0 } from "#protocol/versions.js";
import { Fault } from "./target.js";

const limits = { maximumBytes: 64 * 1024 * 1024, maximumItems: 1_000_000 };

/** The outcome of a message that made the server take the client's role on the connection (Set Endpoint Role). */
export const serverAsks = "the server asks on this connection";

/**
 * How a message was answered: success, or the reasons of its items, each once. Throws Fault where the bytes are no
 * answer of KMIP, or a failure has no reason.
 */
export function outcomeOf(answer: Buffer): string {
  const item = decodeItem(answer, limits);
  const version = announcedVersion(item);
  if (item.tag === Tag.RequestMessage) return serverAsks;
  if (version === undefined) throw new Fault("an answer without a version");
  if (version >= V3_0) return fromThreeZero(item) === undefined ? "none" : "answered in 3.0";
  const { batchItems } = responseMessage.decode(item, { version });
  const told = batchItems.map(({ resultStatus, resultReason }) => {
    if (resultStatus !== ResultStatus.OperationFailed) return "success";
    if (resultReason === undefined) throw new Fault("a failure without a reason");
    return enumerationName(ResultReasonTable, resultReason) ?? String(resultReason);
  });
  const distinct = [...new Set(told)].sort();
  return distinct.length > 2 ? "of several outcomes" : distinct.join(", ") || "an answer without items";
}
