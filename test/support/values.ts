import fc, { type Arbitrary } from "fast-check";
import { attributeOneX } from "#protocol/attributes/codecs.js";
import { attributeDefinitions } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { knowsValues } from "#protocol/attributes/known-values.js";
import { AsynchronousIndicator, enumerationOf } from "#protocol/enums/index.js";
import { asynchronousIndicator, protocolVersionCodec } from "#protocol/messages/header.js";
import { pkcs11Function } from "#protocol/payloads/pkcs11.js";
import {
  anyItem,
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
import { dataInput } from "#protocol/structures/data.js";
import { keyMaterial, keyValue, plainKeyValue, transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { ticketLeaseTime } from "#protocol/structures/login.js";
import { itemTypeCode } from "#protocol/structures/query.js";
import { objectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { inSpan, type ProtocolVersion, supportedVersions, V2_0 } from "#protocol/versions.js";

/** Which values to make: those a version can carry whole, or with the fields of every version filled in. */
export interface Scope {
  readonly version: ProtocolVersion;
  readonly everyField: boolean;
  /** The version that knows every value of an attribute; `version` where left out. */
  readonly knownTo?: ProtocolVersion;
  /** Only what the simplest reader takes: text of letters, values of the version's own tables, no custom attributes. */
  readonly plain?: boolean;
}

const anyText = fc.string({ unit: "binary", maxLength: 8 });
const letters = fc.stringMatching(/^[A-Za-z0-9 .-]{1,7}$/);
const text = ({ plain }: Scope): Arbitrary<string> => (plain === true ? letters : anyText);
const bytesOf = (constraints: fc.IntArrayConstraints): Arbitrary<Buffer> =>
  fc.uint8Array(constraints).map((array) => Buffer.from(array));
const anyBytes = bytesOf({ maxLength: 12 });
const someBytes = bytesOf({ minLength: 1, maxLength: 7 });
const bytes = ({ plain }: Scope): Arbitrary<Buffer> => (plain === true ? someBytes : anyBytes);
const unsigned32 = fc.integer({ min: 0, max: 0xffffffff });
const signed64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const seconds = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });

/** Values of the enumeration of a tag: those that its table knows, and one of a vendor. */
function enumerationValues(tag: number, { plain, version }: Scope): Arbitrary<number> {
  const facts = enumerationOf(tag)?.facts ?? [];
  const own = facts.filter((fact) => inSpan(fact, version));
  if (plain === true && own.length > 0) return fc.constantFrom(...own.map(({ value }) => value));
  return fc.constantFrom(...facts.map(({ value }) => value), 0x80000001);
}

function anyItemValues(tag: number, scope: Scope): Arbitrary<Item> {
  return fc.oneof(
    text(scope).map((value): Item => ({ tag, type: ItemType.TextString, value })),
    fc.integer().map((value): Item => ({ tag, type: ItemType.Integer, value })),
    bytes(scope).map(
      (value): Item => ({ tag, type: ItemType.Structure, value: [{ tag, type: ItemType.ByteString, value }] }),
    ),
  );
}

/** Sums of the bits that a version has; undefined where the attribute is no mask. */
function maskValues(tag: number, { version, knownTo = version }: Scope): Arbitrary<number> | undefined {
  const table = enumerationOf(tag);
  if (table?.kind !== "mask") return undefined;
  const bits = table.facts.filter((fact) => inSpan(fact, knownTo)).map(({ value }) => value);
  return fc.subarray(bits).map((chosen) => chosen.reduce((sum, bit) => sum | bit, 0));
}

/** Instances of attributes: every defined one of the scope, and custom ones. */
export function attributeValues(scope: Scope): Arbitrary<AttributeInstance> {
  const definitions = attributeDefinitions.filter(({ span }) => scope.everyField || inSpan(span, scope.version));
  const vendors = scope.version >= V2_0 || scope.everyField ? ["x-", "y-", "acme/"] : ["x-", "y-"];
  const value = fc
    .constantFrom(...definitions)
    .chain(({ name, tag, codec }) =>
      (maskValues(tag, scope) ?? valuesOf(codec, scope))
        .filter((value) => knowsValues(codec.encode(tag, value, scope), tag, scope.knownTo ?? scope.version))
        .map((value): AttributeInstance => ({ name, value })),
    );
  const custom = fc.record({
    name: fc.tuple(fc.constantFrom(...vendors), text(scope)).map(([vendor, rest]) => vendor + rest),
    value: anyItemValues(Tag.AttributeValue, scope),
  });
  const indexed = fc
    .tuple(
      scope.plain === true ? value : fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: custom }),
      fc.nat({ max: 3 }),
    )
    .map(([instance, index]) => (index > 0 && scope.version < V2_0 ? { ...instance, index } : instance));
  return indexed;
}

/** Names of attributes that the scope has. */
function nameValues(scope: Scope): Arbitrary<string> {
  return attributeValues(scope).map(({ name }) => name);
}

const choices = new Map<unknown, (scope: Scope) => Arbitrary<unknown>>([
  [integer, () => fc.integer()],
  [longInteger, () => signed64],
  [bigInteger, () => fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })],
  [boolean, () => fc.boolean()],
  [textString, text],
  [byteString, bytes],
  [interval, () => unsigned32],
  [dateTime, () => seconds],
  [dateTimeExtended, () => signed64],
  [itemTypeCode, () => fc.constantFrom(...Object.values(ItemType))],
  [protocolVersionCodec, () => fc.constantFrom(...supportedVersions)],
  [
    asynchronousIndicator,
    (scope) =>
      scope.version < V2_0
        ? fc.constantFrom(AsynchronousIndicator.Optional, AsynchronousIndicator.Prohibited)
        : enumerationValues(Tag.AsynchronousIndicator, scope),
  ],
  [attributeOneX, attributeValues],
  [keyMaterial, (scope) => fc.oneof(bytes(scope), valuesOf(transparentKeyMaterial, scope))],
  [keyValue, (scope) => fc.oneof(bytes(scope), valuesOf(plainKeyValue, scope))],
  [
    objectNaming,
    (scope) => {
      const identifier = fc.record({ kind: fc.constant("identifier"), identifier: text(scope) });
      if (scope.plain === true) return identifier;
      const operation = enumerationValues(Tag.UniqueIdentifier, scope);
      return fc.oneof(
        identifier,
        fc.record({ kind: fc.constant("placeholder"), operation }),
        fc.record({ kind: fc.constant("batch-item"), index: fc.integer() }),
      );
    },
  ],
  [
    dataInput,
    (scope) =>
      scope.plain === true
        ? bytes(scope)
        : fc.oneof(
            bytes(scope),
            fc.record({ kind: fc.constant("placeholder"), operation: enumerationValues(Tag.Data, scope) }),
            fc.record({ kind: fc.constant("batch-item"), index: fc.integer() }),
          ),
  ],
  [
    pkcs11Function,
    (scope) =>
      fc.oneof(
        enumerationValues(Tag.PKCS_11Function, scope),
        fc.record({ vendor: fc.integer() }, { noNullPrototype: true }),
      ),
  ],
  [
    ticketLeaseTime,
    () =>
      fc.oneof(
        fc.record({ kind: fc.constant("interval"), seconds: unsigned32 }),
        fc.record({ kind: fc.constant("until"), date: seconds }),
      ),
  ],
]);

function isStructure(codec: Codec<unknown>): codec is StructureCodec<unknown> {
  return "fields" in codec;
}

function isEnumeration(codec: Codec<unknown>): codec is EnumerationCodec {
  return "tableTag" in codec;
}

/** Values of a codec, made from its declaration. */
export function valuesOf(codec: Codec<unknown>, scope: Scope): Arbitrary<unknown> {
  const chosen = choices.get(codec);
  if (chosen !== undefined) return chosen(scope);
  if (isStructure(codec)) return structureValues(codec, scope);
  if (isEnumeration(codec)) return enumerationValues(codec.tableTag, scope);
  throw new TypeError("a codec without generator");
}

function structureValues(codec: StructureCodec<unknown>, scope: Scope): Arbitrary<Record<string, unknown>> {
  const model = Object.entries(codec.fields).map(([key, field]) => [
    key,
    scope.everyField || inSpan(field.span, scope.version)
      ? fieldValues(field, scope)
      : fc.constant(field.decode([], scope)),
  ]);
  return fc.record(Object.fromEntries(model), { noNullPrototype: true }).map(withoutUndefined);
}

function withoutUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, property]) => property !== undefined));
}

function fieldValues(field: Field<unknown>, scope: Scope): Arbitrary<unknown> {
  if (field.others === true) return fc.array(anyItemValues(0x540001, scope), { maxLength: 2 });
  if (field.codec === undefined) return attributeFieldValues(field, scope);
  const [tag] = field.tags;
  const one = field.codec === anyItem ? anyItemValues(tag ?? 0, scope) : valuesOf(field.codec, scope);
  if (field.many === true) return fc.array(one, { minLength: field.optional ? 0 : 1, maxLength: 3 });
  return field.optional ? fc.option(one, { nil: undefined }) : one;
}

/** Values for the fields of attributes/fields.ts, told apart by what they read where nothing stands. */
function attributeFieldValues(field: Field<unknown>, scope: Scope): Arbitrary<unknown> {
  const named = field.tags.includes(Tag.AttributeName);
  const one: Arbitrary<unknown> = named ? nameValues(scope) : attributeValues(scope);
  if (!field.optional) return one;
  const absent = field.decode([], scope);
  const list = fc.array(one, { maxLength: 3 });
  if (Array.isArray(absent)) return list;
  if (absent !== undefined) {
    const name = fc.record({ nameValue: text(scope), nameType: fc.constant(1) });
    const templates = scope.version >= V2_0 ? fc.constant([]) : fc.array(name, { maxLength: 2 });
    return fc.record({ attributes: list, templates });
  }
  const several = !named && !field.tags.includes(Tag.Attribute) && !field.tags.includes(Tag.CurrentAttribute);
  return fc.option(several ? fc.array(one, { minLength: 1, maxLength: 3 }) : one, { nil: undefined });
}
