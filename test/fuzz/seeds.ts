import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Bindings } from "#conformance/bindings.js";
import { readCaseFile, requestItem } from "#conformance/case-file.js";
import { listCases, vectorsFolder } from "#conformance/catalogue.js";
import { readTranscriptFile, transcriptsAt } from "#conformance/transcripts/folder.js";
import { EncodingError } from "#protocol/encodings/error.js";
import { itemsFromXml } from "#protocol/encodings/xml.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import type { Item } from "#protocol/ttlv/item.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { experimentalVersions, inSpan, supportedVersions } from "#protocol/versions.js";
import { requestMessageItem } from "#test/support/kmip-client-messages.js";
import { valuesOf } from "#test/support/values.js";

const root = join(import.meta.dirname, "../../..");

/** Stands for every value that a case would take from an answer. */
const someIdentifier = "00000000-0000-4000-8000-000000000000";

class AnyBindings extends Bindings {
  override resolve(placeholder: string, tag: number | undefined): string {
    const known = super.resolve(placeholder, tag);
    return known ?? (placeholder.includes("UNIQUE_IDENTIFIER") ? someIdentifier : "00");
  }
}

function committed(): readonly Item[] {
  const folder = join(root, "test/fuzz/seeds");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".xml"))
    .sort()
    .flatMap((file) => itemsFromXml(readFileSync(join(folder, file), "utf8")));
}

function fromCases(folder: string, versions: readonly string[]): readonly Item[] {
  if (!existsSync(folder)) return [];
  const bindings = new AnyBindings(() => 0);
  return listCases(folder, versions).flatMap(({ path }) =>
    readCaseFile(path).flatMap((step) => orNone(() => requestItem(step, bindings))),
  );
}

/** An item, or none where cases of versions without a published text use names that nobody has defined. */
function orNone(read: () => Item): readonly Item[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof EncodingError) return [];
    throw error;
  }
}

function fromTranscripts(): readonly Item[] {
  return transcriptsAt(join(root, "conformance/clients")).flatMap((path) =>
    readTranscriptFile(path).steps.flatMap((step) =>
      (step.kind === "send" || step.kind === "receive") && step.message !== undefined ? [step.message.item] : [],
    ),
  );
}

/** Requests of every operation in every version that has it, two each, with all fields that the version has at times. */
function made(): readonly Item[] {
  return [...supportedVersions, ...experimentalVersions].flatMap((version) =>
    payloads
      .filter((row) => inSpan(row, version))
      .flatMap(({ operation, request }) => {
        const samples = fc.sample(valuesOf(request, { version, everyField: false }), { numRuns: 2, seed: operation });
        return samples.map((value) => {
          const payload = request.encode(Tag.RequestPayload, value, { version });
          return requestMessageItem(version, [{ operation, payload }]);
        });
      }),
  );
}

/** Items as TTLV, each once; those that have no form in it, as cases show them, are left out. */
function encoded(items: readonly Item[]): readonly Buffer[] {
  const distinct = new Map<string, Buffer>();
  for (const item of items) {
    try {
      const bytes = encodeItem(item);
      distinct.set(bytes.toString("latin1"), bytes);
    } catch (error) {
      if (!(error instanceof TtlvError)) throw error;
    }
  }
  return [...distinct.values()];
}

let own: readonly Buffer[] | undefined;

/** Real request messages that stand in the project: those of cases and clients, and some of every operation. */
export function ownRequests(): readonly Buffer[] {
  own ??= makeOwnRequests();
  return own;
}

function makeOwnRequests(): readonly Buffer[] {
  return encoded([...realItems(), ...made()]);
}

function realItems(): readonly Item[] {
  const versions = readdirSync(join(root, "conformance/cases")).filter((name) => /^\d/.test(name));
  return [...committed(), ...fromCases(join(root, "conformance/cases"), versions), ...fromTranscripts()];
}

/** Messages of cases and of clients that stand in the project, answers too. */
export function realMessages(): readonly Buffer[] {
  return encoded(realItems());
}

/** Those, and the requests of the OASIS cases where these are at hand. */
export function requests(): readonly Buffer[] {
  const folder = vectorsFolder(undefined, process.env);
  const versions = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d/.test(name)) : [];
  return [...ownRequests(), ...encoded(fromCases(folder, versions))];
}
