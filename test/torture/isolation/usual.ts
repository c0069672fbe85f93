/** What a client usually says to an operation beside what names an object, so that what is its own is served. */
import { randomUUID } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  AdjustmentType,
  BlockCipherMode,
  CryptographicAlgorithm,
  DerivationMethod,
  EndpointRole,
  HashingAlgorithm,
  InteropFunction,
  ObjectType,
  PaddingMethod,
  PKCS_11Function,
  QueryFunction,
  RecommendedCurve,
  RevocationReasonCode,
  SplitKeyMethod,
} from "#protocol/enums/index.js";
import { aesKey, instance, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import type { Requester } from "#test/support/kmip-client-messages.js";
import type { Fields } from "./payloads.js";
import { type KindName, makeLinked, makeObject, makeWrapped, type Reference, type StateName } from "./subjects.js";

/** Objects of the client that asks, made when they are first needed. */
export class Belongings {
  private readonly client: Requester;
  private readonly kept = new Map<string, Promise<Reference>>();

  constructor(client: Requester) {
    this.client = client;
  }

  /** An object that stays as it is. */
  of(kind: KindName, state: StateName = "Active", place = 0): Promise<Reference> {
    const key = `${kind} ${state} ${place}`;
    const made = this.kept.get(key) ?? this.fresh(kind, state);
    this.kept.set(key, made);
    return made;
  }

  /** One that may be changed. */
  fresh(kind: KindName, state: StateName = "Active"): Promise<Reference> {
    return makeObject(this.client, kind, state);
  }

  /** The identifier of a new key that is kept as it came: wrapped by another. */
  wrappedBy(identifier: string): Promise<string> {
    return makeWrapped(this.client, identifier);
  }

  /** The identifier of a new object with one link. */
  linked(kind: KindName, linkType: number, identifier: string): Promise<string> {
    return makeLinked(this.client, kind, linkType, identifier);
  }
}

const block = Buffer.alloc(16, 1);
const cbc = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.None };
const ecdsa = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
const hmac = { cryptographicAlgorithm: CryptographicAlgorithm.HMAC_SHA256 };
const derived = requested(
  instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
  instance(attributes.cryptographicLength, 128),
  instance(attributes.cryptographicUsageMask, 12),
);
const contact = instance(attributes.contactInformation, "someone");
const group = instance(attributes.objectGroup, "some group");
const curve = requested(
  instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.EC),
  instance(attributes.cryptographicDomainParameters, { recommendedCurve: RecommendedCurve.P_256 }),
);

const usual: Readonly<Record<string, () => Fields>> = {
  Create: () => aesKey() as Fields,
  "Create Key Pair": () => ({
    commonAttributes: curve,
    privateKeyAttributes: requested(),
    publicKeyAttributes: requested(),
  }),
  Register: () => registeredAesKey(block) as Fields,
  Import: () => {
    const { attributes: set, ...rest } = registeredAesKey(block) as { attributes: { attributes: unknown } };
    return { ...rest, attributes: set.attributes, uniqueIdentifier: randomUUID() };
  },
  "Derive Key": () => ({
    objectType: ObjectType.SymmetricKey,
    derivationMethod: DerivationMethod.HMAC,
    derivationParameters: { cryptographicParameters: ecdsa, derivationData: [block] },
    attributes: derived,
  }),
  Revoke: () => ({ revocationReason: { revocationReasonCode: RevocationReasonCode.KeyCompromise } }),
  "Get Attributes": () => ({ attributeNames: [] }),
  "Add Attribute": () => ({ newAttribute: contact }),
  "Modify Attribute": () => ({ newAttribute: group }),
  "Set Attribute": () => ({ newAttribute: contact }),
  "Delete Attribute": () => ({ attributeName: attributes.objectGroup.name }),
  "Adjust Attribute": () => ({
    attributeName: attributes.extractable.name,
    adjustmentType: AdjustmentType.Negate,
  }),
  "Get Usage Allocation": () => ({ usageLimitsCount: 1n }),
  Encrypt: () => ({ data: block, cryptographicParameters: cbc, ivCounterNonce: block }),
  Decrypt: () => ({ data: block, cryptographicParameters: cbc, ivCounterNonce: block }),
  Sign: () => ({ data: block, cryptographicParameters: ecdsa }),
  "Signature Verify": () => ({ data: block, signatureData: Buffer.alloc(64, 1), cryptographicParameters: ecdsa }),
  MAC: () => ({ data: block, cryptographicParameters: hmac }),
  "MAC Verify": () => ({ data: block, macData: Buffer.alloc(32), cryptographicParameters: hmac }),
  Hash: () => ({ data: block, cryptographicParameters: ecdsa }),
  "RNG Retrieve": () => ({ dataLength: 16 }),
  "RNG Seed": () => ({ data: block }),
  Query: () => ({ queryFunctions: [QueryFunction.QueryOperations, QueryFunction.QueryDefaultsInformation] }),
  Interop: () => ({ interopFunction: InteropFunction.Begin, interopIdentifier: "isolation" }),
  "Set Endpoint Role": () => ({ endpointRole: EndpointRole.Server }),
  "Delegated Login": () => ({ rights: { right: [{}] } }),
  "Set Constraints": () => ({ constraints: { constraint: [] } }),
  "Create Split Key": () => ({
    objectType: ObjectType.SplitKey,
    splitKeyParts: 3,
    splitKeyThreshold: 2,
    splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8,
    attributes: derived,
  }),
  "Join Split Key": () => ({ objectType: ObjectType.SymmetricKey }),
  "PKCS#11": () => ({ pkcs11Function: PKCS_11Function.C_GetInfo }),
};

/** Kinds of objects that operations work on best, where that is not a symmetric key. */
const bestKinds: Readonly<Record<string, KindName>> = {
  "Re-key Key Pair": "Private Key",
  Certify: "Public Key",
  "Re-certify": "Certificate",
  Validate: "Certificate",
  Sign: "Private Key",
  "Signature Verify": "Public Key",
  "Join Split Key": "Split Key",
};

/** The kind of object that an operation works on best. */
export function bestKind(operation: string, path: readonly string[] = []): KindName {
  if (path.includes("certificateRequestUniqueIdentifier")) return "Certificate Request";
  return bestKinds[operation] ?? "Symmetric Key";
}

/** Where operations name the object they work on, if not in `uniqueIdentifier`. */
const targets: Readonly<Record<string, string>> = {
  "Re-key Key Pair": "privateKeyUniqueIdentifier",
  "Derive Key": "uniqueIdentifiers",
  "Join Split Key": "uniqueIdentifiers",
  Validate: "uniqueIdentifiers",
};

/** What is usually said, without a name of an object. */
export function usualFields(operation: string): Fields {
  return usual[operation]?.() ?? {};
}

/** Names an object as the one that an operation works on. */
export function naming(operation: string, identifiers: readonly string[]): Fields {
  const named = identifiers.map((identifier) => ({ kind: "identifier", identifier }));
  const field = targets[operation] ?? "uniqueIdentifier";
  return { [field]: field === "uniqueIdentifiers" ? named : named[0] };
}
