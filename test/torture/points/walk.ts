/** The path of a key: Create, Activate, Encrypt, and of the one before it Revoke and Destroy, each in a journal. */
import { V2_1 } from "#protocol/versions.js";
import { SeededRandom } from "#test/fuzz/random.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { type EndedLine, Journal } from "#test/torture/load/journal.js";
import { after, type KeyFacts, type MoveName } from "#test/torture/load/key-facts.js";
import { askMarked } from "#test/torture/load/marked-request.js";
import type { Position } from "#test/torture/load/move.js";
import { moves } from "#test/torture/load/moves.js";
import type { LoadTenant } from "#test/torture/load/tenants.js";

type Ending = Pick<EndedLine, "outcome" | "reason" | "got" | "wrong">;

/** How a walk went. */
export interface WalkOutcome {
  /** Requests that were acknowledged; a whole walk has `wholeWalk`. */
  readonly acknowledged: number;
  /** Why the first request that was not acknowledged was not; null where all were. */
  readonly reason: string | null;
  /** Whether that request was answered with a refusal. */
  readonly isRefused: boolean;
}

interface Key {
  readonly name: string;
  readonly facts: KeyFacts;
}

/** What a walker is given. */
export interface WalkerOptions {
  readonly tenant: LoadTenant;
  readonly journals: string;
  readonly port: () => number;
  readonly answerWithin: number;
}

/** Acknowledgements of a walk that nothing came in the way of, when there was a key from an earlier walk. */
export const wholeWalk = 5;

/** One client that takes keys along their path, one request after the other. */
export class Walker {
  readonly tenant: LoadTenant;
  private readonly options: WalkerOptions;
  private readonly journal: Journal;
  private readonly random = new SeededRandom(0);
  private client: KmipClient | undefined;
  private count = 0;
  /** A key that is in use, to be destroyed by the next walk. */
  private kept: Key | null = null;

  private constructor(options: WalkerOptions, journal: Journal) {
    this.options = options;
    this.tenant = options.tenant;
    this.journal = journal;
  }

  static async begin(options: WalkerOptions): Promise<Walker> {
    return new Walker(options, await Journal.begin(options.journals, options.tenant.name));
  }

  /** Connects, where it is not connected. Rejects where the server is away. */
  async connect(): Promise<void> {
    const { tenant, port, answerWithin } = this.options;
    this.client ??= await KmipClient.connect({ port: port(), identity: tenant.identity, answerWithin });
  }

  /** Ends the connection. */
  async disconnect(): Promise<void> {
    await this.client?.close();
    this.client = undefined;
  }

  async stop(): Promise<void> {
    await this.disconnect();
    await this.journal.close();
  }

  /** Walks once, to the end or to the first request that is not acknowledged. */
  async walk(): Promise<WalkOutcome> {
    const before = this.kept;
    this.kept = null;
    let acknowledged = 0;
    const made = await this.along(null, ["create", "activate", "encrypt"], () => {
      acknowledged += 1;
    });
    if (made.key !== null) this.kept = made.key;
    if (made.ending.outcome !== "acknowledged") return outcomeOf(acknowledged, made.ending);
    if (before === null) return { acknowledged, reason: null, isRefused: false };
    const ended = await this.along(before, ["revoke", "destroy"], () => {
      acknowledged += 1;
    });
    return outcomeOf(acknowledged, ended.ending);
  }

  private async along(
    from: Key | null,
    names: readonly MoveName[],
    acknowledged: () => void,
  ): Promise<{ readonly key: Key | null; readonly ending: Ending }> {
    this.count += 1;
    const name = from?.name ?? `walk ${this.count}`;
    let facts = from?.facts ?? null;
    let ending: Ending = { outcome: "acknowledged", reason: null, got: {} };
    for (const move of names) {
      const made = await this.make(move, name, facts);
      ending = made.ending;
      // What became of it is not known: it is left as it is.
      if (ending.outcome === "unknown") return { key: null, ending };
      if (ending.outcome === "refused") break;
      acknowledged();
      facts = made.facts;
    }
    return { key: facts === null ? null : { name, facts }, ending };
  }

  private async make(
    move: MoveName,
    key: string,
    facts: KeyFacts | null,
  ): Promise<{ readonly facts: KeyFacts | null; readonly ending: Ending }> {
    this.count += 1;
    const { tenant } = this;
    const { random, count } = this;
    const position: Position = {
      ...{ tenant: tenant.name, custody: tenant.custody, key, facts, random, count },
      foreignId: undefined,
    };
    const { operation, ask, read } = moves[move];
    const { payload, given } = ask(position);
    const id = `${tenant.name}-${count}`;
    await this.journal.write({ line: "sent", id, at: Date.now(), tenant: tenant.name, key, move, given });
    const ending = await this.asked(id, { version: V2_1, operation, payload }, (answer) => read(answer, position));
    await this.journal.write({ line: "ended", id, at: Date.now(), ...ending });
    if (ending.outcome === "unknown") await this.disconnect();
    return { ending, facts: ending.outcome === "acknowledged" ? after(facts, move, given, ending.got) : facts };
  }

  private async asked(
    mark: string,
    request: Parameters<typeof askMarked>[2],
    read: (payload: unknown) => { readonly got: Ending["got"]; readonly wrong?: string | undefined },
  ): Promise<Ending> {
    const { client } = this;
    if (client === undefined) throw new Error("the walker is not connected");
    try {
      const answer = await askMarked(client, mark, request);
      if (answer.outcome !== "acknowledged") return { outcome: answer.outcome, reason: answer.reason, got: {} };
      const { got, wrong } = read(answer.payload);
      return { outcome: "acknowledged", reason: null, got, ...(wrong !== undefined && { wrong }) };
    } catch (error) {
      return { outcome: "unknown", reason: error instanceof Error ? error.message : String(error), got: {} };
    }
  }
}

function outcomeOf(acknowledged: number, { outcome, reason }: Ending): WalkOutcome {
  return { acknowledged, reason, isRefused: outcome === "refused" };
}
