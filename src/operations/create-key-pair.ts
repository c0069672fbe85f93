import { ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { createKeyPairRequest, createKeyPairResponse } from "#protocol/payloads/create-key-pair.js";
import { defineOperation } from "./contract/operation.js";
import { makeKeyPair } from "./making/key-pair.js";
import { acceptRequested, wantsPairInToken } from "./making/requested.js";

/** Create Key Pair (KMIP 2.1 §6.1.9): both halves made in the tenant's partition and linked to each other. */
export const createKeyPair = defineOperation({
  code: Operation.CreateKeyPair,
  name: "Create Key Pair",
  versions: {},
  request: createKeyPairRequest,
  response: createKeyPairResponse,
  permission: "create",
  twoXReasons: { ReadOnlyAttribute: "AttributeReadOnly", UnsupportedAttribute: "InvalidAttribute" },
  asynchrony: "long",
  placeholder: ({ privateKeyUniqueIdentifier, publicKeyUniqueIdentifier }) => ({
    current: privateKeyUniqueIdentifier,
    named: new Map([
      [UniqueIdentifier.CreateKeyPair, privateKeyUniqueIdentifier],
      [UniqueIdentifier.CreateKeyPairPrivateKey, privateKeyUniqueIdentifier],
      [UniqueIdentifier.CreateKeyPairPublicKey, publicKeyUniqueIdentifier],
    ]),
  }),
  async run(context, request) {
    const { commonAttributes, privateKeyAttributes, publicKeyAttributes } = request;
    const privateRequested = acceptRequested(context, ObjectType.PrivateKey, commonAttributes, privateKeyAttributes);
    const publicRequested = acceptRequested(context, ObjectType.PublicKey, commonAttributes, publicKeyAttributes);
    const inToken = wantsPairInToken(privateRequested, request);
    const pair = await makeKeyPair(context, { privateRequested, publicRequested, inToken });
    context.changes.insert(pair.privateKey);
    context.changes.insert(pair.publicKey);
    return { privateKeyUniqueIdentifier: pair.privateKey.id, publicKeyUniqueIdentifier: pair.publicKey.id };
  },
});
