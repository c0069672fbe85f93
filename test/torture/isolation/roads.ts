/** The roads by which a request can name an object, made for every place of every operation that can. */
import { attributeRoads } from "./attribute-roads.js";
import type { Attempt } from "./cell.js";
import { identifierRoads, keyValueRoads } from "./key-roads.js";
import { followedRoads, objectRoads } from "./object-roads.js";
import { withValue } from "./payloads.js";
import type { Place, PlacedOperation } from "./places.js";
import { attemptsOf, type Road } from "./road.js";
import { usualFields } from "./usual.js";

/** Everything that can be asked of a list of operations with an object that is kept. */
export function attemptsFor(placedOperations: readonly PlacedOperation[]): readonly Attempt[] {
  return placedOperations.flatMap((placed) =>
    placed.places.flatMap((place) => roadsTo(placed, place).flatMap((road) => attemptsOf(placed, place, road))),
  );
}

function roadsTo(placed: PlacedOperation, place: Place): readonly Road[] {
  switch (place.naming) {
    case "object":
      return [...objectRoads(placed, place), ...(place.path.length === 1 ? followedRoads(placed) : [])];
    case "identifier":
      return identifierRoads(placed, place);
    case "attributes":
      return attributeRoads(placed, place);
    case "key value":
      return keyValueRoads(placed, place);
    case "group":
      return [groupRoad(placed, place)];
    default:
      // Streams, asynchronous requests, tickets, handles and credentials are no objects: see holdings.ts.
      return [];
  }
}

/** The road by the name of a group. */
function groupRoad({ operation, request }: PlacedOperation, { path, many }: Place): Road {
  return {
    name: "group",
    kinds: ["Symmetric Key"],
    relations: ["stranger", "colleague"],
    fields: async (_own, { group }) => withValue(request, usualFields(operation.name), path, many ? [group] : group),
  };
}
