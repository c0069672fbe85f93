import { randomBytes } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  EncodingOption,
  KeyFormatType,
  ObjectType,
  Operation,
  ProtectionStorageMask,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { instance, nameOf, requested } from "../kmip-actions.js";
import { type Answered, ask, named, structureItem } from "../kmip-client-messages.js";
import type { Stage } from "./scenario.js";

/** An identifier that no object has. */
export const gone = "00000000-0000-4000-8000-000000000000";

/** The same, as requests name objects. */
export const missing = named(gone);

/** Asks one thing of 2.1. */
export function asked({ client }: Stage, operation: number, payload: unknown): Promise<Answered> {
  return ask(client, V2_1, { operation, payload });
}

/** Asks one thing of an object. */
export function askedOf(stage: Stage, operation: number, id: string, more: object = {}): Promise<Answered> {
  return asked(stage, operation, { uniqueIdentifier: named(id), ...more });
}

/** A name nobody has used. */
export function freshName(): string {
  return `scenario ${randomBytes(8).toString("hex")}`;
}

/** An AES key, active. */
export async function activeKey({ actions }: Stage, ...more: readonly AttributeInstance[]): Promise<string> {
  const id = await actions.create(...more);
  await actions.activate(id);
  return id;
}

/** An AES key that was revoked, and so can do nothing new. */
export async function deactivatedKey(stage: Stage): Promise<string> {
  const id = await activeKey(stage);
  await stage.actions.revoke(id);
  return id;
}

/** An AES key that was destroyed. */
export async function destroyedKey({ actions }: Stage): Promise<string> {
  const id = await actions.create();
  await actions.destroy(id);
  return id;
}

/** An AES key in the archive. */
export async function archivedKey(stage: Stage): Promise<string> {
  const id = await stage.actions.create();
  await stage.actions.act(Operation.Archive, id);
  return id;
}

/** An object of bytes that are no key. */
export function opaqueObject(stage: Stage): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.OpaqueObject,
    attributes: requested(),
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("bytes") },
  });
}

/** An AES key whose value is kept elsewhere. */
export function keyWithoutValue(stage: Stage, ...more: readonly AttributeInstance[]): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.SymmetricKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, 3),
      instance(attributes.cryptographicLength, 256),
      instance(attributes.cryptographicUsageMask, 0x3ff),
      instance(attributes.activationDate, longAgo),
      ...more,
    ),
    symmetricKey: { keyBlock: { keyFormatType: KeyFormatType.Raw } },
  });
}

/** A key of the name that is given. */
export async function keyNamed({ actions }: Stage, name: string): Promise<string> {
  return actions.create(nameOf(name));
}

/** Registers what a payload says; gives its identifier. */
export async function registered({ actions }: Stage, payload: unknown): Promise<string> {
  const made = await actions.act<{ uniqueIdentifier: string }>(Operation.Register, undefined, payload as object);
  return made.uniqueIdentifier;
}

/** The halves of a new pair. */
export interface PairOfKeys {
  readonly privateKeyUniqueIdentifier: string;
  readonly publicKeyUniqueIdentifier: string;
}

/** The payload of a Create Key Pair on P-256, with more attributes of both halves. */
export function pairWith(...more: readonly AttributeInstance[]): object {
  const { Sign, Verify } = CryptographicUsageMask;
  return {
    commonAttributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
      instance(attributes.cryptographicLength, 256),
      ...more,
    ),
    privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, Sign)),
    publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, Verify)),
  };
}

/** A key pair on P-256, active; with more attributes, or others in the place of its own. */
export function activePair({ actions }: Stage, ...more: readonly AttributeInstance[]): Promise<PairOfKeys> {
  const { Sign, Verify } = CryptographicUsageMask;
  const own = [
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
    instance(attributes.cryptographicLength, 256),
    instance(attributes.cryptographicUsageMask, Sign | Verify),
    instance(attributes.activationDate, longAgo),
  ].filter(({ name }) => !more.some((other) => other.name === name));
  return actions.act<PairOfKeys>(Operation.CreateKeyPair, undefined, {
    commonAttributes: requested(...own, ...more),
    privateKeyAttributes: requested(),
    publicKeyAttributes: requested(),
  });
}

/** A moment in 1970, as activation dates tell it. */
export const longAgo = 1000;

/** An X.509 certificate. */
export function certificateObject(stage: Stage, certificateValue: Buffer): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.Certificate,
    attributes: requested(),
    certificate: { certificateType: CertificateType.X_509, certificateValue },
  });
}

/** A request payload of items, for what the schema of the operation does not write. */
export function payloadOf(...items: readonly Item[]): Item {
  return structureItem(Tag.RequestPayload, ...items);
}

/** A tag that stands for no attribute. */
export const noAttribute = Tag.BatchCount;

/** An Attributes structure with something in it that is no attribute. */
export const strangeAttributes: Item = structureItem(Tag.Attributes, {
  tag: noAttribute,
  type: ItemType.Integer,
  value: 1,
});

/** An Attribute Reference to something that is no attribute. */
export const strangeReference: Item = { tag: Tag.AttributeReference, type: ItemType.Enumeration, value: noAttribute };

/** A Unique Identifier field. */
export function identifierItem(value: string): Item {
  return { tag: Tag.UniqueIdentifier, type: ItemType.TextString, value };
}

/** An Object Type field. */
export function typeItem(value: number): Item {
  return { tag: Tag.ObjectType, type: ItemType.Enumeration, value };
}

/** Storage masks that no server of software and tokens can honour. */
export const strangeStorage = { protectionStorageMask: [ProtectionStorageMask.OffSystem] };

/** A private key whose value is kept elsewhere. */
export function privateKeyWithoutValue(stage: Stage, ...more: readonly AttributeInstance[]): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.PrivateKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
      instance(attributes.cryptographicLength, 2048),
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign),
      instance(attributes.activationDate, longAgo),
      ...more,
    ),
    privateKey: { keyBlock: { keyFormatType: KeyFormatType.PKCS_8 } },
  });
}

/** A Key Block that was wrapped by a key which this server does not have. */
const wrappedElsewhere = {
  keyBlock: {
    keyFormatType: KeyFormatType.Raw,
    keyValue: Buffer.alloc(24, 5),
    keyWrappingData: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: { uniqueIdentifier: gone },
      encodingOption: EncodingOption.NoEncoding,
    },
  },
};

/** A symmetric key that came wrapped, and cannot be unwrapped here. */
export function wrappedKey(stage: Stage): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.SymmetricKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
      instance(attributes.cryptographicLength, 128),
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Encrypt),
    ),
    symmetricKey: wrappedElsewhere,
  });
}

/** A public key, active, that came wrapped, and cannot be unwrapped here. */
export function wrappedPublicKey(stage: Stage): Promise<string> {
  return registered(stage, {
    objectType: ObjectType.PublicKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
      instance(attributes.cryptographicLength, 2048),
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify),
      instance(attributes.activationDate, longAgo),
    ),
    publicKey: wrappedElsewhere,
  });
}
