import { attributes } from "#protocol/attributes/definitions.js";
import type { RequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ProtectionLevel, ProtectionStorageMask } from "#protocol/enums/index.js";
import type { ProtectionStorageMasks } from "#protocol/structures/lists.js";
import { acceptAttributes, unitedAttributes } from "#src/objects/accept-attributes.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { defaultsFor } from "./defaults.js";

/** Attributes that an object which is brought says of itself: no default speaks for it. */
const saidByTheObject: ReadonlySet<string> = new Set([
  attributes.cryptographicAlgorithm.name,
  attributes.cryptographicLength.name,
  attributes.cryptographicDomainParameters.name,
  attributes.certificateType.name,
]);

/**
 * The attributes a request asks for an object that the server makes, accepted, and the tenant's defaults for those it
 * leaves out (KMIP 2.1 §6.1.53). Of attributes that an object has once, those of a later part of the request win over
 * those of an earlier one (KMIP 1.4 §4.2). Throws KmipError.
 */
export function acceptRequested(
  context: OperationContext,
  objectType: number,
  ...requests: readonly RequestedAttributes[]
): AttributeSet {
  const list = combined(requests);
  return acceptAttributes(objectType, [...list, ...defaultsFor(context.request.caller.settings, objectType, list)]);
}

/** The attributes a request gives for an object that replaces another, accepted: it takes the others from that one. */
export function acceptGiven(objectType: number, ...requests: readonly RequestedAttributes[]): AttributeSet {
  return acceptAttributes(objectType, combined(requests));
}

/** As acceptRequested, for an object that the client brings: what the object says of itself has no default. */
export function acceptBrought(
  context: OperationContext,
  objectType: number,
  ...requests: readonly RequestedAttributes[]
): AttributeSet {
  const list = combined(requests);
  const defaults = defaultsFor(context.request.caller.settings, objectType, list);
  return acceptAttributes(objectType, [...list, ...defaults.filter(({ name }) => !saidByTheObject.has(name))]);
}

/** The pipeline has put the attributes of templates in the place of their names. */
function combined(requests: readonly RequestedAttributes[]): readonly AttributeInstance[] {
  return unitedAttributes(requests.map((request) => request.attributes));
}

/** The value of an attribute a request must give. Throws KmipError `InvalidField` as 1.x words it. */
export function demand<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new KmipError("InvalidField", `${name} is required`);
  return value;
}

/** The reasons by which storage masks are refused: of a half of a key pair, or of any other object. */
type StorageReason =
  | "ProtectionStorageUnavailable"
  | "PrivateProtectionStorageUnavailable"
  | "PublicProtectionStorageUnavailable";

/**
 * Whether a request wants its key in the token: Protection Level High, or storage masks of which none allows software
 * (KMIP 2.1 §4.42, §7.33). Throws KmipError with the reason for masks the server cannot honour.
 */
export function wantsToken(
  requested: AttributeSet,
  masks: ProtectionStorageMasks | undefined,
  reason: StorageReason = "ProtectionStorageUnavailable",
): boolean {
  if (requested.get(attributes.protectionLevel) === ProtectionLevel.High) return true;
  if (allowsSoftware(masks)) return false;
  if (masks?.protectionStorageMask.some((mask) => (mask & ProtectionStorageMask.Hardware) !== 0)) return true;
  throw new KmipError(reason, "the server stores keys in Software or Hardware protection only");
}

/** The error for what the token does not keep, where the request wants it nowhere else. */
export function refuseTokenStorage(): KmipError {
  return new KmipError(
    "ProtectionStorageUnavailable",
    "the token keeps AES, triple DES, HMAC, RSA and EC keys; the server stores this in Software protection only",
  );
}

/** Whether storage masks, if there are any, allow an object to be in Software protection: in the database. */
export function allowsSoftware(masks: ProtectionStorageMasks | undefined): boolean {
  const alternatives = masks?.protectionStorageMask ?? [];
  return alternatives.length === 0 || alternatives.some((mask) => (mask & ProtectionStorageMask.Software) !== 0);
}

/** What a request says of where the halves of a key pair are stored. */
interface PairMasks {
  readonly commonProtectionStorageMasks?: ProtectionStorageMasks | undefined;
  readonly privateProtectionStorageMasks?: ProtectionStorageMasks | undefined;
  readonly publicProtectionStorageMasks?: ProtectionStorageMasks | undefined;
}

/**
 * As wantsToken, for the private half of a pair; the public half is no secret and rests in the database. Throws
 * KmipError for masks of either half that the server cannot honour.
 */
export function wantsPairInToken(privateRequested: AttributeSet, masks: PairMasks): boolean {
  const { commonProtectionStorageMasks: common, privateProtectionStorageMasks: ofPrivate } = masks;
  if (!allowsSoftware(masks.publicProtectionStorageMasks)) {
    throw new KmipError(
      "PublicProtectionStorageUnavailable",
      "the server stores public keys in Software protection only",
    );
  }
  return wantsToken(privateRequested, ofPrivate ?? common, "PrivateProtectionStorageUnavailable");
}
