import { grouped, type Verdict } from "#test/harness/verdict.js";
import type { CheckReport } from "../load/checker.js";
import { type Finding, type Invariant, invariants } from "../load/finding.js";

/** How long it took until requests were answered again, and after what. */
interface Recovery {
  readonly milliseconds: number;
  readonly when: string;
}

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
  /** From a start until requests were answered. */
  readonly recoveries: Recovery[] = [];
  /** From the kill of a process below or beside the server until all is served again, load that ends included. */
  readonly otherRecoveries: Recovery[] = [];
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

  /** Milliseconds of the slowest start. */
  get worstRecovery(): number {
    return slowest(this.recoveries).milliseconds;
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
    const judge = (name: string, of: readonly Recovery[], what: string): void => {
      const { milliseconds, when } = slowest(of);
      const text = `${(milliseconds / 1000).toFixed(1)} s at worst in ${of.length} ${what}, ${when}`;
      verdict.check(`I8: ${name}`, milliseconds <= recoverySeconds * 1000, text);
    };
    const others = "and of the kill of a process below or beside the server";
    judge(`every tenant is answered within ${grouped(recoverySeconds)} s of a start`, this.recoveries, "starts");
    if (this.otherRecoveries.length > 0) judge(others, this.otherRecoveries, "kills");
  }
}

function slowest(recoveries: readonly Recovery[]): Recovery {
  return recoveries.reduce((worst, one) => (one.milliseconds > worst.milliseconds ? one : worst), {
    milliseconds: 0,
    when: "never",
  });
}
