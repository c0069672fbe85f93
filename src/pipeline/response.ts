import { EncodingError } from "#protocol/encodings/error.js";
import type { MessageEncoding } from "#protocol/encodings/message-encoding.js";
import { ResultStatus } from "#protocol/enums/index.js";
import type { RequestHeader } from "#protocol/messages/header.js";
import { type ResponseBatchItem, responseMessage } from "#protocol/messages/message.js";
import { toThreeZero } from "#protocol/messages/three-zero.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { encodedLength } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V3_0 } from "#protocol/versions.js";
import { attestationTypes, type Nonce } from "#src/access/attestation.js";
import { KmipError, type OwnReasons } from "#src/objects/kmip-error.js";
import type { ItemAnswer } from "#src/operations/contract/item-answer.js";
import { found } from "./item.js";
import type { FinishedItem } from "./run-item.js";

/** What an answer says about the request it answers. */
export interface ResponseSetting {
  readonly encoding: MessageEncoding;
  readonly version: ProtocolVersion;
  /** Seconds since 1970, UTC. */
  readonly now: number;
  readonly correlationId: string;
  /** Undefined where the request could not be read that far. */
  readonly header?: RequestHeader | undefined;
  /** The request message as it came; undefined where it could not be read that far. */
  readonly request?: Item | undefined;
  /** For the attestation of the next request. */
  readonly nonce?: Nonce | undefined;
  /** For clients that showed a Hashed Password. */
  readonly serverHashedPassword?: Buffer | undefined;
}

/**
 * The batch item of an operation that succeeded, failed, or was undone after success; an undone one keeps the payload
 * it would have been answered with (KMIP 2.1 §8.6).
 */
export function batchItemOf(finished: FinishedItem, setting: ResponseSetting, undone: boolean): ResponseBatchItem {
  const { state, error } = finished;
  const common = { ...state.echo };
  if (error !== undefined) {
    return { ...common, ...failed(error, setting.version, state.operation), messageExtension: [] };
  }
  if (state.answer !== undefined) {
    if (undone) return { ...common, resultStatus: ResultStatus.OperationUndone, messageExtension: [] };
    return { ...common, ...answered(state.answer, setting.version) };
  }
  const responsePayload = found(state.responsePayload, "payload of the answer");
  const resultStatus = undone ? ResultStatus.OperationUndone : ResultStatus.Success;
  return { ...common, resultStatus, responsePayload, messageExtension: [] };
}

/** The fields of a batch item that is answered otherwise than by its operation's success. */
function answered(answer: ItemAnswer, version: ProtocolVersion): Omit<ResponseBatchItem, "uniqueBatchItemId"> {
  switch (answer.kind) {
    case "pending": {
      const asynchronousCorrelationValue = answer.correlationValue;
      return { resultStatus: ResultStatus.OperationPending, asynchronousCorrelationValue, messageExtension: [] };
    }
    case "failure":
      return { operation: answer.operation, ...failed(answer.error, version), messageExtension: [] };
    default: {
      const resultStatus = answer.kind === "success" ? ResultStatus.Success : ResultStatus.OperationUndone;
      return { operation: answer.operation, resultStatus, responsePayload: answer.payload, messageExtension: [] };
    }
  }
}

/**
 * The bytes of a response no longer than the client can take (KMIP 2.1 §9.12), by leaving out the words of failures, the
 * last first. That is enough, as no item succeeds whose answer has no room (response-room.ts). The length is that in
 * TTLV, whatever the encoding (KMIP Additional Message Encodings 1.0 §4, §6).
 */
export function encodeWithin(
  items: readonly ResponseBatchItem[],
  setting: ResponseSetting,
  limit: number | undefined,
): Buffer {
  const left = [...items];
  let response = responseTree(left, setting);
  for (let index = left.length - 1; limit !== undefined && index >= 0; index -= 1) {
    if (encodedLength(response) <= limit) break;
    const { resultMessage, ...item } = left[index] ?? {};
    if (resultMessage === undefined) continue;
    left[index] = item as ResponseBatchItem;
    response = responseTree(left, setting);
  }
  return written(response, setting);
}

/** The bytes that a response takes without its batch items, in TTLV. */
export function emptyResponseLength(setting: ResponseSetting): number {
  return encodedLength(responseTree([], setting));
}

/** A batch item that says only what went wrong, for requests that never got to an operation. */
export function errorItem(error: KmipError, version: ProtocolVersion): ResponseBatchItem {
  return { ...failed(error, version), messageExtension: [] };
}

function failed(
  error: KmipError,
  version: ProtocolVersion,
  operation?: OwnReasons,
): Pick<ResponseBatchItem, "resultStatus" | "resultReason" | "resultMessage"> {
  return {
    resultStatus: ResultStatus.OperationFailed,
    resultReason: error.reasonFor(version, operation),
    resultMessage: error.message,
  };
}

/** The bytes of a response message. */
export function encodeResponse(items: readonly ResponseBatchItem[], setting: ResponseSetting): Buffer {
  return written(responseTree(items, setting), setting);
}

function written(response: Item, { encoding }: ResponseSetting): Buffer {
  try {
    return encoding.write(response);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    const words = `the answer has no form in ${encoding.name}: ${error.message}; ask in TTLV`;
    throw new KmipError("GeneralFailure", words, { cause: error });
  }
}

/**
 * A response message. The Server Correlation Value is told only to clients that sent a correlation value
 * of their own, since older clients fail on it (KMIP 2.1 §9.10 leaves it optional). The client's own is for our log and
 * is not sent back (§9.9).
 */
function responseTree(items: readonly ResponseBatchItem[], setting: ResponseSetting): Item {
  const { version, now, header, correlationId, nonce, serverHashedPassword } = setting;
  const tellsCorrelation = header?.clientCorrelationValue !== undefined;
  const message = {
    responseHeader: {
      protocolVersion: version,
      timeStamp: now,
      nonce,
      serverHashedPassword,
      attestationType: nonce === undefined ? [] : attestationTypes,
      serverCorrelationValue: tellsCorrelation ? correlationId : undefined,
      batchCount: items.length,
    },
    batchItems: items,
  };
  const tree = responseMessage.encode(Tag.ResponseMessage, message, { version });
  return version < V3_0 ? tree : toThreeZero(tree, setting.request);
}
