import {
  anyItem,
  boolean,
  byteString,
  type Codec,
  type CodecContext,
  expectType,
  textString,
  type ValueOf,
} from "../schema/codec.js";
import {
  type EnumerationCodec,
  enumerationFor,
  optionalEnumeration,
  requiredEnumeration,
} from "../schema/enumeration.js";
import { MessageError } from "../schema/error.js";
import { optional, repeated, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";
import { type ProtocolVersion, V1_0, V2_0 } from "../versions.js";
import { protocolVersionCodec, requestHeader, responseHeader } from "./header.js";

/** Message Extension (KMIP 2.1 §9.12). */
export const messageExtension = structure("MessageExtension", {
  vendorIdentification: required(Tag.VendorIdentification, textString),
  criticalityIndicator: required(Tag.CriticalityIndicator, boolean),
  vendorExtension: required(Tag.VendorExtension, anyItem),
});

/** An Operation of any value: whether the server has it is for the server to say, with Operation Not Supported. */
const anyOperation: EnumerationCodec = {
  ...enumerationFor(Tag.Operation),
  decode: (item) => expectType(item, ItemType.Enumeration),
};

/** Request Batch Item (KMIP 2.1 §8.3). The payload stays a tree until the operation is known. */
export const requestBatchItem = structure("BatchItem", {
  operation: required(Tag.Operation, anyOperation),
  ephemeral: optional(Tag.Ephemeral, boolean, { since: V2_0 }),
  uniqueBatchItemId: optional(Tag.UniqueBatchItemID, byteString),
  requestPayload: required(Tag.RequestPayload, anyItem),
  messageExtension: repeated(Tag.MessageExtension, messageExtension),
});
export type RequestBatchItem = ValueOf<typeof requestBatchItem>;

/** Response Batch Item (KMIP 2.1 §8.6). */
export const responseBatchItem = structure("BatchItem", {
  operation: optional(Tag.Operation, anyOperation),
  uniqueBatchItemId: optional(Tag.UniqueBatchItemID, byteString),
  resultStatus: requiredEnumeration(Tag.ResultStatus),
  resultReason: optionalEnumeration(Tag.ResultReason),
  resultMessage: optional(Tag.ResultMessage, textString),
  asynchronousCorrelationValue: optional(Tag.AsynchronousCorrelationValue, byteString),
  responsePayload: optional(Tag.ResponsePayload, anyItem),
  messageExtension: repeated(Tag.MessageExtension, messageExtension),
});
export type ResponseBatchItem = ValueOf<typeof responseBatchItem>;

/** Request Message (KMIP 2.1 §8.1). Batch items stay trees, so that one bad item fails alone. */
export const requestMessage = structure("RequestMessage", {
  requestHeader: required(Tag.RequestHeader, requestHeader),
  batchItems: repeated(Tag.BatchItem, anyItem as Codec<Item>),
});
export type RequestMessage = ValueOf<typeof requestMessage>;

/** Response Message (KMIP 2.1 §8.4). */
export const responseMessage = structure("ResponseMessage", {
  responseHeader: required(Tag.ResponseHeader, responseHeader),
  batchItems: repeated(Tag.BatchItem, responseBatchItem),
});
export type ResponseMessage = ValueOf<typeof responseMessage>;

function child(item: Item, tag: number): Item | undefined {
  return item.type === ItemType.Structure ? item.value.find((each) => each.tag === tag) : undefined;
}

/**
 * The version a request or response message announces, read before anything else of it, since everything else is read
 * by it. Undefined where the message does not get that far.
 */
export function announcedVersion(message: Item): ProtocolVersion | undefined {
  const header = child(message, message.tag === Tag.ResponseMessage ? Tag.ResponseHeader : Tag.RequestHeader);
  const version = header === undefined ? undefined : child(header, Tag.ProtocolVersion);
  return version === undefined ? undefined : versionIn(version);
}

/** The version that a Protocol Version structure tells; undefined where it is not one. */
export function versionIn(item: Item): ProtocolVersion | undefined {
  try {
    const version = protocolVersionCodec.decode(item, { version: V1_0 });
    return version < 0 ? undefined : version;
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** Reads a request message from its tree. Throws MessageError. */
export function decodeRequestMessage(item: Item, context: CodecContext): RequestMessage {
  if (item.tag !== Tag.RequestMessage) {
    throw new MessageError("unknown-field", `tag 0x${item.tag.toString(16)} is no Request Message`);
  }
  expectType(item, ItemType.Structure);
  return requestMessage.decode(item, context);
}
