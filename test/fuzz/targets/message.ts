import { ttlvEncoding } from "#protocol/encodings/message-encoding.js";
import { requestBatchItem } from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import { MessageError } from "#protocol/schema/error.js";
import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";
import { experimentalVersions, supportedVersions } from "#protocol/versions.js";
import { readMessage, UnreadableMessage } from "#src/pipeline/read-message.js";
import type { MessageLimits } from "#src/pipeline/services.js";
import { mutateMeaning } from "../mutators/items.js";
import { requests } from "../seeds.js";
import type { Target } from "../target.js";

const limits: MessageLimits = {
  versions: [...experimentalVersions, ...supportedVersions],
  maximumBatchItems: 100,
  maximumMessageBytes: defaultTtlvLimits.maximumBytes,
  maximumDepth: defaultTtlvLimits.maximumDepth,
  maximumItems: defaultTtlvLimits.maximumItems,
  requestMilliseconds: 1000,
};

const byOperation = new Map(payloads.map((row) => [row.operation, row]));

/** Reads a message as far as the server does before it runs an operation. */
function read(bytes: Buffer): string {
  try {
    const { version, message } = readMessage(ttlvEncoding, bytes, limits);
    for (const tree of message.batchItems) {
      const { operation, requestPayload } = requestBatchItem.decode(tree, { version });
      const codec = byOperation.get(operation)?.request;
      if (codec === undefined) continue;
      codec.decode(requestPayload, { version });
    }
    return "read";
  } catch (error) {
    if (error instanceof UnreadableMessage) return `refused: ${error.error.reason}`;
    if (error instanceof MessageError) return `refused by the payload: ${error.code}`;
    throw error;
  }
}

/** Reading of messages: header, batch items and the payloads of every operation in every version. */
export function messageTarget(): Target {
  return {
    name: "message",
    about: "messages and the payloads of every operation are read or refused with the errors of the protocol",
    seeds: requests(),
    longest: 50,
    mutate: mutateMeaning,
    execute: read,
  };
}
