import { randomBytes } from "node:crypto";
import type { Caller } from "#src/access/caller.js";
import { CryptokiInstance, type CryptokiLimits } from "./instance.js";
import { Refusal } from "./outcome.js";

/** Length of the correlation values that name instances, in bytes: nobody guesses one. */
export const correlationBytes = 16;

interface Entry {
  readonly instance: CryptokiInstance;
  readonly owner: string;
  usedAt: number;
}

/**
 * What the clients of this server have between C_Initialize and C_Finalize. An instance belongs to the client that made
 * it, over whatever connections it comes; it ends with C_Finalize, or when it was not used for the idle time.
 */
export class CryptokiInstances {
  private readonly limits: CryptokiLimits;
  private readonly now: () => number;
  private readonly entries = new Map<string, Entry>();

  /** `now` gives a steady time in milliseconds. */
  constructor(limits: CryptokiLimits, now: () => number) {
    this.limits = limits;
    this.now = now;
  }

  /** A new instance under a new correlation value. Throws Refusal where the client or the server has too many. */
  create(caller: Caller): Buffer {
    const now = this.now();
    for (const [key, entry] of this.entries) if (this.isStale(entry, now)) this.entries.delete(key);
    const owner = ownerOf(caller);
    const own = [...this.entries.values()].filter((entry) => entry.owner === owner).length;
    if (own >= this.limits.maximumInstancesPerClient || this.entries.size >= this.limits.maximumInstances) {
      throw new Refusal("HOST_MEMORY");
    }
    const correlationValue = randomBytes(correlationBytes);
    const instance = new CryptokiInstance(this.limits);
    this.entries.set(correlationValue.toString("hex"), { instance, owner, usedAt: now });
    return correlationValue;
  }

  /** The instance of a correlation value, if it is this client's: any other answers like one that never was. */
  find(caller: Caller, correlationValue: Buffer): CryptokiInstance | undefined {
    const key = correlationValue.toString("hex");
    const entry = this.entries.get(key);
    if (entry === undefined || entry.owner !== ownerOf(caller)) return undefined;
    const now = this.now();
    if (this.isStale(entry, now)) {
      this.entries.delete(key);
      return undefined;
    }
    entry.usedAt = now;
    return entry.instance;
  }

  /** Ends an instance: its sessions, handles and session objects are gone. */
  end(correlationValue: Buffer): void {
    this.entries.delete(correlationValue.toString("hex"));
  }

  private isStale({ usedAt }: Entry, now: number): boolean {
    return now - usedAt > this.limits.idleSeconds * 1000;
  }
}

function ownerOf({ tenantId, clientId }: Caller): string {
  return `${tenantId}/${clientId}`;
}
