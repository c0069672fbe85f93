import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Heading, Transcript } from "#protocol/encodings/transcript/step.js";
import { readTranscript } from "#protocol/encodings/transcript/text.js";
import { type PlayOptions, playTranscript, type StepDifference } from "./player.js";
import { asRecorded } from "./recorded.js";

/** How the name of a transcript ends. */
export const transcriptExtension = ".kmip";

/** What came of a transcript. */
export interface PlayedTranscript {
  readonly path: string;
  readonly heading: Heading;
  readonly steps: number;
  readonly differences: readonly StepDifference[];
  /** What a reader should know of how it was played. */
  readonly notes: readonly string[];
}

/** The transcripts that a path names: the file, or those of the folder by name. */
export function transcriptsAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(transcriptExtension))
    .sort()
    .map((name) => join(path, name));
}

/** Whether a transcript was recorded from a server, so that what differs by its nature may differ. */
export function isRecorded({ heading }: Transcript): boolean {
  return heading.some(([name, value]) => name === "comparison" && value === "recorded");
}

/** Reads a file. Throws TranscriptError with the name of the file before the line. */
export function readTranscriptFile(path: string): Transcript {
  try {
    return readTranscript(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error) error.message = `${basename(path)}, ${error.message}`;
    throw error;
  }
}

/**
 * Plays the transcript in a file. One that says `comparison: recorded` is played with what differs by its nature left
 * free; any other strictly: nothing differs but what variables stand for.
 */
export async function playFile(path: string, options: Omit<PlayOptions, "isTolerant">): Promise<PlayedTranscript> {
  const read = readTranscriptFile(path);
  const isTolerant = isRecorded(read);
  const { transcript, notes } = isTolerant ? asRecorded(read, options.variables) : { transcript: read, notes: [] };
  const differences = await playTranscript(transcript, { ...options, isTolerant });
  return { path, heading: read.heading, steps: read.steps.length, differences, notes };
}
