import type { KeyObject } from "node:crypto";
import { adoptedDer } from "./adopted-der.js";
import { type CertificateAuthority, type Issuer, openAuthority } from "./authority.js";
import { type DerNode, sequence, splicedDer, time } from "./der.js";
import { CertificateError } from "./errors.js";
import {
  authorityConstraints,
  authorityKeyIdentifier,
  type ExtendedKeyUsage,
  endEntityConstraints,
  extendedKeyUsage,
  givenAlternativeNames,
  type KeyUsage,
  keyIdentifier,
  keyUsage,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "./extensions.js";
import { createKeyPair, type KeyKind, privateKeyPem, subjectPublicKeyInfo } from "./keys.js";
import { distinguishedName, emailName, generalName, type SubjectName } from "./names.js";
import { toPem } from "./pem.js";
import { signedDer } from "./signing.js";
import { toBeSignedCertificate } from "./to-be-signed.js";

/** A certificate and its private key (PKCS#8), both PEM. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What is common to everything that is issued. */
export interface IssueOptions {
  readonly ca: CertificateAuthority;
  readonly commonName: string;
  readonly organization?: string;
  /** Days from now; cut to the authority's own end. */
  readonly validityDays: number;
}

/** What a client's certificate says besides the name. */
export interface ClientExtras {
  /** Name, DER, in the place of the common name and the organization. */
  readonly subject?: Buffer;
  /** DNS names and IP addresses. */
  readonly hosts?: readonly string[];
  readonly emails?: readonly string[];
  /** Further GeneralNames, each DER. */
  readonly generalNames?: readonly Buffer[];
}

interface Profile {
  readonly extendedKeyUsage: ExtendedKeyUsage;
  readonly organizationalUnit?: string;
}

const profiles = {
  server: { extendedKeyUsage: "serverAuth" },
  client: { extendedKeyUsage: "clientAuth" },
  operator: { extendedKeyUsage: "clientAuth", organizationalUnit: "Operators" },
} as const satisfies Record<string, Profile>;

/** Peers' clocks may be behind by this much when a certificate made a moment ago is shown to them. */
const clockSkewMilliseconds = 5 * 60 * 1000;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * Makes a self-signed authority: EC P-256, no authorities below it unless `pathLength` says so.
 *
 * @throws CertificateError when the name or the days are out of bounds.
 */
export async function createCertificateAuthority(options: {
  readonly commonName: string;
  readonly organization?: string;
  readonly validityDays: number;
  readonly pathLength?: number;
}): Promise<CertificateAuthority> {
  const { publicKey, privateKey } = await createKeyPair("ec-p256");
  const name = distinguishedName(options);
  const identifier = keyIdentifier(publicKey);
  const certificate = signedDer(privateKey, (algorithm) =>
    toBeSignedCertificate(algorithm, {
      issuer: name,
      subject: name,
      publicKey: splicedDer(subjectPublicKeyInfo(publicKey)),
      validity: validity(options.validityDays),
      extensions: [
        authorityConstraints(options.pathLength ?? 0),
        keyUsage(["keyCertSign", "cRLSign"]),
        subjectKeyIdentifier(identifier),
      ],
    }),
  );
  return { certificatePem: toPem("CERTIFICATE", certificate), privateKeyPem: privateKeyPem(privateKey) };
}

/**
 * Issues a TLS server certificate over a public key of the caller's (EC and RSA serve different clients).
 *
 * @param options.names the DNS names and IP addresses that clients connect to; at least one.
 * @returns the certificate as PEM.
 * @throws CertificateError when a name or the days are out of bounds or the authority cannot issue.
 */
export function issueServerCertificate(
  options: IssueOptions & { readonly publicKey: KeyObject; readonly names: readonly string[] },
): string {
  if (options.names.length === 0) throw new CertificateError("A server certificate needs a DNS name or IP address");
  const encipherment: readonly KeyUsage[] = options.publicKey.asymmetricKeyType === "rsa" ? ["keyEncipherment"] : [];
  return issue(options, profiles.server, options.publicKey, encipherment, [subjectAlternativeNames(options.names)]);
}

/**
 * Issues a TLS client certificate with a new key, EC P-256 where nothing else is said.
 *
 * @throws CertificateError when a name or the days are out of bounds or the authority cannot issue.
 */
export async function issueClientCertificate(
  options: IssueOptions & ClientExtras & { readonly key?: KeyKind },
): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = await createKeyPair(options.key ?? "ec-p256");
  return { certificatePem: issueClientCertificateFor(options, publicKey), privateKeyPem: privateKeyPem(privateKey) };
}

/**
 * Issues a client's certificate for a key that the client has.
 *
 * @throws CertificateError when the name or the days are out of bounds or the authority cannot issue.
 */
export function issueClientCertificateFor(options: IssueOptions & ClientExtras, publicKey: KeyObject): string {
  const { hosts = [], emails = [], generalNames = [] } = options;
  const names = [...hosts.map(generalName), ...emails.map(emailName), ...generalNames.map(adoptedDer)];
  const extensions = names.length === 0 ? [] : [givenAlternativeNames(names, false)];
  return issue(options, profiles.client, publicKey, [], extensions, options.subject);
}

/**
 * Issues an operator's certificate for the admin port, with a new EC P-256 key. The unit in its name is for people:
 * what an operator may do is decided by the register, never by the name.
 *
 * @throws CertificateError when the name or the days are out of bounds or the authority cannot issue.
 */
export async function issueOperatorCertificate(options: IssueOptions): Promise<IssuedCertificate> {
  return issueWithNewKey(options, profiles.operator);
}

async function issueWithNewKey(options: IssueOptions, profile: Profile): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = await createKeyPair("ec-p256");
  return { certificatePem: issue(options, profile, publicKey, [], []), privateKeyPem: privateKeyPem(privateKey) };
}

function issue(
  options: IssueOptions,
  profile: Profile,
  publicKey: KeyObject,
  furtherUses: readonly KeyUsage[],
  furtherExtensions: readonly DerNode[],
  givenSubject?: Buffer,
): string {
  const issuer = openAuthority(options.ca);
  const { organizationalUnit } = profile;
  const subject: SubjectName = {
    commonName: options.commonName,
    ...(options.organization !== undefined && { organization: options.organization }),
    ...(organizationalUnit !== undefined && { organizationalUnit }),
  };
  const certificate = signedDer(issuer.privateKey, (algorithm) =>
    toBeSignedCertificate(algorithm, {
      issuer: issuer.name,
      subject: givenSubject === undefined ? distinguishedName(subject) : adoptedDer(givenSubject),
      publicKey: splicedDer(subjectPublicKeyInfo(publicKey)),
      validity: validity(options.validityDays, issuer),
      extensions: [
        endEntityConstraints(),
        keyUsage(["digitalSignature", ...furtherUses]),
        extendedKeyUsage([profile.extendedKeyUsage]),
        ...furtherExtensions,
        subjectKeyIdentifier(keyIdentifier(publicKey)),
        authorityKeyIdentifier(issuer.keyIdentifier),
      ],
    }),
  );
  return toPem("CERTIFICATE", certificate);
}

function validity(days: number, issuer?: Issuer): DerNode {
  if (!Number.isFinite(days) || days <= 0 || days > 36_500) {
    throw new CertificateError("A certificate is valid for more than 0 and at most 36500 days");
  }
  const now = Date.now();
  const notAfter = Math.min(now + days * dayMilliseconds, issuer?.notAfter.getTime() ?? Number.POSITIVE_INFINITY);
  return sequence(time(new Date(now - clockSkewMilliseconds)), time(new Date(notAfter)));
}
