import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  NameType,
  ObjectType,
  ResultStatus,
} from "#protocol/enums/index.js";
import { type ResponseBatchItem, type ResponseMessage, responseMessage } from "#protocol/messages/message.js";
import type { CreateRequest } from "#protocol/payloads/create.js";
import { payloads } from "#protocol/payloads/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType, type StructureItem } from "#protocol/ttlv/item.js";
import { majorOf, minorOf, type ProtocolVersion, V2_0 } from "#protocol/versions.js";

/** A structure of items. */
export function structureItem(tag: number, ...value: readonly Item[]): StructureItem {
  return { tag, type: ItemType.Structure, value };
}

/** How a request names an object by its identifier. */
export function named(identifier: string): ObjectNaming {
  return { kind: "identifier", identifier };
}

/** An attribute as payloads carry it. */
export function attribute(name: string, value: unknown): { name: string; value: unknown } {
  return { name, value };
}

/** The request payload that creates an AES-256 key to encrypt and decrypt with, by a name if one is given. */
export function createKeyPayload(name?: string): CreateRequest {
  const names =
    name === undefined ? [] : [attribute("Name", { nameValue: name, nameType: NameType.UninterpretedTextString })];
  return {
    objectType: ObjectType.SymmetricKey,
    attributes: {
      attributes: [
        attribute("Cryptographic Algorithm", CryptographicAlgorithm.AES),
        attribute("Cryptographic Length", 256),
        attribute("Cryptographic Usage Mask", CryptographicUsageMask.Encrypt + CryptographicUsageMask.Decrypt),
        ...names,
      ],
      templates: [],
    },
  };
}

/** One batch item to ask: the payload as the operation's request type describes it, or already as a tree. */
export interface Asked {
  readonly operation: number;
  readonly payload: unknown;
  readonly uniqueBatchItemId?: Buffer;
}

/** A Protocol Version structure. */
export function versionItem(version: ProtocolVersion): Item {
  return structureItem(
    Tag.ProtocolVersion,
    { tag: Tag.ProtocolVersionMajor, type: ItemType.Integer, value: majorOf(version) },
    { tag: Tag.ProtocolVersionMinor, type: ItemType.Integer, value: minorOf(version) },
  );
}

function isItem(payload: unknown): payload is Item {
  return typeof payload === "object" && payload !== null && "tag" in payload && "type" in payload;
}

function payloadItem({ operation, payload }: Asked, version: ProtocolVersion): Item {
  if (isItem(payload)) return payload;
  const shapes = payloads.find((row) => row.operation === operation);
  if (shapes === undefined) throw new RangeError(`operation ${operation} has no payload`);
  return shapes.request.encode(Tag.RequestPayload, payload, { version });
}

/** The ID of an item that was given none: in 2.x every item of a batch has one (KMIP 2.1 §8.3). */
function ownBatchItemId(version: ProtocolVersion, items: number, index: number): Buffer | undefined {
  return version < V2_0 || items === 1 ? undefined : Buffer.from(`item ${index}`);
}

/** A request message; `headerFields` stand between the version and the batch count. */
export function requestMessageItem(
  version: ProtocolVersion,
  asked: readonly Asked[],
  headerFields: readonly Item[] = [],
): StructureItem {
  const header = structureItem(Tag.RequestHeader, versionItem(version), ...headerFields, {
    tag: Tag.BatchCount,
    type: ItemType.Integer,
    value: asked.length,
  });
  const batchItems = asked.map((each, index) => {
    const named = each.uniqueBatchItemId ?? ownBatchItemId(version, asked.length, index);
    const id: Item[] =
      named === undefined ? [] : [{ tag: Tag.UniqueBatchItemID, type: ItemType.ByteString, value: named }];
    const operation: Item = { tag: Tag.Operation, type: ItemType.Enumeration, value: each.operation };
    return structureItem(Tag.BatchItem, operation, ...id, payloadItem(each, version));
  });
  return structureItem(Tag.RequestMessage, header, ...batchItems);
}

/** Reads an answer strictly. */
export function readAnswer(answer: Item, version: ProtocolVersion): ResponseMessage {
  return responseMessage.decode(answer, { version });
}

/** Who sends a message and gets its answer, over whatever connection. */
export interface Requester {
  request(message: Item): Promise<Item>;
}

/** What one batch item was answered. */
export interface Answered {
  readonly status: number;
  readonly reason: number | undefined;
  readonly message: string | undefined;
  readonly item: ResponseBatchItem;
}

/** The answer was a failure where the caller needs a success. */
export class OperationFailed extends Error {
  readonly answered: Answered;

  constructor(answered: Answered) {
    super(`the server answered status ${answered.status}, reason ${answered.reason}: ${answered.message ?? ""}`);
    this.name = "OperationFailed";
    this.answered = answered;
  }
}

/** Asks several things in one message. */
export async function askAll(
  client: Requester,
  version: ProtocolVersion,
  asked: readonly Asked[],
  headerFields: readonly Item[] = [],
): Promise<readonly Answered[]> {
  const answer = await client.request(requestMessageItem(version, asked, headerFields));
  return readAnswer(answer, version).batchItems.map((item) => ({
    status: item.resultStatus,
    reason: item.resultReason,
    message: item.resultMessage,
    item,
  }));
}

/** Asks one thing, whatever the outcome. */
export async function ask(client: Requester, version: ProtocolVersion, asked: Asked): Promise<Answered> {
  const [answered] = await askAll(client, version, [asked]);
  if (answered === undefined) throw new RangeError("the answer holds no batch item");
  return answered;
}

/**
 * Asks one thing that must succeed, and gives the payload of the answer as the operation's response type describes it.
 * Throws OperationFailed.
 */
export async function askFor<T>(
  client: Requester,
  version: ProtocolVersion,
  operation: number,
  payload: unknown,
): Promise<T> {
  const answered = await ask(client, version, { operation, payload });
  if (answered.status !== ResultStatus.Success) throw new OperationFailed(answered);
  return payloadOf(answered, version, operation);
}

/** The payload of the answer to an operation, whatever its status. Throws OperationFailed where it has none. */
export function payloadOf<T>(answered: Answered, version: ProtocolVersion, operation: number): T {
  const shapes = payloads.find((row) => row.operation === operation);
  if (answered.item.responsePayload === undefined || shapes === undefined) throw new OperationFailed(answered);
  return shapes.response.decode(answered.item.responsePayload, { version }) as T;
}
