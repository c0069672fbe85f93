import { LinkType, ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { reKeyKeyPairRequest, reKeyKeyPairResponse } from "#protocol/payloads/re-key-key-pair.js";
import { V1_1 } from "#protocol/versions.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { makeKeyPair } from "./making/key-pair.js";
import { linkOf } from "./making/links.js";
import { checkSameKind, replaced, replacementAttributes, replacing } from "./making/replacement.js";
import { acceptGiven, wantsPairInToken } from "./making/requested.js";

/** Re-key Key Pair (KMIP 2.1 §6.1.47): a new pair in the place of an old one, half for half. */
export const reKeyKeyPair = defineOperation({
  code: Operation.ReKeyKeyPair,
  name: "Re-key Key Pair",
  versions: { since: V1_1 },
  request: reKeyKeyPairRequest,
  response: reKeyKeyPairResponse,
  permission: "create",
  oneXReasons: { InvalidObjectType: "PermissionDenied" },
  asynchrony: "long",
  target: {
    naming: ({ privateKeyUniqueIdentifier }) => privateKeyUniqueIdentifier,
    objectTypes: new Set([ObjectType.PrivateKey]),
  },
  placeholder: ({ privateKeyUniqueIdentifier, publicKeyUniqueIdentifier }) => ({
    current: privateKeyUniqueIdentifier,
    named: new Map([
      [UniqueIdentifier.ReKeyKeyPair, privateKeyUniqueIdentifier],
      [UniqueIdentifier.ReKeyKeyPairPrivateKey, privateKeyUniqueIdentifier],
      [UniqueIdentifier.ReKeyKeyPairPublicKey, publicKeyUniqueIdentifier],
    ]),
  }),
  async run(context, request) {
    const { target, now, changes } = context;
    const { custody } = materialOf(target);
    const publicHalf = await publicHalfOf(context, target);
    const times = { now, offset: request.offset };
    const half = ({ objectType, attributes: old }: ManagedObject, own: typeof request.privateKeyAttributes) => {
      const given = acceptGiven(objectType, request.commonAttributes, own);
      checkSameKind(old, given);
      return replacementAttributes({ objectType, old, given }, times);
    };
    const privateRequested = half(target, request.privateKeyAttributes);
    const publicRequested = half(publicHalf, request.publicKeyAttributes);
    const inToken = wantsPairInToken(privateRequested, request) || custody === "token";
    const made = await makeKeyPair(context, { privateRequested, publicRequested, inToken });
    changes.update(replaced(target, made.privateKey.id, now));
    changes.update(replaced(publicHalf, made.publicKey.id, now));
    changes.insert(replacing(made.privateKey, target));
    changes.insert(replacing(made.publicKey, publicHalf));
    return { privateKeyUniqueIdentifier: made.privateKey.id, publicKeyUniqueIdentifier: made.publicKey.id };
  },
});

/** The public key that the private key links to; it may be destroyed, as its attributes are still there. */
async function publicHalfOf(context: OperationContext, privateKey: ManagedObject): Promise<ManagedObject> {
  const identifier = linkOf(privateKey, LinkType.PublicKeyLink);
  if (identifier === undefined) throw new KmipError("PermissionDenied", "the private key is linked to no public key");
  const rules = { objectTypes: new Set([ObjectType.PublicKey]), destroyedAllowed: true };
  return context.named({ kind: "identifier", identifier }, rules);
}
