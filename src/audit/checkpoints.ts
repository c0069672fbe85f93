import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";
import { checkpointData, checkpointLine } from "./checkpoint-data.js";
import type { CheckpointStanding } from "./checkpoint-standing.js";

/** What the checkpoints of a node need. */
export interface CheckpointOptions {
  readonly database: Database;
  /** This node; with it stand the chains of all its processes, `NODE/1` and so on. */
  readonly nodeId: string;
  /** Signs the bytes of a checkpoint, with a key that cannot leave its token. */
  readonly sign: (data: Buffer) => Promise<Buffer>;
  /** Names the key of `sign`. */
  readonly keyId: string;
  /** The file outside the database that each checkpoint is appended to. */
  readonly file: string;
  readonly everyMs?: number;
  readonly everyRows?: number;
  /** The pause before one that failed is tried again. */
  readonly retryMs?: number;
  readonly now?: () => number;
  readonly logger?: DatabaseLogger;
  /** Told of each checkpoint that is begun, and how it ends. */
  readonly standing?: Pick<CheckpointStanding, "begun" | "kept" | "failed">;
}

/** Names a chain: that of a tenant and a process. */
function chainOf({ tenantId, nodeId }: AuditPosition): string {
  return `${tenantId} ${nodeId}`;
}

const defaultEveryMs = 60_000;
const defaultEveryRows = 1000;
const defaultRetryMs = 3000;
/** How long the last one may take when the server stops. */
const lastMs = 5000;

/** A pipe that is full says so instead of holding up who writes. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * Signs where this node's chains stand, every minute or every thousand rows of a chain, whichever comes first, and
 * records it in the database and in a file outside: rows before a checkpoint cannot be altered or cut off unnoticed.
 */
export class AuditCheckpoints {
  readonly #options: CheckpointOptions;
  readonly #everyRows: number;
  readonly #file: FileHandle;
  readonly #isPipe: boolean;
  readonly #timer: NodeJS.Timeout;
  /** Sequence of the last checkpoint of each chain. */
  readonly #last = new Map<string, number>();
  /** Newest position seen of chains that have moved on. */
  readonly #due = new Map<string, AuditPosition>();
  /** Sequence of the last line in the file of each chain. */
  readonly #kept = new Map<string, number>();
  /** Whether the last line may have been cut off. */
  #isCut = true;
  #waiting = 0;
  #retry: NodeJS.Timeout | undefined;
  /** Whether the last try failed: all chains are tried again by and by, and none of them on its own before. */
  #isFailing = false;
  #working: Promise<void> = Promise.resolve();

  private constructor(options: CheckpointOptions, file: FileHandle, isPipe: boolean) {
    this.#options = options;
    this.#isPipe = isPipe;
    this.#everyRows = options.everyRows ?? defaultEveryRows;
    this.#file = file;
    this.#timer = setInterval(() => this.#inBackground(() => this.#signHeads()), options.everyMs ?? defaultEveryMs);
    this.#timer.unref();
  }

  /** Opens the file and begins. */
  static async start(options: CheckpointOptions): Promise<AuditCheckpoints> {
    const file = await open(options.file, appending, 0o600);
    return new AuditCheckpoints(options, file, (await file.stat()).isFIFO());
  }

  /** Tells that a row was appended: what audit.append answered. Signs in the background when enough have come. */
  observe(position: AuditPosition): void {
    const { sequence } = position;
    const chain = chainOf(position);
    const last = this.#last.get(chain);
    if (last === undefined) this.#last.set(chain, sequence - 1);
    else if (sequence - last >= this.#everyRows) this.due(position);
  }

  /** A chain has grown enough: it is signed where it stands, in the background. */
  due(position: AuditPosition): void {
    const chain = chainOf(position);
    const isKnown = this.#due.has(chain);
    this.#due.set(chain, position);
    if (!isKnown && !this.#isFailing) this.#inBackground(() => this.#signDue());
  }

  /** Signs all chains of this node that have moved on since their last checkpoint. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#signHeads());
  }

  /** Signs what is new a last time and ends. Rejects where that cannot be done, or not in time. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#options.file} does not answer`)), lastMs);
    });
    const ending = this.flush().finally(() => this.#file.close());
    await Promise.race([ending, late]).finally(() => clearTimeout(timer));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    const turn = this.#working.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#working = turn.catch(() => undefined);
    return turn;
  }

  #inBackground(work: () => Promise<void>): void {
    // What waits already signs what came meanwhile.
    if (this.#waiting > 1) return;
    this.#inTurn(work).catch((error: unknown) => {
      this.#isFailing = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger?.error({ error: reason }, "an audit checkpoint could not be made; it is tried again");
      clearTimeout(this.#retry);
      this.#retry = setTimeout(
        () => this.#inBackground(() => this.#signHeads()),
        this.#options.retryMs ?? defaultRetryMs,
      ).unref();
    });
  }

  async #signDue(): Promise<void> {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const position of due) if (!this.#isFailing) await this.#sign(position);
  }

  async #signHeads(): Promise<void> {
    const { database, nodeId } = this.#options;
    this.#due.clear();
    const registered = (await database.read.nodes.list()).map(({ id }) => id);
    const processes = registered.filter((id) => id.startsWith(`${nodeId}/`));
    for (const id of [nodeId, ...processes]) await this.#signHeadsOf(id);
    this.#isFailing = false;
    this.#options.standing?.kept();
  }

  async #signHeadsOf(nodeId: string): Promise<void> {
    const { database } = this.#options;
    for (const position of await database.read.audit.heads(nodeId)) {
      const last = await database.read.audit.lastCheckpoint(position.tenantId, nodeId);
      if (last === null || last.sequence < position.sequence) await this.#sign(position);
    }
  }

  async #sign(position: AuditPosition): Promise<void> {
    const { database, sign, keyId, now = Date.now } = this.#options;
    const { tenantId, nodeId, sequence, hash } = position;
    const timeMs = now();
    const signature = await sign(checkpointData(position, timeMs));
    const checkpoint = { tenantId, nodeId, sequence, hash, timeMs, signature, keyId };
    // The file first: what is in the database counts as signed and is not signed again.
    await this.#keep(chainOf(position), sequence, checkpointLine(checkpoint));
    await database.commit([change("audit", "addCheckpoint", checkpoint)]);
    this.#last.set(chainOf(position), sequence);
  }

  async #keep(chain: string, sequence: number, line: string): Promise<void> {
    if (this.#kept.get(chain) === sequence) return;
    this.#options.standing?.begun();
    try {
      // A crash, or a disk that was full, may have left half a line.
      const written = this.#isCut ? `\n${line}` : line;
      this.#isCut = true;
      await this.#file.appendFile(written);
      if (!this.#isPipe) await this.#file.sync();
      this.#isCut = false;
    } catch (error) {
      this.#options.standing?.failed(error);
      throw error;
    }
    this.#kept.set(chain, sequence);
    // One line that found room does not say that the next one does: all must.
    if (!this.#isFailing) this.#options.standing?.kept();
  }
}
