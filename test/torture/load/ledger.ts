/** What journals promise: each key as it must be, and each request with its outcome. */
import { join } from "node:path";
import {
  type EndedLine,
  type JournalLine,
  type JournalMark,
  markJournals,
  readJournal,
  type SentLine,
} from "./journal.js";
import { after, type KeyFacts } from "./key-facts.js";

/** A request and what became of it. */
export interface Entry {
  readonly sent: SentLine;
  readonly ended: EndedLine | undefined;
  /** Whether it may have been done or not: no answer came, or it came after the moment that is judged. */
  readonly isDoubtful: boolean;
}

/** A key that a client made or wanted to make. */
export interface KeyRecord {
  readonly tenant: string;
  /** Its Name. */
  readonly name: string;
  /** As it must be by what was acknowledged; null where nothing was. */
  readonly facts: KeyFacts | null;
  /** In order: what may have been done to it since, or not. Each was done only where all before it were. */
  readonly doubts: readonly Entry[];
}

/** Requests by what became of them. */
export interface LoadCounts {
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
}

type Take = (sent: SentLine, ended: EndedLine) => void;

const keyOf = ({ tenant, key }: SentLine): string => JSON.stringify([tenant, key]);

/** The journals of a folder, read as far as asked, and what follows from them. */
export class Ledger {
  private readonly folder: string;
  private readonly read = new Map<string, number>();
  private readonly open = new Map<string, SentLine>();
  private readonly records = new Map<string, KeyRecord>();
  private readonly touched = new Set<string>();
  private fresh: Entry[] = [];
  private counted = { sent: 0, acknowledged: 0, refused: 0, unknown: 0 };

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Reads on, to the end or as far as the mark says: what is acknowledged there is promised. */
  readOn(mark: JournalMark = markJournals(this.folder)): void {
    this.eachLine(mark, (sent, ended) => this.promise({ sent, ended, isDoubtful: ended.outcome === "unknown" }));
  }

  /**
   * Reads on to a mark that was made after the moment that is judged: whatever was sent or answered between the two
   * may have come before that moment, or not.
   */
  readInDoubt(mark: JournalMark): void {
    this.eachLine(mark, (sent, ended) => this.doubt({ sent, ended, isDoubtful: true }));
    this.doubtOpen();
  }

  /** Takes requests that have no end in the journal for such of unknown outcome. */
  doubtOpen(): void {
    for (const sent of this.open.values()) {
      this.counted.unknown += 1;
      this.doubt({ sent, ended: undefined, isDoubtful: true });
    }
    this.open.clear();
  }

  get counts(): LoadCounts {
    return { ...this.counted };
  }

  /** All keys there are. */
  keys(): readonly KeyRecord[] {
    return [...this.records.values()];
  }

  /** Keys that were changed or used since the last call. */
  takeTouched(): readonly KeyRecord[] {
    const touched = [...this.touched].flatMap((key) => this.records.get(key) ?? []);
    this.touched.clear();
    return touched;
  }

  /** Requests that came to their end since the last call. */
  takeEntries(): readonly Entry[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  /** Records how the doubts about a key were resolved: it is so from now on. */
  settle({ tenant, name }: KeyRecord, facts: KeyFacts | null): void {
    this.records.set(JSON.stringify([tenant, name]), { tenant, name, facts, doubts: [] });
  }

  private eachLine(mark: JournalMark, take: Take): void {
    for (const [file, to] of mark) {
      const { lines, end } = readJournal(join(this.folder, file), this.read.get(file) ?? 0, to);
      this.read.set(file, end);
      for (const line of lines) this.follow(line, take);
    }
  }

  private follow(line: JournalLine, take: Take): void {
    if (line.line === "sent") {
      this.counted.sent += 1;
      this.open.set(line.id, line);
      return;
    }
    const sent = this.open.get(line.id);
    if (sent === undefined) throw new RangeError(`the journal ends the request ${line.id} and does not begin it`);
    this.open.delete(line.id);
    this.counted[line.outcome] += 1;
    take(sent, line);
  }

  private promise(entry: Entry): void {
    const { sent, ended } = entry;
    const record = this.touch(entry);
    if (ended?.outcome === "unknown") this.put(sent, { ...record, doubts: [...record.doubts, entry] });
    if (ended?.outcome !== "acknowledged" || sent.move === "trespass") return;
    this.put(sent, { ...record, facts: after(record.facts, sent.move, sent.given, ended.got) });
  }

  private doubt(entry: Entry): void {
    const record = this.touch(entry);
    if (entry.ended?.outcome !== "refused") this.put(entry.sent, { ...record, doubts: [...record.doubts, entry] });
  }

  private touch(entry: Entry): KeyRecord {
    const { sent } = entry;
    const key = keyOf(sent);
    this.touched.add(key);
    this.fresh.push(entry);
    const none: KeyRecord = { tenant: sent.tenant, name: sent.key, facts: null, doubts: [] };
    return this.records.get(key) ?? none;
  }

  private put(sent: SentLine, record: KeyRecord): void {
    this.records.set(keyOf(sent), record);
  }
}
