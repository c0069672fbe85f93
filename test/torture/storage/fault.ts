/** What a fault is, and what it must come to. */
import type { EventKind } from "#src/audit/events/table.js";
import type { Arena } from "./arena.js";

/** Ends a fault. */
export type Heal = () => Promise<void>;

/** What a probe asks for: a key of custody `wrapped`, what the server can do, an encryption, or a new key in the token. */
export const requests = ["get", "query", "encrypt", "makeInToken"] as const;
export type RequestName = (typeof requests)[number];

/**
 * What comes of what a probe asks for while a fault lasts. `served`: nothing is refused. `slowed`: answers wait or are
 * refused. `refused`: nothing is served in the end. `scarce`: some are refused, and some may find what another gave back.
 */
export type Feeling = "served" | "slowed" | "refused" | "scarce";

/** How a metric tells of a fault: it is 0 while it lasts and else not; it is 0 but while it lasts; it counts on. */
export type Telling = "zero" | "above zero" | "counts";

/** One kind of fault. */
export interface Fault {
  readonly name: string;
  /** What comes of each request that is asked for while it lasts. */
  readonly felt: Readonly<Partial<Record<RequestName, Feeling>>>;
  /** Within how many milliseconds each answer comes while it lasts. */
  readonly answeredWithin: number;
  /** How long it lasts, in milliseconds. */
  readonly lasts: number;
  /** For so long nothing need be refused yet, in milliseconds; 0 where absent. */
  readonly bearableFor?: number;
  /** The events that tell of its beginning and its end, each once. */
  readonly events?: readonly EventKind[];
  /** Events of which there is at least one. */
  readonly repeatedEvents?: readonly EventKind[];
  /** Metrics by their names, without labels. */
  readonly metrics?: Readonly<Record<string, Telling>>;
  /** What `/health/ready` says while it lasts; not looked at where absent. */
  readonly ready?: boolean;
  /** Whether the admin port lists tenants while it lasts; not looked at where absent. */
  readonly listsTenants?: boolean;
  /** What is wrong once it is over and requests are served again. */
  after?(arena: Arena): Promise<readonly string[]>;
  /** Has it begin. `random` draws a number below another one. */
  inject(arena: Arena, random: (below: number) => number): Promise<Heal>;
}

/** What tells of a database that takes nothing, and that everything is refused meanwhile. */
export const withoutDatabase = {
  felt: { get: "refused", query: "refused", encrypt: "refused" },
  events: ["database-unavailable", "database-recovered"],
  metrics: { keyreeve_storage_available: "zero" },
  ready: false,
} as const satisfies Partial<Fault>;

/** Within how many milliseconds after the end of a fault requests are served again. */
export const recoveredWithin = 10_000;
