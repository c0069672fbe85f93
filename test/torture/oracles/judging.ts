import { grouped, type Verdict } from "#test/harness/verdict.js";
import type { Family } from "./family.js";
import type { KindSeen } from "./rounds.js";
import { separability } from "./separability.js";

/** What a classifier may reach. */
const allowed = 0.55;

/** Answers of a family: those that open are told apart from the others by one outcome each, or not at all. */
export function judgeOutcomes(verdict: Verdict, { name, rejectsSilently }: Family, seen: readonly KindSeen[]): void {
  const outcomesOf = (opens: boolean): readonly string[] => [
    ...new Set(seen.filter(({ kind }) => kind.opens === opens).flatMap(({ outcomes }) => [...outcomes.keys()])),
  ];
  const [good, wrong] = [outcomesOf(true), outcomesOf(false)];
  const wanted = rejectsSilently === true ? good : wrong;
  const opened = good.length === 1 && ["success", "CKR_OK", "validity 1"].includes(good[0] ?? "");
  const alike = wrong.length === 1 && wrong[0] === wanted[0] && (rejectsSilently === true || wrong[0] !== good[0]);
  const tries = seen.reduce((sum, { times }) => sum + times.length, 0);
  const figure = `${grouped(tries)} tries of ${seen.length} kinds; good: ${good.join(" | ")}; wrong: ${wrong.join(" | ")}`;
  verdict.check(`${name}: all that is wrong is answered alike`, opened && alike, figure);
}

/** Times of a family: no two kinds that are answered alike are told apart better than is allowed, and chance gives. */
export function judgeTimes(verdict: Verdict, { name, rejectsSilently }: Family, seen: readonly KindSeen[]): void {
  const judged = seen.filter(({ kind }) => rejectsSilently === true || !kind.opens);
  let best = { accuracy: 0, chance: 0, pair: "" };
  let pairs = 0;
  for (const [index, one] of judged.entries()) {
    for (const other of judged.slice(index + 1)) {
      pairs += 1;
      const reached = separability(one.times, other.times);
      if (reached.accuracy > best.accuracy) best = { ...reached, pair: `${one.kind.name} / ${other.kind.name}` };
    }
  }
  const tries = judged[0]?.times.length ?? 0;
  const figure = `${(best.accuracy * 100).toFixed(1)} % at best (${best.pair}) of ${pairs} pairs, ${grouped(tries)} times of each kind`;
  verdict.check(
    `${name}: no two kinds are told apart by time`,
    best.accuracy - best.chance <= allowed && best.accuracy > 0,
    figure,
  );
}
