import { attributes } from "#protocol/attributes/definitions.js";
import { KeyWrapType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { type ImportRequest, importRequest, importResponse } from "#protocol/payloads/import.js";
import type { ProtectionStorageMasks } from "#protocol/structures/lists.js";
import { V1_4 } from "#protocol/versions.js";
import { acceptImported } from "#src/objects/accept-attributes.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { importedObject } from "#src/objects/imported-object.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { withEncapsulated } from "./making/encapsulated.js";
import { keep } from "./making/keep.js";
import { importedType, registeredObject } from "./making/registered-object.js";
import { wantsToken } from "./making/requested.js";
import { unwrapped } from "./making/unwrapped.js";

/** The longest Unique Identifier that is taken, in characters; those of this server have 36. */
const longestIdentifier = 128;

/** Import (KMIP 2.1 §6.1.25): an object under the identifier and with all the attributes that the client supplies. */
export const importObject = defineOperation({
  code: Operation.Import,
  name: "Import",
  versions: { since: V1_4 },
  request: importRequest,
  response: importResponse,
  permission: "create",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.Import, uniqueIdentifier),
  async run(context, request) {
    const { tenantId, now, version, changes, keys } = context;
    const { uniqueIdentifier: id } = request;
    const objectType = importedType(request);
    const brought = registeredObject(objectType, request, version);
    const existing = await existingObject(context, request);
    const { registered, attributes: instances } =
      request.keyWrapType === KeyWrapType.NotWrapped
        ? await unwrapped(context, brought, request.attributes)
        : { registered: brought, attributes: withEncapsulated(brought, request.attributes) };
    const supplied = acceptImported(objectType, id, instances);
    const inToken = wantsToken(supplied, suppliedMasks(supplied));
    const kept = await keep(context, { id, objectType, requested: supplied, inToken }, registered);
    const object = importedObject({ ...kept, tenantId, id, objectType, now, requested: kept.set }, supplied);
    if (existing === undefined) {
      changes.insert(object);
    } else {
      await keys.destroy(existing);
      changes.update({ ...object, version: existing.version });
    }
    return { uniqueIdentifier: id };
  },
});

/** What the Protection Storage Mask of the object asks for; objects that come without one go where the others are. */
function suppliedMasks(supplied: AttributeSet): ProtectionStorageMasks | undefined {
  const mask = supplied.get(attributes.protectionStorageMask);
  return mask === undefined ? undefined : { protectionStorageMask: [mask] };
}

/** The object to be replaced, or undefined. Throws KmipError where one stands that may not be replaced. */
async function existingObject(
  { inventory, demandOwner, request: { caller } }: OperationContext,
  { uniqueIdentifier, replaceExisting }: ImportRequest,
): Promise<ManagedObject | undefined> {
  if (uniqueIdentifier.length === 0 || uniqueIdentifier.length > longestIdentifier) {
    throw new KmipError("InvalidField", `a Unique Identifier has 1 to ${longestIdentifier} characters`);
  }
  const existing = await inventory.find(uniqueIdentifier);
  if (existing === undefined) return undefined;
  if (replaceExisting !== true) throw new KmipError("ObjectAlreadyExists", "an object with this identifier exists");
  if (!caller.permissions.has("destroy")) {
    throw new KmipError("PermissionDenied", "this client may not replace objects: it may not destroy them");
  }
  await demandOwner(existing);
  return existing;
}
