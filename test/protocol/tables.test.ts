import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import {
  CryptographicUsageMaskTable,
  type EnumerationFact,
  enumerationName,
  enumerationOf,
  enumerationTables,
  enumerationValue,
  isKnownIn,
  maskNames,
  OperationTable,
  ResultReasonTable,
  SplitKeyMethodTable,
} from "#protocol/enums/index.js";
import { factOfTag, isTagKnownIn, Tag, tagFacts, tagLabel, tagNamed, tagOfSpecName } from "#protocol/tags.js";
import { formatVersion, V1_4, V2_0, V2_1, V3_0, type VersionSpan } from "#protocol/versions.js";
import { specificationFolder } from "#test/support/specification-folder.js";

/** The rules of KMIP Additional Message Encodings 1.0 §4.1.3. */
function normalise(specName: string): string {
  const words = specName
    .replace(/[()]/g, " ")
    .replace(/\W([A-Za-z][a-z])/g, " $1")
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/\W/g, "_"));
  words[0] = (words[0] ?? "").replace(/^(\d+)(.*)/, "$2$1");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Names as read from the typeset tables differ from ours in stray spaces only. */
const bare = (name: string) => normalise(name).replace(/_/g, "");

interface ListedValue {
  readonly name: string;
  readonly since: string;
  readonly last?: string;
  readonly also?: readonly string[];
}
type ListedTable = Readonly<Record<string, ListedValue>>;

interface Lists {
  readonly tags: ListedTable;
  readonly enumerations: Readonly<Record<string, ListedTable>>;
}

const listed = (folder: string): Lists => JSON.parse(readFileSync(join(folder, "tables.json"), "utf8"));

const folder = specificationFolder() ?? "";
const skip = folder === "" ? "NOT CHECKED: the specification folder is not here" : false;

const isReserved = ({ name }: ListedValue) => name.startsWith("(") || name === "Reserved";

/** The version that a list names last, where later editions dropped the value or marked it reserved. */
function lastOf(value: ListedValue): string | undefined {
  if (value.also?.includes("(Reserved)") === true) return "1.4";
  return value.last === undefined || value.last === "2.1" ? undefined : value.last;
}

const spanOf = (fact: VersionSpan) =>
  [fact.since, fact.until].map((version) => (version === undefined ? "" : formatVersion(version))).join("-");

function differences(what: string, ours: EnumerationFact | undefined, value: ListedValue): string[] {
  if (ours === undefined) return [`${what}: missing`];
  const names = [value.name, ...(value.also ?? [])].map(bare);
  const wrongName = names.includes(ours.name.replace(/_/g, "")) ? [] : [`${what}: ${ours.name}, not ${value.name}`];
  const span = `${value.since}-${lastOf(value) ?? (value.last === undefined && value.since === "1.4" ? "1.4" : "")}`;
  return spanOf(ours) === span ? wrongName : [...wrongName, `${what}: ${spanOf(ours)}, not ${span}`];
}

/** Headings of the lists that differ from the name of our table. */
const headings: Readonly<Record<string, string>> = {
  "Batch Error Continuation": "BatchErrorContinuationOption",
  "Destroy Action Type": "DestroyAction",
  "Key Wrap Encoding Option": "EncodingOption",
  "Object Group Member Option": "ObjectGroupMember",
};

t.test("every tag agrees with the published lists", { skip }, async (t) => {
  const lists = listed(folder);
  const wrong: string[] = [];
  let checked = 0;
  for (const [hex, value] of Object.entries(lists.tags)) {
    if (isReserved(value)) continue;
    checked += 1;
    const fact = factOfTag(Number.parseInt(hex, 16));
    wrong.push(...differences(hex, fact === undefined ? undefined : { ...fact, value: fact.tag }, value));
  }
  t.same(wrong, []);
  t.equal(checked, tagFacts.filter(({ since }) => since < V3_0).length, "no tag of ours is missing from the lists");
  t.comment(`${checked} tags checked`);
});

/** Where the lists are wrong and the text of the specifications is followed. */
const listsAreWrong = [
  "CredentialType 0x00000001: 1.0-, not 1.1-", // 1.0 §9.1.3.2.1 has it
  "CryptographicUsageMask 0x00000400: ContentCommitment, not Content Commitment (Non Repudiation)", // accepted as well
  "EncodingOption 0x00000001: 1.1-, not 1.2-", // 1.1 has it under another heading
  "EncodingOption 0x00000002: 1.1-, not 1.2-",
];

t.test("every enumeration and mask agrees with the published lists", { skip }, async (t) => {
  const lists = listed(folder);
  const wrong: string[] = [];
  let checked = 0;
  for (const [heading, values] of Object.entries(lists.enumerations)) {
    const name = headings[heading] ?? normalise(heading);
    const table = enumerationTables.find((candidate) => candidate.name === name);
    if (table === undefined) wrong.push(`${heading}: no table`);
    for (const [hex, value] of Object.entries(values)) {
      if (isReserved(value)) continue;
      checked += 1;
      wrong.push(...differences(`${name} ${hex}`, table?.byValue.get(Number.parseInt(hex, 16)), value));
    }
  }
  t.same(wrong, listsAreWrong);
  t.comment(`${checked} values of ${Object.keys(lists.enumerations).length} lists checked`);
});

t.test("no name and no number stands twice in a table", async (t) => {
  for (const table of enumerationTables) {
    t.equal(new Set(table.facts.map((fact) => fact.value)).size, table.facts.length, `${table.name} numbers`);
    t.equal(new Set(table.facts.map((fact) => fact.name)).size, table.facts.length, `${table.name} names`);
  }
  t.equal(new Set(tagFacts.map((fact) => fact.tag)).size, tagFacts.length);
});

t.test("the normalised name of every tag follows from its name in the specification", async (t) => {
  t.same(
    tagFacts.filter(({ name, specName }) => normalise(specName) !== name),
    [],
  );
});

t.test("a tag is found by number, by normalised name and by the name of the specification", async (t) => {
  t.equal(Tag.CryptographicUsageMask, 0x42002c);
  t.equal(factOfTag(0x42002c)?.specName, "Cryptographic Usage Mask");
  t.equal(tagNamed("X_509CertificateIdentifier"), 0x4200b5);
  t.equal(tagOfSpecName("X.509 Certificate Identifier"), 0x4200b5);
  t.equal(tagLabel(0x42002c), "CryptographicUsageMask");
  t.equal(tagLabel(0x540001), "0x540001");
  t.equal(tagNamed("constructor"), undefined);
});

t.test("a tag removed by 2.0 is known up to 1.4 only", async (t) => {
  t.ok(isTagKnownIn(Tag.TemplateAttribute, V1_4));
  t.notOk(isTagKnownIn(Tag.TemplateAttribute, V2_0));
  t.ok(isTagKnownIn(Tag.Attributes, V2_0));
  t.notOk(isTagKnownIn(Tag.Attributes, V1_4));
  t.notOk(isTagKnownIn(0x540001, V2_1));
});

t.test("a value is known from the version that brought it to the one that dropped it", async (t) => {
  const illegalOperation = 0x0b;
  t.ok(isKnownIn(ResultReasonTable, illegalOperation, V1_4));
  t.notOk(isKnownIn(ResultReasonTable, illegalOperation, V2_0));
  t.ok(isKnownIn(OperationTable, 0x3b, V2_1), "Ping");
  t.notOk(isKnownIn(OperationTable, 0x3b, V2_0), "Ping");
  t.notOk(isKnownIn(OperationTable, 0x80000001, V2_1), "an extension");
});

t.test("the enumeration of a tag is found, also under tags of another name", async (t) => {
  t.equal(enumerationOf(Tag.CryptographicAlgorithm)?.name, "CryptographicAlgorithm");
  t.equal(enumerationOf(Tag.MaskGeneratorHashingAlgorithm)?.name, "HashingAlgorithm");
  t.equal(enumerationOf(Tag.CryptographicUsageMask)?.kind, "mask");
  t.equal(enumerationOf(Tag.AttributeReference)?.byName.get("State")?.value, Tag.State);
  t.equal(enumerationOf(Tag.NameValue), undefined);
});

t.test("an enumeration value is read by name, other spelling or hexadecimal", async (t) => {
  t.equal(enumerationValue(SplitKeyMethodTable, "PolynomialSharingGF2_8"), 4);
  t.equal(enumerationValue(enumerationOf(Tag.MaskGenerator), "MFG1"), 1);
  t.equal(enumerationValue(undefined, "0x80000001"), 0x80000001);
  t.equal(enumerationValue(OperationTable, "Nothing"), undefined);
  t.equal(enumerationValue(OperationTable, "0x123456789"), undefined);
  t.equal(enumerationName(OperationTable, 4), "ReKey");
  t.equal(enumerationName(OperationTable, 0x80000001), undefined);
});

t.test("the bits of a mask are named, unnamed ones in hexadecimal", async (t) => {
  t.same(maskNames(CryptographicUsageMaskTable, 0x0c), ["Encrypt", "Decrypt"]);
  t.same(maskNames(CryptographicUsageMaskTable, 0), []);
  t.same(maskNames(CryptographicUsageMaskTable, -(2 ** 31) + 1), ["Sign", "0x80000000"]);
});
