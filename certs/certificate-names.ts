import type { X509Certificate } from "node:crypto";
import { certificateFields } from "./certificate-fields.js";
import { derElements, derTags, expected } from "./der-elements.js";
import { nameParts } from "./name-parts.js";
import { requestedExtensions } from "./requested-extensions.js";
import { type SubjectPartName, subjectPartOf } from "./subject-names.js";

/** What a certificate or a request calls its subject. */
export interface CertificateNames {
  /** The parts of the subject of kinds that have a short name, in their order. */
  readonly subject: readonly { readonly kind: SubjectPartName; readonly value: string }[];
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly uri: readonly string[];
}

/** Tags of GeneralName (RFC 5280 §4.2.1.6). */
const generalNameTags = { email: 0x81, dns: 0x82, uri: 0x86 } as const;

/**
 * The names in a certificate that OpenSSL has accepted. Alternative names that are not printable ASCII are passed over:
 * nothing can match them.
 *
 * @throws CertificateError where a part is not well-formed.
 */
export function certificateNames(certificate: X509Certificate): CertificateNames {
  const { subject, extensions } = certificateFields(certificate);
  return { subject: subjectParts(subject), ...alternativeNames(requestedExtensions(extensions).alternativeNames) };
}

/**
 * The parts of a Name (DER) of kinds that have a short name.
 *
 * @throws CertificateError where it is not well-formed.
 */
export function subjectParts(name: Buffer): CertificateNames["subject"] {
  return nameParts(expected(derElements(name)[0], derTags.sequence).content).flatMap(({ type, value }) => {
    const kind = subjectPartOf(type);
    return kind === undefined ? [] : [{ kind, value }];
  });
}

/** The DNS names, e-mail addresses and URIs among GeneralNames (each DER). */
export function alternativeNames(names: readonly Buffer[]): Pick<CertificateNames, "dns" | "email" | "uri"> {
  const ofKind = (kind: keyof typeof generalNameTags): string[] =>
    names
      .flatMap((name) => derElements(name))
      .filter(({ tag }) => tag === generalNameTags[kind])
      .map(({ content }) => content.toString("latin1"))
      .filter((text) => /^[\x21-\x7e]{1,1024}$/.test(text));
  return { dns: ofKind("dns"), email: ofKind("email"), uri: ofKind("uri") };
}
