import { ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { createRequest, createResponse } from "#protocol/payloads/create.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { acceptRequested, wantsToken } from "./making/requested.js";
import { makeSymmetricKey } from "./making/symmetric-key.js";

/** Create (KMIP 2.1 §6.1.8): a new symmetric key, made in the tenant's partition. */
export const create = defineOperation({
  code: Operation.Create,
  name: "Create",
  versions: {},
  request: createRequest,
  response: createResponse,
  permission: "create",
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.Create, uniqueIdentifier),
  async run(context, request) {
    if (request.objectType !== ObjectType.SymmetricKey) {
      throw new KmipError("InvalidObjectType", "Create makes symmetric keys");
    }
    const requested = acceptRequested(context, request.objectType, request.attributes);
    const inToken = wantsToken(requested, request.protectionStorageMasks);
    const object = await makeSymmetricKey(context, requested, { inToken });
    context.changes.insert(object);
    return { objectType: request.objectType, uniqueIdentifier: object.id };
  },
});
