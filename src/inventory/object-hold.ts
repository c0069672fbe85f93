import { setTimeout as pause } from "node:timers/promises";
import { StorageError } from "#storage/errors.js";
import type { HeldObjects, Reading } from "./held-objects.js";

/** How long a commit of which nobody knows how it ended may still come true, in milliseconds. */
const uncertainMilliseconds = 5_000;

/** The objects that one unit of work changes, from before its commit until it is over. */
export class ObjectHold {
  private readonly held: HeldObjects | undefined;
  private readonly taking: Promise<{ readonly id: number; readonly writings: readonly Reading[] }> | undefined;
  private writings: readonly Reading[] = [];

  /** Begins at once to have all processes forget the objects. Without `held` there is nobody to tell. */
  constructor(held: HeldObjects | undefined, keys: readonly string[]) {
    this.held = keys.length === 0 ? undefined : held;
    this.taking = this.held?.hold(keys);
  }

  /** Resolves when every process has forgotten the objects: they may be changed. */
  async taken(): Promise<void> {
    this.writings = (await this.taking)?.writings ?? [];
  }

  /** Whether nobody else has begun to change an object meanwhile. */
  isFresh(key: string): boolean {
    if (this.held === undefined) return true;
    return this.writings.some((writing) => writing.key === key && writing.isFresh);
  }

  /** Lets the objects go; after an error that leaves open what became of the commit, only when that is settled. */
  async release(error?: unknown): Promise<void> {
    const taken = await this.taking;
    if (taken === undefined) return;
    if (error instanceof StorageError && error.outcomeUnknown) {
      await pause(uncertainMilliseconds, undefined, { ref: false });
    }
    for (const writing of taken.writings) this.held?.ended(writing);
    this.held?.release(taken.id);
  }
}
