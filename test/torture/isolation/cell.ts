import type { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { Permission } from "#src/access/permissions.js";
import type { Asked } from "#test/support/kmip-client-messages.js";
import type { Relation } from "./relations.js";
import type { KindName, Reference, StateName } from "./subjects.js";
import type { Belongings } from "./usual.js";

/** How requests travel. */
export const doors = ["TLS", "HTTPS TTLV", "HTTPS XML", "HTTPS JSON"] as const;
export type Door = (typeof doors)[number];

/** One message that names something. */
export interface Probe {
  readonly asked: readonly Asked[];
  readonly continuation?: BatchErrorContinuationOption;
}

/** One cell of the matrix: somebody asks an operation for an object by a road. */
export interface Cell {
  readonly road: string;
  readonly operation: string;
  /** Where in the payload the object is named. */
  readonly place: string;
  readonly relation: Relation;
  readonly kind: KindName;
  readonly state: StateName;
  readonly version: ProtocolVersion;
  readonly door: Door;
  readonly permission: Permission;
  /** The object is the one that the operation works on. */
  readonly isTarget: boolean;
  /** The owner, too, is told nothing. */
  readonly isHidden: boolean;
  /** No other cell asks for this one's object. */
  readonly leavesNamesake: boolean;
  /** What to ask, with what is the asker's own and what is asked for. */
  probe(own: Belongings, reference: Reference): Promise<Probe>;
}

/** A cell before it is said who asks. */
export type Attempt = Omit<Cell, "relation"> & { readonly relations: readonly Relation[] };

/** The axes of the matrix, by which cells are counted and chosen. */
export const axes = ["road", "operation", "relation", "kind", "state", "version", "door"] as const;
export type Axis = (typeof axes)[number];
