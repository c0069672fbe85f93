import { type AttributeDefinition, attributes } from "#protocol/attributes/definitions.js";
import type { RequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  NameType,
  ObjectType,
  Operation,
  RevocationReasonCode,
} from "#protocol/enums/index.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import { askFor, named, type Requester } from "./kmip-client-messages.js";

/** One attribute with its value. */
export function instance<T>(definition: AttributeDefinition<T>, value: T): AttributeInstance {
  return { name: definition.name, value };
}

/** Attributes of an object to be made. */
export function requested(...list: readonly AttributeInstance[]): RequestedAttributes {
  return { attributes: list, templates: [] };
}

/** A Name attribute. */
export function nameOf(nameValue: string): AttributeInstance {
  return instance(attributes.name, { nameValue, nameType: NameType.UninterpretedTextString });
}

const encrypting = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;

/** AES-GCM with a whole tag and an initialisation vector of the server. */
export const gcm = { blockCipherMode: BlockCipherMode.GCM, tagLength: 16, randomIV: true };

/** The payload of a Create of an AES-256 key for encryption, with more attributes or others in their place. */
export function aesKey(...more: readonly AttributeInstance[]): unknown {
  const usual = [
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
    instance(attributes.cryptographicLength, 256),
    instance(attributes.cryptographicUsageMask, encrypting),
  ].filter(({ name }) => !more.some((other) => other.name === name));
  return { objectType: ObjectType.SymmetricKey, attributes: requested(...usual, ...more) };
}

/** The payload of a Register of an AES key of these bytes. */
export function registeredAesKey(keyMaterial: Buffer, ...more: readonly AttributeInstance[]): unknown {
  return {
    objectType: ObjectType.SymmetricKey,
    attributes: requested(instance(attributes.cryptographicUsageMask, encrypting), ...more),
    symmetricKey: {
      keyBlock: {
        keyFormatType: KeyFormatType.Raw,
        keyValue: { keyMaterial },
        cryptographicAlgorithm: CryptographicAlgorithm.AES,
        cryptographicLength: keyMaterial.length * 8,
      },
    },
  };
}

/** Does one thing that must succeed with one object. Gives the payload of the answer. */
export type Act = <T = Readonly<Record<string, unknown>>>(
  operation: number,
  id: string | undefined,
  more?: object,
) => Promise<T>;

/** What a client can do in one version. */
export interface Actions {
  readonly act: Act;
  /** Gives the identifier of a new AES key. */
  create(...more: readonly AttributeInstance[]): Promise<string>;
  /** The values of an attribute of an object, in order. */
  values<T>(id: string, definition: AttributeDefinition<T>): Promise<readonly T[]>;
  /** The first value, or undefined. */
  value<T>(id: string, definition: AttributeDefinition<T>): Promise<T | undefined>;
  activate(id: string): Promise<void>;
  revoke(id: string, code?: number): Promise<void>;
  destroy(id: string): Promise<void>;
  locate(...filters: readonly AttributeInstance[]): Promise<readonly string[]>;
}

/** What a client does most, in the words of one version. */
export function actionsOf(client: Requester, version: ProtocolVersion): Actions {
  const act: Act = (operation, id, more = {}) =>
    askFor(client, version, operation, id === undefined ? more : { uniqueIdentifier: named(id), ...more });
  const values = async <T>(id: string, { name }: AttributeDefinition<T>): Promise<readonly T[]> => {
    const told = await act<{ attributes: readonly AttributeInstance[] }>(Operation.GetAttributes, id, {
      attributeNames: [name],
    });
    return told.attributes.map(({ value }) => value as T);
  };
  return {
    act,
    values,
    value: async (id, definition) => (await values(id, definition))[0],
    create: async (...more) =>
      (await askFor<{ uniqueIdentifier: string }>(client, version, Operation.Create, aesKey(...more))).uniqueIdentifier,
    activate: async (id) => {
      await act(Operation.Activate, id);
    },
    revoke: async (id, revocationReasonCode = RevocationReasonCode.CessationOfOperation) => {
      await act(Operation.Revoke, id, { revocationReason: { revocationReasonCode } });
    },
    destroy: async (id) => {
      await act(Operation.Destroy, id);
    },
    locate: async (...filters) =>
      (await act<{ uniqueIdentifiers: readonly string[] }>(Operation.Locate, undefined, { attributes: filters }))
        .uniqueIdentifiers,
  };
}
