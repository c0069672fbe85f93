import type { PartitionInformation } from "../../port.js";
import type { ModuleLocation } from "../messages.js";
import type { Profile } from "./profile.js";

/** What a probe is to look at. */
export interface ProbeRequest {
  readonly module: ModuleLocation;
  /** The only token, or the first, where absent. */
  readonly tokenLabel?: string;
  /** The user PIN: without it nothing is tried, only read. Zeroed. */
  readonly pin?: Buffer;
}

/** A slot and the token in it, as the module tells of them; counts are null where the module does not tell them. */
export interface SlotReport {
  readonly description: string;
  readonly tokenLabel: string | null;
  readonly tokenSerial: string | null;
  readonly tokenModel: string | null;
  readonly isInitialised: boolean;
  readonly mostSessions: number | null;
  readonly mostReadWriteSessions: number | null;
  readonly shortestPin: number | null;
  readonly longestPin: number | null;
}

/** What came of trying something: an answer, or the return value by which the module refused. */
export type TrialOutcome =
  | string
  | number
  | boolean
  | null
  | readonly number[]
  | Readonly<Record<string, number | string | null>>
  | { readonly refused: string };

/** What a probe found, beside the quirks that follow from it. */
export interface ProbeFindings {
  readonly library: Pick<
    PartitionInformation,
    "manufacturer" | "moduleDescription" | "libraryVersion" | "cryptokiVersion"
  >;
  readonly slots: readonly SlotReport[];
  readonly mechanisms: PartitionInformation["mechanisms"];
  /** By name; empty where no PIN was given. */
  readonly trials: Readonly<Record<string, TrialOutcome>>;
  /** Calls in a second, one after the other; empty where no PIN was given. */
  readonly callsPerSecond: Readonly<Record<string, number>>;
  /** What was left out, and what it would take. */
  readonly notTried: readonly string[];
  /** What the server cannot do without and the token lacks: for its own partition, and for that of a tenant. */
  readonly lacking: { readonly root: readonly string[]; readonly tenant: readonly string[] };
}

/** A capability profile with what it follows from: what `keyreeve hsm probe` writes. */
export interface ProbeReport extends Profile {
  readonly findings: ProbeFindings;
}
