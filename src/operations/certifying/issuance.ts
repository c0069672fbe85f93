import { checkValidity, type EndEntity, issueEndEntity } from "#certs/issue.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { LinkType } from "#protocol/enums/index.js";
import type { ProtectionStorageMasks } from "#protocol/structures/lists.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { keptCertificate } from "../making/certificate-object.js";
import { linked, withoutLinks } from "../making/links.js";
import { allowsSoftware } from "../making/requested.js";
import type { SigningAuthority } from "./authority.js";
import type { Content } from "./content.js";
import { orRefuse } from "./refusal.js";

/** A certificate to be issued. */
export interface Issuance {
  readonly signer: SigningAuthority;
  readonly content: Content;
  /** Attributes of the new object; its dates, where there are any, are those of the certificate. */
  readonly requested: AttributeSet;
  /** The Public Key object; undefined where there is none any more. */
  readonly publicKeyId: string | undefined;
  /** Whether the content comes of a certificate request, which is then to blame for it. */
  readonly fromRequest: boolean;
  /** Seconds that the certificate is valid, where no Deactivation Date says it. */
  readonly seconds: number;
}

/** How long a certificate is valid for which no date is given, in seconds. */
export const usualValidity = 365 * 24 * 60 * 60;

/**
 * Issues a certificate and makes the object for it: active in the time for which it is valid, and linked to its public
 * key and to the certificate of its authority (KMIP 2.1 §4.31, §6.1.6). Throws KmipError and CryptoError.
 */
export async function issued(context: OperationContext, issuance: Issuance): Promise<ManagedObject> {
  const { signer, content, requested } = issuance;
  const { authority, certificateObjectId } = signer;
  const activation = requested.get(attributes.activationDate) ?? context.now;
  const authorityEnds = Math.floor(Date.parse(authority.certificate.validTo) / 1000);
  const deactivation =
    requested.get(attributes.deactivationDate) ?? Math.min(activation + issuance.seconds, authorityEnds);
  const validity = { notBefore: new Date(activation * 1000), notAfter: new Date(deactivation * 1000) };
  await orRefuse("InvalidAttributeValue", () => checkValidity(validity, authority.certificate));
  const entity: EndEntity = { ...content, validity };
  const reason = issuance.fromRequest ? "InvalidCSR" : "InvalidAttributeValue";
  const der = await orRefuse(reason, () => issueEndEntity(authority, entity));
  const dated = requested.with(attributes.activationDate, activation).with(attributes.deactivationDate, deactivation);
  const object = await keptCertificate(context, dated, der);
  const chained = linked(withoutLinks(object, LinkType.CertificateLink), LinkType.CertificateLink, certificateObjectId);
  const { publicKeyId } = issuance;
  if (publicKeyId === undefined) return chained;
  return linked(withoutLinks(chained, LinkType.PublicKeyLink), LinkType.PublicKeyLink, publicKeyId);
}

/** The authority that a request names by a Certificate Link of the certificate to be made. */
export function authorityNamedBy(requested: AttributeSet): ObjectNaming | undefined {
  return requested.values(attributes.link).find(({ linkType }) => linkType === LinkType.CertificateLink)
    ?.linkedObjectIdentifier;
}

/** Certificates rest in the database. Throws KmipError for masks that do not allow it (KMIP 2.1 §7.33). */
export function checkStorage(masks: ProtectionStorageMasks | undefined): void {
  if (allowsSoftware(masks)) return;
  throw new KmipError("ProtectionStorageUnavailable", "the server stores certificates in Software protection only");
}
