import { EncodingError } from "#protocol/encodings/error.js";
import type { MessageEncoding } from "#protocol/encodings/message-encoding.js";
import { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import { announcedVersion, decodeRequestMessage, type RequestMessage, versionIn } from "#protocol/messages/message.js";
import { fromThreeZero, usesThreeZero } from "#protocol/messages/three-zero.js";
import { MessageError } from "#protocol/schema/error.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { TtlvLimits } from "#protocol/ttlv/limits.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { formatVersion, type ProtocolVersion, V1_0, V2_0, V3_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { MessageLimits } from "./services.js";

/** A request message that was read, with the version to answer in. */
export interface ReadMessage {
  readonly version: ProtocolVersion;
  readonly message: RequestMessage;
  /** The message as it came. */
  readonly tree: Item;
}

/** A message cannot be answered item by item; the version says how to word the one answer it gets. */
export class UnreadableMessage extends Error {
  readonly version: ProtocolVersion;
  readonly error: KmipError;
  /** Whether the message told a version; else the answer is in 1.0, and the client may not know what it is. */
  readonly isVersionTold: boolean;

  constructor(version: ProtocolVersion | undefined, error: KmipError) {
    super(error.message, { cause: error });
    this.name = "UnreadableMessage";
    this.version = version ?? V1_0;
    this.error = error;
    this.isVersionTold = version !== undefined;
  }
}

/** Reads a request message within the limits. Throws UnreadableMessage. */
export function readMessage(encoding: MessageEncoding, bytes: Buffer, limits: MessageLimits): ReadMessage {
  const { versions } = limits;
  const tree = readTree(encoding, bytes, limits);
  const announced = announcedVersion(tree);
  if (announced === undefined) {
    throw new UnreadableMessage(
      undefined,
      new KmipError("InvalidMessage", "the message announces no protocol version"),
    );
  }
  if (!versions.includes(announced)) {
    const message = `protocol version ${formatVersion(announced)} is not supported; use ${versions.map(formatVersion).join(", ")}`;
    throw new UnreadableMessage(nearest(announced, versions), new KmipError("UnsupportedProtocolVersion", message));
  }
  try {
    const message = decodeRequestMessage(inOneDialect(tree, announced), { version: announced });
    checkBatch(message, limits);
    checkItems(message.batchItems, announced);
    return { version: announced, message, tree };
  } catch (error) {
    if (error instanceof KmipError) throw new UnreadableMessage(announced, error);
    if (!(error instanceof MessageError)) throw error;
    throw new UnreadableMessage(announced, new KmipError("InvalidMessage", error.message, { cause: error }));
  }
}

/** Where a request message in TTLV tells its version: behind the beginnings of the message and its header. */
const versionAt = 16;
const versionBytes = 40;

/** The version to answer a message in that is not read: that which its beginning tells, else 1.0. */
export function versionAtStart(encoding: MessageEncoding, bytes: Buffer, limits: MessageLimits): ProtocolVersion {
  const { maximumMessageBytes: maximumBytes, maximumDepth, maximumItems } = limits;
  const codecLimits = { maximumBytes, maximumDepth, maximumItems };
  const announced =
    encoding.name === "TTLV"
      ? versionWithin(bytes.subarray(versionAt, versionAt + versionBytes), codecLimits)
      : encoding.announced(bytes, codecLimits);
  return announced === undefined ? V1_0 : nearest(announced, limits.versions);
}

function versionWithin(bytes: Buffer, limits: TtlvLimits): ProtocolVersion | undefined {
  try {
    return versionIn(decodeItem(bytes, limits));
  } catch (error) {
    if (error instanceof TtlvError) return undefined;
    throw error;
  }
}

/** The message in the words of 2.1 and before. Throws MessageError for item types its version does not have. */
function inOneDialect(tree: Item, version: ProtocolVersion): Item {
  if (version >= V3_0) return fromThreeZero(tree);
  if (usesThreeZero(tree)) throw new MessageError("wrong-type", "an item has a type that the version does not know");
  return tree;
}

function readTree(encoding: MessageEncoding, bytes: Buffer, limits: MessageLimits): Item {
  const { maximumMessageBytes: maximumBytes, maximumDepth, maximumItems } = limits;
  const codecLimits = { maximumBytes, maximumDepth, maximumItems };
  try {
    return encoding.read(bytes, codecLimits);
  } catch (error) {
    if (!(error instanceof TtlvError || error instanceof EncodingError)) throw error;
    const words = `the message is not well-formed ${encoding.name}: ${error.message}`;
    const announced = encoding.announced(bytes, codecLimits);
    const version = announced === undefined ? undefined : nearest(announced, limits.versions);
    throw new UnreadableMessage(version, new KmipError("InvalidMessage", words, { cause: error }));
  }
}

/** The supported version to answer an unsupported one in: the highest not above it, or the lowest of all. */
function nearest(version: ProtocolVersion, versions: readonly ProtocolVersion[]): ProtocolVersion {
  return versions.find((supported) => supported <= version) ?? V1_0;
}

function checkBatch({ requestHeader, batchItems }: RequestMessage, limits: MessageLimits): void {
  if (requestHeader.batchCount !== batchItems.length) {
    throw new KmipError("InvalidMessage", `Batch Count is ${requestHeader.batchCount}, items are ${batchItems.length}`);
  }
  if (batchItems.length === 0) throw new KmipError("InvalidMessage", "the message holds no batch item");
  if (batchItems.length > limits.maximumBatchItems) {
    throw new KmipError("InvalidMessage", `a batch may hold ${limits.maximumBatchItems} items at most`);
  }
}

/**
 * Refuses messages with extensions that must be understood (KMIP 2.1 §9.13), and batches of 2.x whose items cannot be
 * told apart by their IDs (§8.3). Clients of 1.x leave the IDs out, and are answered in order.
 */
function checkItems(items: readonly Item[], version: ProtocolVersion): void {
  if (items.some(isCriticallyExtended)) {
    throw new KmipError("UnknownMessageExtension", "a critical message extension is not known to this server");
  }
  if (version < V2_0 || items.length === 1) return;
  const ids = items.map((item) => childOf(item, Tag.UniqueBatchItemID));
  const texts = ids.map((id) => (id?.type === ItemType.ByteString ? id.value.toString("hex") : undefined));
  if (texts.includes(undefined)) {
    throw new KmipError("InvalidMessage", "every item of a batch has a Unique Batch Item ID");
  }
  if (new Set(texts).size !== texts.length) {
    throw new KmipError("InvalidMessage", "two items of the batch have one Unique Batch Item ID");
  }
}

function childOf(item: Item, tag: number): Item | undefined {
  return item.type === ItemType.Structure ? item.value.find((child) => child.tag === tag) : undefined;
}

function isCriticallyExtended(item: Item): boolean {
  const extensions =
    item.type === ItemType.Structure ? item.value.filter(({ tag }) => tag === Tag.MessageExtension) : [];
  return extensions.some((extension) => {
    const indicator = childOf(extension, Tag.CriticalityIndicator);
    return indicator?.type === ItemType.Boolean && indicator.value;
  });
}

/** What to do after a failed item. Stop is the default (KMIP 2.1 §9.6). */
export function continuationOf(message: RequestMessage): number {
  return message.requestHeader.batchErrorContinuationOption ?? BatchErrorContinuationOption.Stop;
}
