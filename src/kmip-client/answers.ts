import { OperationTable, ResultReasonTable, ResultStatus } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { announcedVersion, type ResponseBatchItem, responseMessage } from "#protocol/messages/message.js";
import { MessageError } from "#protocol/schema/error.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { AnswersTo, Asked } from "./asked.js";
import { KmipConnectionError, KmipFailure } from "./errors.js";

/** The most bytes that an answer may have. */
export const maximumAnswerBytes = 16 * 1024 * 1024;

/** Answers may be larger than requests. */
const answerLimits = { maximumBytes: maximumAnswerBytes, maximumItems: 1_000_000 };

/** A response message with the version it was written in. */
export interface Answer {
  readonly version: ProtocolVersion;
  /** The server's clock when it answered: seconds since 1970, UTC. */
  readonly timeStamp: number;
  readonly items: readonly ResponseBatchItem[];
}

/** Reads a response message by the version that it names. Throws KmipConnectionError where it is none. */
export function readAnswer(bytes: Buffer): Answer {
  return readable(() => {
    const tree = decodeItem(bytes, answerLimits);
    const version = announcedVersion(tree);
    if (version === undefined) throw new KmipConnectionError("the server's answer names no version of KMIP");
    const { responseHeader, batchItems } = responseMessage.decode(tree, { version });
    return { version, timeStamp: responseHeader.timeStamp, items: batchItems };
  });
}

/**
 * The answers to what was asked, in order. Throws KmipFailure for the first item that failed, and KmipConnectionError
 * where the answer is none to these requests.
 */
export function answersTo<const List extends readonly Asked<unknown>[]>(
  list: List,
  answer: Pick<Answer, "version" | "items">,
): AnswersTo<List> {
  checkSuccess(list, answer);
  const { version, items } = answer;
  const read = list.map(({ read, operation }, place) => {
    const payload = items[place]?.responsePayload;
    if (payload === undefined)
      throw new KmipConnectionError(`the server's answer to ${operationName(operation)} is empty`);
    return readable(() => read(payload, version));
  });
  return read as unknown as AnswersTo<List>;
}

/** Throws where not all that was asked has succeeded. Items that were undone for another's sake are not the failure. */
function checkSuccess(list: readonly Asked<unknown>[], { items }: Pick<Answer, "items">): void {
  const failed = items.findIndex(({ resultStatus }) => resultStatus === ResultStatus.OperationFailed);
  const place = failed >= 0 ? failed : items.findIndex(({ resultStatus }) => resultStatus !== ResultStatus.Success);
  const item = items[place];
  if (item !== undefined) throw failureOf(item, place, list[place]?.operation);
  if (items.length !== list.length) {
    throw new KmipConnectionError(`the server answered ${items.length} items of ${list.length}`);
  }
}

function failureOf(item: ResponseBatchItem, place: number, askedOperation: number | undefined): Error {
  const { resultStatus, resultReason, resultMessage: serverMessage } = item;
  const operation = operationName(item.operation ?? askedOperation);
  if (resultStatus === ResultStatus.OperationPending) {
    return new KmipConnectionError(`the server put ${operation} off, which it was not asked to`);
  }
  const reason =
    resultReason === undefined ? "no reason" : (enumerationName(ResultReasonTable, resultReason) ?? `${resultReason}`);
  return new KmipFailure({ operation, reason, place, serverMessage });
}

function operationName(operation: number | undefined): string {
  return (operation === undefined ? undefined : enumerationName(OperationTable, operation)) ?? "the request";
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MessageError || error instanceof TtlvError)) throw error;
    throw new KmipConnectionError(`the server's answer cannot be read: ${error.message}`);
  }
}
