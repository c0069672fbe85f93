/** Payloads made from the declaration of an operation: so an operation that is new needs nothing here to be tried. */
import { attributes } from "#protocol/attributes/definitions.js";
import { enumerationOf } from "#protocol/enums/index.js";
import { protocolVersionCodec } from "#protocol/messages/header.js";
import { pkcs11Function } from "#protocol/payloads/pkcs11.js";
import {
  bigInteger,
  boolean,
  byteString,
  type Codec,
  dateTime,
  dateTimeExtended,
  integer,
  interval,
  longInteger,
  textString,
} from "#protocol/schema/codec.js";
import type { EnumerationCodec } from "#protocol/schema/enumeration.js";
import type { Field, StructureCodec } from "#protocol/schema/structure.js";
import { objectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { inSpan, type ProtocolVersion, V2_1 } from "#protocol/versions.js";
import type { Place, PlacedOperation } from "./places.js";

/** The fields of a payload. */
export type Fields = Readonly<Record<string, unknown>>;

const samples: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  [textString, "sample"],
  [byteString, Buffer.alloc(16)],
  [integer, 1],
  [longInteger, 1n],
  [bigInteger, 1n],
  [boolean, false],
  [interval, 60],
  [dateTime, 4_000_000_000],
  [dateTimeExtended, 4_000_000_000_000_000n],
  [protocolVersionCodec, V2_1],
  [pkcs11Function, 1],
  [objectNaming, { kind: "identifier", identifier: "sample" }],
]);

/** A value that a field can hold: the first of an enumeration, a structure with what it must have. */
function sampleOf(codec: Codec<unknown>): unknown {
  if (samples.has(codec)) return samples.get(codec);
  if ("fields" in codec) return filled(codec as StructureCodec<unknown>, {});
  if ("tableTag" in codec) return enumerationOf((codec as EnumerationCodec).tableTag)?.facts[0]?.value;
  const item: Item = { tag: Tag.AttributeValue, type: ItemType.TextString, value: "sample" };
  return item;
}

/** What a field of attributes without a codec must hold. */
function sampleAttribute({ tags }: Field<unknown>): unknown {
  const isName = tags.includes(Tag.AttributeName);
  const { name } = attributes.contactInformation;
  return isName ? name : { name, value: "sample" };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Buffer.isBuffer(value) && !Array.isArray(value);
}

/** The fields that are given, and samples for those that are missing and must stand. */
export function filled(codec: StructureCodec<unknown>, given: Fields): Fields {
  const whole: Record<string, unknown> = { ...given };
  for (const [key, field] of Object.entries(codec.fields)) {
    const value = given[key];
    const inner = field.codec;
    const structure = inner !== undefined && "fields" in inner ? (inner as StructureCodec<unknown>) : undefined;
    if (value === undefined) {
      if (field.optional) continue;
      const sample = inner === undefined ? sampleAttribute(field) : sampleOf(inner);
      whole[key] = field.many === true ? [sample] : sample;
    } else if (structure !== undefined && Array.isArray(value)) {
      whole[key] = value.map((each: unknown) => (isFields(each) ? filled(structure, each) : each));
    } else if (structure !== undefined && isFields(value)) whole[key] = filled(structure, value);
  }
  return whole;
}

/** The fields with a value put in at a place; structures that may stand more often are there once. */
export function withValue(
  codec: StructureCodec<unknown>,
  fields: Fields,
  path: readonly string[],
  value: unknown,
): Fields {
  const [step, ...rest] = path;
  if (step === undefined) throw new RangeError("a place has a path");
  const field = codec.fields[step];
  if (rest.length === 0) return { ...fields, [step]: value };
  if (field?.codec === undefined || !("fields" in field.codec)) throw new RangeError(`${step} is no structure`);
  const before = fields[step];
  const first: unknown = Array.isArray(before) ? before[0] : before;
  const inner = withValue(field.codec as StructureCodec<unknown>, isFields(first) ? first : {}, rest, value);
  return { ...fields, [step]: field.many === true ? [inner] : inner };
}

/** Whether a version has an operation and a place of its payload. */
export function has({ operation }: PlacedOperation, place: Place | undefined, version: ProtocolVersion): boolean {
  return inSpan(operation.versions, version) && (place?.spans ?? []).every((span) => inSpan(span, version));
}

/** The payload of an operation in a version, what must stand in it filled in. */
export function payloadOf({ request }: PlacedOperation, fields: Fields, version: ProtocolVersion): Item {
  return request.encode(Tag.RequestPayload, filled(request, fields), { version });
}
