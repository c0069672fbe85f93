import type { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import type { Asked } from "#test/support/kmip-client-messages.js";
import type { Attempt, Door, Probe } from "./cell.js";
import { type Fields, has, payloadOf } from "./payloads.js";
import type { Place, PlacedOperation } from "./places.js";
import { type Relation, relations } from "./relations.js";
import { type KindName, kindOf, type Reference, type StateName, statesOf } from "./subjects.js";
import { type Belongings, bestKind, naming } from "./usual.js";

/** Versions in which roads are tried: the last of each form of messages. */
const versions: readonly ProtocolVersion[] = [V1_4, V2_1];

/** What a road does with one place of an operation. */
export interface Road {
  readonly name: string;
  readonly door?: Door;
  readonly versions?: readonly ProtocolVersion[];
  readonly kinds: readonly KindName[];
  readonly states?: readonly StateName[];
  readonly isTarget?: boolean;
  /** Afterwards the asker has something that goes by the same name: so each cell asks for an object of its own. */
  readonly leavesNamesake?: boolean;
  /** States of which the owner, too, is told nothing on this road. */
  readonly hides?: readonly StateName[];
  /** Who takes it; everybody where left out. */
  readonly relations?: readonly Relation[];
  /** What stands in the payload; the items that go before it. */
  fields(own: Belongings, reference: Reference): Promise<Fields>;
  before?(reference: Reference, version: ProtocolVersion): readonly Asked[];
  readonly continuation?: BatchErrorContinuationOption;
}

export function attemptsOf(placed: PlacedOperation, place: Place, road: Road): readonly Attempt[] {
  const { operation } = placed;
  const {
    fields,
    before = () => [],
    continuation,
    name,
    door = "TLS",
    kinds,
    isTarget = false,
    leavesNamesake = false,
  } = road;
  return (road.versions ?? versions)
    .filter((version) => has(placed, place, version))
    .flatMap((version) =>
      kinds
        .filter((kind) => version >= V2_0 || kind !== "Certificate Request")
        .filter((kind) => version < V2_0 || kindOf(kind).version >= V2_0)
        .flatMap((kind) =>
          (road.states ?? statesOf(kind))
            .filter((state) => statesOf(kind).includes(state))
            .map(
              (state): Attempt => ({
                road: name,
                operation: operation.name,
                place: place.path.join("."),
                kind,
                state,
                version,
                door,
                permission: operation.permission,
                isTarget,
                leavesNamesake,
                isHidden: road.hides?.includes(state) ?? false,
                relations: road.relations ?? relations,
                probe: async (own, reference): Promise<Probe> => {
                  const last = payloadOf(placed, await fields(own, reference), version);
                  const asked = [...before(reference, version), { operation: operation.code, payload: last }];
                  return continuation === undefined ? { asked } : { asked, continuation };
                },
              }),
            ),
        ),
    );
}

/** The object that an operation works on beside the one in question. */
export async function withTarget(
  { operation, places }: PlacedOperation,
  own: Belongings,
  fields: Fields,
): Promise<Fields> {
  const isNeeded = places.some(({ naming: kind, path }) => kind === "object" && path.length === 1);
  if (!isNeeded) return fields;
  const target = await own.of(bestKind(operation.name));
  return { ...naming(operation.name, [target.identifier]), ...fields };
}
