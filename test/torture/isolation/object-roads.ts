/** Roads to objects by their identifiers, by other items of the batch, and over links. */
import {
  BatchErrorContinuationOption,
  KeyFormatType,
  KeyWrapType,
  LinkTypeTable,
  Operation,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { nameOf } from "#test/support/kmip-actions.js";
import { type Asked, named } from "#test/support/kmip-client-messages.js";
import { type Fields, withValue } from "./payloads.js";
import type { Place, PlacedOperation } from "./places.js";
import { relations } from "./relations.js";
import { type Road, withTarget } from "./road.js";
import { type KindName, kindNames, kindOf, type Reference, stateNames } from "./subjects.js";
import { type Belongings, bestKind, naming, usualFields } from "./usual.js";

const byIdentifier = ({ identifier }: Reference) => named(identifier);

const locating = ({ name }: Reference): Asked => ({
  operation: Operation.Locate,
  payload: { attributes: [nameOf(name)] },
});
/** Locate passes over what is destroyed. */
const hides = ["Destroyed", "Destroyed Compromised"] as const;
const reading = ({ identifier }: Reference): Asked => ({
  operation: Operation.GetAttributes,
  payload: { uniqueIdentifier: named(identifier), attributeNames: [] },
});
/** Roads to the objects that operations work on, and to others they name beside. */
export function objectRoads(placed: PlacedOperation, place: Place): readonly Road[] {
  const { operation } = placed;
  const { path, many, optional } = place;
  const best = bestKind(operation.name, path);
  const isTarget = path.length === 1 && path[0] !== "certificateRequestUniqueIdentifier";
  const kinds = takenBy(placed, isTarget, best);
  const put = async (own: Belongings, value: unknown): Promise<Fields> => {
    const usual = usualFields(operation.name);
    const fields = isTarget ? usual : await withTarget(placed, own, usual);
    return withValue(placed.request, fields, path, many ? [value].flat() : value);
  };
  const direct = (own: Belongings, reference: Reference) => put(own, byIdentifier(reference));
  const elsewhere: readonly Road[] = (["HTTPS TTLV", "HTTPS XML", "HTTPS JSON"] as const).map((door) => ({
    name: "identifier",
    door,
    versions: [V2_1],
    kinds: [best],
    fields: direct,
  }));
  const behind: Road = {
    name: "identifier behind an own one",
    kinds: [best],
    fields: async (own, reference) => put(own, [named((await own.of(best)).identifier), byIdentifier(reference)]),
  };
  const all: readonly Road[] = [
    { name: "identifier", kinds, isTarget, fields: direct },
    ...elsewhere,
    ...(many ? [behind] : []),
    ...batchRoads(put, { kinds, best, takesPlaceholder: optional && isTarget && !many }).map((road) => ({
      ...road,
      // The items before ask for the permission to read.
      relations: relations.filter((relation) => relation !== "colleague" || operation.permission === "read"),
    })),
  ];
  // What a right names is kept, and looked for when the ticket is shown.
  return path.includes("rights") ? all.map((road) => ({ ...road, hides: stateNames })) : all;
}

/** Kinds of objects that an operation takes in the place of its object. */
function takenBy({ operation: { target } }: PlacedOperation, isTarget: boolean, best: KindName): readonly KindName[] {
  if (!isTarget) return [best];
  return kindNames.filter((kind) => target?.objectTypes?.has(kindOf(kind).objectType) ?? true);
}

/** Roads that lead over another item of the batch. */
function batchRoads(
  put: (own: Belongings, value: unknown) => Promise<Fields>,
  { kinds, best, takesPlaceholder }: { kinds: readonly KindName[]; best: KindName; takesPlaceholder: boolean },
): readonly Road[] {
  const continuation = BatchErrorContinuationOption.Continue;
  const leftOut = (own: Belongings) => put(own, undefined);
  const referring = (value: object) => (own: Belongings) => put(own, value);
  const enumerated = referring({ kind: "placeholder", operation: UniqueIdentifier.Locate });
  const roads: readonly Road[] = [
    {
      name: "enumeration of a Locate",
      kinds: [best],
      versions: [V2_1],
      hides,
      before: (reference) => [locating(reference)],
      fields: enumerated,
    },
    {
      name: "item of the batch",
      kinds: [best],
      versions: [V2_1],
      before: (reference) => [reading(reference)],
      continuation,
      fields: referring({ kind: "batch-item", index: 0 }),
    },
  ];
  if (!takesPlaceholder) return roads;
  return [
    { name: "placeholder of a Locate", kinds, hides, before: (reference) => [locating(reference)], fields: leftOut },
    {
      name: "placeholder of a refusal",
      kinds: [best],
      before: (reference) => [reading(reference)],
      continuation,
      fields: leftOut,
    },
    ...roads,
  ];
}
/** Roads over an object of the asker's own that leads to what is not: by a link, or by what it is wrapped with. */
export function followedRoads({ operation, request }: PlacedOperation): readonly Road[] {
  const best = bestKind(operation.name);
  const setting = { versions: [V2_1], states: ["Active"], relations: ["stranger"] } as const;
  const on = (identifier: string): Fields => ({
    ...usualFields(operation.name),
    ...naming(operation.name, [identifier]),
  });
  const links = (kind: KindName, words: string, more: Fields = {}): readonly Road[] =>
    Object.entries(LinkTypeTable.values).map(([type, linkType]) => ({
      ...setting,
      name: `link followed${words}: ${type}`,
      kinds: [kind],
      fields: async (own, { identifier }) => ({ ...on(await own.linked(kind, linkType, identifier)), ...more }),
    }));
  const isGiven = "keyFormatType" in request.fields;
  const inContainer = { keyFormatType: KeyFormatType.PKCS_12 };
  const wrapped: Road = {
    ...setting,
    name: "key wrapped by it",
    kinds: ["Symmetric Key"],
    fields: async (own, { identifier }) => ({
      ...on(await own.wrappedBy(identifier)),
      ...(isGiven ? { keyWrapType: KeyWrapType.NotWrapped } : {}),
    }),
  };
  return [
    ...links(best, ""),
    ...(isGiven
      ? [...links("Certificate", " in PKCS#12", inContainer), ...links("Private Key", " in PKCS#12", inContainer)]
      : []),
    wrapped,
  ];
}
