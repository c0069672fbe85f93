/** Holds the requests of a journal against the audit trail: I2. */
import type { AuditOfRequest } from "./database-view.js";
import type { Finding } from "./finding.js";
import { changingMoves, makingMoves } from "./key-facts.js";
import type { Entry } from "./ledger.js";
import { moves } from "./moves.js";

/** Outcomes by which a request ended; the others say that it had begun. */
const ends: ReadonlySet<string> = new Set(["success", "failure", "undone"]);

/** A refusal that says of itself that it could not be recorded. */
const unrecorded = /cannot record/;

/** The audit trail by requests, read on as it grows. */
export class AuditOfRequests {
  private readonly records = new Map<string, AuditOfRequest[]>();

  /**
   * Takes in records. Gives a finding for each request that has ended before, and ends in them once more: however late
   * that is, and whatever its client was told.
   */
  add(records: readonly AuditOfRequest[]): readonly Finding[] {
    const twice = new Set<string>();
    for (const record of records) {
      const { mark, outcome } = record;
      const known = this.records.get(mark) ?? [];
      if (ends.has(outcome) && known.some((one) => ends.has(one.outcome))) twice.add(mark);
      this.records.set(mark, [...known, record]);
    }
    return [...twice].map((mark) => {
      const all = (this.records.get(mark) ?? []).filter(({ outcome }) => ends.has(outcome));
      const told = all.map(({ operation, outcome }) => `${operation} ${outcome}`).join(", ");
      return { invariant: "I2", what: `${all[0]?.tenant} ${mark}: one request has more than one record: ${told}` };
    });
  }

  /** The records by which a request ended. */
  private endsOf({ sent }: Entry): readonly AuditOfRequest[] {
    return (this.records.get(sent.id) ?? []).filter(({ outcome }) => ends.has(outcome));
  }

  /** Holds a request against its record. */
  judge(entry: Entry): readonly Finding[] {
    const { sent, ended, isDoubtful } = entry;
    const found = this.endsOf(entry);
    const told = found.map(({ operation, outcome }) => `${operation} ${outcome}`).join(", ") || "nothing";
    const wrong = (what: string): readonly Finding[] => [
      { invariant: "I2", what: `${sent.tenant} ${sent.key}, ${sent.move} ${sent.id}: ${what}, the audit has ${told}` },
    ];
    const [record] = found;
    // More than one is told of when they are taken in.
    if (found.length > 1) return [];
    if (record !== undefined && (record.operation !== moves[sent.move].title || record.tenant !== sent.tenant)) {
      return wrong(`asked by ${sent.tenant}`);
    }
    if (isDoubtful || ended === undefined) return [];
    if (ended.outcome === "refused") {
      const isRight = record === undefined ? unrecorded.test(ended.reason ?? "") : record.outcome !== "success";
      return isRight ? [] : wrong(`refused (${ended.reason})`);
    }
    if (record?.outcome !== "success") return wrong("acknowledged");
    const isSame = !makingMoves.has(sent.move) || record.objectId === ended.got.id;
    return isSame ? [] : wrong(`acknowledged for ${ended.got.id}`);
  }

  /** Holds doubtful requests about one key against what the key shows: the first `done` were done, the others were not. */
  judgeDoubts(doubts: readonly Entry[], done: number): readonly Finding[] {
    return doubts.flatMap((entry, index) => {
      const { sent } = entry;
      if (!changingMoves.has(sent.move)) return [];
      const isRecorded = this.endsOf(entry).some(({ outcome }) => outcome === "success");
      if (isRecorded === index < done) return [];
      const what = isRecorded
        ? "the audit says it was done, and it was not"
        : "it was done, and the audit does not say so";
      return [{ invariant: "I2", what: `${sent.tenant} ${sent.key}, ${sent.move} ${sent.id}: ${what}` } as const];
    });
  }
}
