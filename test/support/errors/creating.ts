import { randomBytes } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DerivationMethod,
  HashingAlgorithm,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
  SplitKeyMethod,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { testCertificate } from "../certificate-requests.js";
import { aesKey, instance, registeredAesKey, requested } from "../kmip-actions.js";
import { named } from "../kmip-client-messages.js";
import {
  activeKey,
  asked,
  freshName,
  keyWithoutValue,
  missing,
  opaqueObject,
  payloadOf,
  registered,
  strangeAttributes,
  strangeStorage,
  typeItem,
} from "./making.js";
import { makingWays, only, type PayloadWith } from "./making-ways.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

const serverAttribute = {
  name: "y-Own",
  value: { tag: Tag.AttributeValue, type: ItemType.TextString, value: "server" },
} as const;

const newKey = aesKey as (...more: readonly AttributeInstance[]) => object;
const key = randomBytes(32);
const registering = (_stage: Stage, ...more: readonly AttributeInstance[]): object =>
  registeredAesKey(key, ...more) as object;

const importing = (_stage: Stage, ...more: readonly AttributeInstance[]): object => ({
  uniqueIdentifier: `imported ${randomBytes(8).toString("hex")}`,
  objectType: ObjectType.SymmetricKey,
  attributes: more,
  symmetricKey: { keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: key } } },
});

/** An AES key in a Key Block that was wrapped, it says, in no encoding that there is. */
const strangelyEncoded = {
  keyBlock: {
    keyFormatType: KeyFormatType.Raw,
    keyValue: Buffer.alloc(40, 5),
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 256,
    keyWrappingData: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: { uniqueIdentifier: "wrapping key" },
      encodingOption: 0x80000001,
    },
  },
};

/** The payload of a Create Split Key of a new AES key. */
const splitting = (_stage: Stage, ...more: readonly AttributeInstance[]): object => ({
  objectType: ObjectType.SplitKey,
  splitKeyParts: 3,
  splitKeyThreshold: 2,
  splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8,
  attributes: requested(
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
    instance(attributes.cryptographicLength, 256),
    ...more,
  ),
});

async function partsOf({ actions }: Stage, payload: object): Promise<readonly string[]> {
  return (await actions.act<{ uniqueIdentifiers: readonly string[] }>(Operation.CreateSplitKey, undefined, payload))
    .uniqueIdentifiers;
}

const joiningOf = (parts: readonly string[], ...more: readonly AttributeInstance[]): object => ({
  objectType: ObjectType.SymmetricKey,
  uniqueIdentifiers: parts.map(named),
  attributes: requested(...more),
});

/** The only part, it says, of a key that was split in some way. */
function onePart(stage: Stage, way: object): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.SplitKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
      instance(attributes.cryptographicLength, 256),
    ),
    splitKey: {
      splitKeyParts: 1,
      keyPartIdentifier: 1,
      splitKeyThreshold: 1,
      ...way,
      keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: key } },
    },
  });
}

const joining: PayloadWith = async (stage, ...more) => joiningOf(await partsOf(stage, splitting(stage)), ...more);

const derives = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.DeriveKey);

const sha256 = { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 } };

/** The payload of a Derive Key by HMAC from an object. */
const derivingFrom = (id: string, ...more: readonly AttributeInstance[]): object => ({
  objectType: ObjectType.SecretData,
  uniqueIdentifiers: [named(id)],
  derivationMethod: DerivationMethod.HMAC,
  derivationParameters: { ...sha256, derivationData: [Buffer.from("data")] },
  attributes: requested(instance(attributes.cryptographicLength, 128), ...more),
});

const deriving: PayloadWith = async (stage, ...more) => derivingFrom(await activeKey(stage, derives), ...more);

const withParameters = (payload: object, derivationMethod: number, derivationParameters: object): object => ({
  ...payload,
  derivationMethod,
  derivationParameters: { derivationData: [], ...derivationParameters },
});

/** A private key in a PKCS#12 container, opened by what the link names. */
const container = (password: string): object => ({
  objectType: ObjectType.PrivateKey,
  attributes: requested(
    instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign),
    instance(attributes.link, {
      linkType: LinkType.PKCS_12PasswordLink,
      linkedObjectIdentifier: { kind: "identifier", identifier: password },
    }),
  ),
  privateKey: { keyBlock: { keyFormatType: KeyFormatType.PKCS_12, keyValue: { keyMaterial: Buffer.alloc(16) } } },
});

/** What goes wrong with operations that make keys or take them in. */
export const creatingScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Create, {
    ...makingWays(Operation.Create, (_stage, ...more) => newKey(...more)),
    InvalidObjectType: (stage) => asked(stage, Operation.Create, { ...newKey(), objectType: ObjectType.OpaqueObject }),
    ProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.Create, { ...newKey(), protectionStorageMasks: strangeStorage }),
    ReadOnlyAttribute: (stage) => asked(stage, Operation.Create, newKey(serverAttribute)),
    UnsupportedAttribute: (stage) =>
      asked(stage, Operation.Create, payloadOf(typeItem(ObjectType.SymmetricKey), strangeAttributes)),
    InvalidField: (stage) =>
      asked(stage, Operation.Create, { objectType: ObjectType.SymmetricKey, attributes: requested() }),
  }),
  ...scenariosOf(Operation.Register, {
    ...makingWays(Operation.Register, registering),
    BadPassword: async (stage) => asked(stage, Operation.Register, container(await opaqueObject(stage))),
    EncodingOptionError: (stage) =>
      asked(stage, Operation.Register, { ...registering(stage), symmetricKey: strangelyEncoded }),
    InvalidObjectType: (stage) =>
      asked(stage, Operation.Register, { ...registering(stage), objectType: ObjectType.Template }),
    InvalidField: (stage) =>
      asked(stage, Operation.Register, { ...registering(stage), objectType: ObjectType.OpaqueObject }),
    ProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.Register, { ...registering(stage), protectionStorageMasks: strangeStorage }),
  }),
  ...scenariosOf(Operation.Import, {
    ...makingWays(Operation.Import, importing),
    InvalidAttributeValue: async (stage) => {
      const { der } = await testCertificate({ subject: "/CN=imported" });
      return asked(stage, Operation.Import, {
        uniqueIdentifier: freshName(),
        objectType: ObjectType.Certificate,
        attributes: [instance(attributes.certificateLength, 1)],
        certificate: { certificateType: CertificateType.X_509, certificateValue: der },
      });
    },
    AttributeReadOnly: (stage) =>
      asked(stage, Operation.Import, importing(stage, instance(attributes.objectType, ObjectType.OpaqueObject))),
    EncodingOptionError: (stage) =>
      asked(stage, Operation.Import, { ...importing(stage), symmetricKey: strangelyEncoded }),
    InvalidField: (stage) => asked(stage, Operation.Import, { ...importing(stage), uniqueIdentifier: "" }),
    ObjectAlreadyExists: async (stage) =>
      asked(stage, Operation.Import, { ...importing(stage), uniqueIdentifier: await stage.actions.create() }),
    ProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.Import, importing(stage, instance(attributes.protectionStorageMask, 16))),
  }),
  ...scenariosOf(Operation.CreateSplitKey, {
    ...only(
      makingWays(Operation.CreateSplitKey, splitting),
      "InvalidAttribute",
      "InvalidAttributeValue",
      "NonUniqueNameAttribute",
      "ServerLimitExceeded",
    ),
    BadCryptographicParameters: (stage) =>
      asked(stage, Operation.CreateSplitKey, { ...splitting(stage), splitKeyMethod: SplitKeyMethod.XOR }),
    CryptographicFailure: (stage) =>
      asked(stage, Operation.CreateSplitKey, {
        ...splitting(stage),
        splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField,
        primeFieldSize: 257n,
      }),
    InvalidField: (stage) => asked(stage, Operation.CreateSplitKey, { ...splitting(stage), splitKeyThreshold: 4 }),
    InvalidObjectType: (stage) =>
      asked(stage, Operation.CreateSplitKey, { ...splitting(stage), objectType: ObjectType.SymmetricKey }),
    ItemNotFound: (stage) => asked(stage, Operation.CreateSplitKey, { ...splitting(stage), uniqueIdentifier: missing }),
    ProtectionStorageUnavailable: (stage) =>
      asked(stage, Operation.CreateSplitKey, { ...splitting(stage), protectionStorageMasks: strangeStorage }),
    UnsupportedCryptographicParameters: (stage) =>
      asked(stage, Operation.CreateSplitKey, { ...splitting(stage), splitKeyMethod: 0x80000001 }),
  }),
  ...scenariosOf(Operation.JoinSplitKey, {
    ...makingWays(Operation.JoinSplitKey, joining),
    BadCryptographicParameters: async (stage) =>
      asked(
        stage,
        Operation.JoinSplitKey,
        joiningOf([
          await onePart(stage, { splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField, primeFieldSize: 255n }),
        ]),
      ),
    UnsupportedCryptographicParameters: async (stage) =>
      asked(stage, Operation.JoinSplitKey, joiningOf([await onePart(stage, { splitKeyMethod: 0x80000001 })])),
    CryptographicFailure: async (stage) =>
      asked(stage, Operation.JoinSplitKey, joiningOf((await partsOf(stage, splitting(stage))).slice(0, 1))),
    InvalidField: (stage) => asked(stage, Operation.JoinSplitKey, joiningOf([""])),
    InvalidObjectType: async (stage) => asked(stage, Operation.JoinSplitKey, joiningOf([await stage.actions.create()])),
    ObjectNotFound: (stage) => asked(stage, Operation.JoinSplitKey, { ...joiningOf([]), uniqueIdentifiers: [missing] }),
    ProtectionStorageUnavailable: async (stage) =>
      asked(stage, Operation.JoinSplitKey, {
        ...(await joining(stage)),
        protectionStorageMasks: strangeStorage,
      }),
  }),
  ...scenariosOf(Operation.DeriveKey, {
    ...only(makingWays(Operation.DeriveKey, deriving), "InvalidAttribute", "NonUniqueNameAttribute"),
    BadCryptographicParameters: async (stage) =>
      asked(
        stage,
        Operation.DeriveKey,
        withParameters(await deriving(stage), DerivationMethod.HMAC, { derivationData: [Buffer.from("data")] }),
      ),
    CryptographicFailure: async (stage) =>
      asked(stage, Operation.DeriveKey, {
        ...withParameters(await deriving(stage), DerivationMethod.HASH, sha256),
        attributes: requested(instance(attributes.cryptographicLength, 8192)),
      }),
    IncompatibleCryptographicUsageMask: async (stage) =>
      asked(stage, Operation.DeriveKey, derivingFrom(await activeKey(stage))),
    InvalidObjectType: async (stage) => asked(stage, Operation.DeriveKey, derivingFrom(await opaqueObject(stage))),
    InvalidField: async (stage) => {
      const id = await activeKey(stage, derives);
      return asked(stage, Operation.DeriveKey, { ...derivingFrom(id), uniqueIdentifiers: [named(id), named(id)] });
    },
    KeyValueNotPresent: async (stage) => asked(stage, Operation.DeriveKey, derivingFrom(await keyWithoutValue(stage))),
    ObjectNotFound: (stage) => asked(stage, Operation.DeriveKey, { ...derivingFrom(""), uniqueIdentifiers: [missing] }),
    UnsupportedCryptographicParameters: async (stage) =>
      asked(
        stage,
        Operation.DeriveKey,
        withParameters(await deriving(stage), DerivationMethod.HMAC, {
          cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.Tiger },
          derivationData: [Buffer.from("data")],
        }),
      ),
    WrongKeyLifecycleState: async (stage) =>
      asked(stage, Operation.DeriveKey, derivingFrom(await stage.actions.create(derives))),
  }),
];
