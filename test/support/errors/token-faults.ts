import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, Operation } from "#protocol/enums/index.js";
import { aesKey, instance } from "../kmip-actions.js";
import { named } from "../kmip-client-messages.js";
import { asked, askedOf, pairWith } from "./making.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

/** The object of a type that was made while the token was whole. */
async function madeBefore({ actions }: Stage, objectType: number): Promise<string> {
  const [id] = await actions.locate(instance(attributes.objectType, objectType));
  if (id === undefined) throw new RangeError("there is no such object");
  return id;
}

/** What fails where the token has lost its key-encryption key. */
export const lostKeyScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Create, { CryptographicFailure: (stage) => asked(stage, Operation.Create, aesKey()) }),
  ...scenariosOf(Operation.CreateKeyPair, {
    CryptographicFailure: (stage) => asked(stage, Operation.CreateKeyPair, pairWith()),
  }),
  ...scenariosOf(Operation.ReKey, {
    CryptographicFailure: async (stage) =>
      askedOf(stage, Operation.ReKey, await madeBefore(stage, ObjectType.SymmetricKey)),
  }),
  ...scenariosOf(Operation.ReKeyKeyPair, {
    CryptographicFailure: async (stage) =>
      asked(stage, Operation.ReKeyKeyPair, {
        privateKeyUniqueIdentifier: named(await madeBefore(stage, ObjectType.PrivateKey)),
      }),
  }),
];

/** What fails where the token is gone. */
export const lostTokenScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.RNGRetrieve, {
    CryptographicFailure: (stage) => asked(stage, Operation.RNGRetrieve, { dataLength: 16 }),
  }),
  ...scenariosOf(Operation.RNGSeed, {
    CryptographicFailure: (stage) => asked(stage, Operation.RNGSeed, { data: Buffer.alloc(16) }),
  }),
];
