import { ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import {
  type JoinSplitKeyRequest,
  joinSplitKeyRequest,
  joinSplitKeyResponse,
} from "#protocol/payloads/join-split-key.js";
import { V1_2 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation, type ObjectRules, placeholderFor } from "./contract/operation.js";
import { demandSoftware } from "./cryptography/process-memory.js";
import { acceptBrought, wantsToken } from "./making/requested.js";
import { joinParts } from "./splitting/join-parts.js";
import { joinedObject } from "./splitting/joined-object.js";
import { mostParts } from "./splitting/sharing-for.js";

const joinable: ObjectRules = { objectTypes: new Set([ObjectType.SplitKey]) };

/** Object Types that parts are joined to. */
const joined: ReadonlySet<number> = new Set([ObjectType.SymmetricKey, ObjectType.PrivateKey, ObjectType.SecretData]);

/** Join Split Key (KMIP 2.1 §6.1.27): a key out of at least a threshold of its parts. */
export const joinSplitKey = defineOperation({
  code: Operation.JoinSplitKey,
  name: "Join Split Key",
  versions: { since: V1_2 },
  request: joinSplitKeyRequest,
  response: joinSplitKeyResponse,
  permission: "create",
  twoXReasons: { ReadOnlyAttribute: "AttributeReadOnly", UnsupportedAttribute: "InvalidAttribute" },
  target: { naming: ({ uniqueIdentifiers }) => uniqueIdentifiers[0], ...joinable },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.JoinSplitKey, uniqueIdentifier),
  async run(context, request) {
    const { objectType } = request;
    if (!joined.has(objectType)) throw new KmipError("InvalidObjectType", "parts are not joined to such an object");
    demandSoftware(context);
    const requested = acceptBrought(context, objectType, request.attributes);
    const inToken = wantsToken(requested, request.protectionStorageMasks);
    const parts = await partsOf(context, request);
    const secret = await joinParts(context, parts);
    const { secretDataType } = request;
    const object = await joinedObject(context, { objectType, requested, inToken, parts, secret, secretDataType });
    context.changes.insert(object);
    return { uniqueIdentifier: object.id };
  },
});

async function partsOf(
  context: OperationContext,
  { uniqueIdentifiers }: JoinSplitKeyRequest,
): Promise<readonly ManagedObject[]> {
  if (uniqueIdentifiers.length > mostParts) {
    throw new KmipError("ServerLimitExceeded", `a key has at most ${mostParts} parts here`);
  }
  const others: ManagedObject[] = [];
  for (const naming of uniqueIdentifiers.slice(1)) others.push(await context.named(naming, joinable));
  return [context.target, ...others];
}
