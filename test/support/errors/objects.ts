import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicUsageMask,
  KeyCompressionType,
  KeyFormatType,
  KeyWrapType,
  Operation,
  UsageLimitsUnit,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { instance } from "../kmip-actions.js";
import {
  activeKey,
  archivedKey,
  asked,
  askedOf,
  deactivatedKey,
  destroyedKey,
  gone,
  identifierItem,
  keyWithoutValue,
  missing,
  opaqueObject,
  payloadOf,
  strangeReference,
  wrappedKey,
} from "./making.js";
import { type Scenario, scenariosOf } from "./scenario.js";

const wrappingMask = instance(
  attributes.cryptographicUsageMask,
  CryptographicUsageMask.WrapKey | CryptographicUsageMask.Encrypt,
);

const wrappedWith = (uniqueIdentifier: string, more: object = {}): object => ({
  keyWrappingSpecification: {
    wrappingMethod: WrappingMethod.Encrypt,
    encryptionKeyInformation: { uniqueIdentifier },
    attributeNames: [],
    ...more,
  },
});

/** Get and Export share what they refuse. */
const givingWays = (operation: number): Parameters<typeof scenariosOf>[1] => ({
  ObjectNotFound: (stage) => asked(stage, operation, { uniqueIdentifier: missing }),
  KeyValueNotPresent: async (stage) =>
    askedOf(stage, operation, await keyWithoutValue(stage), { keyFormatType: KeyFormatType.TransparentSymmetricKey }),
  KeyFormatTypeNotSupported: async (stage) =>
    askedOf(stage, operation, await stage.actions.create(), { keyFormatType: KeyFormatType.PKCS_1 }),
  KeyCompressionTypeNotSupported: async (stage) =>
    askedOf(stage, operation, await stage.actions.create(), {
      keyCompressionType: KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime,
    }),
  InvalidObjectType: async (stage) =>
    askedOf(stage, operation, await opaqueObject(stage), wrappedWith(await activeKey(stage, wrappingMask))),
  IncompatibleCryptographicUsageMask: async (stage) =>
    askedOf(stage, operation, await stage.actions.create(), wrappedWith(await activeKey(stage))),
  WrappingObjectNotFound: async (stage) => askedOf(stage, operation, await stage.actions.create(), wrappedWith(gone)),
  WrappingObjectDestroyed: async (stage) =>
    askedOf(stage, operation, await stage.actions.create(), wrappedWith(await destroyedKey(stage))),
  WrappingObjectArchived: async (stage) =>
    askedOf(stage, operation, await stage.actions.create(), wrappedWith(await archivedKey(stage))),
  BadCryptographicParameters: async (stage) =>
    askedOf(
      stage,
      operation,
      await stage.actions.create(),
      wrappedWith(await activeKey(stage, wrappingMask), {
        encryptionKeyInformation: {
          uniqueIdentifier: await activeKey(
            stage,
            wrappingMask,
            instance(attributes.cryptographicParameters, { blockCipherMode: BlockCipherMode.NISTKeyWrap }),
          ),
          cryptographicParameters: { blockCipherMode: BlockCipherMode.CTR },
        },
      }),
    ),
  EncodingOptionError: async (stage) =>
    askedOf(
      stage,
      operation,
      await stage.actions.create(),
      wrappedWith(await activeKey(stage, wrappingMask), { encodingOption: 1, attributeNames: ["Name"] }),
    ),
  KeyWrapTypeNotSupported: async (stage) => {
    const wrapping = wrappedWith(await activeKey(stage, wrappingMask));
    return askedOf(stage, operation, await wrappedKey(stage), {
      ...wrapping,
      keyWrapType: KeyWrapType.AsRegistered,
    });
  },
});

const limited = (count: bigint) =>
  instance(attributes.usageLimits, { usageLimitsTotal: count, usageLimitsUnit: UsageLimitsUnit.Byte });

/** What goes wrong with operations on objects as a whole. */
export const objectScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Activate, {
    ObjectNotFound: (stage) => asked(stage, Operation.Activate, { uniqueIdentifier: missing }),
    WrongKeyLifecycleState: async (stage) => askedOf(stage, Operation.Activate, await deactivatedKey(stage)),
  }),
  ...scenariosOf(Operation.Archive, {
    ObjectNotFound: (stage) => asked(stage, Operation.Archive, { uniqueIdentifier: missing }),
    ObjectArchived: async (stage) => askedOf(stage, Operation.Archive, await archivedKey(stage)),
  }),
  ...scenariosOf(Operation.Recover, {
    ObjectNotFound: (stage) => asked(stage, Operation.Recover, { uniqueIdentifier: missing }),
  }),
  ...scenariosOf(Operation.Check, {
    ObjectNotFound: (stage) => asked(stage, Operation.Check, { uniqueIdentifier: missing }),
    IllegalObjectType: async (stage) =>
      askedOf(stage, Operation.Check, await opaqueObject(stage), { usageLimitsCount: 1n }),
    IncompatibleCryptographicUsageMask: async (stage) =>
      askedOf(stage, Operation.Check, await activeKey(stage), {
        cryptographicUsageMask: CryptographicUsageMask.Sign,
      }),
    UsageLimitExceeded: async (stage) =>
      askedOf(stage, Operation.Check, await activeKey(stage, limited(10n)), { usageLimitsCount: 11n }),
  }),
  ...scenariosOf(Operation.Destroy, {
    ObjectNotFound: (stage) => asked(stage, Operation.Destroy, { uniqueIdentifier: missing }),
    ObjectDestroyed: async (stage) => askedOf(stage, Operation.Destroy, await destroyedKey(stage)),
    WrongKeyLifecycleState: async (stage) => askedOf(stage, Operation.Destroy, await activeKey(stage)),
  }),
  ...scenariosOf(Operation.Revoke, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.Revoke, { uniqueIdentifier: missing, revocationReason: { revocationReasonCode: 1 } }),
    WrongKeyLifecycleState: async (stage) =>
      askedOf(stage, Operation.Revoke, await stage.actions.create(), {
        revocationReason: { revocationReasonCode: 6 },
      }),
  }),
  ...scenariosOf(Operation.GetUsageAllocation, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.GetUsageAllocation, { uniqueIdentifier: missing, usageLimitsCount: 1n }),
    AttributeNotFound: async (stage) =>
      askedOf(stage, Operation.GetUsageAllocation, await activeKey(stage), { usageLimitsCount: 1n }),
    InvalidObjectType: async (stage) =>
      askedOf(stage, Operation.GetUsageAllocation, await opaqueObject(stage), { usageLimitsCount: 1n }),
    UsageLimitExceeded: async (stage) =>
      askedOf(stage, Operation.GetUsageAllocation, await activeKey(stage, limited(10n)), { usageLimitsCount: 11n }),
  }),
  ...scenariosOf(Operation.ObtainLease, {
    ObjectNotFound: (stage) => asked(stage, Operation.ObtainLease, { uniqueIdentifier: missing }),
    UsageLimitExceeded: async (stage) => {
      const encrypting = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Encrypt);
      const id = await activeKey(stage, encrypting, limited(1n));
      await stage.actions.act(Operation.GetUsageAllocation, id, { usageLimitsCount: 1n });
      return askedOf(stage, Operation.ObtainLease, id);
    },
  }),
  ...scenariosOf(Operation.Get, {
    ...givingWays(Operation.Get),
    Sensitive: async (stage) =>
      askedOf(stage, Operation.Get, await stage.actions.create(instance(attributes.sensitive, true))),
    NotExtractable: async (stage) =>
      askedOf(stage, Operation.Get, await stage.actions.create(instance(attributes.extractable, false))),
  }),
  ...scenariosOf(Operation.Export, givingWays(Operation.Export)),
  ...scenariosOf(Operation.GetAttributes, {
    ObjectNotFound: (stage) => asked(stage, Operation.GetAttributes, { uniqueIdentifier: missing, attributeNames: [] }),
    InvalidAttribute: async (stage) => {
      const id = await stage.actions.create();
      return asked(stage, Operation.GetAttributes, payloadOf(identifierItem(id), strangeReference));
    },
  }),
  ...scenariosOf(Operation.Locate, {
    InvalidAttribute: (stage) =>
      asked(stage, Operation.Locate, {
        attributes: [1, 2, 3].map((date) => instance(attributes.initialDate, date)),
      }),
    InvalidField: (stage) => asked(stage, Operation.Locate, { maximumItems: -1, attributes: [] }),
  }),
  ...scenariosOf(Operation.GetAttributeList, {
    ObjectNotFound: (stage) => asked(stage, Operation.GetAttributeList, { uniqueIdentifier: missing }),
  }),
];
