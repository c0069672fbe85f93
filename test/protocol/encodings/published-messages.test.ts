import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import t from "tap";
import { EncodingError } from "#protocol/encodings/error.js";
import { itemFromJson, itemToJson } from "#protocol/encodings/json.js";
import { exactly } from "#protocol/encodings/transcript/step.js";
import { readTranscript, transcriptText } from "#protocol/encodings/transcript/text.js";
import { itemFromElement, itemFromXml, itemToXml } from "#protocol/encodings/xml.js";
import { parseXmlElements } from "#protocol/encodings/xml-elements.js";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { withSamples } from "#test/support/oasis-cases.js";
import { specificationFolder } from "#test/support/specification-folder.js";

/** The message after it was written into a transcript and read out of it. */
function throughTranscript(message: Item): Item {
  const step = { kind: "send", connection: "1", message: exactly(message) } as const;
  const [read] = readTranscript(transcriptText({ heading: [], steps: [step] })).steps;
  if (read?.kind !== "send" || read.message === undefined) throw new TypeError("the transcript has another step");
  return read.message.item;
}

/** Which of the ways there and back do not give the same item again. */
function lostBy(item: Item): string[] {
  const ways: Readonly<Record<string, (item: Item) => Item>> = {
    TTLV: (message) => decodeItem(encodeItem(message)),
    XML: (message) => itemFromXml(itemToXml(message)),
    JSON: (message) => itemFromJson(itemToJson(message)),
    transcript: throughTranscript,
    all: (message) => itemFromJson(itemToJson(itemFromXml(itemToXml(decodeItem(encodeItem(message)))))),
  };
  return Object.entries(ways).flatMap(([name, way]) => (isDeepStrictEqual(way(item), item) ? [] : [name]));
}

interface Outcome {
  messages: number;
  readonly unread: string[];
  readonly lost: string[];
}

function readCase(path: string, outcome: Outcome): void {
  for (const element of parseXmlElements(readFileSync(path, "utf8"))) {
    outcome.messages += 1;
    try {
      const lost = lostBy(itemFromElement(withSamples(element)));
      if (lost.length > 0) outcome.lost.push(`${path} ${outcome.messages}: ${lost}`);
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      outcome.unread.push(`${path} ${outcome.messages}: ${error.message}`);
    }
  }
}

function readVersion(folder: string): Outcome & { readonly cases: number } {
  const outcome: Outcome = { messages: 0, unread: [], lost: [] };
  const cases = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".xml"));
  for (const path of cases) readCase(join(folder, path), outcome);
  return { ...outcome, cases: cases.length };
}

const folder = specificationFolder() ?? "";
const skip = folder === "" ? "NOT CHECKED: the specification folder is not here" : false;

for (const version of ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"]) {
  t.test(
    `every message of the published KMIP ${version} cases survives XML, JSON, TTLV and a transcript`,
    { skip },
    async (t) => {
      const { messages, cases, unread, lost } = readVersion(join(folder, "vectors", version));
      t.comment(`${messages} messages of ${cases} cases checked`);
      t.ok(messages > 0);
      t.same(unread, []);
      t.same(lost, []);
    },
  );
}

t.test("messages of a later version are read or refused, and what is read survives", { skip }, async (t) => {
  const { messages, cases, unread, lost } = readVersion(join(folder, "vectors", "3.0"));
  t.comment(`${messages - unread.length} of ${messages} messages of ${cases} cases of KMIP 3.0 read`);
  t.same(lost, []);
});
