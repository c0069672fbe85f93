/** Objects of every type in every state, as the matrix asks for them. */
import { createCipheriv, generateKeyPairSync, randomUUID, X509Certificate } from "node:crypto";
import { createCertificateAuthority } from "#certs/certificates.js";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CertificateRequestType,
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMaskTable,
  EncodingOption,
  KeyFormatType,
  ObjectType,
  Operation,
  RecommendedCurve,
  RevocationReasonCode,
  SecretDataType,
  SplitKeyMethod,
  UsageLimitsUnit,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, V1_4, V2_1 } from "#protocol/versions.js";
import { derRequest } from "#test/support/certificate-requests.js";
import { instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { type Asked, askAll, named, OperationFailed, type Requester } from "#test/support/kmip-client-messages.js";

/** What names an object, or nothing: a missing one is named by what nothing has. */
export interface Reference {
  readonly identifier: string;
  readonly name: string;
  readonly group: string;
}

/** What names nothing. */
export function nothingNamed(): Reference {
  return { identifier: randomUUID(), name: `name-${randomUUID()}`, group: `group-${randomUUID()}` };
}

const activate: Asked = { operation: Operation.Activate, payload: {} };
const destroy: Asked = { operation: Operation.Destroy, payload: {} };
const revoke = (revocationReasonCode: number): Asked => ({
  operation: Operation.Revoke,
  payload: { revocationReason: { revocationReasonCode } },
});
const compromise = revoke(RevocationReasonCode.KeyCompromise);

/** How an object gets into each state (KMIP 2.1 §4.57). */
export const states = {
  "Pre-Active": [],
  Active: [activate],
  Deactivated: [activate, revoke(RevocationReasonCode.CessationOfOperation)],
  Compromised: [activate, compromise],
  Destroyed: [destroy],
  "Destroyed Compromised": [activate, compromise, destroy],
} as const satisfies Readonly<Record<string, readonly Asked[]>>;
export type StateName = keyof typeof states;
export const stateNames = Object.keys(states) as readonly StateName[];

/** States of objects of which nothing but their attributes is left. */
export function isGone(state: StateName): boolean {
  return state.startsWith("Destroyed");
}

const allUses = Object.values(CryptographicUsageMaskTable.values).reduce((sum, bit) => sum | bit, 0) & 0xfffff;
const usage = instance(attributes.cryptographicUsageMask, allUses);
const limits = instance(attributes.usageLimits, {
  usageLimitsTotal: 1_000_000n,
  usageLimitsUnit: UsageLimitsUnit.Object,
});
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
const authority = await createCertificateAuthority({ commonName: "isolation", validityDays: 1 });
const certificateRequestValue = await derRequest(pair, "/CN=isolation");

/** The bytes of every symmetric key of the matrix: what is wrapped under one can be told. */
export const keyBytes = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");

/** A key of 16 bytes wrapped under those by RFC 3394. */
export function wrappedKey(): Buffer {
  const cipher = createCipheriv("id-aes256-wrap", keyBytes, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(Buffer.alloc(16, 7)), cipher.final()]);
}

const wrapping = { blockCipherMode: BlockCipherMode.NISTKeyWrap };

/** How such a key says what it is wrapped by. */
export function wrappingData(uniqueIdentifier: string): object {
  return {
    wrappingMethod: WrappingMethod.Encrypt,
    encryptionKeyInformation: { uniqueIdentifier, cryptographicParameters: wrapping },
    encodingOption: EncodingOption.NoEncoding,
  };
}

type Make = (list: readonly AttributeInstance[]) => Asked;

function registering(objectType: number, fields: object, ...more: readonly AttributeInstance[]): Make {
  return (list) => ({
    operation: Operation.Register,
    payload: { objectType, attributes: requested(...more, ...list), ...fields },
  });
}

const ofKey = (keyFormatType: number, keyMaterial: Buffer, more: object = {}) => ({
  keyBlock: { keyFormatType, keyValue: { keyMaterial }, ...more },
});
const aes = { cryptographicAlgorithm: CryptographicAlgorithm.AES, cryptographicLength: 256 };
const part = {
  splitKeyParts: 3,
  keyPartIdentifier: 1,
  splitKeyThreshold: 2,
  splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8,
  ...ofKey(KeyFormatType.Raw, Buffer.alloc(32, 3), aes),
};
const curve = [
  instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.EC),
  instance(attributes.cryptographicDomainParameters, { recommendedCurve: RecommendedCurve.P_256 }),
];
const spki = pair.publicKey.export({ type: "spki", format: "der" });

interface Kind {
  readonly objectType: number;
  readonly version: ProtocolVersion;
  /** Objects of this type have no state but that they are there or destroyed. */
  readonly stateless?: true;
  readonly make: Make;
}

const pkcs8 = pair.privateKey.export({ type: "pkcs8", format: "der" });
const registeredPrivateKey = registering(
  ObjectType.PrivateKey,
  { privateKey: ofKey(KeyFormatType.PKCS_8, pkcs8) },
  usage,
  limits,
);

/** Every object type, with what makes one. */
export const kinds = {
  "Symmetric Key": {
    objectType: ObjectType.SymmetricKey,
    version: V2_1,
    make: registering(
      ObjectType.SymmetricKey,
      { symmetricKey: ofKey(KeyFormatType.Raw, keyBytes, aes) },
      usage,
      limits,
      instance(attributes.cryptographicParameters, wrapping),
    ),
  },
  "Private Key": {
    objectType: ObjectType.PrivateKey,
    version: V2_1,
    make: (list) => ({
      operation: Operation.CreateKeyPair,
      payload: {
        commonAttributes: requested(...curve),
        privateKeyAttributes: requested(usage, limits, ...list),
        publicKeyAttributes: requested(usage),
      },
    }),
  },
  "Public Key": {
    objectType: ObjectType.PublicKey,
    version: V2_1,
    make: registering(ObjectType.PublicKey, { publicKey: ofKey(KeyFormatType.X_509, spki) }, usage, limits),
  },
  Certificate: {
    objectType: ObjectType.Certificate,
    version: V2_1,
    make: registering(ObjectType.Certificate, {
      certificate: {
        certificateType: CertificateType.X_509,
        certificateValue: new X509Certificate(authority.certificatePem).raw,
      },
    }),
  },
  "Certificate Request": {
    objectType: ObjectType.CertificateRequest,
    version: V2_1,
    make: registering(ObjectType.CertificateRequest, {
      certificateRequest: { certificateRequestType: CertificateRequestType.PKCS_10, certificateRequestValue },
    }),
  },
  "Secret Data": {
    objectType: ObjectType.SecretData,
    version: V2_1,
    make: registering(
      ObjectType.SecretData,
      {
        secretData: { secretDataType: SecretDataType.Password, ...ofKey(KeyFormatType.Raw, Buffer.from("a password")) },
      },
      usage,
    ),
  },
  "Split Key": {
    objectType: ObjectType.SplitKey,
    version: V2_1,
    make: registering(ObjectType.SplitKey, { splitKey: part }, usage),
  },
  "Opaque Object": {
    objectType: ObjectType.OpaqueObject,
    version: V2_1,
    make: registering(ObjectType.OpaqueObject, {
      opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("opaque") },
    }),
  },
  "PGP Key": {
    objectType: ObjectType.PGPKey,
    version: V2_1,
    make: registering(
      ObjectType.PGPKey,
      { pgpKey: { pgpKeyVersion: 4, ...ofKey(KeyFormatType.Raw, Buffer.from("a PGP key")) } },
      usage,
    ),
  },
  Template: {
    objectType: ObjectType.Template,
    version: V1_4,
    stateless: true,
    make: registering(ObjectType.Template, {
      template: { attributes: [instance(attributes.cryptographicLength, 256)] },
    }),
  },
} as const satisfies Readonly<Record<string, Kind>>;
export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];

/** Facts of a kind. */
export function kindOf(name: KindName): Kind {
  return kinds[name];
}

/** The states in which a kind of object can be. */
export function statesOf(name: KindName): readonly StateName[] {
  return kindOf(name).stateless === true ? ["Pre-Active", "Destroyed"] : stateNames;
}

/** A link as an attribute. */
export function linkTo(linkType: number, identifier: string): AttributeInstance {
  return instance(attributes.link, { linkType, linkedObjectIdentifier: named(identifier) });
}

/** Makes an active object with a link and no other; gives its identifier. Throws OperationFailed. */
export async function makeLinked(
  client: Requester,
  kind: KindName,
  linkType: number,
  identifier: string,
): Promise<string> {
  const { make, version } = kindOf(kind);
  const making = kind === "Private Key" ? registeredPrivateKey : make;
  const answers = await askAll(client, version, [making([linkTo(linkType, identifier)]), ...states.Active]);
  const failed = answers.find(({ reason }) => reason !== undefined);
  if (failed !== undefined) throw new OperationFailed(failed);
  return identifierIn(answers[0]?.item.responsePayload);
}

/** Makes an active key that is kept wrapped by another one; gives its identifier. Throws OperationFailed. */
export async function makeWrapped(client: Requester, identifier: string): Promise<string> {
  const keyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: wrappedKey(),
    ...aes,
    cryptographicLength: 128,
    keyWrappingData: wrappingData(identifier),
  };
  const register = registering(ObjectType.SymmetricKey, { symmetricKey: { keyBlock } }, usage)([]);
  const [registered] = await askAll(client, V2_1, [register, ...states.Active]);
  if (registered === undefined || registered.reason !== undefined) throw new RangeError("a wrapped key was not kept");
  return identifierIn(registered.item.responsePayload);
}

/** Makes an object in a state, with a name and a group of its own. Throws OperationFailed. */
export async function makeObject(
  client: Requester,
  kind: KindName,
  state: StateName,
  more: readonly AttributeInstance[] = [],
): Promise<Reference> {
  const { make, version } = kindOf(kind);
  const { name, group } = nothingNamed();
  const list = [nameOf(name), instance(attributes.objectGroup, group), ...more];
  const answers = await askAll(client, version, [make(list), ...states[state]]);
  const failed = answers.find(({ reason }) => reason !== undefined);
  if (failed !== undefined) throw new OperationFailed(failed);
  return { identifier: identifierIn(answers[0]?.item.responsePayload), name, group };
}

/** The first identifier that a payload tells: of a key pair that is the private key's. */
function identifierIn(payload: Item | undefined): string {
  const items = payload?.type === ItemType.Structure ? payload.value : [];
  const found = items.find(({ tag }) => tag === Tag.UniqueIdentifier || tag === Tag.PrivateKeyUniqueIdentifier);
  if (found?.type !== ItemType.TextString) throw new RangeError("the answer tells no identifier");
  return found.value;
}
