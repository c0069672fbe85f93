/** Whether a probe was answered as it must be while a fault lasted. */
import type { Fault, Feeling } from "./fault.js";
import type { Asked } from "./probe.js";

/** When a fault began and ended, by the monotonic clock, and whether times count. */
export interface Span {
  readonly begun: number;
  readonly ending: number;
  readonly judgesTime: boolean;
}

/** Before the end of the fault nothing may be served for so long, in milliseconds. */
const grace = 1000;
const shown = 3;

/** What a refusal must say, so that a client knows what to do. */
const clear = /try again|look before|no room|no space/;

/** The longest that one of the answers took, in milliseconds. */
export function longestOf(asked: readonly Asked[]): number {
  return Math.max(0, ...asked.map(({ milliseconds }) => milliseconds));
}

/** What is wrong with the answers to requests that were made while a fault lasted. */
export function judgeAnswers(fault: Fault, felt: Feeling, asked: readonly Asked[], span: Span): readonly string[] {
  const of = (outcome: Asked["outcome"]): readonly Asked[] => asked.filter((one) => one.outcome === outcome);
  const late = span.judgesTime ? asked.filter(({ milliseconds }) => milliseconds > fault.answeredWithin) : [];
  return [
    ...late.slice(0, shown).map((one) => `an answer (${one.outcome}) took ${(one.milliseconds / 1000).toFixed(1)} s`),
    ...of("lost")
      .slice(0, shown)
      .map(({ message }) => `a request got no answer: ${message}`),
    ...(asked.length === 0 ? ["nothing was asked while it lasted"] : []),
    ...unlike(felt, of("served"), of("refused"), span, fault.bearableFor ?? 0),
  ];
}

function unlike(
  felt: Feeling,
  served: readonly Asked[],
  refused: readonly Asked[],
  { begun, ending }: Span,
  bearableFor: number,
): readonly string[] {
  const early = refused.find(({ startedAt, milliseconds }) => startedAt + milliseconds < begun + bearableFor);
  const unclear = refused.filter(({ message }) => !clear.test(message));
  // What was under way when it ended may have been served since.
  const within = served.filter(({ startedAt, milliseconds }) => startedAt + milliseconds < ending);
  const isServedToTheEnd = (within.at(-1)?.startedAt ?? 0) > ending - grace;
  return [
    ...(felt === "served" && refused.length > 0 ? [`a request was refused: ${refused[0]?.message}`] : []),
    ...(isFelt(felt) && refused.length === 0 ? ["nothing was refused: the fault was not felt"] : []),
    ...(felt === "refused" && isServedToTheEnd ? ["requests were served to the end of it"] : []),
    ...(early === undefined ? [] : [`a request was refused too early: ${early.message}`]),
    ...unclear.slice(0, shown).map(({ message }) => `a refusal does not say what to do: ${message}`),
  ];
}

/** Whether something is refused where a fault is felt so. */
export function isFelt(felt: Feeling): boolean {
  return felt === "refused" || felt === "scarce";
}
