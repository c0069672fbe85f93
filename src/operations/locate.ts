import { Operation, StorageStatusMask, UniqueIdentifier } from "#protocol/enums/index.js";
import { locateAnswer, locateRequest } from "#protocol/payloads/locate.js";
import { textsIn } from "#protocol/ttlv/text-items.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { planLocate } from "./locating/filters.js";
import { searchGroup } from "./locating/groups.js";
import { search } from "./locating/search.js";

/** The most identifiers one answer holds, whatever the client asks for. */
const mostItems = 10_000;

/** Locate (KMIP 2.1 §6.1.28): the objects of the caller's tenant that have all the given attributes, newest first. */
export const locate = defineOperation({
  code: Operation.Locate,
  name: "Locate",
  versions: {},
  request: locateRequest,
  response: locateAnswer,
  permission: "read",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  placeholder({ uniqueIdentifiers }) {
    const [only] = uniqueIdentifiers.count === 1 ? textsIn(uniqueIdentifiers) : [];
    return only === undefined ? { current: null } : placeholderFor(UniqueIdentifier.Locate, only);
  },
  async run(context, request) {
    const { inventory, now, version } = context;
    const { maximumItems, offsetItems, storageStatusMask, objectGroupMember } = request;
    if ((maximumItems ?? 0) < 0 || (offsetItems ?? 0) < 0) {
      throw new KmipError("InvalidField", "Maximum Items and Offset Items are not negative");
    }
    const mask = storageStatusMask ?? StorageStatusMask.OnLineStorage;
    const paging = maximumItems !== undefined || offsetItems !== undefined;
    const wanted = request.attributes;
    const options = {
      limit: Math.min(maximumItems ?? mostItems, mostItems),
      offset: offsetItems ?? 0,
      online: (mask & StorageStatusMask.OnLineStorage) !== 0,
      archived: (mask & StorageStatusMask.ArchivalStorage) !== 0,
      destroyed: version >= V2_0 && (mask & StorageStatusMask.DestroyedStorage) !== 0,
      count: paging,
    };
    const { ids, total } =
      objectGroupMember === undefined
        ? await search(inventory, planLocate(wanted, now, version), options)
        : await searchGroup(context, wanted, objectGroupMember, options);
    return { uniqueIdentifiers: ids, locatedItems: paging && total !== null ? total : undefined };
  },
});
