import { tagRows1 } from "./tags/tags-1.js";
import { tagRows2 } from "./tags/tags-2.js";
import { tagRows3 } from "./tags/tags-3.js";
import { inSpan, type ProtocolVersion, type VersionSpan } from "./versions.js";

const rows = { ...tagRows1, ...tagRows2, ...tagRows3 };
type Rows = typeof rows;

/** What is known of one tag. */
export interface TagFact extends VersionSpan {
  readonly tag: number;
  /** The normalised name, as in XML and JSON: "CryptographicUsageMask". */
  readonly name: string;
  /** The name in the specification, also the attribute name of KMIP 1.x: "Cryptographic Usage Mask". */
  readonly specName: string;
  readonly since: ProtocolVersion;
}

/** Every tag of KMIP 1.0 to 2.1 and some of 3.0, in the order of the numbers (KMIP 2.1 §11.56, KMIP 1.4 §9.1.3.1). */
export const tagFacts: readonly TagFact[] = Object.entries(rows).map(([name, [tag, specName, since, until]]) => ({
  tag,
  name,
  specName,
  since,
  ...(until === undefined ? {} : { until }),
}));

/** The tag numbers under their normalised names: `Tag.ActivationDate` is 0x420001. */
export const Tag = Object.fromEntries(tagFacts.map(({ name, tag }) => [name, tag])) as {
  readonly [Name in keyof Rows]: Rows[Name][0];
};

/** One of the tags this program knows. */
export type Tag = (typeof Tag)[keyof typeof Tag];

const byTag: ReadonlyMap<number, TagFact> = new Map(tagFacts.map((fact) => [fact.tag, fact]));
const byName: ReadonlyMap<string, TagFact> = new Map(tagFacts.map((fact) => [fact.name, fact]));
const bySpecName: ReadonlyMap<string, TagFact> = new Map(tagFacts.map((fact) => [fact.specName, fact]));

/** What is known of a tag; undefined for an extension or a tag of a later specification. */
export function factOfTag(tag: number): TagFact | undefined {
  return byTag.get(tag);
}

/** The tag with this normalised name, as it stands in XML and JSON. */
export function tagNamed(name: string): number | undefined {
  return byName.get(name)?.tag;
}

/** The tag with this name in the specification; for an attribute name of KMIP 1.x it is the tag of the attribute. */
export function tagOfSpecName(specName: string): number | undefined {
  return bySpecName.get(specName)?.tag;
}

/** The normalised name of a tag, or its number as six hexadecimal digits after "0x". */
export function tagLabel(tag: number): string {
  return byTag.get(tag)?.name ?? `0x${tag.toString(16).padStart(6, "0")}`;
}

/** Whether a version of the protocol defines the tag. */
export function isTagKnownIn(tag: number, version: ProtocolVersion): boolean {
  const fact = byTag.get(tag);
  return fact !== undefined && inSpan(fact, version);
}

/** Whether a tag lies in the range of the specification (0x42xxxx) or of extensions (0x54xxxx, KMIP 2.1 §11.56). */
export function isTagInRange(tag: number): boolean {
  return (tag >= 0x420000 && tag <= 0x42ffff) || (tag >= 0x540000 && tag <= 0x54ffff);
}
