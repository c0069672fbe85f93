import { grouped, type Verdict } from "#test/harness/verdict.js";
import type { CheckReport } from "../load/checker.js";
import { type Finding, type Invariant, invariants } from "../load/finding.js";

/** What a run did and found so far. */
export class Tally {
  kills = 0;
  killsWhileStarting = 0;
  otherKills = 0;
  powerCuts = 0;
  keysChecked = 0;
  requestsChecked = 0;
  doneAfterAll = 0;
  notDone = 0;
  repaired = 0;
  chainsVerified = 0;
  /** Checks that looked at every object and every file. */
  wholeChecks = 0;
  /** Images whose file system had been unmounted in order, so that nothing was cut off. */
  readonly unharmedImages: string[] = [];
  /** Processes that went on when the first one was killed. */
  readonly leftBehind: string[] = [];
  /** Milliseconds from a start until requests were answered. */
  readonly recoveries: number[] = [];
  /** Milliseconds from the kill of a process below or beside the server until all is served again, load that ends included. */
  readonly otherRecoveries: number[] = [];
  readonly findings: Finding[] = [];

  /** Takes in what a check came to; `when` tells after what. */
  add(report: CheckReport, when: string): void {
    const { findings, keys, requests, doneAfterAll, notDone, repaired, chains, isWhole } = report;
    this.keysChecked += keys;
    this.requestsChecked += requests;
    this.doneAfterAll += doneAfterAll;
    this.notDone += notDone;
    this.repaired += repaired;
    this.chainsVerified += chains;
    if (isWhole) this.wholeChecks += 1;
    for (const { invariant, what } of findings) {
      this.findings.push({ invariant, what: `${what} [${when}]` });
      process.stderr.write(`FOUND  ${invariant} ${what} [${when}]\n`);
    }
  }

  get worstRecovery(): number {
    return Math.max(0, ...this.recoveries);
  }

  /** Records all checks of the run; how long a start takes is judged where a limit is given, in seconds. */
  conclude(verdict: Verdict, recoverySeconds: number | undefined): void {
    const of: Readonly<Record<Invariant, number>> = {
      ...{ I1: this.keysChecked, I2: this.requestsChecked, I3: this.keysChecked, I4: this.keysChecked },
      ...{ I5: this.chainsVerified, I6: this.wholeChecks, I7: this.requestsChecked },
    };
    for (const [invariant, text] of Object.entries(invariants) as [Invariant, string][]) {
      const wrong = this.findings.filter((one) => one.invariant === invariant).map(({ what }) => what);
      verdict.none(`${invariant}: ${text}`, wrong, of[invariant]);
    }
    verdict.none("no process goes on when the first is killed", this.leftBehind, this.kills);
    if (this.powerCuts > 0) {
      verdict.none("the file system of every image had to be recovered", this.unharmedImages, this.powerCuts);
    }
    if (recoverySeconds === undefined) return;
    const other = Math.max(0, ...this.otherRecoveries) / 1000;
    const count = this.otherRecoveries.length;
    const others = "I8: and of the kill of a process below or beside the server";
    if (count > 0) verdict.check(others, other <= recoverySeconds, `${other.toFixed(1)} s at worst in ${count} kills`);
    const worst = this.worstRecovery / 1000;
    const name = `I8: every tenant is answered within ${grouped(recoverySeconds)} s of a start`;
    verdict.check(name, worst <= recoverySeconds, `${worst.toFixed(1)} s at worst in ${this.recoveries.length} starts`);
  }
}
