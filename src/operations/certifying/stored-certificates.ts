import type { X509Certificate } from "node:crypto";
import { certificateFields, readCertificate } from "#certs/certificate-fields.js";
import { CertificateError } from "#certs/errors.js";
import type { PathCertificate } from "#certs/path-validation.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, State } from "#protocol/enums/index.js";
import { type TextItems, textsIn } from "#protocol/ttlv/text-items.js";
import { indexedText, subjectNameIndex } from "#src/inventory/index-entries.js";
import { isDestroyed, stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

/** Stored certificates with one name that are looked at. */
const mostNamesakes = 20;

/** Stored copies of one certificate whose revocation is looked at. */
const mostCopies = 20;

/**
 * The certificates with a subject name (DER) that the tenant has stored, and those of its own authority, at which a path
 * may end.
 */
export async function storedIssuers(context: OperationContext, subject: Buffer): Promise<readonly PathCertificate[]> {
  const filter = { on: "attribute", attribute: subjectNameIndex, equals: indexedText(subject) } as const;
  const { ids } = await context.inventory.locate([filter], { limit: mostNamesakes, online: true });
  const stored = (await objectsOf(context, ids)).flatMap((object) => x509Of(object) ?? []);
  const own = (await context.authorities.list()).map(({ certificate }) => certificate);
  const named = own.filter((certificate) => certificateFields(certificate).subject.equals(subject));
  const distinct = new Map([...named, ...stored].map((certificate) => [certificate.fingerprint256, certificate]));
  return [...distinct.values()].map((certificate) => ({ certificate, isAnchor: true }));
}

/** The certificate an object holds; undefined where it is none of X.509 or is destroyed. */
export function x509Of({ attributes: set, material }: ManagedObject): X509Certificate | undefined {
  if (material === null || material.form !== "certificate" || material.subtype !== CertificateType.X_509)
    return undefined;
  if (isDestroyed(set.get(attributes.state))) return undefined;
  try {
    return readCertificate(material.blob);
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

/**
 * Whether a client of the tenant has revoked a stored copy of the certificate: it is compromised, or was deactivated
 * before the moment (seconds).
 */
export async function isRevoked(context: OperationContext, certificate: X509Certificate, at: number): Promise<boolean> {
  const { issuer, serialNumber } = certificateFields(certificate);
  const identifier = { issuerDistinguishedName: issuer, certificateSerialNumber: serialNumber };
  const { name } = attributes.x509CertificateIdentifier;
  const filter = { on: "attribute", attribute: name, equals: indexedText(identifier) } as const;
  const { ids } = await context.inventory.locate([filter], { limit: mostCopies, online: true, destroyed: true });
  return (await objectsOf(context, ids)).some((object) => wasRevoked(object, at));
}

const compromised: ReadonlySet<number | undefined> = new Set([State.Compromised, State.DestroyedCompromised]);

function wasRevoked({ attributes: set }: ManagedObject, at: number): boolean {
  if (set.get(attributes.revocationReason) === undefined) return false;
  return compromised.has(stateAt(set, at)) || (set.get(attributes.deactivationDate) ?? at) <= at;
}

async function objectsOf(context: OperationContext, ids: TextItems): Promise<readonly ManagedObject[]> {
  const found = await Promise.all([...textsIn(ids)].map((id) => context.inventory.find(id)));
  return found.filter((object) => object !== undefined);
}
