import { setTimeout as pause } from "node:timers/promises";
import { type ProtocolVersion, V1_4, V2_1 } from "#protocol/versions.js";
import { SeededRandom } from "#test/fuzz/random.js";
import { ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import type { EndedLine, Journal } from "./journal.js";
import { after, type Given, isGone, type KeyFacts, type MoveName, makingMoves } from "./key-facts.js";
import type { LoadCounts } from "./ledger.js";
import { askMarked } from "./marked-request.js";
import type { Position } from "./move.js";
import { moves } from "./moves.js";
import type { LoadTenant, Owners } from "./tenants.js";

/** How long a client waits before it tries to connect again, in milliseconds. */
const pauseBeforeConnecting = 25;

/** Keys a client works on at a time; those it is done with stay as they are. */
const keysAtOnce = 10;

/** What one client of a load is given. */
export interface LaneOptions {
  /** Unique among all clients of all loads. */
  readonly name: string;
  /** How the Names of its keys begin: unique in its tenant, and the same in others. */
  readonly keyName: string;
  readonly tenant: LoadTenant;
  readonly seed: number;
  readonly version?: ProtocolVersion;
  readonly port: () => number;
  readonly answerWithin: number;
  readonly journal: Journal;
  readonly owners: Owners;
  /** Which moves are made; absent: all. */
  readonly only?: ReadonlySet<MoveName>;
}

interface Chosen {
  readonly move: MoveName;
  readonly position: Position;
}

type Ending = Pick<EndedLine, "outcome" | "reason" | "got" | "wrong">;

/**
 * One client on one connection: makes random moves, one at a time, and writes each into its journal before it sends it
 * and after the answer. A key of which it does not know what became is left alone from then on.
 */
export class Lane {
  private readonly options: LaneOptions;
  private readonly random: SeededRandom;
  private readonly keys = new Map<string, KeyFacts>();
  private client: KmipClient | undefined;
  private count = 0;
  private readonly counted = { sent: 0, acknowledged: 0, refused: 0, unknown: 0 };
  private isPaused = false;
  private isStopped = false;
  private goOn: () => void = () => undefined;
  private rested: () => void = () => undefined;
  private resting: Promise<void> = Promise.resolve();
  private readonly working: Promise<void>;

  constructor(options: LaneOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.working = this.work();
  }

  /** Its requests so far, by what became of them. */
  get counts(): LoadCounts {
    return { ...this.counted };
  }

  /** Resolves when no request is under way and none will be until `resume`. Rejects where the client itself failed. */
  async pause(): Promise<void> {
    if (this.isPaused || this.isStopped) return this.resting;
    this.resting = new Promise((resolve) => {
      this.rested = resolve;
    });
    this.isPaused = true;
    return Promise.race([this.resting, this.working]);
  }

  resume(): void {
    this.isPaused = false;
    this.goOn();
  }

  /** Ends the client after the request that is under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.resume();
    await this.working;
    await this.client?.close();
    await this.options.journal.close();
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      if (this.isPaused) await this.rest();
      else if (await this.connected()) await this.step();
    }
    this.rested();
  }

  private async rest(): Promise<void> {
    const resumed = new Promise<void>((resolve) => {
      this.goOn = resolve;
    });
    this.rested();
    if (this.isPaused) await resumed;
  }

  private async connected(): Promise<boolean> {
    if (this.client !== undefined) return true;
    const { tenant, port, answerWithin } = this.options;
    try {
      this.client = await KmipClient.connect({ port: port(), identity: tenant.identity, answerWithin });
      return true;
    } catch {
      // Whatever the reason, the server is away: the next try is soon.
      await pause(pauseBeforeConnecting);
      return false;
    }
  }

  private async step(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    const { journal, tenant, name, version = this.random.oneIn(3) ? V1_4 : V2_1 } = this.options;
    const { move, position } = this.choose();
    const { operation, ask } = moves[move];
    const { payload, given } = ask(position);
    const id = `${name}-${this.count}`;
    await journal.write({ line: "sent", id, at: Date.now(), tenant: tenant.name, key: position.key, move, given });
    this.counted.sent += 1;
    const asked = askMarked(client, id, { version, operation, payload });
    const ending = await asked.then((answer) => this.judge(answer, { move, position }), unansweredBy);
    await journal.write({ line: "ended", id, at: Date.now(), ...ending });
    this.counted[ending.outcome] += 1;
    this.learn({ move, position }, given, ending);
    if (ending.outcome === "unknown") {
      await client.close();
      this.client = undefined;
    }
  }

  /** Chooses a key, or to make one, and what to do with it. */
  private choose(): Chosen {
    this.count += 1;
    const isNew = this.keys.size < 3 || (this.keys.size < keysAtOnce && this.random.oneIn(6));
    const chosen = isNew ? undefined : this.random.pick([...this.keys]);
    const { tenant, keyName, owners } = this.options;
    const position: Position = {
      tenant: tenant.name,
      custody: tenant.custody,
      key: chosen?.[0] ?? `${keyName}-${this.count}`,
      facts: chosen?.[1] ?? null,
      random: this.random,
      count: this.count,
      foreignId: owners.another(tenant.name, this.random),
    };
    const names = Object.keys(moves) as MoveName[];
    const fitting = names.filter((one) => this.options.only?.has(one) !== false && moves[one].fits(position));
    if (fitting.length === 0) {
      this.keys.delete(position.key);
      return { move: "create", position: { ...position, key: `${keyName}-${this.count}`, facts: null } };
    }
    let left = this.random.below(fitting.reduce((sum, one) => sum + moves[one].weight, 0));
    const move = fitting.find((one) => {
      left -= moves[one].weight;
      return left < 0;
    });
    return { move: move ?? "create", position };
  }

  private judge(answer: Awaited<ReturnType<typeof askMarked>>, { move, position }: Chosen): Ending {
    if (answer.outcome !== "acknowledged") return { outcome: answer.outcome, reason: answer.reason, got: {} };
    const { never, read } = moves[move];
    const { got, wrong } = read(answer.payload, position);
    const ids = makingMoves.has(move) || move === "reKey" ? [got.id, got.publicId] : [];
    const taken = ids.flatMap((one) => (one === undefined ? [] : this.options.owners.take(one, position.tenant)));
    const all = [never, wrong, ...taken].filter((text) => text !== undefined).join("; ");
    return { outcome: "acknowledged", reason: null, got, ...(all !== "" && { wrong: all }) };
  }

  private learn({ move, position }: Chosen, given: Given, { outcome, got }: Ending): void {
    if (outcome === "unknown") this.keys.delete(position.key);
    if (outcome !== "acknowledged" || move === "trespass") return;
    const facts = after(position.facts, move, given, got);
    // A destroyed key is looked at once in a while, and then no more.
    if (isGone(facts.state) && this.random.oneIn(3)) this.keys.delete(position.key);
    else this.keys.set(position.key, facts);
  }
}

function unansweredBy(error: unknown): Ending {
  if (error instanceof ConnectionLost) return { outcome: "unknown", reason: error.message, got: {} };
  const wrong = `the answer cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  return { outcome: "unknown", reason: wrong, got: {}, wrong };
}
