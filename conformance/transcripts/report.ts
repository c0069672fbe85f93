import type { PlayedTranscript } from "./folder.js";

/** What came of transcripts, for programs. */
export function replayJson(played: readonly PlayedTranscript[]): string {
  const transcripts = played.map(({ heading, ...rest }) => ({ ...rest, heading: Object.fromEntries(heading) }));
  const differences = played.reduce((sum, each) => sum + each.differences.length, 0);
  return `${JSON.stringify({ differences, transcripts }, null, 2)}\n`;
}

function playedLines({ path, steps, differences, notes }: PlayedTranscript): readonly string[] {
  const outcome = differences.length === 0 ? "no difference" : `${differences.length} differences`;
  return [
    `${path}: ${steps} steps, ${outcome}`,
    ...notes.map((note) => `  note: ${note}`),
    ...differences.flatMap(({ line, path: field, expected, actual }) => [
      `  line ${line}: ${field}`,
      `    expected ${expected}`,
      `    found    ${actual}`,
    ]),
  ];
}

/** What came of transcripts, for a terminal: each difference with the line of its step, where, what and what instead. */
export function replayText(played: readonly PlayedTranscript[]): string {
  return `${played.flatMap(playedLines).join("\n")}\n`;
}
