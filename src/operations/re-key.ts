import { ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { reKeyRequest, reKeyResponse } from "#protocol/payloads/re-key.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { checkSameKind, replaced, replacementAttributes, replacing } from "./making/replacement.js";
import { acceptGiven, wantsToken } from "./making/requested.js";
import { makeSymmetricKey } from "./making/symmetric-key.js";

/** Re-key (KMIP 2.1 §6.1.46): a new key in the place of a symmetric key, which keeps its state and loses its names. */
export const reKey = defineOperation({
  code: Operation.ReKey,
  name: "Re-key",
  versions: {},
  request: reKeyRequest,
  response: reKeyResponse,
  permission: "create",
  oneXReasons: { InvalidObjectType: "PermissionDenied" },
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
  },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.ReKey, uniqueIdentifier),
  async run(context, request) {
    const { target, now, changes } = context;
    const { custody } = materialOf(target);
    const given = acceptGiven(target.objectType, request.attributes);
    checkSameKind(target.attributes, given);
    const { objectType, attributes: old } = target;
    const requested = replacementAttributes({ objectType, old, given }, { now, offset: request.offset });
    const inToken = wantsToken(requested, request.protectionStorageMasks) || custody === "token";
    const made = await makeSymmetricKey(context, requested, { inToken });
    changes.update(replaced(target, made.id, now));
    changes.insert(replacing(made, target));
    return { uniqueIdentifier: made.id };
  },
});
