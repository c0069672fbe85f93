import { randomBytes } from "node:crypto";
import type { ProtocolVersion } from "#protocol/versions.js";
import { Journal, type JournalMark, markJournals } from "./journal.js";
import type { MoveName } from "./key-facts.js";
import { Lane } from "./lane.js";
import type { LoadCounts } from "./ledger.js";
import { type LoadTenant, Owners } from "./tenants.js";

/** How load is put on a server. */
export interface LoadOptions {
  /** Repeats what each client chooses; what the server does in between is not repeated. */
  readonly seed: number;
  /** The port of KMIP over TLS on 127.0.0.1; asked at every connection. */
  readonly port: () => number;
  readonly tenants: readonly LoadTenant[];
  /** Clients of each tenant; 3 where absent. */
  readonly clients?: number;
  /** An empty folder, or that of an earlier load, away from the disk of the server. */
  readonly journals: string;
  /** How long an answer may take before its outcome counts as unknown, in milliseconds; 30,000 where absent. */
  readonly answerWithin?: number;
  /** Which moves are made; absent: all. Without one that makes keys, or makes `create` fit, keys are created all the same. */
  readonly only?: ReadonlySet<MoveName>;
  /** The version spoken; 2.1 and 1.4 by turns where absent. */
  readonly version?: ProtocolVersion;
}

/**
 * Clients that make random moves on keys of their own over TLS, each with a journal, until they are stopped. They connect
 * again whenever the server is there. What became of it all is judged by the checker, from the journals.
 */
export class Load {
  private readonly lanes: readonly Lane[];
  private readonly journals: string;

  private constructor(lanes: readonly Lane[], journals: string) {
    this.lanes = lanes;
    this.journals = journals;
  }

  /** Starts the clients. */
  static async start(options: LoadOptions): Promise<Load> {
    const { tenants, clients = 3, journals, seed, port, answerWithin = 30_000 } = options;
    const run = randomBytes(3).toString("hex");
    const owners = new Owners();
    const places = tenants.flatMap((tenant) => Array.from({ length: clients }, (_, number) => ({ tenant, number })));
    const lanes = await Promise.all(
      places.map(async ({ tenant, number }, index) => {
        const names = { name: `${run}-${index}`, keyName: `${run}-${number}` };
        const journal = await Journal.begin(journals, `${tenant.name}-${run}-${number}`);
        const { only, version } = options;
        const some = { ...(only && { only }), ...(version && { version }) };
        return new Lane({ ...names, tenant, seed: seed + index, port, answerWithin, journal, owners, ...some });
      }),
    );
    return new Load(lanes, journals);
  }

  /** All requests so far, by what became of them. */
  get counts(): LoadCounts {
    const sum = (count: keyof LoadCounts): number => this.lanes.reduce((total, lane) => total + lane.counts[count], 0);
    return {
      sent: sum("sent"),
      acknowledged: sum("acknowledged"),
      refused: sum("refused"),
      unknown: sum("unknown"),
    };
  }

  /** How far the journals reach now. */
  mark(): JournalMark {
    return markJournals(this.journals);
  }

  /** Resolves when no request is under way; each has its end in a journal. None is made until `resume`. */
  async pause(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.pause()));
  }

  /** Goes on after `pause`. */
  resume(): void {
    for (const lane of this.lanes) lane.resume();
  }

  /** Ends all clients after the requests that are under way, and closes the journals. */
  async stop(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }
}
