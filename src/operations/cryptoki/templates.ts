import { type AttributeName, attributeNamed, attributeRows, valueKindOf } from "./attribute-types.js";
import { Refusal } from "./outcome.js";
import { codecError, type ParameterReader, type ParameterWriter } from "./parameters.js";

/** The value of an attribute. A date is its eight digits. */
export type AttributeValue = number | boolean | string | Buffer | readonly number[];

/** The most attributes of one template. */
const mostAttributes = 100;

/** An attribute as a client asks for it: its type, and the room it has for the value. */
export interface AttributeQuery {
  readonly type: number;
  /** Elements the client's buffer holds; undefined where it asks for the length alone. */
  readonly room: number | undefined;
}

/** What a client says of an object: each attribute once. */
export class Template {
  private readonly values: ReadonlyMap<number, AttributeValue>;

  constructor(values: ReadonlyMap<number, AttributeValue>) {
    this.values = values;
  }

  /** All attributes, by type. */
  get all(): ReadonlyMap<number, AttributeValue> {
    return this.values;
  }

  has(name: AttributeName): boolean {
    return this.values.has(attributeRows[name][0]);
  }

  number(name: AttributeName): number | undefined {
    return this.value(name, (value): value is number => typeof value === "number");
  }

  boolean(name: AttributeName): boolean | undefined {
    return this.value(name, (value): value is boolean => typeof value === "boolean");
  }

  text(name: AttributeName): string | undefined {
    return this.value(name, (value): value is string => typeof value === "string");
  }

  bytes(name: AttributeName): Buffer | undefined {
    return this.value(name, (value): value is Buffer => Buffer.isBuffer(value));
  }

  /** The bytes of an attribute that must be there. Throws Refusal. */
  demandBytes(name: AttributeName): Buffer {
    const bytes = this.bytes(name);
    if (bytes === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
    return bytes;
  }

  /** Throws Refusal for an attribute that is not among these. */
  allowOnly(names: ReadonlySet<AttributeName>): void {
    for (const type of this.values.keys()) {
      const name = attributeNamed(type);
      if (name === undefined || !names.has(name)) throw new Refusal("ATTRIBUTE_TYPE_INVALID");
    }
  }

  private value<T extends AttributeValue>(
    name: AttributeName,
    is: (value: AttributeValue) => value is T,
  ): T | undefined {
    const value = this.values.get(attributeRows[name][0]);
    if (value === undefined) return undefined;
    if (!is(value)) throw new Refusal("ATTRIBUTE_VALUE_INVALID");
    return value;
  }
}

/** Reads a template: the count, and each attribute with its value. Throws KmipError and Refusal. */
export function readTemplate(input: ParameterReader): Template {
  const values = new Map<number, AttributeValue>();
  for (let left = countOf(input); left > 0; left -= 1) {
    const type = input.ulong();
    const hasValue = input.boolean();
    const hasLength = input.boolean();
    if (values.has(type)) throw new Refusal("TEMPLATE_INCONSISTENT");
    values.set(type, readValue(input, type, hasValue, hasLength));
  }
  return new Template(values);
}

/** Reads which attributes a client asks for: values stand in the answer only. */
export function readQueries(input: ParameterReader): readonly AttributeQuery[] {
  const queries: AttributeQuery[] = [];
  for (let left = countOf(input); left > 0; left -= 1) {
    const type = input.ulong();
    if (input.boolean()) throw codecError("an attribute that is asked for has no value");
    const room = input.boolean() ? (isCounted(type) ? input.length() : 1) : undefined;
    queries.push({ type, room });
  }
  return queries;
}

function countOf(input: ParameterReader): number {
  const count = input.length();
  if (count > mostAttributes) throw codecError(`a template has ${mostAttributes} attributes at most`);
  return count;
}

function isCounted(type: number): boolean {
  const kind = valueKindOf(type);
  return kind === "bytes" || kind === "text" || kind === "ulongs" || kind === "template";
}

/** A value that is missing is an empty one. */
function readValue(input: ParameterReader, type: number, hasValue: boolean, hasLength: boolean): AttributeValue {
  if (hasValue && !hasLength) throw codecError("an attribute has a value and no length");
  const kind = valueKindOf(type);
  const count = hasLength && isCounted(type) ? input.length() : 0;
  if (!hasValue) {
    if (kind === "text") return "";
    if (kind === "bytes" || kind === "date") return Buffer.alloc(0);
    throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  }
  switch (kind) {
    case "ulong":
      return input.ulong();
    case "boolean":
      return input.boolean();
    case "date":
      return Buffer.from(input.take(8));
    case "bytes":
      return Buffer.from(input.take(count));
    case "text":
      return input.take(count).toString("utf8");
    case "ulongs":
      if (count > mostAttributes) throw codecError("the list of an attribute is too long");
      return Array.from({ length: count }, () => input.ulong());
    case "template":
      throw new Refusal("ATTRIBUTE_TYPE_INVALID");
  }
}

/** An attribute in an answer: with its value, with its length alone, or with neither where it cannot be told. */
export function writeAttribute(
  output: ParameterWriter,
  type: number,
  value: AttributeValue | undefined,
  withValue: boolean,
): void {
  output
    .ulong(type)
    .boolean(value !== undefined && withValue)
    .boolean(value !== undefined);
  if (value === undefined) return;
  const encoded = encodeValue(value);
  if (isCounted(type)) output.length(elementsOf(value));
  if (withValue) output.bytes(encoded);
}

/** How many elements a value has, as lengths of PKCS#11 count them. */
export function elementsOf(value: AttributeValue): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return typeof value === "object" ? value.length : 1;
}

function encodeValue(value: AttributeValue): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 0]);
  const numbers = typeof value === "number" ? [value] : value;
  const encoded = Buffer.alloc(numbers.length * 8);
  for (const [index, number] of numbers.entries()) encoded.writeBigUInt64BE(BigInt(number), index * 8);
  return encoded;
}
