import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { createSplitKeyRequest, createSplitKeyResponse } from "#protocol/payloads/create-split-key.js";
import { V1_2 } from "#protocol/versions.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, type ObjectRules, placeholderFor } from "./contract/operation.js";
import { demandSoftware, withPlaintext } from "./cryptography/process-memory.js";
import { acceptBrought, acceptRequested, wantsToken } from "./making/requested.js";
import { splitIntoParts } from "./splitting/parts.js";
import { newSecret } from "./splitting/secret-to-split.js";

/** What may be split (KMIP 2.1 §2.8). */
const splittable: ObjectRules = {
  objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PrivateKey, ObjectType.SecretData]),
};

/** Create Split Key (KMIP 2.1 §6.1.10): a new symmetric key, or a key that is here, in parts that are objects each. */
export const createSplitKey = defineOperation({
  code: Operation.CreateSplitKey,
  name: "Create Split Key",
  versions: { since: V1_2 },
  request: createSplitKeyRequest,
  response: createSplitKeyResponse,
  permission: "create",
  twoXReasons: {
    AttributeReadOnly: "InvalidAttribute",
    AttributeSingleValued: "InvalidAttribute",
    ObjectNotFound: "ItemNotFound",
    ReadOnlyAttribute: "InvalidAttribute",
    UnsupportedAttribute: "InvalidAttribute",
  },
  placeholder: ({ uniqueIdentifiers: [first] }) =>
    first === undefined ? {} : placeholderFor(UniqueIdentifier.CreateSplitKey, first),
  async run(context, request) {
    if (request.objectType !== ObjectType.SplitKey) {
      throw new KmipError("InvalidObjectType", "Create Split Key makes split keys");
    }
    const accept = request.uniqueIdentifier === undefined ? acceptRequested : acceptBrought;
    const requested = accept(context, ObjectType.SplitKey, request.attributes);
    // The parts are kept outside the token, which has no arithmetic for them.
    if (wantsToken(requested, request.protectionStorageMasks)) {
      throw new KmipError("ProtectionStorageUnavailable", "the parts of a key are in Software protection");
    }
    demandSoftware(context);
    if (isConfined(requested)) {
      throw new KmipError(
        "PermissionDenied",
        "parts are made in the memory of the server, where none may be that is Sensitive or not Extractable",
      );
    }
    const { uniqueIdentifier } = request;
    if (uniqueIdentifier === undefined) {
      const secret = await newSecret(context, requested);
      return { uniqueIdentifiers: await splitIntoParts(context, request, { requested, secret, isNew: true }) };
    }
    const key = await context.named(uniqueIdentifier, splittable);
    return { uniqueIdentifiers: await splitExisting(context, request, requested, key) };
  },
});

function splitExisting(
  context: OperationContext,
  request: Parameters<typeof splitIntoParts>[1],
  requested: AttributeSet,
  key: ManagedObject,
): Promise<readonly string[]> {
  const set = withAttributesOf(key, requested);
  return withPlaintext(context, key, (plaintext) =>
    splitIntoParts(context, request, { requested: set, secret: Buffer.from(plaintext), isNew: false }),
  );
}

/** The attributes of the key take precedence over those of the request (KMIP 2.1 §6.1.10). */
function withAttributesOf({ attributes: own }: ManagedObject, requested: AttributeSet): AttributeSet {
  return requested
    .with(attributes.cryptographicAlgorithm, own.get(attributes.cryptographicAlgorithm))
    .with(attributes.cryptographicLength, own.get(attributes.cryptographicLength))
    .with(attributes.cryptographicUsageMask, own.get(attributes.cryptographicUsageMask));
}
