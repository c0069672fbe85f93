import { AttributeSet, type KeptInstance } from "./attribute-set.js";

/**
 * The document form of an attribute set: JSON text, `{ name: [[index, value], …] }`, with 64-bit numbers as
 * `{"$integer": "decimal"}` and bytes as `{"$bytes": "base64"}`. It is what the database keeps and what is authenticated,
 * so writing is deterministic: the same set always gives the same text.
 */
export function writeAttributeDocument(set: AttributeSet): string {
  const document: Record<string, unknown> = {};
  for (const name of [...set.names()].sort()) {
    document[name] = set.instances(name).map(({ index, value }) => [index, toPlain(value)]);
  }
  return JSON.stringify(document);
}

/** Reads what writeAttributeDocument wrote. Throws SyntaxError or TypeError for anything else. */
export function readAttributeDocument(text: string): AttributeSet {
  const document = JSON.parse(text) as Record<string, [number, unknown][]>;
  const byName = new Map<string, readonly KeptInstance[]>();
  for (const [name, instances] of Object.entries(document)) {
    byName.set(
      name,
      instances.map(([index, value]) => ({ index, value: fromPlain(value) })),
    );
  }
  return new AttributeSet(byName);
}

/** One value as text: equal values give equal text. Text stands for itself, everything else is in the document's form. */
export function toCanonicalText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(toPlain(value));
}

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return { $integer: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([first], [second]) => (first < second ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, toPlain(each)]));
}

function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== "object" || value === null) return value;
  const plain = value as Record<string, unknown>;
  if (typeof plain["$integer"] === "string") return BigInt(plain["$integer"]);
  if (typeof plain["$bytes"] === "string") return Buffer.from(plain["$bytes"], "base64");
  return Object.fromEntries(Object.entries(plain).map(([key, each]) => [key, fromPlain(each)]));
}
