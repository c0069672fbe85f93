import { type FileHandle, open } from "node:fs/promises";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";
import { checkpointData, checkpointLine } from "./checkpoint-data.js";

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
  readonly now?: () => number;
  readonly logger?: DatabaseLogger;
}

/** Names a chain: that of a tenant and a process. */
function chainOf({ tenantId, nodeId }: AuditPosition): string {
  return `${tenantId} ${nodeId}`;
}

const defaultEveryMs = 60_000;
const defaultEveryRows = 1000;

/**
 * Signs where this node's chains stand, every minute or every thousand rows of a chain, whichever comes first, and
 * records it in the database and in a file outside: rows before a checkpoint cannot be altered or cut off unnoticed.
 */
export class AuditCheckpoints {
  readonly #options: CheckpointOptions;
  readonly #everyRows: number;
  readonly #file: FileHandle;
  readonly #timer: NodeJS.Timeout;
  /** Sequence of the last checkpoint of each chain. */
  readonly #last = new Map<string, number>();
  /** Newest position seen of chains that have moved on. */
  readonly #due = new Map<string, AuditPosition>();
  #working: Promise<void> = Promise.resolve();

  private constructor(options: CheckpointOptions, file: FileHandle) {
    this.#options = options;
    this.#everyRows = options.everyRows ?? defaultEveryRows;
    this.#file = file;
    this.#timer = setInterval(() => this.#inBackground(() => this.#signHeads()), options.everyMs ?? defaultEveryMs);
    this.#timer.unref();
  }

  /** Opens the file and begins. */
  static async start(options: CheckpointOptions): Promise<AuditCheckpoints> {
    const file = await open(options.file, "a", 0o600);
    // A crash may have left half a line.
    await file.appendFile("\n");
    return new AuditCheckpoints(options, file);
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
    const waiting = this.#due.has(chain);
    this.#due.set(chain, position);
    if (!waiting) this.#inBackground(() => this.#signDue());
  }

  /** Signs all chains of this node that have moved on since their last checkpoint. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#signHeads());
  }

  /** Signs what is new a last time and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#working.then(work);
    this.#working = turn.catch(() => undefined);
    return turn;
  }

  #inBackground(work: () => Promise<void>): void {
    this.#inTurn(work).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger?.error({ error: reason }, "an audit checkpoint could not be made; it is tried again");
    });
  }

  async #signDue(): Promise<void> {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const position of due) await this.#sign(position);
  }

  async #signHeads(): Promise<void> {
    const { database, nodeId } = this.#options;
    const registered = (await database.read.nodes.list()).map(({ id }) => id);
    const processes = registered.filter((id) => id.startsWith(`${nodeId}/`));
    for (const id of [nodeId, ...processes]) await this.#signHeadsOf(id);
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
    await database.commit([change("audit", "addCheckpoint", checkpoint)]);
    await this.#file.appendFile(checkpointLine(checkpoint));
    await this.#file.sync();
    this.#last.set(chainOf(position), sequence);
  }
}
