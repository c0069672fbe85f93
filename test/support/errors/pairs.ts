import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { Operation, ProtectionStorageMask } from "#protocol/enums/index.js";
import { instance, requested } from "../kmip-actions.js";
import { named } from "../kmip-client-messages.js";
import {
  activePair,
  asked,
  askedOf,
  keyWithoutValue,
  missing,
  opaqueObject,
  pairWith,
  privateKeyWithoutValue,
  strangeStorage,
} from "./making.js";
import { makingWays } from "./making-ways.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

const inHardware = { protectionStorageMask: [ProtectionStorageMask.Hardware] };

const pairing = (_stage: Stage, ...more: readonly AttributeInstance[]): object => pairWith(...more);

const replacing = (id: string, more: object = {}): object => ({ privateKeyUniqueIdentifier: named(id), ...more });

async function privateKey(stage: Stage): Promise<string> {
  return (await activePair(stage)).privateKeyUniqueIdentifier;
}

/** What goes wrong with operations that make key pairs, and with those that make new keys in the place of old ones. */
export const pairScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.CreateKeyPair, {
    ...makingWays(Operation.CreateKeyPair, pairing),
    InvalidField: (stage) =>
      asked(stage, Operation.CreateKeyPair, {
        commonAttributes: requested(),
        privateKeyAttributes: requested(),
        publicKeyAttributes: requested(),
      }),
    PrivateProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.CreateKeyPair, { ...pairWith(), privateProtectionStorageMasks: strangeStorage }),
    PublicProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.CreateKeyPair, { ...pairWith(), publicProtectionStorageMasks: inHardware }),
  }),
  ...scenariosOf(Operation.ReKey, {
    InvalidField: async (stage) =>
      askedOf(stage, Operation.ReKey, await stage.actions.create(), {
        attributes: requested(instance(attributes.cryptographicLength, 128)),
      }),
    InvalidObjectType: async (stage) => askedOf(stage, Operation.ReKey, await opaqueObject(stage)),
    KeyValueNotPresent: async (stage) => askedOf(stage, Operation.ReKey, await keyWithoutValue(stage)),
    ObjectNotFound: (stage) => asked(stage, Operation.ReKey, { uniqueIdentifier: missing }),
    ProtectionStorageUnavailable: async (stage) =>
      askedOf(stage, Operation.ReKey, await stage.actions.create(), { protectionStorageMasks: strangeStorage }),
  }),
  ...scenariosOf(Operation.ReKeyKeyPair, {
    InvalidField: async (stage) =>
      asked(
        stage,
        Operation.ReKeyKeyPair,
        replacing(await privateKey(stage), {
          commonAttributes: requested(instance(attributes.cryptographicLength, 384)),
        }),
      ),
    InvalidObjectType: async (stage) => asked(stage, Operation.ReKeyKeyPair, replacing(await stage.actions.create())),
    KeyValueNotPresent: async (stage) =>
      asked(stage, Operation.ReKeyKeyPair, replacing(await privateKeyWithoutValue(stage))),
    ObjectNotFound: (stage) => asked(stage, Operation.ReKeyKeyPair, { privateKeyUniqueIdentifier: missing }),
    PrivateProtectionStorageUnavailable: async (stage) =>
      asked(
        stage,
        Operation.ReKeyKeyPair,
        replacing(await privateKey(stage), { privateProtectionStorageMasks: strangeStorage }),
      ),
    PublicProtectionStorageUnavailable: async (stage) =>
      asked(
        stage,
        Operation.ReKeyKeyPair,
        replacing(await privateKey(stage), { publicProtectionStorageMasks: inHardware }),
      ),
  }),
];
