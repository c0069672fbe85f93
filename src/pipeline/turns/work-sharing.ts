import type { Caller } from "#src/access/caller.js";
import { unlimited } from "#src/access/quota.js";
import type { KeyGate } from "#src/inventory/key-keeper.js";
import type { GrantedRates } from "./granted-rates.js";
import type { PairMaking } from "./pair-making.js";
import { TurnRefusal } from "./turn-refusal.js";
import type { Asker, Turn, Turns, WaitingRequest } from "./turns.js";

/** Told of each request, and of each key, that was refused because too much is asked for. */
export type RefusalObserver = (asker: Asker, refusal: TurnRefusal) => void;

/** What sharing works with. */
export interface WorkSharingParts {
  readonly turns: Turns;
  readonly rates: GrantedRates;
  readonly pairs: PairMaking;
  readonly refused: RefusalObserver;
  /** Told how long a request waited that did not begin at once, in seconds. */
  readonly waited: (seconds: number) => void;
  /** A steady time in milliseconds. */
  readonly now: () => number;
}

const strangers = "(unregistered)";

/** Who asks without a certificate that is registered: all of them together, each address by itself. */
export function strangerAt(address: string): Asker {
  const quotas = { tenantQuota: unlimited, clientQuota: unlimited };
  return { tenant: strangers, tenantName: strangers, client: address, clientName: null, ...quotas };
}

/** Who asks, by the registration of the client. */
export function askerOf({ tenantId, tenantName, clientId, clientName, settings, quota }: Caller): Asker {
  return {
    tenant: tenantId,
    tenantName,
    client: clientId,
    clientName,
    tenantQuota: settings.quota,
    clientQuota: quota,
  };
}

/** Shares what the server can do between tenants and their clients, within their quotas. */
export class WorkSharing {
  private readonly parts: WorkSharingParts;

  constructor(parts: WorkSharingParts) {
    this.parts = parts;
  }

  /** Gives a request its turn, at once where it can have it. Throws, or rejects with, TurnRefusal. */
  admit(request: WaitingRequest): Turn | Promise<Turn> {
    const { asker } = request;
    this.grant(asker);
    const turn = this.told(asker, () => this.parts.turns.take(request));
    return turn instanceof Promise ? this.toldLater(asker, this.waitFor(turn)) : turn;
  }

  /** Counts a request against the quotas of who asks. Throws TurnRefusal. */
  grant(asker: Asker): void {
    this.told(asker, () => this.parts.rates.grantRequest(asker));
  }

  /** The gate through which the keys go that a client has made; `aside` lets other requests go first. */
  keysOf(asker: Asker, aside: Turn["aside"] = (work) => work()): KeyGate {
    const { rates, pairs } = this.parts;
    return {
      secret: async (make) => {
        this.told(asker, () => rates.grantKey(asker));
        return make();
      },
      pair: async (make) => {
        this.told(asker, () => rates.grantKey(asker));
        return aside(() => this.toldLater(asker, pairs.inTurn(asker, make)));
      },
    };
  }

  private async waitFor(turn: Promise<Turn>): Promise<Turn> {
    const { now, waited } = this.parts;
    const since = now();
    const taken = await turn;
    waited((now() - since) / 1000);
    return taken;
  }

  private told<T>(asker: Asker, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.tell(asker, error);
      throw error;
    }
  }

  private toldLater<T>(asker: Asker, work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      this.tell(asker, error);
      throw error;
    });
  }

  private tell(asker: Asker, error: unknown): void {
    if (error instanceof TurnRefusal) this.parts.refused(asker, error);
  }
}
