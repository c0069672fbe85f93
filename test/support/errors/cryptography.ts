import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DigitalSignatureAlgorithm,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  PaddingMethod,
  UsageLimitsUnit,
} from "#protocol/enums/index.js";
import { rsa, writeAs } from "../key-blocks.js";
import { instance, requested } from "../kmip-actions.js";
import {
  activeKey,
  activePair,
  asked,
  askedOf,
  keyWithoutValue,
  longAgo,
  missing,
  opaqueObject,
  privateKeyWithoutValue,
  registered,
  wrappedPublicKey,
} from "./making.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

type Ways = Parameters<typeof scenariosOf>[1];

const { Encrypt, Decrypt, MACGenerate, MACVerify, DeriveKey } = CryptographicUsageMask;
const allUses = instance(attributes.cryptographicUsageMask, Encrypt | Decrypt | MACGenerate | MACVerify);
const noUse = instance(attributes.cryptographicUsageMask, DeriveKey);
const oneByte = instance(attributes.usageLimits, { usageLimitsTotal: 1n, usageLimitsUnit: UsageLimitsUnit.Byte });
const data = Buffer.from("data of 16 bytes");

/** How the key of an operation is made, and what a request says beside it. */
interface Use {
  readonly operation: number;
  /** What does with a good key. */
  readonly payload: object;
  key(stage: Stage, ...more: readonly AttributeInstance[]): Promise<string>;
  /** One that is not active yet. */
  pendingKey(stage: Stage): Promise<string>;
  otherKey(stage: Stage): Promise<string>;
  keyWithoutValue(stage: Stage): Promise<string>;
}

/** What all cryptographic operations with a key refuse. */
function keyedWays({ operation, payload, key, pendingKey, otherKey, keyWithoutValue: absent }: Use): Ways {
  const on = (make: (stage: Stage) => Promise<string>) => async (stage: Stage) =>
    askedOf(stage, operation, await make(stage), payload);
  return {
    ObjectNotFound: (stage) => asked(stage, operation, { uniqueIdentifier: missing, ...payload }),
    InvalidObjectType: on(opaqueObject),
    IncompatibleCryptographicUsageMask: on(otherKey),
    WrongKeyLifecycleState: on(pendingKey),
    KeyValueNotPresent: on(absent),
    InvalidCorrelationValue: async (stage) =>
      askedOf(stage, operation, await key(stage), { ...payload, correlationValue: Buffer.alloc(16, 1) }),
  };
}

/** What cryptographic operations refuse for the parameters they are asked to use. */
function parameterWays({ operation, payload, key }: Use, ways: Readonly<Partial<Record<keyof Ways, object>>>): Ways {
  return Object.fromEntries(
    Object.entries(ways).map(([reason, more]) => [
      reason,
      async (stage: Stage) => askedOf(stage, operation, await key(stage), { ...payload, ...more }),
    ]),
  );
}

const ecb = { blockCipherMode: BlockCipherMode.ECB };
const cbc = { blockCipherMode: BlockCipherMode.CBC };

const symmetricUse = (operation: number, payload: object): Use => ({
  operation,
  payload,
  key: (stage, ...more) => activeKey(stage, allUses, ...more),
  pendingKey: ({ actions }) => actions.create(allUses, instance(attributes.processStartDate, 4_000_000_000)),
  otherKey: (stage) => activeKey(stage, noUse),
  keyWithoutValue: (stage) => keyWithoutValue(stage),
});

const encrypting = symmetricUse(Operation.Encrypt, { data, cryptographicParameters: ecb });
const decrypting = symmetricUse(Operation.Decrypt, { data, cryptographicParameters: ecb });
const cmac = { blockCipherMode: BlockCipherMode.CMAC };
const authenticating = symmetricUse(Operation.MAC, { data, cryptographicParameters: cmac });
const checking = symmetricUse(Operation.MACVerify, {
  data,
  macData: Buffer.alloc(16),
  cryptographicParameters: cmac,
});

const signing: Use = {
  operation: Operation.Sign,
  payload: { data },
  key: async (stage, ...more) => (await activePair(stage, ...more)).privateKeyUniqueIdentifier,
  pendingKey: async (stage) => (await pendingPair(stage)).privateKeyUniqueIdentifier,
  otherKey: async (stage) => (await activePair(stage, noUse)).privateKeyUniqueIdentifier,
  keyWithoutValue: (stage) => privateKeyWithoutValue(stage),
};

const verifying: Use = {
  operation: Operation.SignatureVerify,
  payload: { data, signatureData: Buffer.alloc(64) },
  key: async (stage, ...more) => (await activePair(stage, ...more)).publicKeyUniqueIdentifier,
  pendingKey: async (stage) => (await pendingPair(stage)).publicKeyUniqueIdentifier,
  otherKey: async (stage) => (await activePair(stage, noUse)).publicKeyUniqueIdentifier,
  keyWithoutValue: wrappedPublicKey,
};

const pendingPair = (stage: Stage) => activePair(stage, instance(attributes.activationDate, 4_000_000_000));

const strangeMode = { cryptographicParameters: { blockCipherMode: BlockCipherMode.X9_102AKW1 } };
const modeWithoutPadding = {
  cryptographicParameters: { blockCipherMode: BlockCipherMode.CTR, paddingMethod: PaddingMethod.PKCS5 },
};
const strangeHash = { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.Tiger } };
const otherAlgorithm = {
  cryptographicParameters: { cryptographicAlgorithm: CryptographicAlgorithm.RSA, paddingMethod: PaddingMethod.PSS },
};
const empty = { uniqueIdentifier: { kind: "identifier", identifier: "" } };

/** A digest of another length than its hash function gives. */
const badDigest = {
  digestedData: Buffer.alloc(20),
  cryptographicParameters: { paddingMethod: PaddingMethod.PKCS1V1_5, hashingAlgorithm: HashingAlgorithm.SHA_256 },
};

function registeredRsa(stage: Stage, objectType: number): Promise<string> {
  const isPrivate = objectType === ObjectType.PrivateKey;
  const { Sign, Verify } = CryptographicUsageMask;
  const key = { keyBlock: writeAs(rsa, objectType, isPrivate ? KeyFormatType.PKCS_8 : KeyFormatType.X_509) };
  return registered(stage, {
    objectType,
    attributes: requested(
      instance(attributes.cryptographicUsageMask, isPrivate ? Sign : Verify),
      instance(attributes.activationDate, longAgo),
    ),
    ...(isPrivate ? { privateKey: key } : { publicKey: key }),
  });
}

const usedUp =
  ({ operation, payload, key }: Use): Scenario["play"] =>
  async (stage) =>
    askedOf(stage, operation, await key(stage, oneByte), payload);

/** What goes wrong with cryptographic operations. */
export const cryptographicScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Encrypt, {
    ...keyedWays(encrypting),
    ...parameterWays(encrypting, {
      BadCryptographicParameters: modeWithoutPadding,
      UnsupportedCryptographicParameters: strangeMode,
      CryptographicFailure: { data: data.subarray(1) },
      MissingInitializationVector: { cryptographicParameters: { ...cbc, randomIV: false } },
      InvalidField: empty,
    }),
    UsageLimitExceeded: usedUp(encrypting),
  }),
  ...scenariosOf(Operation.Decrypt, {
    ...keyedWays(decrypting),
    ...parameterWays(decrypting, {
      BadCryptographicParameters: modeWithoutPadding,
      UnsupportedCryptographicParameters: strangeMode,
      CryptographicFailure: { data: data.subarray(1) },
      InvalidField: empty,
    }),
  }),
  ...scenariosOf(Operation.MAC, {
    ...keyedWays(authenticating),
    ...parameterWays(authenticating, {
      BadCryptographicParameters: { cryptographicParameters: {} },
      CryptographicFailure: { cryptographicParameters: ecb },
      InvalidField: empty,
    }),
    UsageLimitExceeded: usedUp(authenticating),
  }),
  ...scenariosOf(Operation.MACVerify, {
    ...keyedWays(checking),
    ...parameterWays(checking, {
      BadCryptographicParameters: { cryptographicParameters: {} },
      CryptographicFailure: { cryptographicParameters: ecb },
      InvalidField: empty,
    }),
  }),
  ...scenariosOf(Operation.Sign, {
    ...keyedWays(signing),
    ...parameterWays(signing, {
      BadCryptographicParameters: otherAlgorithm,
      UnsupportedCryptographicParameters: strangeHash,
      InvalidField: empty,
    }),
    CryptographicFailure: async (stage) =>
      askedOf(stage, Operation.Sign, await registeredRsa(stage, ObjectType.PrivateKey), badDigest),
    UsageLimitExceeded: usedUp(signing),
  }),
  ...scenariosOf(Operation.SignatureVerify, {
    ...keyedWays(verifying),
    ...parameterWays(verifying, {
      BadCryptographicParameters: {
        cryptographicParameters: { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.RSASSA_PSS },
      },
      UnsupportedCryptographicParameters: strangeHash,
      InvalidField: empty,
    }),
    CryptographicFailure: async (stage) =>
      askedOf(stage, Operation.SignatureVerify, await registeredRsa(stage, ObjectType.PublicKey), {
        ...badDigest,
        signatureData: Buffer.alloc(256),
      }),
  }),
  ...scenariosOf(Operation.Hash, {
    CryptographicFailure: (stage) => asked(stage, Operation.Hash, { ...strangeHash, data }),
    InvalidField: (stage) => asked(stage, Operation.Hash, { cryptographicParameters: {}, data }),
    InvalidCorrelationValue: (stage) =>
      asked(stage, Operation.Hash, {
        cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
        correlationValue: Buffer.alloc(16, 1),
        data,
      }),
  }),
  ...scenariosOf(Operation.RNGRetrieve, {
    InvalidField: (stage) => asked(stage, Operation.RNGRetrieve, { dataLength: -1 }),
  }),
  ...scenariosOf(Operation.RNGSeed, {
    InvalidField: (stage) => asked(stage, Operation.RNGSeed, { data: Buffer.alloc(0) }),
  }),
];
