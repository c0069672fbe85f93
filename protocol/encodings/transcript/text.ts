import type { TtlvLimits } from "../../ttlv/limits.js";
import { TranscriptError } from "./error.js";
import { actionFrom, actionText } from "./phrases.js";
import type { Heading, ReadStep, Transcript, TranscriptStep } from "./step.js";
import { type TextLine, treeFrom, treeLines } from "./tree.js";

/** The edition of the format, which stands in the first line of a transcript. */
export const transcriptEdition = "1";
const editionFact = "transcript";

/** What a transcript may cost to read. */
export interface TranscriptLimits {
  /** Bytes of the whole text. */
  readonly maximumBytes: number;
  readonly maximumSteps: number;
  /** Characters of a line. */
  readonly maximumLineLength: number;
  /** Those of each message. */
  readonly message: Partial<TtlvLimits>;
}

export const defaultTranscriptLimits: TranscriptLimits = {
  maximumBytes: 256 * 1024 * 1024,
  maximumSteps: 200_000,
  maximumLineLength: 3 * 1024 * 1024,
  message: {},
};

/** The first lines of a transcript: its edition, then the facts. Names and values lose line breaks. */
export function headingText(heading: Heading): string {
  const facts = [[editionFact, transcriptEdition] as const, ...heading];
  const oneLine = (text: string): string => text.replace(/[^\P{Cc}\t]/gu, " ").trim();
  return `${facts.map(([name, value]) => `${oneLine(name)}: ${oneLine(value)}`).join("\n")}\n`;
}

/** One step with an empty line before it. `note` becomes a comment above it. */
export function stepText(step: TranscriptStep, note?: string): string {
  const message = step.kind === "send" || step.kind === "receive" ? step.message : undefined;
  const comment = note === undefined ? [] : commentLines(note);
  return `\n${[...comment, actionText(step), ...(message === undefined ? [] : treeLines(message))].join("\n")}\n`;
}

function commentLines(note: string): readonly string[] {
  return note.split(/\r?\n/).map((line) => `# ${line}`);
}

/** A comment on lines of its own. */
export function commentText(note: string): string {
  return `\n${commentLines(note).join("\n")}\n`;
}

/** A whole transcript as text. */
export function transcriptText({ heading, steps }: Omit<Transcript, "steps"> & { steps: readonly TranscriptStep[] }) {
  return headingText(heading) + steps.map((step) => stepText(step)).join("");
}

/** Lines that say something, one after the other. */
function* linesOf(text: string, limits: TranscriptLimits): Generator<TextLine> {
  let start = 0;
  for (let number = 1; start < text.length; number += 1) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    if (end - start > limits.maximumLineLength) {
      throw new TranscriptError(number, `a line may have ${limits.maximumLineLength} characters`);
    }
    const line = text.slice(start, end).replace(/\r$/, "");
    if (line.trim() !== "" && !line.trimStart().startsWith("#")) yield { number, text: line };
    start = end + 1;
  }
}

/** A step's own line, and those of its message. */
interface StepLines {
  readonly head: TextLine;
  readonly tree: TextLine[];
}

const fact = /^([A-Za-z][A-Za-z0-9 _-]*): +(.*)$/;

/**
 * Reads a transcript.
 *
 * @throws TranscriptError with the line at fault.
 */
export function readTranscript(text: string, limits: TranscriptLimits = defaultTranscriptLimits): Transcript {
  if (text.length > limits.maximumBytes) {
    throw new TranscriptError(1, `a transcript may have ${limits.maximumBytes} bytes`);
  }
  const heading: (readonly [string, string])[] = [];
  const steps: ReadStep[] = [];
  let open: StepLines | undefined;
  for (const line of linesOf(text, limits)) {
    if (line.text.startsWith(" ")) {
      if (open === undefined) throw new TranscriptError(line.number, "an item stands in no step");
      open.tree.push(line);
      continue;
    }
    if (open !== undefined) steps.push(stepFrom(open, limits));
    else if (readFact(line, heading)) continue;
    if (heading.length === 0) throw new TranscriptError(line.number, `the first line must be "transcript: 1"`);
    if (steps.length >= limits.maximumSteps) {
      throw new TranscriptError(line.number, `a transcript may have ${limits.maximumSteps} steps`);
    }
    open = { head: line, tree: [] };
  }
  if (open !== undefined) steps.push(stepFrom(open, limits));
  if (heading.length === 0) throw new TranscriptError(1, `the first line must be "transcript: 1"`);
  return { heading: heading.slice(1), steps };
}

function readFact(line: TextLine, heading: (readonly [string, string])[]): boolean {
  const [, name, value] = fact.exec(line.text) ?? [];
  if (name === undefined || value === undefined) return false;
  if (heading.length === 0 && (name !== editionFact || value.trim() !== transcriptEdition)) {
    throw new TranscriptError(line.number, `the first line must be "transcript: 1"`);
  }
  heading.push([name, value.trim()]);
  return true;
}

function stepFrom({ head, tree }: StepLines, limits: TranscriptLimits): ReadStep {
  const step = actionFrom(head);
  const [first] = tree;
  if (step.kind === "send" || step.kind === "receive") {
    const needsMessage = step.kind === "send" && step.unreadable === undefined;
    if (first === undefined && !needsMessage) return { ...step, line: head.number };
    if (first === undefined) throw new TranscriptError(head.number, "a request has a message");
    if (step.unreadable !== undefined) throw new TranscriptError(first.number, "what could not be read has no message");
    return { ...step, message: treeFrom(tree, limits.message), line: head.number };
  }
  if (first !== undefined) throw new TranscriptError(first.number, "only what is sent or received has a message");
  return { ...step, line: head.number };
}
