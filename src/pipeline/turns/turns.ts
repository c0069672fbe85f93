import type { Quota } from "#src/access/quota.js";
import { FairQueue } from "#storage/fair-queue.js";
import { TurnRefusal } from "./turn-refusal.js";

/** Who has a request to be worked on. */
export interface Asker {
  /** Identifies the tenant. */
  readonly tenant: string;
  readonly tenantName: string;
  /** Identifies the client within the tenant. */
  readonly client: string;
  /** Null for one that is not registered. */
  readonly clientName: string | null;
  readonly tenantQuota: Quota;
  readonly clientQuota: Quota;
}

/** A request that waits. */
export interface WaitingRequest {
  readonly asker: Asker;
  /** Its length in bytes. */
  readonly bytes: number;
  /** Whether its client is still there to be answered. */
  readonly isWanted?: () => boolean;
}

/** How many requests are worked on at once, and how many may wait. */
export interface TurnLimits {
  /** In work at once of a tenant that asks alone. */
  readonly alone: number;
  /** In work at once of all tenants where several ask, as far as that leaves each its `least`. */
  readonly together: number;
  /** In work at once of a tenant in any case. */
  readonly least: number;
  /** Waiting in all. */
  readonly waiting: number;
  /** Bytes of those that wait. */
  readonly waitingBytes: number;
  readonly waitMilliseconds: number;
}

/** A tenant, or a client, counts as asking so long after its last request, in milliseconds. */
const memory = 1000;
/** Between two looks at who does not ask any more, and at who has waited too long. */
const lookEvery = 100;
/** Tenants that are looked at for a request to begin when another tenant's has ended. */
const looksAround = 8;
/** The part of its tenant's room that one client gets where others of the tenant ask too. */
const clientPart = 0.75;

interface Client {
  inWork: number;
  /** Turns that are not done, those aside included. */
  held: number;
  askedAt: number;
}

interface Waiting extends WaitingRequest {
  readonly since: number;
  readonly begin: (turn: Turn) => void;
  readonly refuse: (refusal: TurnRefusal) => void;
}

class Tenant implements Client {
  inWork = 0;
  held = 0;
  askedAt = 0;
  readonly clients = new Map<string, Client>();
  readonly waiting = new FairQueue<Waiting>();

  constructor(
    readonly key: string,
    public quota: Quota,
  ) {}

  client(key: string): Client {
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const client = { inWork: 0, held: 0, askedAt: 0 };
    this.clients.set(key, client);
    return client;
  }
}

/** The right of one request to be worked on. */
export interface Turn {
  /** It has been worked on; to be called once. */
  done(): void;
  /** Has others go first while something takes long for which the server itself does nothing. */
  aside<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Whose request is worked on next. Requests begin at once while their tenant has room; else they wait, and tenants, and
 * within a tenant its clients, take turns. A tenant that asks alone has all the room there is. Where several ask, those
 * that ask for much share a small room, so that what is under way for them holds up the others little; each tenant can
 * always have a few in work, so that none is held up by what another's token is doing.
 */
export class Turns {
  private readonly limits: TurnLimits;
  private readonly now: () => number;
  private readonly tenants = new Map<string, Tenant>();
  /** Tenants of which requests wait, in the order of their turns. */
  private readonly ring = new Set<Tenant>();
  private working = 0;
  private waitingCount = 0;
  private waitingBytes = 0;
  private lookedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `now` gives a steady time in milliseconds. */
  constructor(limits: TurnLimits, now: () => number) {
    this.limits = limits;
    this.now = now;
  }

  /** Requests in work. */
  get inWork(): number {
    return this.working;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.waitingCount;
  }

  /** Gives the request its turn, at once where it can have it. Throws, or rejects with, TurnRefusal. */
  take(request: WaitingRequest): Turn | Promise<Turn> {
    const now = this.now();
    if (now - this.lookedAt > lookEvery) this.forgetSilent(now);
    const { asker } = request;
    const tenant = this.tenant(asker);
    const client = tenant.client(asker.client);
    tenant.askedAt = now;
    client.askedAt = now;
    if (tenant.waiting.lengthOf(asker.client) === 0 && this.hasRoom(tenant, asker)) return this.begin(tenant, client);
    this.makePlace(tenant, request);
    return new Promise((begin, refuse) => this.enqueue(tenant, { ...request, since: now, begin, refuse }));
  }

  private tenant({ tenant: key, tenantQuota }: Asker): Tenant {
    const known = this.tenants.get(key);
    if (known !== undefined) {
      known.quota = tenantQuota;
      return known;
    }
    const tenant = new Tenant(key, tenantQuota);
    this.tenants.set(key, tenant);
    return tenant;
  }

  private room({ inWork, quota }: Tenant): number {
    const { alone, together, least } = this.limits;
    const asking = this.tenants.size;
    const room =
      asking <= 1 ? alone : Math.max(least, Math.floor(together / asking), together - (this.working - inWork));
    return Math.min(room, quota.concurrentRequests ?? room);
  }

  private hasRoom(tenant: Tenant, { client: key, clientQuota }: Asker): boolean {
    const room = this.room(tenant);
    if (tenant.inWork >= room) return false;
    const { inWork } = tenant.client(key);
    const ofClient = tenant.clients.size <= 1 ? room : Math.ceil(room * clientPart);
    return inWork < Math.min(ofClient, clientQuota.concurrentRequests ?? ofClient);
  }

  private begin(tenant: Tenant, client: Client): Turn {
    const change = (by: 1 | -1): void => {
      tenant.inWork += by;
      client.inWork += by;
      this.working += by;
    };
    const end = (): void => {
      change(-1);
      if (this.waitingCount > 0) this.next(tenant);
    };
    tenant.held += 1;
    client.held += 1;
    change(1);
    return {
      done: () => {
        tenant.held -= 1;
        client.held -= 1;
        end();
      },
      aside: async (work) => {
        end();
        try {
          return await work();
        } finally {
          change(1);
        }
      },
    };
  }

  /** Begins what can begin now that something of a tenant has ended. */
  private next(tenant: Tenant): void {
    while (this.beginOne(tenant));
    let looks = 0;
    for (const other of this.ring) {
      looks += 1;
      if (looks > looksAround) return;
      // Its turn is over, whether it could take it or not.
      this.ring.delete(other);
      this.ring.add(other);
      if (!this.beginOne(other) && this.working >= this.limits.together) return;
    }
  }

  private beginOne(tenant: Tenant): boolean {
    for (const [key, { asker }] of tenant.waiting.heads()) {
      if (!this.hasRoom(tenant, asker)) continue;
      const next = tenant.waiting.shiftInTurn(key);
      if (next === undefined) return false;
      this.left(tenant, next);
      if (next.isWanted?.() === false) next.refuse(TurnRefusal.of("left"));
      else next.begin(this.begin(tenant, tenant.client(key)));
      return true;
    }
    return false;
  }

  /** Refuses this request, or in its place the newest of those who have most waiting, where no more may wait. */
  private makePlace(tenant: Tenant, { asker, bytes }: WaitingRequest): void {
    const { waiting, waitingBytes } = this.limits;
    while (this.waitingCount >= waiting || this.waitingBytes + bytes > waitingBytes) {
      const heaviest = [...this.ring].reduce<Tenant | undefined>(
        (most, one) => (most === undefined || one.waiting.length > most.waiting.length ? one : most),
        undefined,
      );
      if (heaviest === undefined) throw TurnRefusal.of("queue");
      const key = heaviest.waiting.heaviest() ?? "";
      const isOwn = heaviest === tenant && heaviest.waiting.lengthOf(asker.client) >= heaviest.waiting.lengthOf(key);
      const hasAsMuch = heaviest !== tenant && tenant.waiting.length >= heaviest.waiting.length;
      if (isOwn || hasAsMuch) throw TurnRefusal.of("queue");
      const victim = heaviest.waiting.popOf(key);
      if (victim === undefined) throw TurnRefusal.of("queue");
      this.left(heaviest, victim);
      victim.refuse(TurnRefusal.of("queue"));
    }
  }

  private enqueue(tenant: Tenant, waiting: Waiting): void {
    tenant.waiting.push(waiting.asker.client, waiting);
    this.ring.add(tenant);
    this.waitingCount += 1;
    this.waitingBytes += waiting.bytes;
    this.timer ??= setInterval(() => this.refuseLate(), lookEvery).unref();
  }

  private left(tenant: Tenant, { bytes }: Waiting): void {
    this.waitingCount -= 1;
    this.waitingBytes -= bytes;
    if (tenant.waiting.length === 0) this.ring.delete(tenant);
    if (this.waitingCount > 0 || this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private refuseLate(): void {
    const now = this.now();
    for (const tenant of [...this.ring]) {
      for (const [key, head] of [...tenant.waiting.heads()]) this.refuseLateOf(tenant, key, head, now);
    }
  }

  private refuseLateOf(tenant: Tenant, key: string, head: Waiting, now: number): void {
    let oldest: Waiting | undefined = head;
    while (oldest !== undefined && now - oldest.since > this.limits.waitMilliseconds) {
      tenant.waiting.shiftOf(key);
      this.left(tenant, oldest);
      oldest.refuse(TurnRefusal.of("wait"));
      oldest = tenant.waiting.first(key);
    }
  }

  private forgetSilent(now: number): void {
    this.lookedAt = now;
    const isSilent = ({ held, askedAt }: Client): boolean => held === 0 && now - askedAt > memory;
    for (const [key, tenant] of this.tenants) {
      for (const [name, client] of tenant.clients) {
        if (isSilent(client) && tenant.waiting.lengthOf(name) === 0) tenant.clients.delete(name);
      }
      if (isSilent(tenant) && tenant.waiting.length === 0) this.tenants.delete(key);
    }
  }
}
