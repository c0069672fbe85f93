import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Bindings } from "#conformance/bindings.js";
import { readCaseFile, requestItem } from "#conformance/case-file.js";
import { listCases, playedVersions, vectorsFolder } from "#conformance/catalogue.js";
import { itemsFromXml } from "#protocol/encodings/xml.js";
import { projectRoot } from "#test/support/server.js";
import { type RawItem, rawItem } from "./raw-item.js";

/** Stands for every value that a case would take from an answer. */
const someIdentifier = "00000000-0000-4000-8000-000000000000";

class AnyBindings extends Bindings {
  override resolve(placeholder: string, tag: number | undefined): string {
    const known = super.resolve(placeholder, tag);
    return known ?? (placeholder.includes("UNIQUE_IDENTIFIER") ? someIdentifier : "00");
  }
}

function committed(): readonly RawItem[] {
  const folder = join(projectRoot, "test/fuzz/seeds");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".xml"))
    .sort()
    .flatMap((file) => itemsFromXml(readFileSync(join(folder, file), "utf8")).map(rawItem));
}

function fromCases(): readonly RawItem[] {
  const folder = vectorsFolder(undefined, process.env);
  if (!existsSync(folder)) return [];
  const bindings = new AnyBindings(() => 0);
  return listCases(folder, playedVersions).flatMap(({ path }) =>
    readCaseFile(path).map((step) => rawItem(requestItem(step, bindings))),
  );
}

/** Real request messages to start from: the committed ones, and those of the OASIS cases where these are at hand. */
export function loadSeeds(): readonly RawItem[] {
  return [...committed(), ...fromCases()];
}
