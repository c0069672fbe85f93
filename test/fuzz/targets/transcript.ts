import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transcriptsAt } from "#conformance/transcripts/folder.js";
import { TranscriptError } from "#protocol/encodings/transcript/error.js";
import { readTranscript, transcriptText } from "#protocol/encodings/transcript/text.js";
import { enumerationTables } from "#protocol/enums/index.js";
import { tagFacts, tagLabel } from "#protocol/tags.js";
import { textMutator } from "../mutators/text.js";
import { Fault, type Target } from "../target.js";

const words: readonly string[] = [
  ...["connect", "close", "end", "closed", "wait", ">>", "<<", "connection", "client", "over", "https", "tls", "1.0"],
  ...["cipher", "without certificate", "resumed", "plain", "refused", "in pieces of", "with the next", "seconds"],
  ...tagFacts.map(({ tag }) => tagLabel(tag)),
  ...enumerationTables.flatMap(({ facts }) => facts.slice(0, 2).map(({ name }) => name)),
];

function read(bytes: Buffer): string {
  try {
    const transcript = readTranscript(bytes.toString("utf8"));
    const written = transcriptText(transcript);
    if (transcriptText(readTranscript(written)) !== written) throw new Fault("a transcript is written otherwise");
    return "read";
  } catch (error) {
    if (error instanceof TranscriptError) return "refused";
    throw error;
  }
}

/** The reader of transcripts, which operators get from others. */
export function transcriptTarget(): Target {
  const folder = join(import.meta.dirname, "../../../../conformance/clients");
  return {
    name: "transcript",
    about: "transcripts are read or refused with the line at fault",
    seeds: transcriptsAt(folder).map((path) => readFileSync(path)),
    longest: 1000,
    mutate: textMutator(words),
    execute: read,
  };
}
