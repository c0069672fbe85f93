import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { encodeItem } from "#protocol/ttlv/writer.js";

/** A TTLV item that need not be a valid one. */
export interface RawItem {
  tag: number;
  type: number;
  content: Buffer | RawItem[];
  /** The length to announce instead of the true one. */
  announcedLength?: number;
  /** The padding to write instead of zeros to the next multiple of eight. */
  padding?: Buffer;
}

const headerBytes = 8;

/** The raw form of a valid item. */
export function rawItem(item: Item): RawItem {
  if (item.type === ItemType.Structure) {
    return { tag: item.tag, type: item.type, content: item.value.map(rawItem) };
  }
  const encoded = encodeItem(item);
  const length = encoded.readUInt32BE(4);
  return { tag: item.tag, type: item.type, content: encoded.subarray(headerBytes, headerBytes + length) };
}

/** A copy that can be changed without changing the original. */
export function copyOf(item: RawItem): RawItem {
  return { ...item, content: Buffer.isBuffer(item.content) ? Buffer.from(item.content) : item.content.map(copyOf) };
}

function write(item: RawItem, parts: Buffer[]): number {
  const header = Buffer.alloc(headerBytes);
  parts.push(header);
  let length = 0;
  if (Buffer.isBuffer(item.content)) {
    parts.push(item.content);
    length = item.content.length;
  } else {
    for (const child of item.content) length += write(child, parts);
  }
  header.writeUIntBE(item.tag % 0x1000000, 0, 3);
  header.writeUInt8(item.type % 256, 3);
  header.writeUInt32BE((item.announcedLength ?? length) % 0x100000000, 4);
  const padding = item.padding ?? Buffer.alloc((8 - (length % 8)) % 8);
  parts.push(padding);
  return headerBytes + length + padding.length;
}

/** The bytes of an item, valid or not. */
export function encodeRaw(item: RawItem): Buffer {
  const parts: Buffer[] = [];
  write(item, parts);
  return Buffer.concat(parts);
}

/** Every item of a tree, the root first. */
export function everyItem(root: RawItem): readonly RawItem[] {
  const found = [root];
  // The list grows while it is walked.
  for (const item of found) if (!Buffer.isBuffer(item.content)) for (const child of item.content) found.push(child);
  return found;
}

/** Every structure of a tree. */
export function everyStructure(item: RawItem): readonly (RawItem & { content: RawItem[] })[] {
  return everyItem(item).filter((each): each is RawItem & { content: RawItem[] } => !Buffer.isBuffer(each.content));
}

/** Structures are read no deeper than this. */
const deepest = 64;

/** What the bytes hold as items, as far as lengths allow; undefined where not even the outermost fits. */
export function rawFrom(bytes: Buffer): RawItem | undefined {
  const items = rawItems(bytes, 0);
  return items?.length === 1 ? items[0] : undefined;
}

function rawItems(bytes: Buffer, depth: number): RawItem[] | undefined {
  const items: RawItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < headerBytes) return undefined;
    const length = bytes.readUInt32BE(at + 4);
    const start = at + headerBytes;
    const end = start + Math.ceil(length / 8) * 8;
    if (end > bytes.length) return undefined;
    const tag = bytes.readUIntBE(at, 3);
    const type = bytes.readUInt8(at + 3);
    const content = bytes.subarray(start, start + length);
    const inner = type === ItemType.Structure && depth < deepest ? rawItems(content, depth + 1) : undefined;
    items.push({ tag, type, content: inner ?? Buffer.from(content) });
    at = end;
  }
  return items;
}
