import type { KeyObject, X509Certificate } from "node:crypto";
import { adoptedDer } from "./adopted-der.js";
import { certificateFields, extensionValue, readCertificate } from "./certificate-fields.js";
import { type DerNode, sequence, splicedDer, time } from "./der.js";
import { derElements, derTags, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import {
  authorityConstraints,
  authorityKeyIdentifier,
  endEntityConstraints,
  givenAlternativeNames,
  givenExtendedKeyUsage,
  type KeyUsage,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from "./extensions.js";
import { certifiedKey } from "./key-reading.js";
import { subjectPublicKeyInfo } from "./keys.js";
import { objectIdentifiers } from "./object-identifiers.js";
import { type RemoteKey, remotelySignedDer } from "./signing.js";
import { isEmptyName } from "./subject-names.js";
import { toBeSignedCertificate } from "./to-be-signed.js";

/** A certification authority whose key signs elsewhere. */
export interface RemoteAuthority {
  readonly certificate: X509Certificate;
  readonly key: RemoteKey;
}

/** When a certificate is valid, both ends included. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What the certificate of an end entity is to say. */
export interface EndEntity {
  /** Name, DER, checked; it may be empty where there are alternative names. */
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  /** Each GeneralName, DER. */
  readonly alternativeNames: readonly Buffer[];
  readonly uses: readonly KeyUsage[];
  /** The DER of an ExtKeyUsageSyntax, or undefined. */
  readonly extendedUses: Buffer | undefined;
}

/**
 * Issues the certificate of an end entity (RFC 5280 §4) and checks that it verifies.
 *
 * @returns DER.
 * @throws CertificateError when the authority may not issue it or a part is not well-formed; what the key's `sign` throws.
 */
export async function issueEndEntity(authority: RemoteAuthority, entity: EndEntity): Promise<Buffer> {
  const { certificate, key } = authority;
  if (!certificate.ca) throw new CertificateError("The issuer is not a certification authority");
  checkValidity(entity.validity, certificate);
  const hasSubject = !isEmptyName(entity.subject);
  if (!hasSubject && entity.alternativeNames.length === 0) throw new CertificateError("The request names no subject");
  checkCertifiable(entity.publicKey);
  const names = entity.alternativeNames.map(adoptedDer);
  const der = await remotelySignedDer(key, (algorithm) =>
    toBeSignedCertificate(algorithm, {
      issuer: adoptedDer(certificateFields(certificate).subject),
      subject: adoptedDer(entity.subject),
      publicKey: splicedDer(subjectPublicKeyInfo(entity.publicKey)),
      validity: validityNode(entity.validity),
      extensions: [
        endEntityConstraints(),
        keyUsage(entity.uses),
        ...(entity.extendedUses === undefined ? [] : [givenExtendedKeyUsage(adoptedDer(entity.extendedUses))]),
        ...(names.length === 0 ? [] : [givenAlternativeNames(names, !hasSubject)]),
        subjectKeyIdentifier(keyIdentifier(entity.publicKey)),
        authorityKeyIdentifier(statedKeyIdentifier(certificate)),
      ],
    }),
  );
  const issued = verified(der, key.publicKey);
  if (!issued.checkIssued(certificate)) throw new CertificateError("The authority may not sign certificates");
  return issued.raw;
}

/**
 * Makes the certificate of an authority, signed by its own key: no authorities below it.
 *
 * @param options.subject Name, DER.
 * @returns DER.
 * @throws CertificateError when the key is of a kind that authorities do not sign with; what the key's `sign` throws.
 */
export async function selfSignedAuthority(
  key: RemoteKey,
  options: { readonly subject: Buffer; readonly validity: Validity },
): Promise<Buffer> {
  const name = adoptedDer(options.subject);
  const der = await remotelySignedDer(key, (algorithm) =>
    toBeSignedCertificate(algorithm, {
      issuer: name,
      subject: name,
      publicKey: splicedDer(subjectPublicKeyInfo(key.publicKey)),
      validity: validityNode(options.validity),
      extensions: [
        authorityConstraints(0),
        keyUsage(["keyCertSign", "cRLSign"]),
        subjectKeyIdentifier(keyIdentifier(key.publicKey)),
      ],
    }),
  );
  return verified(der, key.publicKey).raw;
}

/** Nothing leaves that does not verify: a token may have answered for another key than the one it was asked for. */
function verified(der: Buffer, issuerKey: KeyObject): X509Certificate {
  const certificate = readCertificate(der);
  if (!certificate.verify(issuerKey)) {
    throw new CertificateError("The signature of the authority is not its own");
  }
  return certificate;
}

function validityNode({ notBefore, notAfter }: Validity): DerNode {
  return sequence(time(notBefore), time(notAfter));
}

/** Years that both forms of time can tell (RFC 5280 §4.1.2.5). */
const years = { from: 1950, to: 9999 } as const;

/**
 * Checks that an authority can issue for this time.
 *
 * @throws CertificateError where it cannot.
 */
export function checkValidity({ notBefore, notAfter }: Validity, authority: X509Certificate): void {
  for (const date of [notBefore, notAfter]) {
    const year = date.getUTCFullYear();
    if (!(year >= years.from && year <= years.to))
      throw new CertificateError("A certificate has dates from 1950 to 9999");
  }
  if (notAfter < notBefore) throw new CertificateError("The certificate would end before it begins");
  if (notAfter > new Date(authority.validTo)) throw new CertificateError("The certificate would outlive its authority");
}

const curves: ReadonlySet<string | undefined> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const selfHashing: ReadonlySet<string | undefined> = new Set(["ed25519", "ed448"]);

/**
 * Checks that a key is strong enough to be certified, and of a kind that verifiers know (SP 800-131A).
 *
 * @throws CertificateError where it is not.
 */
export function checkCertifiable({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): void {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  const isRsa = asymmetricKeyType === "rsa" && modulusLength >= 2048 && modulusLength <= 16_384;
  const isEc = asymmetricKeyType === "ec" && curves.has(namedCurve);
  if (isRsa || isEc || selfHashing.has(asymmetricKeyType)) return;
  throw new CertificateError(
    "Certified are RSA keys of 2048 bits and more, P-256, P-384, P-521, Ed25519 and Ed448 keys",
  );
}

/** The key identifier that an authority's certificate states, or that of its key. */
function statedKeyIdentifier(certificate: X509Certificate): Buffer {
  const { extensions } = certificateFields(certificate);
  const stated = extensionValue(extensions, objectIdentifiers.subjectKeyIdentifier);
  if (stated === undefined) return keyIdentifier(certifiedKey(certificate));
  return expected(derElements(stated)[0], derTags.octetString).content;
}
