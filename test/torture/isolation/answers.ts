/** Whether two answers are the same to who asked, whatever was asked about. */
import { ResultStatus } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import type { Reference } from "./subjects.js";

const identifierPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Fields that differ from message to message. */
const momentary: ReadonlySet<number> = new Set([Tag.TimeStamp, Tag.ServerCorrelationValue]);

/** Fields that are made at random. */
const random: ReadonlySet<number> = new Set([
  Tag.Data,
  Tag.IVCounterNonce,
  Tag.AuthenticatedEncryptionTag,
  Tag.SignatureData,
  Tag.MACData,
  Tag.CorrelationValue,
  Tag.AsynchronousCorrelationValue,
  Tag.TicketValue,
  Tag.PKCS_11OutputParameters,
  // A wrapped key.
  Tag.KeyValue,
  Tag.MACSignature,
  Tag.ShortUniqueIdentifier,
]);

/** An answer without time stamps, with what was asked about and what was made since in words of their own. */
export function normalised(answer: Item, asked: Reference): Buffer {
  const numbers = new Map<string, number>();
  const words = (text: string): string =>
    text
      .replaceAll(asked.identifier, "(asked)")
      .replaceAll(asked.name, "(name)")
      .replaceAll(asked.group, "(group)")
      .replace(identifierPattern, (identifier) => {
        const number = numbers.get(identifier) ?? numbers.size;
        numbers.set(identifier, number);
        return `(made ${number})`;
      });
  const walk = (item: Item): Item[] => {
    if (momentary.has(item.tag)) return [];
    if (item.type === ItemType.Structure) return [{ ...item, value: item.value.flatMap(walk) }];
    if (item.type === ItemType.TextString) return [{ ...item, value: words(item.value) }];
    if (item.type === ItemType.DateTime) return [{ ...item, value: 0n }];
    if (item.type === ItemType.ByteString && random.has(item.tag)) return [{ ...item, value: Buffer.alloc(0) }];
    return [item];
  };
  const [whole] = walk(answer);
  if (whole === undefined) throw new RangeError("an answer is a structure");
  return encodeItem(whole);
}

/** Every item of a tree, the tree itself first. */
export function itemsIn(item: Item): readonly Item[] {
  return item.type === ItemType.Structure ? [item, ...item.value.flatMap(itemsIn)] : [item];
}

/** What the batch items of an answer came to. */
export interface Told {
  readonly items: number;
  readonly succeeded: boolean;
  /** The reason of the last item that failed. */
  readonly reason: number | undefined;
  readonly message: string | undefined;
}

/** Reads what an answer came to. */
export function toldBy(answer: Item): Told {
  const all = itemsIn(answer);
  const statuses = all.filter(({ tag }) => tag === Tag.ResultStatus).map(({ value }) => value);
  const last = <T>(tag: number): T | undefined => all.filter((item) => item.tag === tag).at(-1)?.value as T | undefined;
  return {
    items: statuses.length,
    succeeded: statuses.every((status) => status === ResultStatus.Success),
    reason: last<number>(Tag.ResultReason),
    message: last<string>(Tag.ResultMessage),
  };
}
