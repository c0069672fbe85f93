import { isUtf8 } from "node:buffer";
import { versionIn } from "../messages/message.js";
import type { Item } from "../ttlv/item.js";
import type { TtlvLimits } from "../ttlv/limits.js";
import { decodeItem } from "../ttlv/reader.js";
import { encodeItem } from "../ttlv/writer.js";
import type { ProtocolVersion } from "../versions.js";
import { EncodingError, EncodingErrorCode } from "./error.js";
import { itemFromJson, itemToJson, versionItemInJson } from "./json.js";
import { itemFromXml, itemToXml, versionItemInXml } from "./xml.js";

/** A way to write messages as bytes: TTLV, or one of KMIP Additional Message Encodings 1.0. */
export interface MessageEncoding {
  readonly name: "TTLV" | "XML" | "JSON";
  /** Reads one message within the limits. Throws TtlvError or EncodingError. */
  read(bytes: Buffer, limits: TtlvLimits): Item;
  /** Throws EncodingError where the encoding has no form for a value. */
  write(message: Item): Buffer;
  /** The version that the header of a message tells which cannot be read as a whole; undefined where it tells none. */
  announced(bytes: Buffer, limits: TtlvLimits): ProtocolVersion | undefined;
}

/** TTLV (KMIP 2.1 §10.1). Its reader finds nothing in a message that it cannot read as a whole. */
export const ttlvEncoding: MessageEncoding = {
  name: "TTLV",
  read: decodeItem,
  write: encodeItem,
  announced: () => undefined,
};

/** XML (KMIP Additional Message Encodings 1.0 §6). */
export const xmlEncoding: MessageEncoding = {
  name: "XML",
  read: (bytes, limits) => itemFromXml(textOf(bytes), limits),
  write: (message) => Buffer.from(itemToXml(message)),
  announced: (bytes, limits) => announcedBy(() => versionItemInXml(textOf(bytes), limits)),
};

/** JSON (KMIP Additional Message Encodings 1.0 §4). */
export const jsonEncoding: MessageEncoding = {
  name: "JSON",
  read: (bytes, limits) => itemFromJson(textOf(bytes), limits),
  write: (message) => Buffer.from(itemToJson(message)),
  announced: (bytes, limits) => announcedBy(() => versionItemInJson(textOf(bytes), limits)),
};

/** All ways to write a message. */
export const messageEncodings: readonly MessageEncoding[] = [ttlvEncoding, xmlEncoding, jsonEncoding];

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new EncodingError(EncodingErrorCode.Malformed, "The text is not UTF-8");
  return bytes.toString("utf8").replace(/^\ufeff/, "");
}

function announcedBy(find: () => Item | undefined): ProtocolVersion | undefined {
  try {
    const item = find();
    return item === undefined ? undefined : versionIn(item);
  } catch (error) {
    if (error instanceof EncodingError) return undefined;
    throw error;
  }
}
