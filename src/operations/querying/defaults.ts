import { attributes } from "#protocol/attributes/definitions.js";
import type { QueryRequest, QueryResponse } from "#protocol/payloads/query.js";
import { inSpan, V2_1 } from "#protocol/versions.js";
import { indexedText } from "#src/inventory/index-entries.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";

/** The groups a request names, which must be known: by an object, or by the defaults. Throws KmipError. */
async function groupsOf(
  { inventory, request }: OperationContext,
  { objectGroups }: QueryRequest,
): Promise<readonly string[]> {
  const asked = objectGroups?.objectGroup ?? [];
  const { objectDefaults } = request.caller.settings.defaults;
  const known = new Set(objectDefaults.flatMap((row) => row.objectGroups?.objectGroup ?? []));
  const { name } = attributes.objectGroup;
  for (const group of asked) {
    if (group === "") throw new KmipError("InvalidField", "the name of an Object Group is not empty");
    if (known.has(group)) continue;
    const filter = { on: "attribute", attribute: name, equals: indexedText(group) } as const;
    const { ids } = await inventory.locate([filter], { limit: 1, archived: true });
    if (ids.count === 0) throw new KmipError("UnknownObjectGroup", `there is no group "${group}"`);
  }
  return asked;
}

/**
 * The attributes that objects are made with where their maker gives none, for all groups or for those the request names
 * (KMIP 2.1 §6.1.40). Before 2.1 a row is about one Object Type, and none about groups.
 */
export async function defaultsFor(
  context: OperationContext,
  request: QueryRequest,
): Promise<Pick<QueryResponse, "defaultsInformation">> {
  const { objectDefaults } = context.request.caller.settings.defaults;
  const groups = await groupsOf(context, request);
  const wanted = objectDefaults.filter(
    ({ objectGroups }) =>
      groups.length === 0 ||
      objectGroups === undefined ||
      objectGroups.objectGroup.some((group) => groups.includes(group)),
  );
  if (wanted.length === 0) return {};
  if (inSpan({ since: V2_1 }, context.version)) return { defaultsInformation: { objectDefaults: wanted } };
  const simple = wanted.filter(({ objectGroups }) => objectGroups === undefined);
  const single = simple.flatMap(({ objectType, objectTypes, attributes: list }) =>
    [...(objectType === undefined ? [] : [objectType]), ...(objectTypes?.objectType ?? [])].map((type) => ({
      objectType: type,
      attributes: list,
    })),
  );
  return single.length === 0 ? {} : { defaultsInformation: { objectDefaults: single } };
}
