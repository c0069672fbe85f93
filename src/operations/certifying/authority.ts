import { type KeyObject, verify } from "node:crypto";
import { readCertificate } from "#certs/certificate-fields.js";
import { type RemoteAuthority, selfSignedAuthority } from "#certs/issue.js";
import { certifiedKey, publicKeyFromDer } from "#certs/key-reading.js";
import type { RemoteKey, SignatureHash } from "#certs/signing.js";
import { nameOfParts } from "#certs/subject-names.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, CryptographicUsageMask, LinkType, ObjectType, State } from "#protocol/enums/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import type { KeyReference, SignatureSpecification } from "#src/crypto/port.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import type { Authority } from "#src/inventory/authorities.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../contract/context.js";
import { keyOf } from "../cryptography/key.js";
import { keptCertificate } from "../making/certificate-object.js";
import { linkOf } from "../making/links.js";
import { orRefuse } from "./refusal.js";
import { isRevoked } from "./stored-certificates.js";

/** Who signs a new certificate, and the Certificate object of that authority. */
export interface SigningAuthority {
  readonly authority: RemoteAuthority;
  readonly certificateObjectId: string;
}

const yearSeconds = 365 * 24 * 60 * 60;

/** How long a generation of a tenant's authority is valid, and for how long before its end it no longer issues. */
const generationYears = { valid: 30, retired: 10 } as const;

/**
 * The authority of the caller's tenant: made on first use, and again when the newest generation nears its end or a client
 * has revoked its Certificate object.
 */
export async function tenantAuthority(context: OperationContext): Promise<SigningAuthority> {
  const [newest] = await context.authorities.list();
  if (newest === undefined) return makeAuthority(context, 1);
  const retires = context.now + generationYears.retired * yearSeconds;
  const isFit =
    Date.parse(newest.certificate.validTo) > retires * 1000 &&
    !(await isRevoked(context, newest.certificate, context.now));
  return isFit ? signing(context, newest) : makeAuthority(context, newest.generation + 1);
}

function signing(context: OperationContext, { certificate, certificateObjectId, key }: Authority): SigningAuthority {
  return { authority: { certificate, key: remoteKey(context, key, certifiedKey(certificate)) }, certificateObjectId };
}

/** A new generation: a key of the partition that no client can name, and a certificate that every client can read. */
async function makeAuthority(context: OperationContext, generation: number): Promise<SigningAuthority> {
  const { now, changes, authorities, request } = context;
  const keyId = newIdentifier();
  const custody = context.keys.custodyFor({ highProtection: false });
  const made = await context.keys.generatePair({
    objectId: keyId,
    algorithm: { keyType: "ec", curve: "P-256" },
    custody,
    usages: ["sign"],
  });
  const { material, keyEncryptionKeyVersion } = made.privateKey;
  const key: KeyReference = {
    objectId: keyId,
    custody,
    keyClass: "private",
    keyType: "ec",
    material,
    keyEncryptionKeyVersion,
  };
  const publicKey = publicKeyFromDer(made.publicKey);
  const ends = now + generationYears.valid * yearSeconds;
  const der = await orRefuse("CryptographicFailure", () =>
    selfSignedAuthority(remoteKey(context, key, publicKey), {
      subject: authorityName(request.caller.tenantName, generation),
      validity: { notBefore: new Date(now * 1000), notAfter: new Date(ends * 1000) },
    }),
  );
  const set = new AttributeSet().with(attributes.activationDate, now).with(attributes.deactivationDate, ends);
  const object = await keptCertificate(context, set, der);
  changes.insert(object);
  await authorities.add({
    generation,
    certificateObjectId: object.id,
    certificate: der,
    keyId,
    custody,
    material,
    keyEncryptionKeyVersion,
    createdAt: now * 1000,
  });
  context.note({ authority: `made generation ${generation} of the tenant's authority` });
  const certificate = readCertificate(der);
  return { authority: { certificate, key: remoteKey(context, key, publicKey) }, certificateObjectId: object.id };
}

/** O=Keyreeve, OU=the tenant, CN=Certification Authority and its generation. */
function authorityName(tenantName: string, generation: number): Buffer {
  return nameOfParts([
    ["O", "Keyreeve"],
    ["OU", tenantName.slice(0, 64)],
    ["CN", `Certification Authority ${generation}`],
  ]);
}

/**
 * An authority of the client's own: a Certificate object whose private key is here too, is linked to it, and may sign
 * certificates. Throws KmipError.
 */
export async function namedAuthority(context: OperationContext, naming: ObjectNaming): Promise<SigningAuthority> {
  const object = await context.named(naming, { objectTypes: new Set([ObjectType.Certificate]) });
  checkIsValid(object, context.now);
  const keyId = await privateKeyOf(context, object);
  if (keyId === undefined) throw new KmipError("PermissionDenied", "the authority is linked to no private key here");
  const privateKey = await context.named(
    { kind: "identifier", identifier: keyId },
    {
      objectTypes: new Set([ObjectType.PrivateKey]),
      use: { kind: "protect", mask: CryptographicUsageMask.CertificateSign },
    },
  );
  const { blob, subtype } = materialOf(object);
  if (subtype !== CertificateType.X_509)
    throw new KmipError("PermissionDenied", "the authority is no X.509 certificate");
  const certificate = await orRefuse("PermissionDenied", () => readCertificate(blob));
  const publicKey = await orRefuse("PermissionDenied", () => certifiedKey(certificate));
  const key = ownedKey(context, keyOf(privateKey), publicKey);
  return { authority: { certificate, key }, certificateObjectId: object.id };
}

/** The private key that a certificate is linked to, or that its public key is linked to. */
async function privateKeyOf(context: OperationContext, certificate: ManagedObject): Promise<string | undefined> {
  const direct = linkOf(certificate, LinkType.PrivateKeyLink);
  if (direct !== undefined) return direct;
  const publicId = linkOf(certificate, LinkType.PublicKeyLink);
  const publicKey = publicId === undefined ? undefined : await context.inventory.find(publicId);
  return publicKey === undefined ? undefined : linkOf(publicKey, LinkType.PrivateKeyLink);
}

/** The authority that issued a certificate, where it can issue again; the tenant's where it cannot. */
export async function formerAuthority(
  context: OperationContext,
  certificate: ManagedObject,
): Promise<SigningAuthority> {
  const issuerId = linkOf(certificate, LinkType.CertificateLink);
  const issuer = issuerId === undefined ? undefined : await context.inventory.find(issuerId);
  if (issuer === undefined || (await privateKeyOf(context, issuer)) === undefined) return tenantAuthority(context);
  return namedAuthority(context, { kind: "identifier", identifier: issuer.id });
}

const unfit: ReadonlySet<number | undefined> = new Set([State.Deactivated, State.Compromised]);

/** Throws KmipError where a key or certificate was deactivated or compromised. */
export function checkIsValid({ attributes: set }: ManagedObject, now: number): void {
  if (unfit.has(stateAt(set, now))) throw new KmipError("PermissionDenied", "the object is deactivated or compromised");
}

function specificationFor(keyType: string): (hash: SignatureHash) => SignatureSpecification {
  return (hash) => (keyType === "rsa" ? { name: "rsa-pkcs1", hash, digestInfo: null } : { name: "ecdsa", hash });
}

/** The key of a tenant's authority, which is always the partition's. */
function remoteKey({ partition }: OperationContext, key: KeyReference, publicKey: KeyObject): RemoteKey {
  const specification = specificationFor(key.keyType);
  return { publicKey, sign: (hash, data) => partition.sign(key, specification(hash), data) };
}

/** A key of a client, which signs wherever it is kept. What it signs must be of the authority's certificate. */
function ownedKey({ cryptography }: OperationContext, key: UsableKey, publicKey: KeyObject): RemoteKey {
  const specification = specificationFor(key.keyType);
  return {
    publicKey,
    async sign(hash, data) {
      const signature = await cryptography.sign(key, specification(hash), data);
      if (verify(hash, data, publicKey, signature)) return signature;
      throw new KmipError("PermissionDenied", "the private key is not that of the authority's certificate");
    },
  };
}
