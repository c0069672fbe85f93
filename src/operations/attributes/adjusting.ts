import { attributeByName } from "#protocol/attributes/definitions.js";
import { AdjustmentType } from "#protocol/enums/index.js";
import { bigInteger, boolean, dateTime, integer, interval, longInteger } from "#protocol/schema/codec.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** Bits of a Big Integer at most. */
const longestBigInteger = 4096n;

/** The item types whose values can be adjusted, and the values each can hold (KMIP 2.1 §11.1). */
const ranges: ReadonlyMap<ItemType, readonly [bigint, bigint]> = new Map([
  [ItemType.Integer, [-(2n ** 31n), 2n ** 31n - 1n]],
  [ItemType.LongInteger, [-(2n ** 63n), 2n ** 63n - 1n]],
  [ItemType.BigInteger, [-(2n ** longestBigInteger), 2n ** longestBigInteger]],
  [ItemType.Interval, [0n, 2n ** 32n - 1n]],
  [ItemType.DateTime, [-8_640_000_000_000n, 8_640_000_000_000n]],
  [ItemType.DateTimeExtended, [-(2n ** 63n), 2n ** 63n - 1n]],
]);

const negatable: ReadonlySet<ItemType> = new Set([ItemType.Integer, ItemType.LongInteger, ItemType.BigInteger]);

const dates: ReadonlySet<ItemType> = new Set([ItemType.DateTime, ItemType.DateTimeExtended]);

/** Codecs of attributes that can be adjusted, by the item type they write. */
const adjustable: ReadonlyMap<unknown, ItemType> = new Map<unknown, ItemType>([
  [integer, ItemType.Integer],
  [longInteger, ItemType.LongInteger],
  [bigInteger, ItemType.BigInteger],
  [interval, ItemType.Interval],
  [dateTime, ItemType.DateTime],
  [boolean, ItemType.Boolean],
]);

/** An adjustment as a request asks for it. */
export interface Adjustment {
  readonly adjustmentType: number;
  readonly adjustmentValue?: Item | undefined;
}

function unfit(what: string): KmipError {
  return new KmipError("InvalidDataType", what);
}

/** The item type of an attribute; of a vendor's that of its present value. */
function typeOf(name: string, present: unknown): ItemType {
  const definition = attributeByName(name);
  const type = definition === undefined ? (present as Item | undefined)?.type : adjustable.get(definition.codec);
  if (type === undefined) throw unfit(`values of "${name}" cannot be adjusted`);
  return type;
}

/** The value an absent attribute is taken to have; dates have none. */
function initial(name: string, type: ItemType): bigint | boolean {
  if (type === ItemType.Boolean) return false;
  if (dates.has(type)) throw new KmipError("InvalidField", `the object has no "${name}" that could be adjusted`);
  return 0n;
}

/** By how much: the value given, of the attribute's type or, for dates, an Interval; else 1. */
function amountOf({ adjustmentValue: value }: Adjustment, type: ItemType): bigint {
  if (value === undefined) return 1n;
  const fits = value.type === type || (dates.has(type) && value.type === ItemType.Interval);
  if (!fits || (typeof value.value !== "number" && typeof value.value !== "bigint")) {
    throw unfit("the Adjustment Value is not of the type of the attribute");
  }
  return BigInt(value.value);
}

function moved(value: bigint, type: ItemType, adjustment: Adjustment): bigint {
  const range = ranges.get(type);
  if (range === undefined) throw unfit("values of this type are neither incremented nor decremented");
  const next = adjusted(value, type, adjustment);
  if (next < range[0] || next > range[1]) throw new KmipError("NumericRange", "the result does not fit the attribute");
  return next;
}

function adjusted(value: bigint, type: ItemType, adjustment: Adjustment): bigint {
  switch (adjustment.adjustmentType) {
    case AdjustmentType.Increment:
      return value + amountOf(adjustment, type);
    case AdjustmentType.Decrement:
      return value - amountOf(adjustment, type);
    case AdjustmentType.Negate:
      if (!negatable.has(type)) throw unfit("values of this type are not negated");
      return -value;
    default:
      throw new KmipError("FeatureNotSupported", "attributes are not adjusted in this way");
  }
}

/** The number or truth value in what is kept of an attribute. */
function plain(kept: unknown): bigint | boolean {
  const value = typeof kept === "object" && kept !== null && "type" in kept ? (kept as Item).value : kept;
  if (typeof value === "boolean" || typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  throw unfit("values of this attribute cannot be adjusted");
}

/**
 * The value of an attribute after an adjustment, as it is kept; `present` is the one before, undefined for an attribute
 * the object does not have. Throws KmipError `InvalidDataType`, `NumericRange`, `InvalidField`.
 */
export function adjustedValue(name: string, present: unknown, adjustment: Adjustment): unknown {
  const type = typeOf(name, present);
  const before = present === undefined ? initial(name, type) : plain(present);
  const after = typeof before === "boolean" ? negated(before, adjustment) : moved(before, type, adjustment);
  const keepsNumber = type === ItemType.Integer || type === ItemType.Interval || type === ItemType.DateTime;
  if (attributeByName(name) !== undefined) return keepsNumber ? Number(after) : after;
  const isNarrow = type === ItemType.Integer || type === ItemType.Interval;
  return { tag: Tag.AttributeValue, type, value: isNarrow ? Number(after) : after };
}

function negated(value: boolean, { adjustmentType }: Adjustment): boolean {
  if (adjustmentType === AdjustmentType.Negate) return !value;
  throw unfit("a Boolean is only negated");
}
