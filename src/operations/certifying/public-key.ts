import type { KeyObject } from "node:crypto";
import { publicKeyFromDer } from "#certs/key-reading.js";
import type { CertificateRequest } from "#certs/proof-of-possession.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicUsageMask, KeyFormatType, LinkType, ObjectType } from "#protocol/enums/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newObject } from "#src/objects/new-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keep } from "../making/keep.js";
import { linkOf } from "../making/links.js";
import { orRefuse } from "./refusal.js";
import { requestOf } from "./request.js";

/** What is to be certified: a public key, and the request for it where there is one. */
export interface Subject {
  readonly publicKey: ManagedObject;
  /** Whether the Public Key object was made for this request. */
  readonly isNew: boolean;
  readonly request: CertificateRequest | undefined;
}

/** What a Certify request names. */
export interface SubjectNaming {
  readonly naming: ObjectNaming | undefined;
  /** The certificate request in the payload. */
  readonly request: CertificateRequest | undefined;
}

const certifiable = { objectTypes: new Set([ObjectType.PublicKey, ObjectType.CertificateRequest]) };

/**
 * Finds the public key and the certificate request that are meant (KMIP 2.1 §6.1.6). The key of a request that no Public
 * Key object holds gets one, so that the certificate can be linked to it. Throws KmipError.
 */
export async function subjectOf(context: OperationContext, { naming, request }: SubjectNaming): Promise<Subject> {
  if (naming === undefined) {
    if (request === undefined) throw new TypeError("a request without both names the ID placeholder");
    return newSubject(context, request);
  }
  const named = await context.named(naming, certifiable);
  if (named.objectType === ObjectType.PublicKey) return { publicKey: named, isNew: false, request };
  if (request !== undefined) {
    throw new KmipError("InvalidField", "the request holds a certificate request and names another one");
  }
  const held = await requestOf(named);
  const publicId = linkOf(named, LinkType.PublicKeyLink);
  if (publicId === undefined) return newSubject(context, held);
  const rules = { objectTypes: new Set([ObjectType.PublicKey]) };
  const publicKey = await context.named({ kind: "identifier", identifier: publicId }, rules);
  return { publicKey, isNew: false, request: held };
}

/** A Public Key object for the key of a certificate request. */
async function newSubject(context: OperationContext, request: CertificateRequest): Promise<Subject> {
  const id = newIdentifier();
  const objectType = ObjectType.PublicKey;
  const requested = new AttributeSet().with(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify);
  const keyBlock = {
    keyFormatType: KeyFormatType.X_509,
    keyValue: { keyMaterial: Buffer.from(request.publicKey), attributes: [] },
  };
  const kept = await keep(context, { id, objectType, requested, inToken: false }, { kind: "key", keyBlock });
  const { material, digest, set, algorithm, length } = kept;
  const { tenantId, now } = context;
  const facts = { tenantId, id, objectType, now, requested: set, material, digest, algorithm, length };
  return { publicKey: newObject({ ...facts, digestFormat: material.keyFormatType }), isNew: true, request };
}

/** The key of a Public Key object. Throws KmipError where it is of a kind that cannot be certified. */
export async function keyOf(object: ManagedObject): Promise<KeyObject> {
  const { form, blob } = materialOf(object);
  if (form !== "public") throw new KmipError("PermissionDenied", "public keys of this kind cannot be certified");
  return orRefuse("PermissionDenied", () => publicKeyFromDer(blob));
}

/** The key of a request, which must be the key to be certified. Throws KmipError `InvalidCSR`. */
export async function checkSameKey(request: CertificateRequest | undefined, key: KeyObject): Promise<void> {
  if (request === undefined) return;
  const asked = await orRefuse("InvalidCSR", () => publicKeyFromDer(request.publicKey));
  if (!asked.equals(key)) throw new KmipError("InvalidCSR", "the certificate request is for another public key");
}
