/** Long tasks that are cut off: rotation of a key-encryption key, migration of keys into the token. */
import { V2_1 } from "#protocol/versions.js";
import { type Actions, actionsOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { endOf, operatorOf } from "#test/support/operator.js";
import { opened, type Sealed, sealedByNewKey, sealedSecret } from "#test/support/sealed.js";
import { connectTo } from "#test/support/server.js";
import type { Stage } from "./stage.js";

const keysToMove = 4;

/** The tasks of one stage, and the keys of its demo tenant that they work at. */
export class LongWork {
  private readonly stage: Stage;
  private readonly keys: Sealed[] = [];
  private task: string | null = null;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  /** Rotates the key-encryption key of the tenant whose keys rest wrapped. */
  rotate(): Promise<void> {
    const tenant = this.stage.walkers.wrapped.tenant.name;
    return this.ask((operator) => operator.rotateKeyEncryptionKey({ tenant, removeOld: false }));
  }

  /** Moves new keys of the demo tenant into its token. */
  async migrate(): Promise<void> {
    const made: Sealed[] = [];
    await this.asDemo(async (actions) => {
      for (let count = 0; count < keysToMove; count += 1) made.push(await sealedByNewKey(actions));
    });
    this.keys.push(...made);
    const objects = made.map(({ id }) => id);
    await this.ask((operator) => operator.migrateKeys({ tenant: "demo", to: "token", objects }));
  }

  private async ask(
    start: (operator: ReturnType<typeof operatorOf>) => Promise<{ readonly id: string }>,
  ): Promise<void> {
    const operator = operatorOf(this.stage.server);
    try {
      this.task = (await start(operator)).id;
      await endOf(operator, this.task);
    } finally {
      operator.close();
    }
  }

  private async asDemo<T>(work: (actions: Actions) => Promise<T>): Promise<T> {
    const client: KmipClient = await connectTo(this.stage.server);
    try {
      return await work(actionsOf(client, V2_1));
    } finally {
      await client.close();
    }
  }

  /** Waits until the task that was cut off has ended after all. Gives what is wrong with it, or with the keys. */
  async wrong(): Promise<readonly string[]> {
    const wrong: string[] = [];
    if (this.task !== null) {
      const operator = operatorOf(this.stage.server);
      const { kind, state, failed, lastError } = await endOf(operator, this.task);
      operator.close();
      this.task = null;
      if (state !== "done" || failed > 0) wrong.push(`the task ${kind} ended ${state}, ${failed} failed: ${lastError}`);
    }
    if (this.keys.length === 0) return wrong;
    await this.asDemo(async ({ act }) => {
      for (const key of this.keys) {
        if (!(await opened(act, key)).equals(sealedSecret)) wrong.push(`the moved key ${key.id} is another one`);
      }
    });
    return wrong;
  }
}
