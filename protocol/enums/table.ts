import { inSpan, type ProtocolVersion, type VersionSpan } from "../versions.js";

/** One value: its number, the first version that defines it, the last if it was removed. */
export type EnumerationRow = readonly [value: number, since: ProtocolVersion, until?: ProtocolVersion | undefined];

/** Rows under the value's normalised name (KMIP Additional Message Encodings 1.0 §4.1.3). */
export type EnumerationRows = Readonly<Record<string, EnumerationRow>>;

/** What is known of one value. */
export interface EnumerationFact extends VersionSpan {
  readonly value: number;
  readonly name: string;
  readonly since: ProtocolVersion;
}

/** The values of one enumeration, or the bits of one mask, with the versions they belong to. */
export interface EnumerationTable {
  /** The normalised name of the enumeration, which is also that of the tag it mostly stands under. */
  readonly name: string;
  /** A mask is an Integer whose value is a sum of rows; an enumeration's value is one row. */
  readonly kind: "enumeration" | "mask";
  readonly facts: readonly EnumerationFact[];
  readonly byValue: ReadonlyMap<number, EnumerationFact>;
  /** By name, other spellings included. */
  readonly byName: ReadonlyMap<string, EnumerationFact>;
}

/** A table that also carries its numbers under their names. */
export interface ValuedTable<Rows extends EnumerationRows> extends EnumerationTable {
  readonly values: { readonly [Name in keyof Rows]: Rows[Name][0] };
}

/** The union of the numbers of a table's `values`. */
export type ValueOf<Values> = Values[keyof Values];

function table<const Rows extends EnumerationRows>(
  name: string,
  kind: EnumerationTable["kind"],
  rows: Rows,
  otherSpellings: Readonly<Record<string, string>>,
): ValuedTable<Rows> {
  const facts = Object.entries(rows).map(([rowName, [value, since, until]]) => ({
    value,
    name: rowName,
    since,
    ...(until === undefined ? {} : { until }),
  }));
  const byName = new Map<string, EnumerationFact>(facts.map((fact) => [fact.name, fact]));
  for (const [other, canonical] of Object.entries(otherSpellings)) {
    const fact = byName.get(canonical);
    if (fact !== undefined) byName.set(other, fact);
  }
  const values = Object.fromEntries(facts.map((fact) => [fact.name, fact.value])) as ValuedTable<Rows>["values"];
  return { name, kind, facts, byValue: new Map(facts.map((fact) => [fact.value, fact])), byName, values };
}

/** Makes the table of an enumeration. `otherSpellings` maps a name some edition uses to the name of the row. */
export function enumerationTable<const Rows extends EnumerationRows>(
  name: string,
  rows: Rows,
  otherSpellings: Readonly<Record<string, string>> = {},
): ValuedTable<Rows> {
  return table(name, "enumeration", rows, otherSpellings);
}

/** Makes the table of a bit mask. */
export function maskTable<const Rows extends EnumerationRows>(
  name: string,
  rows: Rows,
  otherSpellings: Readonly<Record<string, string>> = {},
): ValuedTable<Rows> {
  return table(name, "mask", rows, otherSpellings);
}

/** The name of a value; undefined for an extension or a value of a later specification. */
export function enumerationName(from: EnumerationTable, value: number): string | undefined {
  return from.byValue.get(value)?.name;
}

const hexadecimal = /^0x[0-9a-f]{1,8}$/i;

/** The value with this name, or written as up to eight hexadecimal digits after "0x"; undefined for any other text. */
export function enumerationValue(from: EnumerationTable | undefined, nameOrHex: string): number | undefined {
  if (hexadecimal.test(nameOrHex)) return Number.parseInt(nameOrHex.slice(2), 16);
  return from?.byName.get(nameOrHex)?.value;
}

/** Whether a version of the protocol defines the value; extensions (0x8xxxxxxx) are never known. */
export function isKnownIn(from: EnumerationTable, value: number, version: ProtocolVersion): boolean {
  const fact = from.byValue.get(value);
  return fact !== undefined && inSpan(fact, version);
}

/** The names of the bits set in a mask, lowest first; a bit without a name is given as eight hexadecimal digits. */
export function maskNames(from: EnumerationTable, mask: number): readonly string[] {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit += 1) {
    if (((mask >>> bit) & 1) === 0) continue;
    const value = 2 ** bit;
    names.push(from.byValue.get(value)?.name ?? `0x${value.toString(16).padStart(8, "0")}`);
  }
  return names;
}
