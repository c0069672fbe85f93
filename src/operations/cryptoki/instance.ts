import { randomBytes } from "node:crypto";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { Refusal } from "./outcome.js";
import type { Session } from "./session.js";

/** What the instances of clients may take. */
export interface CryptokiLimits {
  readonly maximumInstances: number;
  readonly maximumInstancesPerClient: number;
  readonly maximumSessions: number;
  readonly maximumSessionObjects: number;
  readonly maximumHandles: number;
  readonly maximumDataBytes: number;
  readonly idleSeconds: number;
}

/** An object that lives as long as its session, and is never stored. */
export interface SessionObject {
  readonly object: ManagedObject;
  readonly session: bigint;
}

/** How the state of an instance is changed, so that the change falls with the work it is part of. */
export interface Journal {
  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void;
  delete<Key, Value>(map: Map<Key, Value>, key: Key): void;
}

/**
 * What one client has between C_Initialize and C_Finalize. Handles are random and mean something in this instance only;
 * behind each stands the identifier of an object of the client's tenant, or of one of the instance's session objects.
 */
export class CryptokiInstance {
  readonly limits: CryptokiLimits;
  readonly sessions = new Map<bigint, Session>();
  /** By the identifier of the object. */
  readonly sessionObjects = new Map<string, SessionObject>();
  /** Single values, in a map so that a journal can take them back. */
  readonly login = new Map<"user", true>();
  private readonly handleById = new Map<string, bigint>();
  private readonly idByHandle = new Map<bigint, string>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(limits: CryptokiLimits) {
    this.limits = limits;
  }

  /** Runs calls of one instance one after the other, whatever connections they come by. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(run, run);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  /** A handle nobody can guess, and that was not given for anything else. */
  newHandle(isTaken: (handle: bigint) => boolean): bigint {
    for (;;) {
      // Some clients keep handles in signed numbers, and 0 is CK_INVALID_HANDLE.
      const handle = randomBytes(8).readBigUInt64BE() >> 1n;
      if (handle !== 0n && !isTaken(handle)) return handle;
    }
  }

  /** The handle of an object, given now if it has none yet. Throws Refusal where there are too many. */
  handleOf(id: string): bigint {
    const known = this.handleById.get(id);
    if (known !== undefined) return known;
    if (this.handleById.size >= this.limits.maximumHandles) throw new Refusal("DEVICE_MEMORY");
    const handle = this.newHandle((taken) => this.idByHandle.has(taken));
    this.handleById.set(id, handle);
    this.idByHandle.set(handle, id);
    return handle;
  }

  /** The identifier a handle stands for, or undefined. */
  idOf(handle: bigint): string | undefined {
    return this.idByHandle.get(handle);
  }

  /** Forgets the handle of an object that is no more. */
  forget(id: string): void {
    const handle = this.handleById.get(id);
    if (handle !== undefined) this.idByHandle.delete(handle);
    this.handleById.delete(id);
  }
}
