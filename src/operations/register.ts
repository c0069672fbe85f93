import { Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { registerRequest, registerResponse } from "#protocol/payloads/register.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { withEncapsulatedOfClients } from "./making/encapsulated.js";
import { keep } from "./making/keep.js";
import { registeredObject } from "./making/registered-object.js";
import { acceptBrought, wantsToken } from "./making/requested.js";

/** Register (KMIP 2.1 §6.1.43): takes an object of the client's into the tenant's custody. */
export const register = defineOperation({
  code: Operation.Register,
  name: "Register",
  versions: {},
  request: registerRequest,
  response: registerResponse,
  permission: "create",
  twoXReasons: { ReadOnlyAttribute: "AttributeReadOnly", UnsupportedAttribute: "InvalidAttribute" },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.Register, uniqueIdentifier),
  async run(context, request) {
    const { objectType } = request;
    const registered = registeredObject(objectType, request, context.version);
    const given = withEncapsulatedOfClients(registered, request.attributes.attributes);
    const requested = acceptBrought(context, objectType, { attributes: given, templates: [] });
    const inToken = wantsToken(requested, request.protectionStorageMasks);
    const id = newIdentifier();
    const kept = await keep(context, { id, objectType, requested, inToken }, registered);
    const { material, digest, digestFormat, otherDigests, algorithm, length } = kept;
    const object = newObject({
      tenantId: context.tenantId,
      id,
      objectType,
      now: context.now,
      requested: kept.set,
      material,
      digest,
      digestFormat: digestFormat ?? material.keyFormatType,
      otherDigests,
      algorithm,
      length,
    });
    context.changes.insert(object);
    return { uniqueIdentifier: id };
  },
});
