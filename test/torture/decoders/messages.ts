import fc from "fast-check";
import { OperationTable, ResultStatus } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { announcedVersion, responseMessage } from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { inSpan, type ProtocolVersion, supportedVersions, V2_0 } from "#protocol/versions.js";
import { realMessages } from "#test/fuzz/seeds.js";
import { requestMessageItem } from "#test/support/kmip-client-messages.js";
import { valuesOf } from "#test/support/values.js";
import type { MessageKind } from "./pykmip.js";

/** A message as this server writes it. */
export interface WrittenMessage {
  readonly kind: MessageKind;
  /** As the enumeration calls it; of the first batch item. */
  readonly operation: string;
  readonly version: ProtocolVersion;
  readonly bytes: Buffer;
}

/** The versions that PyKMIP knows. */
const versions: readonly ProtocolVersion[] = supportedVersions.filter((version) => version <= V2_0);

const nameOf = (operation: number): string => enumerationName(OperationTable, operation) ?? String(operation);

function responseItem(version: ProtocolVersion, operation: number, responsePayload: Item): Item {
  const responseHeader = { protocolVersion: version, timeStamp: 1_700_000_000, attestationType: [], batchCount: 1 };
  const item = { operation, resultStatus: ResultStatus.Success, responsePayload, messageExtension: [] };
  return responseMessage.encode(Tag.ResponseMessage, { responseHeader, batchItems: [item] }, { version });
}

/**
 * Requests and responses of every operation in every version that it has and PyKMIP knows, `each` of them, with the
 * values that the simplest reader takes. A seed repeats them.
 */
export function* randomMessages(each: number, seed: number): Generator<WrittenMessage> {
  for (const version of versions) {
    for (const row of payloads.filter((one) => inSpan(one, version))) {
      const operation = nameOf(row.operation);
      const scope = { version, everyField: false, plain: true };
      const sizes = { numRuns: each, seed: seed + row.operation };
      for (const value of fc.sample(valuesOf(row.request, scope), sizes)) {
        const payload = row.request.encode(Tag.RequestPayload, value, { version });
        const bytes = encodeItem(requestMessageItem(version, [{ operation: row.operation, payload }]));
        yield { kind: "request", operation, version, bytes };
      }
      for (const value of fc.sample(valuesOf(row.response, scope), sizes)) {
        const payload = row.response.encode(Tag.ResponsePayload, value, { version });
        yield {
          kind: "response",
          operation,
          version,
          bytes: encodeItem(responseItem(version, row.operation, payload)),
        };
      }
    }
  }
}

/** The messages of cases and clients in the project, in the versions that PyKMIP knows. */
export function* knownMessages(): Generator<WrittenMessage> {
  for (const bytes of realMessages()) {
    const message = decodeItem(bytes);
    const version = announcedVersion(message);
    const kind = message.tag === Tag.RequestMessage ? "request" : "response";
    const operation = firstOperation(message);
    if (version === undefined || !versions.includes(version) || operation === undefined) continue;
    yield { kind, operation: nameOf(operation), version, bytes };
  }
}

function firstOperation(message: Item): number | undefined {
  const batchItem = childrenOf(message).find(({ tag }) => tag === Tag.BatchItem);
  const operation = batchItem && childrenOf(batchItem).find(({ tag }) => tag === Tag.Operation);
  return typeof operation?.value === "number" ? operation.value : undefined;
}

const childrenOf = (item: Item): readonly Item[] => (item.type === ItemType.Structure ? item.value : []);
